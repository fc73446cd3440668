import {
  addLists,
  equalLists,
  exceededNames,
  formatResourceList,
  maskList,
  negativeNames,
  parseResourceList,
  prettyResourceList,
  subtractLists,
  withoutZeros,
} from '../../quota/resource-list.ts';
import type { Evaluator } from '../../quota/evaluator.ts';
import { evaluatorFor, inScopes, scopesOf, type QuotaObject } from '../../quota/registry.ts';
import type { KubeObject } from '../../types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.ts';
import { refuse } from './refuse.ts';

/**
 * Nothing is created beyond a namespace's quotas; what is let through is charged to them at once
 * (k8s.io/apiserver/pkg/admission/plugin/resourcequota). Frees are found by the controller.
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  operations: ['CREATE', 'UPDATE'],
  subresources: ['resize'],
  validate(attributes) {
    const { context, namespace, group, resource, operation, subresource, object } = attributes;
    if (namespace === undefined || !object) return;
    const quotas = context.list('', 'resourcequotas', namespace) as readonly QuotaObject[];
    if (quotas.length === 0) return;
    const evaluator = evaluatorFor(group, resource);
    if (!evaluator?.handles(operation, subresource)) return;
    charge(attributes, evaluator, object as KubeObject, quotas);
  },
};

/** @throws ApiError Forbidden */
function charge(
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  object: KubeObject,
  quotas: readonly QuotaObject[],
): void {
  const { old, context, dryRun } = attributes;
  const concerned = quotas.filter((quota) => isConcerned(attributes, evaluator, object, quota));
  if (concerned.length === 0) return;
  const usage = evaluator.usage(object, context.nowMs);
  const negative = negativeNames(usage);
  if (negative.length > 0) {
    throw refuse(attributes, `quota usage is negative for resource(s): ${negative.sort().join(',')}`);
  }
  const delta = withoutZeros(old ? subtractLists(usage, evaluator.usage(old, context.nowMs)) : usage);
  if (delta.size === 0) return;
  const charged = concerned.map((quota) => {
    const hard = parseResourceList(quota.status?.hard);
    const used = parseResourceList(quota.status?.used);
    const requested = maskList(delta, hard.keys());
    const total = addLists(used, requested);
    const exceeded = exceededNames(maskList(total, requested.keys()), hard);
    if (exceeded.length > 0) {
      const [asked, now, limit] = [requested, used, hard].map((list) => prettyResourceList(maskList(list, exceeded)));
      const why = `exceeded quota: ${quota.metadata.name}, requested: ${asked}, used: ${now}, limited: ${limit}`;
      throw refuse(attributes, why);
    }
    return { quota, used, total };
  });
  if (dryRun) return;
  for (const { quota, used, total } of charged) {
    if (equalLists(used, total)) continue;
    const status = { ...quota.status, used: formatResourceList(total) };
    context.writeStatus('', 'resourcequotas', { ...quota, status } as KubeObject);
  }
}

/** @throws ApiError Forbidden if the object lacks what the quota counts, or the quota has not been counted yet. */
function isConcerned(
  attributes: AdmissionAttributes,
  evaluator: Evaluator,
  object: KubeObject,
  quota: QuotaObject,
): boolean {
  const names = evaluator.matching(Object.keys(quota.status?.hard ?? {}));
  if (names.length === 0 || !inScopes(evaluator, scopesOf(quota), object)) return false;
  const { name } = quota.metadata;
  const missing = evaluator.missing?.(names, object);
  if (missing) throw refuse(attributes, `failed quota: ${name}: ${missing}`);
  if (!names.every((resource) => quota.status?.used?.[resource] !== undefined)) {
    throw refuse(attributes, `status unknown for quota: ${name}, resources: ${names.sort().join(',')}`);
  }
  return true;
}
