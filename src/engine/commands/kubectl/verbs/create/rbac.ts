import type { RestMapper } from '../../client/discovery.ts';
import { NoResourceMatchError, CommandError } from '../../framework/errors.ts';
import type { Context } from '../../framework/command.ts';
import type { FlagSpec } from '../../framework/flags.ts';

export const ruleFlags: readonly FlagSpec[] = [
  { name: 'resource', type: 'stringSlice', usage: 'Resources that the rule is for.' },
  {
    name: 'resource-name',
    type: 'stringArray',
    usage: 'Names of single objects that the rule is for; may be given several times.',
  },
  { name: 'verb', type: 'stringSlice', usage: 'What the rule allows.' },
];

const resourceVerbs = [
  'get',
  'delete',
  'list',
  'create',
  'update',
  'patch',
  'watch',
  'proxy',
  'deletecollection',
  'use',
  'bind',
  'escalate',
  'impersonate',
];
const specialVerbs: Record<string, { group: string; resource: string }[]> = {
  use: [{ group: 'policy', resource: 'podsecuritypolicies' }],
  bind: rbac('roles', 'clusterroles'),
  escalate: rbac('roles', 'clusterroles'),
  impersonate: [
    { group: '', resource: 'users' },
    { group: '', resource: 'serviceaccounts' },
    { group: '', resource: 'groups' },
    { group: 'authentication.k8s.io', resource: 'userextras' },
  ],
};

function rbac(...resources: string[]): { group: string; resource: string }[] {
  return resources.map((resource) => ({ group: 'rbac.authorization.k8s.io', resource }));
}

export interface Rule {
  verbs: readonly string[];
  resources: readonly { group: string; resource: string; subresource: string }[];
  resourceNames: readonly string[];
}

/** What `--verb`, `--resource` and `--resource-name` say; resources are looked up. @throws CommandError */
export async function ruleOf(context: Context, options: { resourcesRequired: boolean }): Promise<Rule> {
  const { flags } = context;
  let verbs = unique(flags.strings('verb'));
  if (verbs.includes('*')) verbs = ['*'];
  const words = unique(flags.strings('resource'));
  const resourceNames = unique(flags.strings('resource-name'));
  if (verbs.length === 0) throw new CommandError('at least one verb must be specified');
  if (words.length === 0 && options.resourcesRequired)
    throw new CommandError('at least one resource must be specified');
  const mapper = words.length > 0 && !words.every((w) => w === '*') ? await context.factory.mapper() : undefined;
  const resources = words.map((word) => resourceOf(word, mapper));
  for (const verb of verbs) {
    if (verb === '*' || words.length === 0) continue;
    if (!resourceVerbs.includes(verb)) await context.err(`Warning: '${verb}' is not a standard resource verb\n`);
    const special = specialVerbs[verb];
    const unfit =
      special && resources.find((r) => !special.some((s) => s.group === r.group && s.resource === r.resource));
    if (unfit && verb !== 'use')
      throw new CommandError(`can not perform '${verb}' on '${unfit.resource}' in group '${unfit.group}'`);
  }
  return { verbs, resources, resourceNames };
}

function resourceOf(
  word: string,
  mapper: RestMapper | undefined,
): { group: string; resource: string; subresource: string } {
  const slash = word.indexOf('/');
  const type = slash < 0 ? word : word.slice(0, slash);
  const subresource = slash < 0 ? '' : word.slice(slash + 1);
  const dot = type.indexOf('.');
  const [name, group] = dot < 0 ? [type, ''] : [type.slice(0, dot), type.slice(dot + 1)];
  if (name === '*') return { group, resource: '*', subresource };
  try {
    const mapping = mapper!.mappingFor(type);
    return { group: mapping.group, resource: mapping.resource, subresource };
  } catch (error) {
    if (error instanceof CommandError) throw new NoResourceMatchError({ group, version: '', resource: name });
    throw error;
  }
}

/** PolicyRules: one for each API group, in the order they come. */
export function policyRules({ verbs, resources, resourceNames }: Rule): Record<string, unknown>[] {
  const byGroup = new Map<string, string[]>();
  for (const { group, resource, subresource } of resources) {
    const list = byGroup.get(group) ?? [];
    byGroup.set(group, list);
    const name = subresource === '' ? resource : `${resource}/${subresource}`;
    if (!list.includes(name)) list.push(name);
  }
  return [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, names]) => ({
      verbs,
      apiGroups: [group],
      resources: names,
      ...(resourceNames.length > 0 ? { resourceNames } : {}),
    }));
}

export const subjectFlags: readonly FlagSpec[] = [
  { name: 'group', type: 'stringArray', usage: 'Groups to bind to the role; may be given several times.' },
  {
    name: 'serviceaccount',
    type: 'stringArray',
    usage: 'Service accounts to bind to the role, as <namespace>:<name>.',
  },
  { name: 'user', type: 'stringArray', usage: 'Users to bind to the role; may be given several times.' },
];

/** Subjects of a binding. @throws CommandError */
export function subjectsOf({ flags }: Context): Record<string, string>[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  return [
    ...flags.strings('user').map((name) => ({ kind: 'User', apiGroup, name })),
    ...flags.strings('group').map((name) => ({ kind: 'Group', apiGroup, name })),
    ...flags.strings('serviceaccount').map((text) => {
      const [namespace, name, ...more] = text.split(':');
      if (!namespace || !name || more.length > 0) throw new CommandError('serviceaccount must be <namespace>:<name>');
      return { kind: 'ServiceAccount', name, namespace };
    }),
  ];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
