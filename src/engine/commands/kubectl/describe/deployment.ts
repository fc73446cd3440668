import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IReplicaSet } from 'kubernetes-models/apps/v1/ReplicaSet';
import { describer, type Live } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatTime, selectorText, writeMetadata } from './format.ts';
import { writePodTemplate } from './pod-template.ts';
import { type OwnedReplicaSets, replicaSetsOf } from './replica-sets.ts';
import { writeWorkloadConditions } from './workload.ts';

export const deployment = describer<IDeployment>({
  group: 'apps',
  kind: 'Deployment',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    w.field(0, 'CreationTimestamp', formatTime(metadata.creationTimestamp));
    writeMetadata(w, metadata);
    w.field(0, 'Selector', selectorText(spec.selector));
    const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status;
    w.field(
      0,
      'Replicas',
      `${spec.replicas ?? 1} desired | ${updatedReplicas} updated | ${replicas} total | ` +
        `${availableReplicas} available | ${unavailableReplicas} unavailable`,
    );
    w.field(0, 'StrategyType', spec.strategy?.type ?? '');
    w.field(0, 'MinReadySeconds', spec.minReadySeconds ?? 0);
    const rolling = spec.strategy?.rollingUpdate;
    if (rolling)
      w.field(0, 'RollingUpdateStrategy', `${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
    writePodTemplate(w, spec.template);
    writeWorkloadConditions(w, status.conditions);
    const sets = await replicaSetsOf(context, object).catch((error: unknown): OwnedReplicaSets => {
      if (error instanceof Error && error.name === 'StatusError') return { old: [], current: undefined };
      throw error;
    });
    if (sets.old.length > 0 || sets.current) {
      w.field(0, 'OldReplicaSets', listSets(sets.old));
      w.field(0, 'NewReplicaSet', listSets(sets.current ? [sets.current] : []));
    }
    await writeEvents(w, object, context);
  },
});

function listSets(sets: readonly Live<IReplicaSet>[]): string {
  const texts = sets.map((s) => `${s.metadata.name} (${s.status.replicas}/${s.spec.replicas ?? 1} replicas created)`);
  return texts.join(', ') || '<none>';
}
