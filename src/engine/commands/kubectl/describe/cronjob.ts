import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatOptionalBool, formatTime, selectorText, writeHeader } from './format.ts';
import { writePodTemplate } from './pod-template.ts';

export const cronJob = describer<ICronJob>({
  group: 'batch',
  kind: 'CronJob',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    writeHeader(w, metadata);
    w.field(0, 'Schedule', spec.schedule);
    w.field(0, 'Concurrency Policy', spec.concurrencyPolicy ?? '');
    w.field(0, 'Suspend', formatOptionalBool(spec.suspend));
    w.field(0, 'Successful Job History Limit', spec.successfulJobsHistoryLimit ?? '<unset>');
    w.field(0, 'Failed Job History Limit', spec.failedJobsHistoryLimit ?? '<unset>');
    w.field(
      0,
      'Starting Deadline Seconds',
      spec.startingDeadlineSeconds === undefined ? '<unset>' : `${spec.startingDeadlineSeconds}s`,
    );
    const template = spec.jobTemplate.spec;
    w.field(0, 'Selector', template?.selector ? selectorText(template.selector) : '<unset>');
    w.field(0, 'Parallelism', template?.parallelism ?? '<unset>');
    w.field(0, 'Completions', template?.completions ?? '<unset>');
    if (template?.activeDeadlineSeconds !== undefined)
      w.field(0, 'Active Deadline Seconds', `${template.activeDeadlineSeconds}s`);
    writePodTemplate(w, template?.template);
    w.field(0, 'Last Schedule Time', status.lastScheduleTime ? formatTime(status.lastScheduleTime) : '<unset>');
    w.field(0, 'Active Jobs', (status.active ?? []).map((active) => active.name).join(', ') || '<none>');
    await writeEvents(w, object, context);
  },
});
