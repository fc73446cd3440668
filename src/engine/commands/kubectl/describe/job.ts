import type { IJob } from 'kubernetes-models/batch/v1/Job';
import { humanDuration } from '../../../kubernetes/apimachinery/duration.ts';
import { controlledBy, describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatTime, selectorText, writeMetadata } from './format.ts';
import { writePodTemplate } from './pod-template.ts';

export const job = describer<IJob>({
  group: 'batch',
  kind: 'Job',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    w.field(0, 'Selector', selectorText(spec.selector));
    writeMetadata(w, metadata);
    const owner = controlledBy(metadata);
    if (owner) w.field(0, 'Controlled By', owner);
    if (spec.parallelism !== undefined) w.field(0, 'Parallelism', spec.parallelism);
    w.field(0, 'Completions', spec.completions ?? '<unset>');
    if (spec.completionMode) w.field(0, 'Completion Mode', spec.completionMode);
    if (spec.suspend !== undefined) w.field(0, 'Suspend', spec.suspend);
    if (spec.backoffLimit !== undefined) w.field(0, 'Backoff Limit', spec.backoffLimit);
    if (spec.ttlSecondsAfterFinished !== undefined)
      w.field(0, 'TTL Seconds After Finished', spec.ttlSecondsAfterFinished);
    const { startTime, completionTime } = status;
    if (startTime) w.field(0, 'Start Time', formatTime(startTime));
    if (completionTime) w.field(0, 'Completed At', formatTime(completionTime));
    if (startTime && completionTime)
      w.field(0, 'Duration', humanDuration(Date.parse(completionTime) - Date.parse(startTime)));
    if (spec.activeDeadlineSeconds !== undefined)
      w.field(0, 'Active Deadline Seconds', `${spec.activeDeadlineSeconds}s`);
    const ready = status.ready === undefined ? '' : ` (${status.ready} Ready)`;
    w.field(
      0,
      'Pods Statuses',
      `${status.active ?? 0} Active${ready} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`,
    );
    if (spec.completionMode === 'Indexed') w.field(0, 'Completed Indexes', cutIndexes(status.completedIndexes ?? ''));
    writePodTemplate(w, spec.template);
    await writeEvents(w, object, context);
  },
});

/** Long lists are cut at a comma past 50 characters. */
function cutIndexes(indexes: string): string {
  if (indexes === '') return '<none>';
  const comma = indexes.indexOf(',', 50);
  return comma < 0 ? indexes : `${indexes.slice(0, comma + 1)}...`;
}
