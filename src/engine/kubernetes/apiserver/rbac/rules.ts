/** What a role's rules allow, and what they cover of other rules (k8s.io/component-helpers/auth/rbac/validation). */

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** What a request asks of a rule: a resource or, with `path`, something else. */
export interface Asked {
  verb: string;
  group?: string;
  resource?: string;
  subresource?: string;
  name?: string;
  path?: string;
}

const all = '*';
const none: readonly string[] = [];

export function ruleAllows(rule: PolicyRule, { verb, group = '', resource, subresource, name, path }: Asked): boolean {
  if (!includes(rule.verbs, verb)) return false;
  if (path !== undefined) return (rule.nonResourceURLs ?? none).some((url) => urlCovers(url, path));
  return (
    includes(rule.apiGroups, group) &&
    (rule.resources ?? none).some((own) => resourceMatches(own, resource ?? '', subresource)) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(name ?? ''))
  );
}

function includes(list: readonly string[] = none, wanted: string): boolean {
  return list.includes(wanted) || list.includes(all);
}

function resourceMatches(own: string, resource: string, subresource: string | undefined): boolean {
  if (own === all) return true;
  if (!subresource) return own === resource;
  return own === `${resource}/${subresource}` || own === `*/${subresource}`;
}

/** A URL that ends in `*` stands for all that begin like it. */
function urlCovers(own: string, path: string): boolean {
  return own === path || (own.endsWith(all) && path.startsWith(own.slice(0, -1)));
}

/** The parts of `wanted` that none of the `owned` rules allows, each for one verb of one thing. */
export function missingRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(atoms).filter((atom) => !owned.some((rule) => covers(rule, atom)));
}

function atoms(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = none, resources = none, verbs, resourceNames = none, nonResourceURLs = none } = rule;
  const result: PolicyRule[] = [];
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs) {
        const atom = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) result.push(atom);
        else for (const name of resourceNames) result.push({ ...atom, resourceNames: [name] });
      }
  for (const url of nonResourceURLs) for (const verb of verbs) result.push({ nonResourceURLs: [url], verbs: [verb] });
  return result;
}

function covers(rule: PolicyRule, atom: PolicyRule): boolean {
  const verb = atom.verbs[0]!;
  if (!includes(rule.verbs, verb)) return false;
  const url = atom.nonResourceURLs?.[0];
  if (url !== undefined) return (rule.nonResourceURLs ?? none).some((own) => urlCovers(own, url));
  const [resource = '', subresource] = atom.resources![0]!.split('/');
  const name = atom.resourceNames?.[0];
  return (
    includes(rule.apiGroups, atom.apiGroups![0]!) &&
    (rule.resources ?? none).some((own) => resourceMatches(own, resource, subresource)) &&
    (!rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name)))
  );
}

/** Rules of one resource (and one name) become one rule with all their verbs. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const others: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const isSimple =
      rule.apiGroups?.length === 1 &&
      rule.resources?.length === 1 &&
      (rule.resourceNames?.length ?? 0) <= 1 &&
      !rule.nonResourceURLs?.length;
    if (!isSimple) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = simple.get(key);
    simple.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule);
  }
  return [...others, ...simple.values()];
}

/** As refusals show a rule: `{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`. */
export function ruleText(rule: PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = parts.filter(([, list]) => list?.length).map(([name, list]) => `${name}:${quotedList(list!)}`);
  return `{${shown.join(', ')}}`;
}

/** A slice of strings as Go's %q shows it. */
export function quotedList(list: readonly string[]): string {
  return `[${list.map((item) => JSON.stringify(item)).join(' ')}]`;
}
