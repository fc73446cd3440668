import { KustomizeError } from './error.ts';
import { gvkText, type Id } from './id.ts';
import type { Kustomization } from './kustomization.ts';
import type { ResourceSet } from './resource-set.ts';

/** Kinds that others need come first, in this order. */
const first = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** Puts the result in order: by kind as kubectl has it, or as `sortOptions` say. @throws KustomizeError */
export function sortResources(set: ResourceSet, options: Kustomization['sortOptions']): void {
  const order = options ? (options.order ?? '') : 'legacy';
  if (order !== 'legacy' && order !== 'fifo')
    throw new KustomizeError("the field 'sortOptions.order' must be one of [fifo, legacy]");
  if (order === 'fifo') {
    if (options?.legacySortOptions)
      throw new KustomizeError(
        "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
      );
    return;
  }
  const { orderFirst = [], orderLast = [] } = options?.legacySortOptions ?? { orderFirst: first, orderLast: last };
  const rank = new Map<string, number>();
  orderFirst.forEach((kind, i) => rank.set(kind, i - orderFirst.length));
  orderLast.forEach((kind, i) => rank.set(kind, i + 1));
  set.sort((a, b) => compareIds(a.id, b.id, rank));
}

function compareIds(a: Id, b: Id, rank: ReadonlyMap<string, number>): number {
  const sameKind = a.group === b.group && a.version === b.version && a.kind === b.kind;
  if (sameKind) return compare(nameKey(a), nameKey(b));
  return (rank.get(a.kind) ?? 0) - (rank.get(b.kind) ?? 0) || compare(kindKey(a), kindKey(b));
}

/** What is empty sorts after everything else. */
function kindKey({ group, version, kind }: Id): string {
  return [group || '~G', version || '~V', kind || '~K'].join('_');
}

function nameKey(id: Id): string {
  return [gvkText(id), id.namespace || '~X', id.name || '~N'].join('|');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
