import type { INode } from 'kubernetes-models/v1/Node';
import { isQualifiedName, isValidLabelValue } from '../../../kubernetes/apimachinery/names.ts';
import { type Live, live } from '../describe/describer.ts';
import { taintText } from '../describe/tolerations.ts';
import type { Command, Context } from '../framework/command.ts';
import { AggregateErrors, CommandError, usageError } from '../framework/errors.ts';
import { dryRunFlag, fieldManagerFlag, selectorFlag, validateFlag } from '../framework/file-flags.ts';
import { dryRunOf, fieldValidation } from '../framework/write-options.ts';
import { completeTypes } from '../framework/completion.ts';
import { printFlags, printerFor } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';

interface Taint {
  key: string;
  value?: string;
  /** '' in a removal: whatever the effect. */
  effect: string;
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const taint: Command = {
  use: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  short: 'Update the taints on one or more nodes',
  long: `Adds taints to nodes, or takes them away. A taint is a key, a value and an effect: key=value:effect.

 *  The key begins with a letter or digit and has letters, digits, hyphens, dots and underscores, at most 253; a DNS subdomain and a slash may stand before it.
 *  The value is optional and has at most 63 characters of the same kind.
 *  The effect is NoSchedule, PreferNoSchedule or NoExecute.

Only nodes can have taints.`,
  examples: `# Taint node foo with key dedicated, value special-user and effect NoSchedule
# If there is a taint with that key and effect, its value is replaced
kubectl taint nodes foo dedicated=special-user:NoSchedule

# Take the taint with key dedicated and effect NoSchedule from node foo
kubectl taint nodes foo dedicated:NoSchedule-

# Take all taints with key dedicated from node foo
kubectl taint nodes foo dedicated-

# Taint the nodes with the label myLabel=X with key dedicated
kubectl taint node -l myLabel=X  dedicated=foo:PreferNoSchedule

# Taint node foo with key bar and no value
kubectl taint nodes foo bar:NoSchedule`,
  flags: [
    ...printFlags,
    { name: 'all', type: 'bool', usage: 'All nodes in the cluster' },
    dryRunFlag,
    fieldManagerFlag('kubectl-taint'),
    { name: 'overwrite', type: 'bool', usage: 'Let taints that are there be replaced; otherwise that is an error.' },
    selectorFlag,
    validateFlag,
  ],
  complete: completeTypes(['node']),
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, factory, process } = context;
  const dryRun = await dryRunOf(context);
  const { resources, add, remove } = readArguments(context);
  const validation = fieldValidation(flags.string('validate'));
  const all = flags.bool('all');
  const selector = flags.string('selector');
  requireNodes((await factory.mapper()).mappingFor(resources[0]!).kind, resources[0]!);
  checkArguments(context, resources, add, remove);
  const { namespace } = factory.namespace();
  const builder = factory.builder().continueOnError().namespaceParam(namespace).defaultNamespace();
  if (selector !== '') builder.labelSelectorParam(selector).resourceTypes('node');
  if (all) builder.selectAllParam(true).resourceTypes('node');
  if (!all && selector === '' && resources.length >= 2) builder.resourceNames('node', ...resources.slice(1));
  const result = await builder.flatten().latest().do();
  await result.visit(async ({ mapping, name, object }) => {
    const node = live<INode>(object);
    const overwrite = flags.bool('overwrite');
    if (!overwrite) checkExisting(node, add);
    const { taints, operation } = reorganize(node, overwrite, add, remove);
    let changed = object;
    if (dryRun !== 'client')
      changed = await factory
        .client()
        .patch(
          mapping,
          '',
          name,
          'strategic',
          { spec: { taints: taints.length > 0 ? taints : null } },
          { fieldManager: flags.string('field-manager'), dryRun: dryRun === 'server', fieldValidation: validation },
        );
    await printWith(context, printerFor(process, flags, { operation })!, [changed]);
  });
}

function readArguments(context: Context): { resources: string[]; add: Taint[]; remove: Taint[] } {
  const resources: string[] = [];
  const specs: string[] = [];
  for (const arg of context.args) {
    if (arg.includes('=') || arg.includes(':') || arg.endsWith('-')) specs.push(arg);
    else if (specs.length === 0) resources.push(arg);
    else throw new CommandError(`all resources must be specified before taint changes: ${arg}`);
  }
  if (resources.length === 0) throw new CommandError('one or more resources must be specified as <resource> <name>');
  if (specs.length === 0) throw new CommandError('at least one taint update is required');
  try {
    return { resources, ...parseTaints(specs) };
  } catch (error) {
    if (error instanceof CommandError) throw usageError(context, error.message);
    throw error;
  }
}

function requireNodes(kind: string, type: string): void {
  if (kind !== 'Node') throw new CommandError(`invalid resource type ${type}, only node types are supported`);
}

function checkArguments(
  { flags }: Context,
  resources: readonly string[],
  add: readonly Taint[],
  remove: readonly Taint[],
): void {
  const conflicts = remove.filter((r) =>
    add.some((a) => r.key === a.key && (r.effect === '' || r.effect === a.effect)),
  );
  if (conflicts.length > 0) {
    const texts = conflicts.map((t) => `${t.key}=${t.effect}`).join(',');
    throw new CommandError(`can not both modify and remove the following taint(s) in the same command: ${texts}`);
  }
  const all = flags.bool('all');
  const selector = flags.string('selector');
  if (!all && selector === '' && resources.length < 2)
    throw new CommandError("at least one resource name must be specified since 'all' parameter is not set");
  if (all && selector !== '')
    throw new CommandError("setting 'all' parameter with a non empty selector is prohibited.");
  if (all && resources.length > 1)
    throw new CommandError("setting 'all' parameter but found resource names: [" + resources.slice(1).join(' ') + ']');
}

function parseTaints(specs: readonly string[]): { add: Taint[]; remove: Taint[] } {
  const add: Taint[] = [];
  const remove: Taint[] = [];
  for (const spec of specs) {
    if (spec.endsWith('-')) {
      remove.push(parseTaint(spec.slice(0, -1)));
      continue;
    }
    const parsed = parseTaint(spec);
    if (parsed.effect === '') throw new CommandError(`invalid taint spec: ${spec}`);
    if (add.some((t) => t.key === parsed.key && t.effect === parsed.effect))
      throw new CommandError(
        `duplicated taints with the same key and effect: {${parsed.key} ${parsed.value ?? ''} ${parsed.effect} <nil>}`,
      );
    add.push(parsed);
  }
  return { add, remove };
}

function parseTaint(spec: string): Taint {
  const invalid = (why: readonly string[] = []) =>
    new CommandError(`invalid taint spec: ${spec}${why.length > 0 ? `, ${why.join('; ')}` : ''}`);
  const parts = spec.split(':');
  let [key = ''] = parts;
  let value: string | undefined;
  if (parts.length > 2) throw invalid();
  const effect = parts[1] ?? '';
  if (parts.length === 2) {
    if (!effects.includes(effect)) throw new CommandError(`invalid taint effect: ${effect}, unsupported taint effect`);
    const pair = key.split('=');
    if (pair.length > 2) throw invalid();
    [key = '', value] = pair;
    if (value !== undefined && isValidLabelValue(value).length > 0) throw invalid(isValidLabelValue(value));
  }
  if (isQualifiedName(key).length > 0) throw invalid(isQualifiedName(key));
  return { key, effect, ...(value ? { value } : {}) };
}

function checkExisting({ metadata, spec }: Live<INode>, add: readonly Taint[]): void {
  const keys = add
    .filter((a) => (spec.taints ?? []).some((t) => t.key === a.key && t.effect === a.effect))
    .map((t) => t.key);
  if (keys.length > 0)
    throw new CommandError(
      `node ${metadata.name} already has ${keys.join(',')} taint(s) with same effect(s) and --overwrite is false`,
    );
}

/** New taints come first, then the old ones that are neither replaced nor removed. */
function reorganize(
  { spec }: Live<INode>,
  overwrite: boolean,
  add: readonly Taint[],
  remove: readonly Taint[],
): { taints: Taint[]; operation: string } {
  const old = spec.taints ?? [];
  let taints: Taint[] = [...add, ...old.filter((t) => !add.some((a) => a.key === t.key && a.effect === t.effect))];
  const isAdded = taints.length !== old.length;
  const errors: CommandError[] = [];
  let isDeleted = false;
  for (const gone of remove) {
    const kept = taints.filter((t) => t.key !== gone.key || (gone.effect !== '' && t.effect !== gone.effect));
    if (kept.length === taints.length)
      errors.push(new CommandError(`taint ${JSON.stringify(taintText(gone))} not found`));
    else isDeleted = true;
    taints = kept;
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0]! : new AggregateErrors(errors);
  const operation = (isAdded && isDeleted) || overwrite ? 'modified' : isAdded ? 'tainted' : 'untainted';
  return { taints, operation };
}
