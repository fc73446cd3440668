import { matchesLabelSelector, SelectorError, type LabelSelector } from '../../apimachinery/label-selector.ts';
import { deepEqual } from '../objects.ts';
import type { RoleObject } from './resolver.ts';
import type { PolicyRule } from './rules.ts';

/**
 * The rules of a ClusterRole that gathers others': those of all that its selectors choose, by name, each once
 * (pkg/controller/clusterroleaggregation). Undefined for a role that gathers none.
 * @param roles all ClusterRoles in the order of their names
 */
export function aggregatedRules(role: RoleObject, roles: readonly RoleObject[]): PolicyRule[] | undefined {
  if (!role.aggregationRule) return undefined;
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
    for (const other of roles) {
      if (other.metadata.name === role.metadata.name || !selects(selector as LabelSelector, other)) continue;
      for (const rule of other.rules ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}

function selects(selector: LabelSelector, { metadata }: RoleObject): boolean {
  try {
    return matchesLabelSelector(selector, metadata.labels ?? {});
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
