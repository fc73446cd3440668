import type { Command, Context } from '../framework/command.ts';
import { aggregate, CommandError, isNotFound, SilentExit, usageError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import {
  allNamespacesFlag,
  chunkSizeFlag,
  fieldSelectorFlag,
  filenameFlags,
  filenameOptions,
  hasFilenames,
  selectorFlag,
} from '../framework/file-flags.ts';
import { gvrText, rawPath } from '../client/http-client.ts';
import { kindGroup, type ApiObject } from '../client/types.ts';
import { printWith } from '../printers/write.ts';
import { getPrintFlags, outputFormat, printerFor } from '../printers/options.ts';
import { isTable, TablePrinter } from '../printers/table.ts';
import { relaxedJsonPath } from '../jsonpath/index.ts';
import { fieldMissing, sortObjects, Unsortable } from '../printers/sort.ts';
import { klogLine } from '../framework/klog.ts';
import type { Info } from '../resource/builder.ts';
import type { Result } from '../resource/result.ts';
import { completeResources } from '../framework/completion.ts';
import { watchObjects } from './get-watch.ts';

/** `kubectl get`: tables, lists and watches. */
export const get: Command = {
  use: 'get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  suggestFor: ['list', 'ps'],
  short: 'Display one or many resources',
  long: `Display one or many resources.

Shows the most important facts of each in a table. --selector picks objects by their labels. Types that live in namespaces are looked up in the namespace of the context unless another is given.

With a Go template, JSONPath or custom columns as output any field can be shown.

Use "kubectl api-resources" for a list of the types there are.`,
  examples: `# Pods of the current namespace
kubectl get pods

# Pods with their addresses and nodes
kubectl get pods -o wide

# One Deployment as YAML
kubectl get deployment web -o yaml

# Deployments of version "v1" of the group "apps" as JSON
kubectl get deployments.v1.apps -o json

# What a manifest describes, as it is on the server
kubectl get -f pod.yaml

# Only the phase of a Pod
kubectl get pod/web -o template --template={{.status.phase}}

# Chosen columns
kubectl get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image

# Several types at once, and several objects of several types
kubectl get rs,services
kubectl get rs/web service/frontend pods/web-13je7

# Everything that Pods report as they change
kubectl get pods --watch`,
  flags: [
    ...getPrintFlags,
    allNamespacesFlag,
    chunkSizeFlag,
    fieldSelectorFlag,
    ...filenameFlags('to get from the server'),
    {
      name: 'ignore-not-found',
      type: 'bool',
      usage: 'If true, objects that do not exist are left out without an error.',
    },
    {
      name: 'label-columns',
      shorthand: 'L',
      type: 'stringSlice',
      usage: 'Labels to show as columns, separated by commas; may be given several times.',
    },
    { name: 'no-headers', type: 'bool', usage: 'Leave out the headings of tables and custom columns.' },
    {
      name: 'output-watch-events',
      type: 'bool',
      usage: 'With --watch or --watch-only, also show what happened. Objects that exist already count as ADDED.',
    },
    {
      name: 'raw',
      type: 'string',
      usage: 'Path to request from the server as it is, with the credentials of the kubeconfig.',
    },
    selectorFlag,
    { name: 'server-print', type: 'bool', default: true, usage: 'If true, the server makes the tables.' },
    { name: 'show-kind', type: 'bool', usage: 'Show the type before each name.' },
    { name: 'show-labels', type: 'bool', usage: 'Show all labels as the last column.' },
    {
      name: 'sort-by',
      type: 'string',
      usage: "Field to sort by, as a JSONPath expression (e.g. '{.metadata.name}'): a number or a text.",
    },
    { name: 'subresource', type: 'string', usage: 'Subresource to get instead of the object itself.' },
    { name: 'watch', shorthand: 'w', type: 'bool', usage: 'After showing the objects, go on showing their changes.' },
    { name: 'watch-only', type: 'bool', usage: 'Show changes only, not what is there already.' },
  ],
  complete: completeResources,
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, args } = context;
  const files = filenameOptions(flags);
  if (flags.string('raw') !== '') return raw(context);
  const watching = flags.bool('watch') || flags.bool('watch-only');
  if (flags.bool('output-watch-events') && !watching)
    throw new CommandError('--output-watch-events option can only be used with --watch or --watch-only');
  if (flags.bool('show-labels') && !['', 'wide'].includes(outputFormat(flags).format))
    throw new CommandError('--show-labels option cannot be used with ' + outputFormat(flags).format + ' printer');
  if (args.length === 0 && !hasFilenames(files)) {
    await context.err(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
    );
    throw usageError(
      context,
      'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
    );
  }
  const printer = printerFor(context.process, flags, { columns: true });
  if (watching) return watchObjects(context, (human) => find(context, human), tablePrinter, printer);
  const result = await find(context, printer === undefined);
  result.check();
  if (printer) return printGeneric(context, result);
  return printTables(context, result);
}

async function raw(context: Context): Promise<void> {
  const { flags, args } = context;
  if (args.length > 0) throw new CommandError('arguments may not be passed when --raw is specified');
  if (flags.bool('watch') || flags.bool('watch-only') || flags.string('selector') !== '')
    throw new CommandError(
      '--raw may not be specified with other flags that filter the server request or alter the output',
    );
  if (flags.string('output') !== '') throw new CommandError('--raw and --output are mutually exclusive');
  const { path, query } = rawPath(flags.string('raw'));
  await context.out(await context.factory.client().text({ method: 'GET', path, query }));
}

function find({ flags, args, factory }: Context, human: boolean): Promise<Result> {
  const { namespace, explicit } = factory.namespace();
  const sorted = flags.string('sort-by') !== '';
  const builder = factory
    .builder()
    .namespaceParam(namespace)
    .defaultNamespace()
    .allNamespaces(flags.bool('all-namespaces'))
    .filenameParam(explicit, filenameOptions(flags))
    .labelSelectorParam(flags.string('selector'))
    .fieldSelectorParam(flags.string('field-selector'))
    .subresource(flags.string('subresource'))
    .requestChunksOf(sorted ? 0 : flags.int('chunk-size'))
    .resourceTypeOrNameArgs(true, args)
    .continueOnError()
    .latest()
    .flatten();
  if (human && flags.bool('server-print')) builder.asTable(sorted ? 'Object' : undefined);
  return builder.do().then((result) => (flags.bool('ignore-not-found') ? result.ignoreErrors(isNotFound) : result));
}

/** JSON, YAML, names, templates: several objects make one List. */
async function printGeneric(context: Context, result: Result): Promise<void> {
  const { flags } = context;
  const { infos, error } = await result.infos();
  if (error !== undefined && result.singleItemImplied) throw error;
  if (infos.length === 0 && flags.bool('ignore-not-found') && (error !== undefined || result.targetsSingleItems)) {
    if (error !== undefined) throw error;
    return;
  }
  const printer = printerFor(context.process, flags, { columns: true })!;
  let objects = infos.map((info) => info.object);
  const sortBy = flags.string('sort-by');
  if (sortBy !== '' && !(result.singleItemImplied && objects.length === 1))
    objects = await sortOrExit(context, 329, '*unstructured.Unstructured', () => {
      const sorted = sortObjects(objects, sortBy);
      if (!sorted) throw fieldMissing(sortBy);
      return sorted;
    });
  const object =
    result.singleItemImplied && objects.length === 1
      ? objects[0]!
      : ({ apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } } as unknown as ApiObject);
  await printWith(context, printer, [object]);
  if (error !== undefined) throw error;
}

async function printTables(context: Context, result: Result): Promise<void> {
  const { flags } = context;
  const { infos, error } = await result.infos();
  const errors: unknown[] = error === undefined ? [] : [error];
  const withKind = new Set(infos.map((i) => kindGroup(i.mapping))).size > 1;
  const sortBy = flags.string('sort-by');
  if (
    sortBy !== '' &&
    infos.length > 1 &&
    !sortObjects(
      infos.map((info) => info.object),
      sortBy,
    )
  )
    throw fieldMissing(sortBy);
  let printer: TablePrinter | undefined;
  let last: Info['mapping'] | undefined;
  let namespaced = !flags.bool('all-namespaces');
  let written = false;
  let separate = false;
  const flush = async () => {
    const text = printer?.flush() ?? '';
    if (text === '') return;
    await context.out(separate ? `\n${text}` : text);
    written = true;
    separate = false;
  };
  for (const info of infos) {
    namespaced &&= info.mapping.namespaced;
    if (!printer || !last || gvrText(last) !== gvrText(info.mapping)) {
      await flush();
      if (last && !flags.bool('no-headers') && written) separate = true;
      printer = tablePrinter(context, info, withKind);
      last = info.mapping;
    }
    try {
      const object =
        sortBy === '' || result.targetsSingleItems || !isTable(info.object)
          ? info.object
          : await sortOrExit(context, 375, '[][][]reflect.Value', () => sortedTable(info.object, sortBy));
      printer.print(object);
    } catch (e) {
      if (!isCommandFailure(e)) throw e;
      errors.push(e);
    }
  }
  await flush();
  if (!written && !flags.bool('ignore-not-found') && errors.length === 0)
    await context.err(
      namespaced
        ? `No resources found in ${context.factory.namespace().namespace} namespace.\n`
        : 'No resources found\n',
    );
  const failure = aggregate(errors);
  if (failure) throw failure;
}

function tablePrinter({ flags, process }: Context, info: Info, withKind: boolean): TablePrinter {
  const { format } = outputFormat(flags);
  return new TablePrinter({
    wide: format === 'wide',
    noHeaders: flags.bool('no-headers'),
    withNamespace: flags.bool('all-namespaces') && info.mapping.namespaced,
    withKind: withKind || flags.bool('show-kind') ? kindGroup(info.mapping) : undefined,
    showLabels: flags.bool('show-labels'),
    columnLabels: flags.strings('label-columns'),
    now: process.world.clock.now(),
  });
}

/** Sorts the rows; of a list without the field, or of a bad expression, nothing is left. */
function sortedTable(object: ApiObject, sortBy: string): ApiObject {
  if (!isTable(object)) return object;
  const rows = object.rows as unknown as { object: ApiObject }[];
  const objects = rows.map((row) => row.object);
  let sorted: ApiObject[];
  try {
    sorted = sortObjects(objects, sortBy) ?? [];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    sorted = [];
  }
  return { ...object, rows: sorted.map((o) => rows.find((r) => r.object === o)!) } as unknown as ApiObject;
}

/** Values without an order end the program in the middle of sorting, as client-go's log does (klog.Exitf). */
async function sortOrExit<T>({ process, err, flags }: Context, line: number, list: string, sort: () => T): Promise<T> {
  try {
    return sort();
  } catch (error) {
    if (!(error instanceof Unsortable)) throw error;
    const field = relaxedJsonPath(flags.string('sort-by'));
    const text = `Field ${field} in ${list} is an unsortable type: interface, err: ${error.message}`;
    await err(klogLine(process, 'F', `sorter.go:${line}`, text));
    throw new SilentExit();
  }
}
