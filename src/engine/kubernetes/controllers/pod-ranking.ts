import type { Pod } from '../types.ts';
import { isPodReady, maxRestarts, readySince } from './pods.ts';

/** Annotation by which users rank Pods of a ReplicaSet for deletion. */
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The Pods to delete first when `count` are too many: package k8s.io/kubernetes/pkg/controller, ActivePodsWithRanks.
 * @param related Pods (of the same Deployment, say) that should be spread over nodes: a node with many loses first.
 * @param now Unix ms.
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  now: number,
): readonly Pod[] {
  if (count >= pods.length) return pods;
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => ({
    pod,
    assigned: pod.spec.nodeName ? 1 : 0,
    phase: phaseOrder[pod.status.phase ?? 'Pending'] ?? 0,
    ready: isPodReady(pod) ? 1 : 0,
    cost: deletionCost(pod),
    rank: onNode.get(pod.spec.nodeName ?? '') ?? 0,
    readySince: readySince(pod),
    restarts: maxRestarts(pod, 'containerStatuses'),
    initRestarts: maxRestarts(pod, 'initContainerStatuses'),
    created: Date.parse(pod.metadata.creationTimestamp),
  }));
  ranked.sort(
    (a, b) =>
      a.assigned - b.assigned ||
      a.phase - b.phase ||
      a.ready - b.ready ||
      a.cost - b.cost ||
      b.rank - a.rank ||
      (a.readySince !== undefined && b.readySince !== undefined && a.readySince !== b.readySince
        ? byLogarithmicAge(a.readySince, b.readySince, now) || byUid(a.pod, b.pod)
        : 0) ||
      b.restarts - a.restarts ||
      b.initRestarts - a.initRestarts ||
      (a.created === b.created ? 0 : byLogarithmicAge(a.created, b.created, now) || byUid(a.pod, b.pod)) ||
      byUid(a.pod, b.pod),
  );
  return ranked.slice(0, count).map(({ pod }) => pod);
}

/** Younger first, but only by powers of two: among Pods of about the same age chance (the UID) decides. */
function byLogarithmicAge(a: number, b: number, now: number): number {
  return magnitude(now - a) - magnitude(now - b);
}

function magnitude(age: number): number {
  return age > 0 ? Math.floor(Math.log2(age * 1e6)) : -1;
}

function byUid(a: Pod, b: Pod): number {
  return a.metadata.uid < b.metadata.uid ? -1 : a.metadata.uid > b.metadata.uid ? 1 : 0;
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCostAnnotation];
  return text !== undefined && /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}
