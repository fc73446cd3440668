import { formatValue } from '../../../../gotemplate/index.ts';
import type { ApiObject } from '../../client/types.ts';
import { breakdownRule, type LooseRule, type PolicyRule } from '../../describe/policy-rules.ts';
import { canonical } from '../../describe/replica-sets.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError, isNotFound } from '../../framework/errors.ts';
import { dryRunFlag, filenameFlags, filenameOptions, hasFilenames } from '../../framework/file-flags.ts';
import { dryRunOf, operation } from '../../framework/write-options.ts';
import { printFlags, printerFor } from '../../printers/options.ts';
import { printWith } from '../../printers/write.ts';
import type { Info } from '../../resource/result.ts';

const group = 'rbac.authorization.k8s.io';

interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

/** What it takes to make an object on the server as the file wants it. */
interface Plan {
  operation: 'none' | 'create' | 'update' | 'recreate';
  object: ApiObject;
  missing: string[];
  extra: string[];
}

export const reconcile: Command = {
  use: 'reconcile -f FILENAME',
  short: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  long: `Makes roles and bindings grant what the given files say. Missing objects and their namespaces are made; roles get missing rules, bindings get missing subjects. What is there beyond that stays, unless --remove-extra-permissions or --remove-extra-subjects is set.

For RBAC this is better than "kubectl apply", which doesn't know how rules and subjects belong together.`,
  examples: `# Make roles and bindings as a file says
kubectl auth reconcile -f my-rbac-rules.yaml`,
  flags: [
    ...printFlags,
    dryRunFlag,
    ...filenameFlags('to reconcile'),
    { name: 'remove-extra-permissions', type: 'bool', usage: 'Take away rules that the files do not have' },
    { name: 'remove-extra-subjects', type: 'bool', usage: 'Take away subjects that the files do not have' },
  ],
  async run(context) {
    const { args, flags, factory } = context;
    const files = filenameOptions(flags);
    if (!hasFilenames(files)) throw new CommandError('must specify one of -f and -k');
    if (args.length > 0) throw new CommandError('no arguments are allowed');
    if ((await dryRunOf(context)) === 'server')
      throw new CommandError('--dry-run=server for command reconcile is not supported yet');
    const { namespace, explicit } = factory.namespace();
    const result = await factory
      .builder()
      .continueOnError()
      .namespaceParam(namespace)
      .defaultNamespace()
      .filenameParam(explicit, files)
      .flatten()
      .do();
    await result.visit((info) => reconcileOne(context, info));
  },
};

async function reconcileOne(context: Context, info: Info): Promise<void> {
  const { mapping } = info;
  if (mapping.group !== group) return;
  const isRole = mapping.kind === 'Role' || mapping.kind === 'ClusterRole';
  if (!isRole && mapping.kind !== 'RoleBinding' && mapping.kind !== 'ClusterRoleBinding') return;
  const { flags, factory, process } = context;
  const client = factory.client();
  const dryRun = await dryRunOf(context);
  const existing = await client.get(mapping, info.namespace, info.name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  const removes = flags.bool(isRole ? 'remove-extra-permissions' : 'remove-extra-subjects');
  const plan = isRole ? planRole(info.object, existing, removes) : planBinding(info.object, existing, removes);
  const options = { dryRun: dryRun === 'server' };
  let changed = plan.object;
  if (dryRun !== 'client') {
    if (plan.operation === 'recreate') await client.delete(mapping, info.namespace, info.name);
    if (plan.operation === 'create' && info.namespace !== '')
      await ensureNamespace(context, info.namespace, options.dryRun);
    if (plan.operation === 'create' || plan.operation === 'recreate')
      changed = await client.create(mapping, info.namespace, withoutServerFields(plan.object), options);
    else if (plan.operation === 'update')
      changed = await client.replace(mapping, info.namespace, info.name, plan.object, options);
  }
  await printWith(context, printerFor(process, flags, { operation: operation('reconciled', dryRun) })!, [changed]);
  await context.err(planText(plan, isRole ? 'rules' : 'subjects', removes));
}

function planText({ operation: needed, missing, extra }: Plan, what: string, removes: boolean): string {
  const section = (title: string, items: readonly string[]) =>
    items.length === 0 ? '' : `\t${title}:\n${items.map((item) => `\t\t${item}\n`).join('')}`;
  return (
    (needed === 'none' ? '' : `\treconciliation required ${needed}\n`) +
    section(`missing ${what} added`, missing) +
    section(removes ? `extra ${what} removed` : `extra ${what} unchanged`, extra)
  );
}

async function ensureNamespace({ factory }: Context, name: string, dryRun: boolean): Promise<void> {
  const client = factory.client();
  const mapping = { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace', namespaced: false };
  try {
    await client.get(mapping, '', name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.create(mapping, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { dryRun });
  }
}

function withoutServerFields(object: ApiObject): ApiObject {
  const { uid: _, resourceVersion: __, creationTimestamp: ___, managedFields: ____, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The existing object with labels and annotations of the wanted one added. */
function merged(existing: ApiObject, wanted: ApiObject): ApiObject {
  const metadata = { ...existing.metadata };
  for (const field of ['labels', 'annotations'] as const)
    if (wanted.metadata[field]) metadata[field] = { ...existing.metadata[field], ...wanted.metadata[field] };
  return { ...existing, metadata };
}

function hasNewMetadata(existing: ApiObject, wanted: ApiObject): boolean {
  return canonical(existing.metadata) !== canonical(merged(existing, wanted).metadata);
}

function planRole(wanted: ApiObject, existing: ApiObject | undefined, removes: boolean): Plan {
  const rules = (wanted.rules ?? []) as LooseRule[];
  if (!existing) return { operation: 'create', object: wanted, missing: rules.map(ruleText), extra: [] };
  const present = (existing.rules ?? []) as LooseRule[];
  const missing = uncovered(present, rules);
  const extra = uncovered(rules, present);
  const object = merged(existing, wanted);
  let needsUpdate = hasNewMetadata(existing, wanted);
  if (removes ? missing.length + extra.length > 0 : missing.length > 0) {
    object.rules = removes ? rules : [...present, ...missing];
    needsUpdate = true;
  }
  return {
    operation: needsUpdate ? 'update' : 'none',
    object,
    missing: missing.map(ruleText),
    extra: extra.map(ruleText),
  };
}

/** The single permissions of `rules` that `owner` does not grant. */
function uncovered(owner: readonly LooseRule[], rules: readonly LooseRule[]): PolicyRule[] {
  const granted = owner.flatMap(breakdownRule);
  const has = (list: readonly string[], wanted: readonly string[]) =>
    list.includes('*') || wanted.every((item) => list.includes(item));
  return rules.flatMap(breakdownRule).filter(
    (rule) =>
      !granted.some((grant) => {
        if (!has(grant.verbs, rule.verbs)) return false;
        if (rule.nonResourceURLs.length > 0)
          return grant.nonResourceURLs.some(
            (url) =>
              url === rule.nonResourceURLs[0] ||
              (url.endsWith('*') && rule.nonResourceURLs[0]!.startsWith(url.slice(0, -1))),
          );
        return (
          grant.nonResourceURLs.length === 0 &&
          has(grant.apiGroups, rule.apiGroups) &&
          has(grant.resources, rule.resources) &&
          (grant.resourceNames.length === 0 ||
            (rule.resourceNames.length > 0 && has(grant.resourceNames, rule.resourceNames)))
        );
      }),
  );
}

function ruleText({
  verbs = [],
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: LooseRule): string {
  return `{Verbs:${formatValue(verbs)} APIGroups:${formatValue(apiGroups)} Resources:${formatValue(resources)} ResourceNames:${formatValue(resourceNames)} NonResourceURLs:${formatValue(nonResourceURLs)}}`;
}

function planBinding(wanted: ApiObject, existing: ApiObject | undefined, removes: boolean): Plan {
  const subjects = ((wanted.subjects ?? []) as Subject[]).map(withGroup);
  if (!existing) return { operation: 'create', object: wanted, missing: subjects.map(subjectText), extra: [] };
  const present = ((existing.subjects ?? []) as Subject[]).map(withGroup);
  const missing = subjects.filter((subject) => !present.some((other) => sameSubject(subject, other)));
  const extra = present.filter((subject) => !subjects.some((other) => sameSubject(subject, other)));
  const object = merged(existing, wanted);
  let needed: Plan['operation'] = hasNewMetadata(existing, wanted) ? 'update' : 'none';
  if (removes ? missing.length + extra.length > 0 : missing.length > 0) {
    object.subjects = removes ? subjects : [...present, ...missing];
    needed = 'update';
  }
  if (canonical(existing.roleRef) !== canonical(wanted.roleRef)) {
    object.roleRef = wanted.roleRef;
    needed = 'recreate';
  }
  return { operation: needed, object, missing: missing.map(subjectText), extra: extra.map(subjectText) };
}

function withGroup(subject: Subject): Subject {
  return subject.kind === 'ServiceAccount'
    ? { ...subject, apiGroup: '' }
    : { ...subject, apiGroup: subject.apiGroup || group };
}

function sameSubject(a: Subject, b: Subject): boolean {
  return (
    a.kind === b.kind && a.apiGroup === b.apiGroup && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')
  );
}

function subjectText({ kind, apiGroup = '', name, namespace = '' }: Subject): string {
  return `{Kind:${kind} APIGroup:${apiGroup} Name:${name} Namespace:${namespace}}`;
}
