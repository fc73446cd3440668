import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { storageClassOf } from './claims.ts';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatList, formatTime, selectorText, sortedEntries, writeMetadata } from './format.ts';
import { writePodTemplate } from './pod-template.ts';
import { podStatuses } from './workload.ts';
import type { DescriptionWriter } from './writer.ts';

export const statefulSet = describer<IStatefulSet>({
  group: 'apps',
  kind: 'StatefulSet',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    const selector = selectorText(spec.selector);
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    w.field(0, 'CreationTimestamp', formatTime(metadata.creationTimestamp));
    w.field(0, 'Selector', selector);
    writeMetadata(w, metadata);
    w.field(0, 'Replicas', `${spec.replicas ?? 1} desired | ${status.replicas ?? 0} total`);
    w.field(0, 'Update Strategy', spec.updateStrategy?.type ?? '');
    const rolling = spec.updateStrategy?.rollingUpdate;
    if (rolling?.partition !== undefined) {
      w.field(1, 'Partition', rolling.partition);
      if (rolling.maxUnavailable !== undefined) w.field(1, 'MaxUnavailable', rolling.maxUnavailable);
    }
    w.field(0, 'Pods Status', await podStatuses(context, metadata, selector));
    writePodTemplate(w, spec.template);
    writeClaimTemplates(w, spec.volumeClaimTemplates);
    await writeEvents(w, object, context);
  },
});

function writeClaimTemplates(
  w: DescriptionWriter,
  templates: NonNullable<IStatefulSet['spec']>['volumeClaimTemplates'] = [],
): void {
  if (templates.length === 0) return w.field(0, 'Volume Claims', '<none>');
  w.line(0, 'Volume Claims:');
  for (const { metadata = {}, spec } of templates) {
    w.field(1, 'Name', metadata.name ?? '');
    w.field(1, 'StorageClass', storageClassOf(metadata, spec));
    for (const [title, map] of [
      ['Labels', metadata.labels],
      ['Annotations', metadata.annotations],
    ] as const)
      w.lines(
        1,
        title,
        sortedEntries(map).map(([key, value]) => `${key}=${value}`),
      );
    w.field(1, 'Capacity', spec?.resources?.requests?.['storage'] ?? '<default>');
    w.field(1, 'Access Modes', formatList(spec?.accessModes));
  }
}
