import { rawPath } from '../client/http-client.ts';
import { kindGroup } from '../client/types.ts';
import { cascadeOf, deletionFlags } from '../delete/options.ts';
import { deletedUid, deleteObject, waitForDeletion } from '../delete/wait.ts';
import { completeResources } from '../framework/completion.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, isForbidden, isNotFound, isStatus, usageError, withSource } from '../framework/errors.ts';
import {
  allNamespacesFlag,
  dryRunFlag,
  fieldSelectorFlag,
  filenameFlags,
  filenameOptions,
  hasFilenames,
  selectorFlag,
} from '../framework/file-flags.ts';
import { dryRunOf, type DryRun } from '../framework/write-options.ts';
import { FsError } from '../../../world/index.ts';
import type { Info } from '../resource/builder.ts';
import { confirm } from '../delete/confirm.ts';

/** `kubectl delete`. */
export const deleteCommand: Command = {
  use: 'delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  suggestFor: ['rm'],
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  long: `Delete resources by file names, stdin, resources and names, or by resources and label selector.

Files are JSON or YAML. Exactly one way of naming the resources may be used.

Some resources, such as Pods, are given time to end gracefully; --grace-period changes it, --now makes it one second. When a node is out of reach, its Pods may go on running although --force has removed them from the server.`,
  examples: `# What a file describes
kubectl delete -f pod.yaml

# A Pod and a Service of the same name
kubectl delete pod,service web

# Pods and Services with a label
kubectl delete pods,services -l app=web

# With as little delay as possible
kubectl delete pod web --now

# A Pod on a dead node
kubectl delete pod web --force

# All Pods
kubectl delete pods --all`,
  flags: [
    { name: 'all', type: 'bool', usage: 'Delete all resources of the given types, in the namespace.' },
    allNamespacesFlag,
    ...deletionFlags({ cascade: 'background' }).map((flag) =>
      flag.name === 'wait' ? { ...flag, default: true } : flag,
    ),
    dryRunFlag,
    fieldSelectorFlag,
    ...filenameFlags('to delete'),
    {
      name: 'ignore-not-found',
      type: 'bool',
      usage: 'Treat resources that do not exist as deleted. On by default with --all.',
    },
    { name: 'interactive', shorthand: 'i', type: 'bool', usage: 'If true, ask before anything is deleted.' },
    { name: 'now', type: 'bool', usage: 'If true, resources are told to end at once (as --grace-period=1).' },
    {
      name: 'output',
      shorthand: 'o',
      type: 'string',
      usage: 'Output mode. Use "-o name" for shorter output (resource/name).',
    },
    { name: 'raw', type: 'string', usage: 'Path to send a DELETE to, with the credentials of the kubeconfig.' },
    selectorFlag,
  ],
  complete: completeResources,
  run,
};

interface Options {
  dryRun: DryRun;
  gracePeriod: number;
  wait: boolean;
  all: boolean;
}

async function run(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const files = filenameOptions(flags);
  if (flags.string('raw') !== '') return deleteRaw(context);
  const selector = flags.string('selector');
  const fieldSelector = flags.string('field-selector');
  const all = flags.bool('all');
  const { namespace, explicit } = factory.namespace();
  const builder = factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, files)
    .labelSelectorParam(selector)
    .fieldSelectorParam(fieldSelector)
    .selectAllParam(all)
    .allNamespaces(flags.bool('all-namespaces'))
    .resourceTypeOrNameArgs(false, args)
    .requireObject(false)
    .flatten();
  const cascade = await cascadeOf(context);
  const result = (await builder.do()).check();
  const options = await checkOptions(context, all && selector === '' ? '' : selector, hasFilenames(files));
  if (flags.bool('ignore-not-found') || (all && !flags.changed('ignore-not-found'))) result.ignoreErrors(isNotFound);
  if (flags.bool('interactive')) {
    const { infos, error } = await result.infos();
    if (error !== undefined) throw error;
    if (!(await confirm(context, infos))) return context.out('deletion is cancelled\n');
  }
  const deleted: { info: Info; uid: string | undefined }[] = [];
  let found = 0;
  const warned = new Set<string>();
  await result.visit(async (info) => {
    found++;
    if (flags.bool('all-namespaces') && !info.mapping.namespaced && !warned.has(info.mapping.resource)) {
      warned.add(info.mapping.resource);
      await context.err('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n');
    } else if (explicit && !info.mapping.namespaced && !warned.has('') && hasFilenames(files) === false) {
      warned.add('');
      await context.err('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n');
    }
    if (options.dryRun !== 'client')
      try {
        const answer = await deleteObject(context, info, {
          gracePeriodSeconds: options.gracePeriod,
          propagationPolicy: cascade,
          dryRun: options.dryRun === 'server',
        });
        deleted.push({ info, uid: deletedUid(answer) });
      } catch (error) {
        throw withSource('deleting', info.source, error);
      }
    await print(context, info, options);
  });
  if (found === 0) return context.out('No resources found\n');
  if (!options.wait || options.dryRun !== 'none') return;
  const timeout = flags.duration('timeout');
  for (const { info, uid } of deleted)
    try {
      await waitForDeletion(context, info, uid, timeout);
    } catch (error) {
      // Who may delete but not read or watch can't wait.
      if (isForbidden(error) || isStatus(error, 'MethodNotAllowed')) return;
      throw error;
    }
}

/** Which combinations make no sense (delete.DeleteOptions.Validate), and what the flags amount to. */
async function checkOptions(context: Context, selector: string, fromFiles: boolean): Promise<Options> {
  const { flags } = context;
  const output = flags.string('output');
  if (output !== '' && output !== 'name')
    throw new CommandError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  const all = flags.bool('all');
  if (all && selector !== '') throw new CommandError('cannot set --all and --selector at the same time');
  if (all && flags.string('field-selector') !== '')
    throw new CommandError('cannot set --all and --field-selector at the same time');
  if (fromFiles && flags.bool('all-namespaces') && flags.bool('interactive'))
    throw new CommandError('--interactive can not be used with --all-namespaces');
  const dryRun = await dryRunOf(context);
  let grace = flags.int('grace-period');
  const force = flags.bool('force');
  if (flags.bool('now')) {
    if (grace !== -1) throw new CommandError('--now and --grace-period cannot be specified together');
    grace = 1;
  }
  let wait = flags.bool('wait');
  if (grace === 0 && !force) {
    // Without --force the least is one second, and the command waits.
    wait = true;
    grace = 1;
  }
  if (force && grace < 0) grace = 0;
  if (force && !flags.changed('wait')) wait = false;
  if (grace === 0 && force)
    await context.err(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    );
  else if (force && grace > 0)
    throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
  return { dryRun, gracePeriod: grace, wait, all };
}

async function print(context: Context, info: Info, { dryRun, gracePeriod }: Options): Promise<void> {
  const kind = kindGroup(info.mapping);
  if (context.flags.string('output') === 'name') return context.out(`${kind}/${info.name}\n`);
  const where = info.namespace === '' ? '' : ` from ${info.namespace} namespace`;
  const done = gracePeriod === 0 ? 'force deleted' : 'deleted';
  const suffix = dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  await context.out(`${kind} "${info.name}" ${done}${where}${suffix}\n`);
}

async function deleteRaw(context: Context): Promise<void> {
  const { flags, args, process } = context;
  const files = flags.strings('filename');
  if (args.length > 0) throw usageError(context, 'arguments may not be passed when --raw is specified');
  if (files.length > 1) throw usageError(context, '--raw can only use a single local file or stdin');
  let body: Uint8Array | undefined;
  try {
    if (files[0] !== undefined) body = process.machine.fs.readFile(process.path(files[0]));
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`open ${files[0]}: ${error.message.toLowerCase()}`);
    throw error;
  }
  await context.out(await context.factory.client().text({ method: 'DELETE', ...rawPath(flags.string('raw')), body }));
}
