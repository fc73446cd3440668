import type { Deployment, ReplicaSet } from '../../types.ts';
import {
  annotations,
  byCreation,
  isActive,
  isRollingUpdate,
  maxSurge,
  maxUnavailable,
  replicasOf,
  sum,
} from './util.ts';

/** How many Pods a ReplicaSet shall have. */
export interface Scaling {
  replicaSet: ReplicaSet;
  replicas: number;
}

/** Size of the new ReplicaSet: as far as the surge allows it to grow now. */
export function newReplicaSetSize(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const desired = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return desired;
  const room = desired + maxSurge(deployment) - sum(all, replicasOf);
  if (room <= 0) return current;
  return current + Math.min(room, desired - current);
}

/**
 * One step of shrinking the old ReplicaSets: first Pods that aren't available anyway, then others as far as the minimum
 * of available Pods allows (pkg/controller/deployment, rolling.go). A ReplicaSet may be in both parts.
 */
export function oldReplicaSetScalings(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet,
): Scaling[] {
  const size = new Map(old.map((rs) => [rs, replicasOf(rs)]));
  const total = sum(old, replicasOf) + replicasOf(newReplicaSet);
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = replicasOf(newReplicaSet) - (newReplicaSet.status.availableReplicas ?? 0);
  const maxScaledDown = total - minAvailable - newUnavailable;
  if (sum(old, replicasOf) === 0 || maxScaledDown <= 0) return [];

  const oldestFirst = [...old].sort(byCreation);
  const steps: Scaling[] = [];
  const shrink = (replicaSet: ReplicaSet, count: number) => {
    if (count <= 0) return 0;
    const replicas = size.get(replicaSet)! - count;
    size.set(replicaSet, replicas);
    steps.push({ replicaSet, replicas });
    return count;
  };
  let scaledDown = 0;
  for (const rs of oldestFirst) {
    if (scaledDown >= maxScaledDown) break;
    if (replicasOf(rs) === 0) continue;
    const unhealthy = replicasOf(rs) - (rs.status.availableReplicas ?? 0);
    // More available than wanted: the status is from before the last scaling, so nothing can be counted on it.
    if (unhealthy < 0) return steps;
    scaledDown += shrink(rs, Math.min(maxScaledDown - scaledDown, unhealthy));
  }
  let spare = sum([...old, newReplicaSet], (rs) => rs.status.availableReplicas ?? 0) - minAvailable;
  for (const rs of oldestFirst) spare -= shrink(rs, Math.min(size.get(rs)!, spare));
  return steps;
}

/** The new ReplicaSet has all it shall have, and all are available. */
function isSaturated(deployment: Deployment, rs: ReplicaSet | undefined): boolean {
  if (!rs) return false;
  const desired = replicasOf(deployment);
  const annotated = Number.parseInt(rs.metadata.annotations?.[annotations.desiredReplicas] ?? '', 10);
  return replicasOf(rs) === desired && annotated === desired && (rs.status.availableReplicas ?? 0) === desired;
}

/** The only active ReplicaSet; with none, the newest; with several, undefined. */
function activeOrLatest(newReplicaSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = [...(newReplicaSet ? [newReplicaSet] : []), ...old].filter(isActive);
  if (active.length > 1) return undefined;
  return active[0] ?? newReplicaSet ?? [...old].sort(byCreation).at(-1);
}

/** What a change of the Deployment's size means for its ReplicaSets, in the middle of a rollout too. */
export function scalings(
  deployment: Deployment,
  newReplicaSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Scaling[] {
  const only = activeOrLatest(newReplicaSet, old);
  if (only) {
    const replicas = replicasOf(deployment);
    return replicas === replicasOf(only) ? [] : [{ replicaSet: only, replicas }];
  }
  if (isSaturated(deployment, newReplicaSet)) {
    return old.filter(isActive).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  return isRollingUpdate(deployment) ? proportionalScalings(deployment, newReplicaSet, old) : [];
}

/** Shares what must be added or taken among active ReplicaSets by their sizes; the biggest takes the rest. */
function proportionalScalings(
  deployment: Deployment,
  newReplicaSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Scaling[] {
  const active = [...old, ...(newReplicaSet ? [newReplicaSet] : [])].filter(isActive);
  const allowed = replicasOf(deployment) > 0 ? replicasOf(deployment) + maxSurge(deployment) : 0;
  const toAdd = allowed - sum(active, replicasOf);
  const newerFirst = toAdd > 0;
  active.sort((a, b) => replicasOf(b) - replicasOf(a) || (newerFirst ? byCreation(b, a) : byCreation(a, b)));
  let added = 0;
  const result = active.map((replicaSet) => {
    const share = proportion(deployment, replicaSet, toAdd, added);
    added += share;
    return { replicaSet, replicas: replicasOf(replicaSet) + share };
  });
  const biggest = result[0];
  if (biggest && toAdd !== 0) biggest.replicas = Math.max(0, biggest.replicas + toAdd - added);
  return result;
}

function proportion(deployment: Deployment, rs: ReplicaSet, toAdd: number, added: number): number {
  if (replicasOf(rs) === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = growth(deployment, rs);
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added);
}

/** By how much a ReplicaSet would grow if all grew alike. */
function growth(deployment: Deployment, rs: ReplicaSet): number {
  if (replicasOf(deployment) === 0) return -replicasOf(rs);
  const annotated = Number.parseInt(rs.metadata.annotations?.[annotations.maxReplicas] ?? '', 10);
  const maxBefore = annotated > 0 ? annotated : (deployment.status.replicas ?? 0);
  if (maxBefore === 0) return 0;
  return Math.round((replicasOf(rs) * (replicasOf(deployment) + maxSurge(deployment))) / maxBefore) - replicasOf(rs);
}
