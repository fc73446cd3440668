import { compareStrings, formatValue } from '../../../gotemplate/index.ts';

/** rbac.authorization.k8s.io PolicyRule with all lists present. */
export interface PolicyRule {
  verbs: readonly string[];
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames: readonly string[];
  nonResourceURLs: readonly string[];
}

export type LooseRule = Partial<PolicyRule>;

/** One rule for every single permission. */
export function breakdownRule(rule: LooseRule): PolicyRule[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  const names: string[][] = resourceNames.length > 0 ? resourceNames.map((name) => [name]) : [[]];
  const single: PolicyRule[] = [];
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs)
        for (const name of names)
          single.push({ ...none, verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: name });
  for (const url of nonResourceURLs)
    for (const verb of verbs) single.push({ ...none, verbs: [verb], nonResourceURLs: [url] });
  return single;
}

/** Joins rules that differ in their verbs only. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const compact: PolicyRule[] = [];
  const byResource = new Map<string, PolicyRule & { verbs: string[] }>();
  for (const rule of rules) {
    const isSimple =
      rule.apiGroups.length === 1 &&
      rule.resources.length === 1 &&
      rule.resourceNames.length <= 1 &&
      rule.nonResourceURLs.length === 0;
    if (!isSimple) {
      compact.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = byResource.get(key);
    if (known) known.verbs.push(...rule.verbs.filter((verb) => !known.verbs.includes(verb)));
    else byResource.set(key, { ...rule, verbs: [...rule.verbs] });
  }
  return [...compact, ...byResource.values()];
}

/** In the order of their Go text, which begins with the verbs. */
export function sortRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const text = (r: PolicyRule) =>
    `&PolicyRule{Verbs:${formatValue(r.verbs)},APIGroups:${formatValue(r.apiGroups)},Resources:${formatValue(r.resources)},` +
    `ResourceNames:${formatValue(r.resourceNames)},NonResourceURLs:${formatValue(r.nonResourceURLs)},}`;
  return [...rules].sort((a, b) => compareStrings(text(a), text(b)));
}

/** Cells of a rule in tables: `deployments.apps/scale`, then lists in Go's form. */
export function ruleCells(rule: PolicyRule): string[] {
  const [resource = '', ...subresource] = (rule.resources[0] ?? '').split('/');
  const group = rule.apiGroups[0];
  let name = resource;
  if (rule.resources.length > 0 && group) name += `.${group}`;
  if (subresource.length > 0) name += `/${subresource.join('/')}`;
  return [name, ...[rule.nonResourceURLs, rule.resourceNames, rule.verbs].map((list) => formatValue(list))];
}

export const ruleHeader = ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'];
