import type { KubeObject } from '../types.ts';
import { claimEvaluator } from './claims.ts';
import { countName, one, type Evaluator, type ScopeRequirement } from './evaluator.ts';
import { podEvaluator } from './pods.ts';
import { addLists, maskList, noAmounts, type ResourceAmounts, type ResourceList } from './resource-list.ts';
import { serviceEvaluator } from './services.ts';
import { zeroQuantity } from '../apimachinery/quantity.ts';

/** Resources with rules of their own; of all others the objects are counted. */
const evaluators: readonly Evaluator[] = [podEvaluator, serviceEvaluator, claimEvaluator];

/** Core resources whose plain name is a quota as well. */
const plainCounts = new Set(['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets']);

const byResource = new Map(evaluators.map((evaluator) => [`${evaluator.group}/${evaluator.resource}`, evaluator]));

/** A ResourceQuota as far as counting needs it. */
export interface QuotaObject extends KubeObject {
  spec?: {
    hard?: ResourceAmounts;
    scopes?: readonly string[];
    scopeSelector?: { matchExpressions?: readonly ScopeRequirement[] };
  };
  status?: { hard?: ResourceAmounts; used?: ResourceAmounts };
}

/** How objects of a resource are counted; undefined for Events, which no quota limits. */
export function evaluatorFor(group: string, resource: string): Evaluator | undefined {
  const id = `${group}/${resource}`;
  let evaluator = byResource.get(id);
  if (!evaluator && resource !== 'events') byResource.set(id, (evaluator = objectCount(group, resource)));
  return evaluator;
}

/** The resources that a quota with these names is about. */
export function countedResources(names: readonly string[]): { group: string; resource: string }[] {
  const found = evaluators.filter((evaluator) => evaluator.matching(names).length > 0);
  const result = new Map(found.map(({ group, resource }) => [`${group}/${resource}`, { group, resource }]));
  for (const name of names) {
    const id = name.startsWith('count/') ? name.slice('count/'.length) : plainCounts.has(name) ? name : undefined;
    if (id === undefined) continue;
    const dot = id.indexOf('.');
    const [resource, group] = dot < 0 ? [id, ''] : [id.slice(0, dot), id.slice(dot + 1)];
    if (resource !== 'events') result.set(`${group}/${resource}`, { group, resource });
  }
  return [...result.values()];
}

export function scopesOf({ spec }: QuotaObject): ScopeRequirement[] {
  const scopes = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...scopes, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** Is the object one that the quota counts, by its scopes? */
export function inScopes(evaluator: Evaluator, scopes: readonly ScopeRequirement[], object: KubeObject): boolean {
  return scopes.every((scope) => evaluator.inScope?.(scope, object) ?? false);
}

/**
 * What a namespace's objects use of a quota's resources (quota.CalculateUsage). Names that count nothing are left out.
 * @param list objects of a resource in the quota's namespace; undefined if no such resource is served
 */
export function calculateUsage(
  quota: QuotaObject,
  list: (group: string, resource: string) => readonly KubeObject[] | undefined,
  now: number,
): ResourceList {
  const names = Object.keys(quota.spec?.hard ?? {});
  const scopes = scopesOf(quota);
  let used: ResourceList = noAmounts;
  for (const { group, resource } of countedResources(names)) {
    const evaluator = evaluatorFor(group, resource);
    const objects = list(group, resource);
    if (!evaluator || !objects) continue;
    const matched = evaluator.matching(names);
    let sum: ResourceList = new Map(matched.map((name) => [name, zeroQuantity]));
    for (const object of objects) {
      if (inScopes(evaluator, scopes, object)) sum = addLists(sum, maskList(evaluator.usage(object, now), matched));
    }
    used = addLists(used, sum);
  }
  return used;
}

function objectCount(group: string, resource: string): Evaluator {
  const own = [countName(group, resource), ...(group === '' && plainCounts.has(resource) ? [resource] : [])];
  const usage: ResourceList = new Map(own.map((name) => [name, one]));
  return {
    group,
    resource,
    handles: (operation, subresource) => operation === 'CREATE' && subresource === undefined,
    matching: (names) => names.filter((name) => own.includes(name)),
    usage: () => usage,
  };
}
