import { scaledValue } from '../../apimachinery/int-or-string.ts';
import type { DaemonSet, Pod } from '../../types.ts';
import { isPodAvailable } from '../pods.ts';
import { isUpdated } from './pods.ts';

/** One step of a rolling update: Pods to delete, and nodes that get a new one beside the old. */
export interface UpdateStep {
  remove: Pod[];
  surgeOnto: string[];
}

/**
 * Replaces old Pods as far as maxUnavailable (delete, then create) or maxSurge (create, then delete) allows
 * (pkg/controller/daemon, update.go).
 * @param desired nodes that shall run a daemon.
 */
export function rollingUpdateStep(
  daemonSet: DaemonSet,
  podsByNode: ReadonlyMap<string, readonly Pod[]>,
  desired: number,
  hash: string,
  now: number,
): UpdateStep {
  const { maxSurge, maxUnavailable } = limits(daemonSet, desired);
  const available = (pod: Pod) =>
    pod.metadata.deletionTimestamp === undefined && isPodAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, now);
  const nodes = [...podsByNode].map(([node, pods]) => ({ node, ...oldAndNew(daemonSet, pods, hash) }));
  return maxSurge > 0 ? surge(nodes, maxSurge, available) : replace(nodes, maxUnavailable, available);
}

function limits(daemonSet: DaemonSet, desired: number): { maxSurge: number; maxUnavailable: number } {
  const { maxSurge = 0, maxUnavailable = 1 } = daemonSet.spec.updateStrategy?.rollingUpdate ?? {};
  const surgeLimit = scaledValue(maxSurge, desired, true);
  const unavailable = scaledValue(maxUnavailable, desired, true);
  return { maxSurge: surgeLimit, maxUnavailable: surgeLimit === 0 && unavailable === 0 ? 1 : unavailable };
}

interface NodePods {
  node: string;
  old: Pod | undefined;
  current: Pod | undefined;
  /** More than one Pod of a kind: being sorted out elsewhere. */
  unclear: boolean;
}

function oldAndNew(daemonSet: DaemonSet, pods: readonly Pod[], hash: string): Omit<NodePods, 'node'> {
  const updated = pods.filter((pod) => isUpdated(daemonSet, pod, hash));
  const old = pods.filter((pod) => !isUpdated(daemonSet, pod, hash));
  return { old: old[0], current: updated[0], unclear: updated.length > 1 || old.length > 1 };
}

function replace(nodes: readonly NodePods[], maxUnavailable: number, available: (pod: Pod) => boolean): UpdateStep {
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { old, current, unclear } of nodes) {
    if (unclear || (old && current) || (!old && !current)) unavailable++;
    else if (current) {
      if (!available(current)) unavailable++;
    } else if (old!.metadata.deletionTimestamp !== undefined) unavailable++;
    else if (!available(old!)) broken.push(old!);
    else candidates.push(old!);
  }
  const remaining = Math.max(0, maxUnavailable - unavailable);
  return { remove: [...broken, ...candidates.slice(0, remaining)], surgeOnto: [] };
}

function surge(nodes: readonly NodePods[], maxSurge: number, available: (pod: Pod) => boolean): UpdateStep {
  let surging = 0;
  const remove: Pod[] = [];
  const broken: string[] = [];
  const candidates: string[] = [];
  for (const { node, old, current, unclear } of nodes) {
    if (unclear) surging++;
    else if (!old) continue;
    else if (!current) (available(old) ? candidates : broken).push(node);
    else if (!available(current)) surging++;
    else if (old.metadata.deletionTimestamp === undefined) remove.push(old);
  }
  const remaining = Math.max(0, maxSurge - surging);
  return { remove, surgeOnto: [...broken, ...candidates.slice(0, remaining)] };
}
