import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  type Quantity,
} from '../../apimachinery/quantity.ts';
import { podLimits, podRequests } from '../../quota/pod-resources.ts';
import { noAmounts, parseResourceList, type ResourceAmounts, type ResourceList } from '../../quota/resource-list.ts';
import type { KubeObject, PersistentVolumeClaim, Pod } from '../../types.ts';
import type { Mutable } from '../resources/kind.ts';
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.ts';
import { aggregate, refuse } from './refuse.ts';

interface Limit {
  readonly type: string;
  readonly min?: ResourceAmounts;
  readonly max?: ResourceAmounts;
  readonly default?: ResourceAmounts;
  readonly defaultRequest?: ResourceAmounts;
  readonly maxLimitRequestRatio?: ResourceAmounts;
}
type LimitRange = KubeObject & { readonly spec?: { readonly limits?: readonly Limit[] } };
type MutableContainer = {
  name: string;
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> };
};

const annotation = 'kubernetes.io/limit-ranger';
const shortestWholeInMilli = Number.MAX_SAFE_INTEGER / 1000;

/** Fills in what a namespace's LimitRanges say of containers, and refuses what is beyond their bounds. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/pods', '/persistentvolumeclaims'],
  subresources: ['resize'],
  admit(attributes) {
    const { resource, operation, object } = attributes;
    if (resource !== 'pods' || operation !== 'CREATE') return;
    for (const { spec } of rangesOf(attributes)) fillIn(object as unknown as Mutable<Pod>, spec?.limits ?? []);
  },
  validate(attributes) {
    // What containers ask for changes only through the Pod's resize subresource.
    if (attributes.resource === 'pods' && attributes.operation === 'UPDATE' && attributes.subresource === undefined)
      return;
    check(attributes);
  },
};

function rangesOf({ context, namespace }: AdmissionAttributes): readonly LimitRange[] {
  return context.list('', 'limitranges', namespace) as readonly LimitRange[];
}

function fillIn(pod: Mutable<Pod>, limits: readonly Limit[]): void {
  const requests: Record<string, string | number> = {};
  const bounds: Record<string, string | number> = {};
  for (const limit of limits) {
    if (limit.type !== 'Container') continue;
    Object.assign(requests, limit.defaultRequest);
    Object.assign(bounds, limit.default);
  }
  if (!pod.spec) return;
  const notes: string[] = [];
  for (const [kind, containers] of [
    ['container', pod.spec.containers],
    ['init container', pod.spec.initContainers ?? []],
  ] as const) {
    for (const container of containers as MutableContainer[])
      notes.push(...fillContainer(container, kind, requests, bounds));
  }
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

function fillContainer(
  container: MutableContainer,
  kind: string,
  requests: ResourceAmounts,
  limits: ResourceAmounts,
): string[] {
  const resources = (container.resources ??= {});
  const notes: string[] = [];
  for (const [word, given, defaults] of [
    ['request', 'requests', requests],
    ['limit', 'limits', limits],
  ] as const) {
    const absent = Object.keys(defaults).filter((name) => resources[given]?.[name] === undefined);
    if (absent.length === 0) continue;
    const own = (resources[given] ??= {});
    for (const name of absent) own[name] = defaults[name]!;
    notes.push(`${absent.sort().join(', ')} ${word} for ${kind} ${container.name}`);
  }
  return notes;
}

/** @throws ApiError Forbidden */
function check(attributes: AdmissionAttributes): void {
  for (const { spec } of rangesOf(attributes)) {
    const limits = spec?.limits ?? [];
    const complaints =
      attributes.resource === 'pods'
        ? checkPod((attributes.object as unknown as Pod).spec, limits)
        : checkClaim(attributes.object as unknown as PersistentVolumeClaim, limits);
    if (complaints.length > 0) throw refuse(attributes, aggregate(complaints));
  }
}

function checkPod(spec: Pod['spec'] | undefined, limits: readonly Limit[]): string[] {
  if (!spec?.containers) return [];
  return limits.flatMap((limit) => {
    if (limit.type === 'Pod') return within(limit, podRequests(spec), podLimits(spec));
    if (limit.type !== 'Container') return [];
    return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) => {
      const { requests, limits: bounds } = (resources ?? {}) as {
        requests?: ResourceAmounts;
        limits?: ResourceAmounts;
      };
      return within(limit, parseResourceList(requests), parseResourceList(bounds));
    });
  });
}

/** A claim's size is what it requests. */
function checkClaim({ spec }: PersistentVolumeClaim, limits: readonly Limit[]): string[] {
  const requests = parseResourceList(spec.resources?.requests as ResourceAmounts | undefined);
  return limits.flatMap((limit) => {
    if (limit.type !== 'PersistentVolumeClaim') return [];
    const complaints = [...parseResourceList(limit.min)].map(([name, min]) =>
      belowMin(limit.type, name, min, requests, noAmounts),
    );
    for (const [name, max] of parseResourceList(limit.max)) {
      const text = `maximum ${name} usage per ${limit.type} is ${formatQuantity(max)}`;
      const request = requests.get(name);
      if (!request) complaints.push(`${text}.  No request is specified`);
      else if (compareQuantities(request, max) > 0)
        complaints.push(`${text}, but request is ${formatQuantity(request)}`);
    }
    return complaints.filter((complaint) => complaint !== undefined);
  });
}

function within(limit: Limit, requests: ResourceList, limits: ResourceList): string[] {
  const bounds = (amounts: ResourceAmounts | undefined) =>
    Object.keys(amounts ?? {})
      .sort()
      .map((name) => [name, parseQuantity(amounts![name]!)] as const);
  return [
    ...bounds(limit.min).map(([name, min]) => belowMin(limit.type, name, min, requests, limits)),
    ...bounds(limit.max).map(([name, max]) => aboveMax(limit.type, name, max, requests, limits)),
    ...bounds(limit.maxLimitRequestRatio).map(([name, max]) => aboveRatio(limit.type, name, max, requests, limits)),
  ].filter((complaint) => complaint !== undefined);
}

function belowMin(
  type: string,
  name: string,
  min: Quantity,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const text = `minimum ${name} usage per ${type} is ${formatQuantity(min)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (!request) return `${text}.  No request is specified`;
  if (compareQuantities(request, min) < 0) return `${text}, but request is ${formatQuantity(request)}`;
  return limit && compareQuantities(limit, min) < 0 ? `${text}, but limit is ${formatQuantity(limit)}` : undefined;
}

function aboveMax(
  type: string,
  name: string,
  max: Quantity,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const text = `maximum ${name} usage per ${type} is ${formatQuantity(max)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (!limit) return `${text}.  No limit is specified`;
  if (compareQuantities(limit, max) > 0) return `${text}, but limit is ${formatQuantity(limit)}`;
  return request && compareQuantities(request, max) > 0
    ? `${text}, but request is ${formatQuantity(request)}`
    : undefined;
}

function aboveRatio(
  type: string,
  name: string,
  max: Quantity,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const text = `${name} max limit to request ratio per ${type} is ${formatQuantity(max)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (!request || request.nanos === 0n) return `${text}, but no request is specified or request is 0`;
  if (!limit || limit.nanos === 0n) return `${text}, but no limit is specified or limit is 0`;
  // Upstream compares thousandths where they fit an integer.
  const small = [request, limit].every((amount) => quantityValue(amount) <= shortestWholeInMilli);
  const value = small ? quantityMilliValue : quantityValue;
  const ratio = value(limit) / value(request);
  return ratio * 1000 > quantityMilliValue(max) ? `${text}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
