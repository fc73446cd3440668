import { own as valueOf } from '../../../../../world/index.ts';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { IResourceRequirements } from 'kubernetes-models/v1/ResourceRequirements';
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  type FieldError,
} from '../../../../apimachinery/field-error.ts';
import { isQualifiedName } from '../../../../apimachinery/names.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../../../../apimachinery/quantity.ts';
import { checkName, nonNegativeMessage } from '../../common/validate.ts';

/** Resource names and amounts (ValidateResourceRequirements and neighbours). */

const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage']);

const standardResources = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
]);

const isHugePages = (name: string) => name.startsWith('hugepages-');

/** A name after a slash that isn't Kubernetes' own. */
export function isExtendedResource(name: string): boolean {
  return (
    name.includes('/') &&
    !name.startsWith('kubernetes.io/') &&
    !name.includes('.kubernetes.io/') &&
    !name.startsWith('requests.')
  );
}

/** Containers may ask for more than a node promises of cpu, memory and ephemeral storage only. */
export function isOvercommitAllowed(name: string): boolean {
  return (!name.includes('/') || name.includes('kubernetes.io/')) && !isHugePages(name);
}

export function validateResourceName(name: string, path: string): FieldError[] {
  const errors = checkName(name, path, isQualifiedName);
  if (errors.length > 0) return errors;
  if (!name.includes('/') && !standardResources.has(name) && !isHugePages(name)) {
    return [invalid(path, name, 'must be a standard resource type or fully qualified')];
  }
  return [];
}

function validateContainerResourceName(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes('/')) {
    if (!containerResources.has(name) && !isHugePages(name)) {
      errors.push(invalid(path, name, 'must be a standard resource for containers'));
    }
  } else if (!name.includes('kubernetes.io/') && name.startsWith('requests.')) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
  return errors;
}

export function validateAmount(name: string, amount: string | number, path: string): FieldError[] {
  const quantity = parseQuantity(amount);
  if (quantity.nanos < 0n) return [invalid(path, formatQuantity(quantity), nonNegativeMessage)];
  const countsWhole = isExtendedResource(name) || !isOvercommitAllowed(name);
  if (countsWhole && quantity.nanos % 1_000_000_000n !== 0n)
    return [invalid(path, formatQuantity(quantity), 'must be an integer')];
  return [];
}

/** @param podClaims names of the Pod's `resourceClaims` */
export function validateResources(
  resources: IResourceRequirements | undefined,
  path: string,
  podClaims: ReadonlySet<string> = noClaims,
): FieldError[] {
  const { limits = {}, requests = {}, claims = [] } = resources ?? {};
  const errors: FieldError[] = [];
  const limitPath = `${path}.limits`;
  const requestPath = `${path}.requests`;
  for (const name of Object.keys(limits).sort()) {
    const at = `${limitPath}[${name}]`;
    errors.push(...validateContainerResourceName(name, at), ...validateAmount(name, limits[name]!, at));
  }
  for (const name of Object.keys(requests).sort()) {
    const at = `${requestPath}[${name}]`;
    errors.push(...validateContainerResourceName(name, at), ...validateAmount(name, requests[name]!, at));
    const request = parseQuantity(requests[name]!);
    const limit = valueOf(limits, name);
    if (limit === undefined) {
      if (!isOvercommitAllowed(name))
        errors.push(required(limitPath, 'Limit must be set for non overcommitable resources'));
      continue;
    }
    const order = compareQuantities(request, parseQuantity(limit));
    const shown = formatQuantity(parseQuantity(limit));
    if (order !== 0 && !isOvercommitAllowed(name)) {
      errors.push(invalid(requestPath, formatQuantity(request), `must be equal to ${name} limit of ${shown}`));
    } else if (order > 0) {
      errors.push(
        invalid(requestPath, formatQuantity(request), `must be less than or equal to ${name} limit of ${shown}`),
      );
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory')) {
    errors.push(forbidden(path, 'HugePages require cpu or memory'));
  }
  const seen = new Set<string>();
  claims.forEach(({ name, request }, i) => {
    const at = `${path}.claims[${i}]`;
    if (!name) {
      errors.push(required(`${at}.name`));
      return;
    }
    const key = request ? `${name}/${request}` : name;
    if (seen.has(key)) errors.push(duplicate(at, key));
    seen.add(key);
    if (!podClaims.has(name)) errors.push(notFound(at, name));
  });
  return errors;
}

const noClaims: ReadonlySet<string> = new Set();
const podResources = ['cpu', 'hugepages-', 'memory'];

/** Resources of the Pod as a whole (validatePodResources): few names, and enough for what the containers ask. */
export function validatePodResources(spec: IPodSpec, path: string): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  const errors: FieldError[] = [];
  if (resources.claims?.length)
    errors.push(forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level'));
  for (const list of ['limits', 'requests'] as const) {
    for (const name of Object.keys(resources[list] ?? {}).sort()) {
      if (!podResources.includes(name) && !isHugePages(name)) {
        errors.push(notSupported(`${path}.${list}[${name}]`, name, podResources));
      }
    }
  }
  if (errors.length > 0) return errors;
  errors.push(...validateResources(resources as IResourceRequirements, path));
  for (const [name, amount] of Object.entries(resources.requests ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const whole = parseQuantity(amount);
    const sum = { ...whole, nanos: sumOf(spec, 'requests', name) };
    if (sum.nanos > whole.nanos) {
      const shown = formatQuantity(sum);
      const message = `must be greater than or equal to aggregate container requests of ${shown}`;
      errors.push(invalid(`${path}.requests[${name}]`, formatQuantity(whole), message));
    }
  }
  for (const [name, amount] of Object.entries(resources.limits ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const whole = parseQuantity(amount);
    (spec.containers ?? []).forEach((container, i) => {
      const own = valueOf(container.resources?.limits, name);
      if (own === undefined || compareQuantities(parseQuantity(own), whole) <= 0) return;
      const at = `${path.replace(/\.resources$/, '')}.containers[${i}].resources.limits`;
      const shown = formatQuantity(whole);
      errors.push(
        invalid(at, formatQuantity(parseQuantity(own)), `must be less than or equal to pod limits of ${shown}`),
      );
    });
  }
  return errors;
}

function sumOf(spec: IPodSpec, list: 'requests' | 'limits', name: string): bigint {
  let sum = 0n;
  for (const container of spec.containers ?? []) {
    const amount = valueOf(container.resources?.[list], name);
    if (amount !== undefined) sum += parseQuantity(amount).nanos;
  }
  return sum;
}

const resizableResources = ['cpu', 'memory'];
const resizePolicies = ['NotRequired', 'RestartContainer'];

/** What a change of resources means for the running container (validateResizePolicy). */
export function validateResizePolicy(container: Pick<IContainer, 'resizePolicy'>, path: string): FieldError[] {
  const seen = new Set<string>();
  return (container.resizePolicy ?? []).flatMap(({ resourceName, restartPolicy }, i) => {
    if (seen.has(resourceName)) return [duplicate(`${path}[${i}]`, resourceName)];
    seen.add(resourceName);
    const errors: FieldError[] = [];
    if (!resourceName) errors.push(required(path));
    else if (!resizableResources.includes(resourceName))
      errors.push(notSupported(path, resourceName, resizableResources));
    if (!restartPolicy) errors.push(required(path));
    else if (!resizePolicies.includes(restartPolicy)) errors.push(notSupported(path, restartPolicy, resizePolicies));
    return errors;
  });
}
