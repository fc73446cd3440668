import type { Pod } from '../types.ts';

export type PodCondition = NonNullable<Pod['status']['conditions']>[number];

const noConditions: readonly PodCondition[] = [];

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  for (const condition of pod.status.conditions ?? noConditions) if (condition.type === type) return condition;
  return undefined;
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Unix ms since when the Pod is ready, or undefined. */
export function readySince(pod: Pod): number | undefined {
  const condition = podCondition(pod, 'Ready');
  if (condition?.status !== 'True') return undefined;
  return Date.parse(condition.lastTransitionTime ?? '') || 0;
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return availableIn(pod, minReadySeconds, now) === 0;
}

/** Milliseconds until a ready Pod counts as available; undefined while it isn't ready. */
export function availableIn(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return isPodReady(pod) ? 0 : undefined;
  const since = readySince(pod);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - now);
}

export function isPodTerminal(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

export function isPodTerminating(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined;
}

/** Neither finished nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/**
 * The Pod with this condition set. `lastTransitionTime` stays where the status stays; gives the Pod itself if nothing
 * would change.
 */
export function withPodCondition(
  pod: Pod,
  condition: { type: string; status: 'True' | 'False' | 'Unknown'; reason?: string; message?: string },
  now: string,
): Pod {
  const { status, reason, message } = condition;
  const old = podCondition(pod, condition.type);
  const observedGeneration = pod.metadata.generation;
  if (
    old?.status === status &&
    old.reason === reason &&
    old.message === message &&
    (old as { observedGeneration?: number }).observedGeneration === observedGeneration
  ) {
    return pod;
  }
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
  const updated = {
    type: condition.type,
    ...(observedGeneration === undefined ? undefined : { observedGeneration }),
    status,
    lastProbeTime: null as unknown as string,
    lastTransitionTime,
    ...(reason === undefined ? undefined : { reason }),
    ...(message === undefined ? undefined : { message }),
  } as PodCondition;
  const conditions = pod.status.conditions ?? [];
  return {
    ...pod,
    status: {
      ...pod.status,
      conditions: old ? conditions.map((c) => (c === old ? updated : c)) : [...conditions, updated],
    },
  };
}

/** Restarts of the container that restarted most, of one kind of container. */
export function maxRestarts(pod: Pod, kind: 'containerStatuses' | 'initContainerStatuses'): number {
  return Math.max(0, ...(pod.status[kind] ?? []).map((status) => status.restartCount ?? 0));
}
