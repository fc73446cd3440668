import type { IReplicationController } from 'kubernetes-models/v1/ReplicationController';
import { formatLabels } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { selectorText, writeMetadata } from './format.ts';
import { writePodTemplate } from './pod-template.ts';
import { podStatuses, writeWorkloadConditions } from './workload.ts';

export const replicationController = describer<IReplicationController>({
  group: '',
  kind: 'ReplicationController',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    w.field(0, 'Selector', formatLabels(spec.selector));
    writeMetadata(w, metadata);
    w.field(0, 'Replicas', `${status.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
    w.field(0, 'Pods Status', await podStatuses(context, metadata, selectorText({ matchLabels: spec.selector })));
    writePodTemplate(w, spec.template);
    writeWorkloadConditions(w, status.conditions);
    await writeEvents(w, object, context);
  },
});
