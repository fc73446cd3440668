import { setOwn } from '../../../world/index.ts';
import { gvkOf, type ApiObject } from '../client/types.ts';
import type { Command, Context } from '../framework/command.ts';
import { completeResources } from '../framework/completion.ts';
import { CommandError, usageError } from '../framework/errors.ts';
import {
  allNamespacesFlag,
  dryRunFlag,
  fieldManagerFlag,
  fieldSelectorFlag,
  filenameFlags,
  filenameOptions,
  hasFilenames,
  localFlag,
  selectorFlag,
} from '../framework/file-flags.ts';
import { recordFlag, recordPatch } from '../framework/record.ts';
import { quote } from '../framework/values.ts';
import { dryRunOf, operation } from '../framework/write-options.ts';
import { goJson } from '../printers/json.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';

interface KeyValueKind {
  field: 'labels' | 'annotations';
  noun: 'label' | 'annotation';
  use: string;
  short: string;
  long: string;
  examples: string;
  manager: string;
  /** @throws CommandError */
  validate(pair: string, value: string): void;
  conflict(conflicts: readonly { key: string; value: string }[]): string;
  done(outcome: { changed: boolean; removedOnly: boolean }): string;
}

interface Changes {
  set: Map<string, string>;
  remove: string[];
}

/** `label` and `annotate` differ in words only. */
export function keyValueCommand(kind: KeyValueKind): Command {
  const { field, noun } = kind;
  return {
    use: kind.use,
    short: kind.short,
    long: kind.long,
    examples: kind.examples,
    flags: [
      ...printFlags,
      { name: 'all', type: 'bool', usage: 'Take all resources of the types in the namespace.' },
      allNamespacesFlag,
      dryRunFlag,
      fieldManagerFlag(kind.manager),
      fieldSelectorFlag,
      ...filenameFlags(`whose ${noun}s to update`),
      { name: 'list', type: 'bool', usage: `If true, show the ${noun}s.` },
      localFlag,
      { name: 'overwrite', type: 'bool', usage: `If true, ${noun}s that exist get the new value.` },
      recordFlag,
      {
        name: 'resource-version',
        type: 'string',
        usage: 'Change the resource only if it still has this version. For a single resource.',
      },
      selectorFlag,
    ],
    complete: completeResources,
    run: (context) => run(context, kind, field),
  };
}

async function run(context: Context, kind: KeyValueKind, field: 'labels' | 'annotations'): Promise<void> {
  const { flags, factory } = context;
  const files = filenameOptions(flags);
  const { resources, changes } = splitArgs(context, kind);
  const list = flags.bool('list');
  const local = flags.bool('local');
  const dryRun = await dryRunOf(context);
  if (list && flags.string('output') !== '')
    throw new CommandError('--list and --output may not be specified together');
  if (flags.bool('all') && flags.string('selector') !== '')
    throw new CommandError('cannot set --all and --selector at the same time');
  if (flags.bool('all') && flags.string('field-selector') !== '')
    throw new CommandError('cannot set --all and --field-selector at the same time');
  if (local) {
    if (dryRun === 'server')
      throw new CommandError(`cannot specify --local and --dry-run=server - did you mean --dry-run=client?`);
    const [example, json] = kind.field === 'labels' ? ['pod.yaml', 'pod.json'] : ['rsrc.yaml', 'rsrc.json'];
    if (resources.length > 0)
      throw new CommandError(
        `can only use local files by -f ${example} or --filename=${json} when --local=true is set`,
      );
    if (!hasFilenames(files))
      throw new CommandError(`one or more files must be specified as -f ${example} or --filename=${json}`);
  } else if (resources.length === 0 && !hasFilenames(files))
    throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (changes.set.size + changes.remove.length === 0 && !list)
    throw new CommandError(`at least one ${kind.noun} update is required`);
  const { namespace, explicit } = local ? { namespace: 'default', explicit: false } : factory.namespace();
  const builder = factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, files)
    .flatten();
  if (local) builder.local();
  else
    builder
      .labelSelectorParam(flags.string('selector'))
      .fieldSelectorParam(flags.string('field-selector'))
      .allNamespaces(flags.bool('all-namespaces'))
      .resourceTypeOrNameArgs(flags.bool('all'), resources)
      .latest();
  const result = (await builder.do()).check();
  const resourceVersion = flags.string('resource-version');
  if (resourceVersion !== '' && !result.singleItemImplied)
    throw new CommandError('--resource-version may only be used with a single resource');
  await result.visit(async (info) => {
    const before = info.object;
    if (list && changes.set.size + changes.remove.length === 0)
      return show(context, before, field, result.singleItemImplied);
    const after = local || dryRun === 'client' ? changed(before, changes, kind, flags.bool('overwrite')) : undefined;
    let object = after ?? before;
    // Even an empty set of values that was not there counts.
    let wasChanged = after !== undefined && (goJson(after) !== goJson(before) || before.metadata[field] === undefined);
    if (!after) {
      await sayMissing(context, before, changes, kind);
      const wanted = changed(before, changes, kind, flags.bool('overwrite'));
      wasChanged = goJson(wanted) !== goJson(before) || resourceVersion !== '';
      if (wasChanged || kind.field === 'annotations')
        object = await factory
          .client()
          .patch(info.mapping, info.namespace, info.name, 'merge', patchOf(changes, field, resourceVersion, before), {
            dryRun: dryRun === 'server',
            fieldManager: flags.string('field-manager'),
          });
    }
    const cause = recordPatch(context);
    if (cause && !after)
      object = await factory
        .client()
        .patch(info.mapping, info.namespace, info.name, 'merge', cause, { dryRun: dryRun === 'server' });
    if (list) return show(context, object, field, result.singleItemImplied);
    const removed = changes.remove.some((key) => Object.hasOwn(before.metadata[field] ?? {}, key));
    const outcome = { changed: wasChanged, removedOnly: changes.set.size === 0 && removed };
    await printWith(
      context,
      printerFor(context.process, flags, { operation: operation(kind.done(outcome), dryRun) })!,
      [object],
    );
  });
}

/** Resources come first, then changes (cmdutil.GetResourcesAndPairs). */
function splitArgs(context: Context, kind: KeyValueKind): { resources: string[]; changes: Changes } {
  const resources: string[] = [];
  const changes: Changes = { set: new Map(), remove: [] };
  let inPairs = false;
  for (const arg of context.args) {
    const isPair = (arg.includes('=') && !arg.startsWith('=')) || (arg.endsWith('-') && arg !== '-');
    if (!isPair && inPairs)
      throw usageError(context, `all resources must be specified before ${kind.noun} changes: ${arg}`);
    if (!isPair) {
      resources.push(arg);
      continue;
    }
    inPairs = true;
    const at = arg.indexOf('=');
    if (at > 0) {
      const [key, value] = [arg.slice(0, at), arg.slice(at + 1)];
      kind.validate(arg, value);
      changes.set.set(key, value);
    } else changes.remove.push(arg.slice(0, -1));
  }
  const both = changes.remove.filter((key) => changes.set.has(key));
  if (both.length > 0)
    throw new CommandError(
      kind.noun === 'label'
        ? 'can not both modify and remove a label in the same command'
        : `can not both modify and remove the following annotation(s) in the same command: ${both.sort().join(', ')}`,
    );
  return { resources, changes };
}

/** @throws CommandError for values that may not be overwritten */
function changed(object: ApiObject, changes: Changes, kind: KeyValueKind, overwrite: boolean): ApiObject {
  const values = { ...object.metadata[kind.field] };
  const conflicts = [...changes.set].filter(([key, value]) => Object.hasOwn(values, key) && values[key] !== value);
  if (!overwrite && conflicts.length > 0)
    throw new CommandError(kind.conflict(conflicts.map(([key]) => ({ key, value: values[key]! }))));
  for (const [key, value] of changes.set) setOwn(values, key, value);
  for (const key of changes.remove) delete values[key];
  const metadata = { ...object.metadata };
  if (Object.keys(values).length > 0) metadata[kind.field] = values;
  else delete metadata[kind.field];
  return { ...object, metadata };
}

function patchOf(changes: Changes, field: string, resourceVersion: string, before: ApiObject): object {
  const had = (before.metadata[field] ?? {}) as Record<string, string>;
  const values: Record<string, string | null> = Object.fromEntries(changes.set);
  for (const key of changes.remove) if (Object.hasOwn(had, key)) values[key] = null;
  return {
    metadata: {
      ...(Object.keys(values).length > 0 ? { [field]: values } : {}),
      ...(resourceVersion === '' ? {} : { resourceVersion }),
    },
  };
}

async function sayMissing(context: Context, object: ApiObject, changes: Changes, kind: KeyValueKind): Promise<void> {
  if (kind.field !== 'labels') return;
  for (const key of changes.remove)
    if (!(key in (object.metadata.labels ?? {}))) await context.out(`label ${quote(key)} not found.\n`);
}

async function show(
  context: Context,
  object: ApiObject,
  field: 'labels' | 'annotations',
  single: boolean,
): Promise<void> {
  const values = object.metadata[field] ?? {};
  const indent = single ? '' : ' ';
  if (!single)
    await context.out(`Listing ${field} for ${object.kind}.${gvkOf(object).group}/${object.metadata.name}:\n`);
  for (const key of Object.keys(values).sort()) await context.out(`${indent}${key}=${values[key]}\n`);
}
