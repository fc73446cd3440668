import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { ApiObject, RestMapping } from '../client/types.ts';
import { live } from '../describe/describer.ts';
import { CommandError } from '../framework/errors.ts';

/** How far a rollout has come: a line for people, and whether it is over. */
export interface RolloutStatus {
  text: string;
  done: boolean;
}

/** @param revision must be the current one, unless 0 @throws CommandError when the rollout has failed or can't be told */
export type StatusViewer = (object: ApiObject, revision: number) => RolloutStatus;

const waiting = (text: string): RolloutStatus => ({ text, done: false });
const done = (text: string): RolloutStatus => ({ text, done: true });

const viewers: Readonly<Record<string, StatusViewer>> = {
  Deployment: ofDeployment,
  DaemonSet: ofDaemonSet,
  StatefulSet: ofStatefulSet,
};

/** @throws CommandError for kinds that don't roll out */
export function statusViewer({ group, kind }: RestMapping): StatusViewer {
  const viewer = group === 'apps' ? viewers[kind] : undefined;
  if (!viewer)
    throw new CommandError(`no status viewer has been implemented for ${group === '' ? kind : `${kind}.${group}`}`);
  return viewer;
}

function ofDeployment(object: ApiObject, revision: number): RolloutStatus {
  const { metadata, spec, status } = live<IDeployment>(object);
  const name = JSON.stringify(metadata.name);
  if (revision > 0) {
    const current = Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
    if (current !== revision)
      throw new CommandError(`desired revision (${revision}) is different from the running revision (${current})`);
  }
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0))
    return waiting('Waiting for deployment spec update to be observed...');
  const progressing = status.conditions?.find((c) => c.type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    throw new CommandError(`deployment ${name} exceeded its progress deadline`);
  const { updatedReplicas: updated = 0, replicas = 0, availableReplicas: available = 0 } = status;
  const start = `Waiting for deployment ${name} rollout to finish:`;
  const desired = spec.replicas ?? 1;
  if (updated < desired) return waiting(`${start} ${updated} out of ${desired} new replicas have been updated...`);
  if (replicas > updated) return waiting(`${start} ${replicas - updated} old replicas are pending termination...`);
  if (available < updated) return waiting(`${start} ${available} of ${updated} updated replicas are available...`);
  return done(`deployment ${name} successfully rolled out`);
}

function needsRollingUpdate(type: string | undefined): void {
  if (type !== 'RollingUpdate')
    throw new CommandError('rollout status is only available for RollingUpdate strategy type');
}

function ofDaemonSet(object: ApiObject): RolloutStatus {
  const { metadata, spec, status } = live<IDaemonSet>(object);
  needsRollingUpdate(spec.updateStrategy?.type);
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0))
    return waiting('Waiting for daemon set spec update to be observed...');
  const name = JSON.stringify(metadata.name);
  const start = `Waiting for daemon set ${name} rollout to finish:`;
  const {
    updatedNumberScheduled: updated = 0,
    desiredNumberScheduled: desired = 0,
    numberAvailable: available = 0,
  } = status;
  if (updated < desired) return waiting(`${start} ${updated} out of ${desired} new pods have been updated...`);
  if (available < desired) return waiting(`${start} ${available} of ${desired} updated pods are available...`);
  return done(`daemon set ${name} successfully rolled out`);
}

function ofStatefulSet(object: ApiObject): RolloutStatus {
  const { metadata, spec, status } = live<IStatefulSet>(object);
  needsRollingUpdate(spec.updateStrategy?.type);
  const { observedGeneration = 0, readyReplicas: ready = 0, updatedReplicas: updated = 0 } = status;
  if (observedGeneration === 0 || (metadata.generation ?? 0) > observedGeneration)
    return waiting('Waiting for statefulset spec update to be observed...');
  const desired = spec.replicas ?? 1;
  if (ready < desired) return waiting(`Waiting for ${desired - ready} pods to be ready...`);
  const partition = spec.updateStrategy?.rollingUpdate?.partition;
  if (partition !== undefined) {
    const wanted = desired - partition;
    if (updated < wanted)
      return waiting(
        `Waiting for partitioned roll out to finish: ${updated} out of ${wanted} new pods have been updated...`,
      );
    return done(`partitioned roll out complete: ${updated} new pods have been updated...`);
  }
  const { updateRevision = '', currentRevision = '' } = status;
  if (updateRevision !== currentRevision)
    return waiting(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${updateRevision}...`,
    );
  return done(
    `statefulset rolling update complete ${status.currentReplicas ?? 0} pods at revision ${currentRevision}...`,
  );
}
