import type { IResourceRequirements } from 'kubernetes-models/v1/ResourceRequirements';
import { invalid, required, type FieldError } from '../../../../apimachinery/field-error.ts';
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

export function validateResources(resources: IResourceRequirements | undefined, path: string): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
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
    const limit = limits[name];
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
  return errors;
}
