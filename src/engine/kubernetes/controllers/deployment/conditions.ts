import type { Deployment, ReplicaSet } from '../../types.ts';
import { annotations, hasProgressDeadline, isActive, maxUnavailable, replicasOf, sum } from './util.ts';

export type Status = Deployment['status'] & { terminatingReplicas?: number };
export type Condition = NonNullable<Status['conditions']>[number];
type ReplicaSetStatus = ReplicaSet['status'] & { terminatingReplicas?: number };

export function getCondition(status: Status, type: string): Condition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

/** A condition that begins now. */
export function newCondition(type: string, status: string, reason: string, message: string, now: string): Condition {
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

/** The same status and reason change nothing; the same status keeps its transition time. */
export function withCondition(status: Status, condition: Condition): Status {
  const old = getCondition(status, condition.type);
  if (old && old.status === condition.status && old.reason === condition.reason) return status;
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : condition.lastTransitionTime;
  const others = (status.conditions ?? []).filter((c) => c !== old);
  return { ...status, conditions: [...others, { ...condition, lastTransitionTime }] };
}

export function withoutCondition(status: Status, type: string): Status {
  const { conditions = [], ...rest } = status;
  const others = conditions.filter((condition) => condition.type !== type);
  return others.length > 0 ? { ...rest, conditions: others } : rest;
}

/** All Pods are of the new template and available. */
export function isComplete(deployment: Deployment, status: Status): boolean {
  const desired = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Whether the new status is a step ahead of the old one. */
export function isProgressing(deployment: Deployment, status: Status): boolean {
  const old: Status = deployment.status;
  const oldReplicas = (s: Status) => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    oldReplicas(status) < oldReplicas(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** @param now Unix ms. */
export function isTimedOut(deployment: Deployment, status: Status, now: number): boolean {
  if (!hasProgressDeadline(deployment)) return false;
  const condition = getCondition(status, 'Progressing');
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return deadline(deployment, condition) < now;
}

/** Unix ms at which the Deployment is stuck unless it progresses before. */
export function deadline(deployment: Deployment, progressing: Condition): number {
  return Date.parse(progressing.lastUpdateTime ?? '') + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

/** Counts and availability from the ReplicaSets; other conditions as they were. */
export function calculateStatus(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  now: string,
): Status {
  const old: Status = deployment.status;
  const replicas = sum(replicaSets, (rs) => rs.status.replicas ?? 0);
  const updatedReplicas = newReplicaSet?.status.replicas ?? 0;
  const readyReplicas = sum(replicaSets, (rs) => rs.status.readyReplicas ?? 0);
  const availableReplicas = sum(replicaSets, (rs) => rs.status.availableReplicas ?? 0);
  const unavailableReplicas = Math.max(0, sum(replicaSets, replicasOf) - availableReplicas);
  const terminating = replicaSets.map((rs) => (rs.status as ReplicaSetStatus).terminatingReplicas);
  const status: Status = {
    observedGeneration: deployment.metadata.generation,
    ...(replicas > 0 ? { replicas } : undefined),
    ...(updatedReplicas > 0 ? { updatedReplicas } : undefined),
    ...(readyReplicas > 0 ? { readyReplicas } : undefined),
    ...(availableReplicas > 0 ? { availableReplicas } : undefined),
    ...(unavailableReplicas > 0 ? { unavailableReplicas } : undefined),
    ...(terminating.includes(undefined) ? undefined : { terminatingReplicas: sum(terminating, (n) => n ?? 0) }),
    ...(old.collisionCount === undefined ? undefined : { collisionCount: old.collisionCount }),
    ...(old.conditions ? { conditions: old.conditions } : undefined),
  };
  const enough = availableReplicas >= replicasOf(deployment) - maxUnavailable(deployment);
  return withCondition(
    status,
    enough
      ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
      : newCondition(
          'Available',
          'False',
          'MinimumReplicasUnavailable',
          'Deployment does not have minimum availability.',
          now,
        ),
  );
}

/** What the rollout's progress says: the `Progressing` and `ReplicaFailure` conditions. */
export function rolloutStatus(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  nowMs: number,
  now: string,
): Status {
  let status = calculateStatus(deployment, replicaSets, newReplicaSet, now);
  if (!hasProgressDeadline(deployment)) status = withoutCondition(status, 'Progressing');
  const current = getCondition(deployment.status, 'Progressing');
  const wasComplete =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (hasProgressDeadline(deployment) && !wasComplete) {
    const subject = newReplicaSet
      ? `ReplicaSet "${newReplicaSet.metadata.name}"`
      : `Deployment "${deployment.metadata.name}"`;
    if (isComplete(deployment, status)) {
      const message = `${subject} has successfully progressed.`;
      status = withCondition(status, newCondition('Progressing', 'True', 'NewReplicaSetAvailable', message, now));
    } else if (isProgressing(deployment, status)) {
      const condition = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now);
      // Even if status and reason stay, the update time must move: it is what the deadline counts from.
      if (current?.status === 'True') condition.lastTransitionTime = current.lastTransitionTime;
      status = withCondition(withoutCondition(status, 'Progressing'), condition);
    } else if (isTimedOut(deployment, status, nowMs)) {
      const message = `${subject} has timed out progressing.`;
      status = withCondition(status, newCondition('Progressing', 'False', 'ProgressDeadlineExceeded', message, now));
    }
  }
  const failure = replicaFailure(replicaSets, newReplicaSet);
  if (!failure) return withoutCondition(status, 'ReplicaFailure');
  const { reason = '', message = '', lastTransitionTime = now } = failure;
  return withCondition(status, {
    ...newCondition('ReplicaFailure', failure.status, reason, message, now),
    lastTransitionTime,
    lastUpdateTime: lastTransitionTime,
  });
}

function replicaFailure(replicaSets: readonly ReplicaSet[], newReplicaSet: ReplicaSet | undefined) {
  const failureOf = (rs: ReplicaSet) => rs.status.conditions?.find((condition) => condition.type === 'ReplicaFailure');
  return (newReplicaSet && failureOf(newReplicaSet)) ?? replicaSets.map(failureOf).find((condition) => condition);
}

/** A Deployment's replicas changed since its ReplicaSets were sized. */
export function isScalingEvent(deployment: Deployment, replicaSets: readonly ReplicaSet[]): boolean {
  return replicaSets.filter(isActive).some((rs) => {
    const desired = rs.metadata.annotations?.[annotations.desiredReplicas];
    return desired !== undefined && Number.parseInt(desired, 10) !== replicasOf(deployment);
  });
}
