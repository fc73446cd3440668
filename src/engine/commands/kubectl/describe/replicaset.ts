import type { IReplicaSet } from 'kubernetes-models/apps/v1/ReplicaSet';
import { formatLabelSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import { controlledBy, describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { selectorText, writeMetadata } from './format.ts';
import { writePodTemplate } from './pod-template.ts';
import { podStatuses, writeWorkloadConditions } from './workload.ts';

export const replicaSet = describer<IReplicaSet>({
  group: 'apps',
  kind: 'ReplicaSet',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    w.field(0, 'Selector', formatLabelSelector(spec.selector));
    writeMetadata(w, metadata);
    const owner = controlledBy(metadata);
    if (owner) w.field(0, 'Controlled By', owner);
    w.field(0, 'Replicas', `${status.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
    const pods = await podStatuses(context, metadata, selectorText(spec.selector)).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'StatusError') return `error in fetching pods: ${error.message}`;
      throw error;
    });
    w.field(0, 'Pods Status', pods);
    writePodTemplate(w, spec.template);
    writeWorkloadConditions(w, status.conditions);
    await writeEvents(w, object, context);
  },
});
