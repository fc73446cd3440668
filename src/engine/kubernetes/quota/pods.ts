import { matchesSelector, type SelectorOperator } from '../apimachinery/label-selector.ts';
import type { Quantity } from '../apimachinery/quantity.ts';
import type { KubeObject, Pod } from '../types.ts';
import { countName, one, type Evaluator, type ScopeRequirement } from './evaluator.ts';
import { hasPodLevelResources, podLimits, podRequests } from './pod-resources.ts';
import { equalLists, parseResourceList, type ResourceAmounts, type ResourceList } from './resource-list.ts';

/** Pods: how many, and what they request and may use (pkg/quota/v1/evaluator/core, pods.go). */

const count = countName('', 'pods');
const computeNames = ['cpu', 'memory', 'ephemeral-storage'];
const counted = new Set([
  count,
  'pods',
  ...computeNames,
  ...computeNames.map((name) => `requests.${name}`),
  ...computeNames.map((name) => `limits.${name}`),
]);

/** If one of these is limited, every container has to state it. */
const stated = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

export const podEvaluator: Evaluator = {
  group: '',
  resource: 'pods',
  handles: (operation, subresource) =>
    subresource === undefined ? operation === 'CREATE' : operation === 'UPDATE' && subresource === 'resize',
  matching: (names) =>
    names.filter(
      (name) =>
        counted.has(name) ||
        name.startsWith('hugepages-') ||
        name.startsWith('requests.hugepages-') ||
        isExtendedQuota(name),
    ),

  missing(required, object) {
    const { spec } = object as Pod;
    if (hasPodLevelResources(spec)) return undefined;
    const wanted = required.filter((name) => stated.has(name)).sort();
    if (wanted.length === 0) return undefined;
    const lacking = new Map<string, Set<string>>();
    for (const { name: container, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      const { requests, limits } = (resources ?? {}) as { requests?: ResourceAmounts; limits?: ResourceAmounts };
      const has = computeUsage(parseResourceList(requests), parseResourceList(limits));
      for (const name of wanted) {
        if (has.has(name)) continue;
        lacking.set(name, (lacking.get(name) ?? new Set<string>()).add(container));
      }
    }
    if (lacking.size === 0) return undefined;
    const texts = [...lacking.keys()].sort().map((name) => `${name} for: ${[...lacking.get(name)!].sort().join(',')}`);
    return `must specify ${texts.join('; ')}`;
  },

  usage(object, now) {
    const pod = object as Pod;
    if (!isActive(pod, now)) return new Map([[count, one]]);
    return computeUsage(podRequests(pod.spec), podLimits(pod.spec)).set(count, one);
  },

  inScope,

  frees(object, previous, now) {
    const [before, after] = [previous as Pod, object as Pod];
    if (isActive(before, now) && !isActive(after, now)) return true;
    if (before.spec === after.spec) return false;
    return (
      !equalLists(podRequests(before.spec), podRequests(after.spec)) ||
      !equalLists(podLimits(before.spec), podLimits(after.spec))
    );
  },
};

function computeUsage(requests: ResourceList, limits: ResourceList): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([['pods', one]]);
  for (const [name, amount] of requests) {
    if (computeNames.includes(name) || name.startsWith('hugepages-')) {
      usage.set(name, amount);
      usage.set(`requests.${name}`, amount);
    } else if (name.includes('/') && !name.includes('kubernetes.io/')) {
      usage.set(`requests.${name}`, amount);
    }
  }
  for (const [name, amount] of limits) if (computeNames.includes(name)) usage.set(`limits.${name}`, amount);
  return usage;
}

/** Extended resources are limited by what is requested of them only: `requests.nvidia.com/gpu`. */
function isExtendedQuota(name: string): boolean {
  return name.startsWith('requests.') && name.includes('/') && !name.includes('kubernetes.io/');
}

/** Pods that have ended, or should have been gone for long, use nothing. */
function isActive({ metadata, status }: Pod, now: number): boolean {
  const phase = status?.phase;
  if (phase === 'Failed' || phase === 'Succeeded') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function inScope(scope: ScopeRequirement, object: KubeObject): boolean {
  const { spec } = object as Pod;
  const terminating = spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
  switch (scope.scopeName) {
    case 'Terminating':
      return terminating;
    case 'NotTerminating':
      return !terminating;
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'PriorityClass':
      return matchesValue(scope, spec.priorityClassName);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    default:
      return false;
  }
}

const operators: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** Scopes that look at one value of the object treat it as a label that is named like the scope. */
export function matchesValue(
  { scopeName, operator, values = [] }: ScopeRequirement,
  value: string | undefined,
): boolean {
  const known = operators[operator];
  if (!known) return false;
  return matchesSelector([{ key: scopeName, operator: known, values }], value ? { [scopeName]: value } : {});
}

function isBestEffort(spec: Pod['spec']): boolean {
  const ofPod = (spec as { resources?: object }).resources;
  const all = [ofPod, ...[...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources)];
  return all.every((resources) => {
    const { requests, limits } = (resources ?? {}) as { requests?: ResourceAmounts; limits?: ResourceAmounts };
    const amounts = [...parseResourceList(requests), ...parseResourceList(limits)];
    return amounts.every(([name, amount]) => (name !== 'cpu' && name !== 'memory') || amount.nanos === 0n);
  });
}

function crossesNamespaces({ affinity }: Pod['spec']): boolean {
  for (const kind of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    const terms = [
      ...(kind?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(kind?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    if (terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined)) return true;
  }
  return false;
}
