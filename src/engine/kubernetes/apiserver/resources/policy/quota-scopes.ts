import type { IResourceQuotaSpec } from 'kubernetes-models/v1/ResourceQuotaSpec';
import { invalid, required, type FieldError } from '../../../apimachinery/field-error.ts';

/** What a quota may count, and which of it its scopes allow (validateResourceQuotaScopes, validateScopedResourceSelectorRequirement). */

const computeResources = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const podResources = ['pods', ...computeResources];
const claimResources = ['persistentvolumeclaims', 'requests.storage'];

const quotaResources = new Set([
  ...podResources,
  'ephemeral-storage',
  'limits.ephemeral-storage',
  'requests.ephemeral-storage',
  'requests.storage',
  'resourcequotas',
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
]);

/** Resources that each scope can be asked about. */
const scopes: Readonly<Record<string, readonly string[]>> = {
  BestEffort: ['pods'],
  NotBestEffort: podResources,
  Terminating: podResources,
  NotTerminating: podResources,
  PriorityClass: podResources,
  CrossNamespacePodAffinity: podResources,
  VolumeAttributesClass: claimResources,
};

/** Scopes that only are or are not. */
const plainScopes = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

/** Is the name, without a domain, one that quotas know? */
export function isQuotaResource(name: string): boolean {
  return quotaResources.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');
}

/** Does the scope exclude one of the counted resources? */
function misapplied({ hard = {} }: IResourceQuotaSpec, scope: string): number {
  return Object.keys(hard).filter((name) => isQuotaResource(name) && !scopes[scope]?.includes(name)).length;
}

function areOpposite(names: readonly string[]): boolean {
  return opposites.some((pair) => pair.every((name) => names.includes(name)));
}

export function validateScopes(spec: IResourceQuotaSpec): FieldError[] {
  const names: readonly string[] = spec.scopes ?? [];
  const refuse = (message: string) => invalid('spec.scopes', names, message);
  const errors: FieldError[] = [];
  for (const scope of names) {
    if (!scopes[scope]) errors.push(refuse('unsupported scope'));
    for (let i = 0; i < misapplied(spec, scope); i++) errors.push(refuse('unsupported scope applied to resource'));
  }
  if (areOpposite(names)) errors.push(refuse('conflicting scopes'));
  return errors;
}

export function validateScopeSelector(spec: IResourceQuotaSpec): FieldError[] {
  if (!spec.scopeSelector) return [];
  const at = 'spec.scopeSelector.matchExpressions';
  const requirements = spec.scopeSelector.matchExpressions ?? [];
  const errors: FieldError[] = [];
  for (const { scopeName, operator, values = [] } of requirements) {
    if (!scopes[scopeName]) errors.push(invalid(`${at}.scopeName`, scopeName, 'unsupported scope'));
    for (let i = 0; i < misapplied(spec, scopeName); i++)
      errors.push(invalid(at, spec.scopeSelector, 'unsupported scope applied to resource'));
    if (plainScopes.includes(scopeName) && operator !== 'Exists') {
      const list = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort'].map(
        (s) => `ResourceQuotaScope${s}`,
      );
      const message = `must be 'Exist' when scope is any of ${list.join(', ')} or ResourceQuotaScopeCrossNamespacePodAffinity`;
      errors.push(invalid(`${at}.operator`, operator, message));
    }
    switch (operator as string) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) {
          const message = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
          errors.push(required(`${at}.values`, message));
        }
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          const message = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
          errors.push(invalid(`${at}.values`, values, message));
        }
        break;
      default:
        errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'));
    }
  }
  if (areOpposite(requirements.map(({ scopeName }) => scopeName)))
    errors.push(invalid('spec.scopeSelector', spec.scopes ?? null, 'conflicting scopes'));
  return errors;
}
