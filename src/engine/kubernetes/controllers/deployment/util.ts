import { deepEqual } from '../../apiserver/objects.ts';
import { scaledValue } from '../../apimachinery/int-or-string.ts';
import type { Deployment, ReplicaSet } from '../../types.ts';

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
} as const;

export const podTemplateHashLabel = 'pod-template-hash';

/** Annotations of a Deployment that its ReplicaSets do not inherit. */
const notInherited: ReadonlySet<string> = new Set([
  ...Object.values(annotations),
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
]);

export function inheritedAnnotations(deployment: Deployment): [string, string][] {
  return Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !notInherited.has(key));
}

export function replicasOf(object: Deployment | ReplicaSet): number {
  return object.spec.replicas ?? 1;
}

export function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return deployment.spec.strategy?.type !== 'Recreate';
}

/** The rolling update's limits in Pods; both zero would never end, so then one may be unavailable. */
function fenceposts(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge ?? 0, replicasOf(deployment), true);
  const unavailable = scaledValue(maxUnavailable ?? 0, replicasOf(deployment), false);
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).maxSurge : 0;
}

export function maxUnavailable(deployment: Deployment): number {
  if (!isRollingUpdate(deployment) || replicasOf(deployment) === 0) return 0;
  return Math.min(fenceposts(deployment).maxUnavailable, replicasOf(deployment));
}

/** No deadline is the largest int32. */
export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== 2147483647;
}

export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  return (
    Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

export function revisionOf(replicaSet: ReplicaSet): number {
  return Number.parseInt(replicaSet.metadata.annotations?.[annotations.revision] ?? '0', 10) || 0;
}

export function isActive(replicaSet: ReplicaSet): boolean {
  return replicasOf(replicaSet) > 0;
}

type PodTemplate = Deployment['spec']['template'] | undefined;

/** Pod templates compare without the label that distinguishes ReplicaSets. */
export function templatesEqual(a: PodTemplate, b: PodTemplate): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplate): unknown {
  const { labels, ...metadata } = template?.metadata ?? {};
  const { [podTemplateHashLabel]: _, ...rest } = labels ?? {};
  return { metadata: { ...metadata, labels: rest }, spec: template?.spec };
}

/** The ReplicaSet that has the Deployment's template; the oldest, should there be several. */
export function findNewReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...replicaSets].sort(byCreation).find((rs) => templatesEqual(rs.spec.template, deployment.spec.template));
}
