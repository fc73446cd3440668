import type { ApiObject } from '../client/types.ts';
import { applyObject, type ApplyOptions } from '../apply/apply-object.ts';
import { ApplySet } from '../apply/apply-set.ts';
import { prune, pruneFlags, pruneMappings } from '../apply/prune.ts';
import type { Command, Context } from '../framework/command.ts';
import { aggregate, AggregateErrors, CommandError, usageError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import {
  dryRunFlag,
  filenameFlags,
  filenameOptions,
  hasFilenames,
  selectorFlag,
  validateFlag,
} from '../framework/file-flags.ts';
import { dryRunOf, fieldValidation } from '../framework/write-options.ts';
import { outputFormat, printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { cascadeOf, deletionFlags } from '../delete/options.ts';
import { sortKeys } from '../printers/json.ts';
import { editLastApplied, setLastApplied, viewLastApplied } from './apply-last-applied.ts';

/** `kubectl apply`: makes the server's objects what the files say. */
export const apply: Command = {
  use: 'apply (-f FILENAME | -k DIRECTORY)',
  short: 'Apply a configuration to a resource by file name or stdin',
  long: `Apply a configuration to a resource by file name or stdin. The resource name must be specified. What does not exist is created; to change it later with apply, create it with apply or with create --save-config.

Files are JSON or YAML.`,
  examples: `# What a file describes
kubectl apply -f web.yaml

# What a kustomization builds
kubectl apply -k dir/

# What another program prints
cat web.json | kubectl apply -f -

# Everything that files of a directory describe
kubectl apply -f dir/`,
  flags: [
    ...printFlags,
    { name: 'all', type: 'bool', usage: 'Select all resources of the types of --prune.' },
    ...deletionFlags({ cascade: 'background' }),
    dryRunFlag,
    {
      name: 'field-manager',
      type: 'string',
      default: 'kubectl-client-side-apply',
      usage: 'Name under which the changed fields are recorded.',
    },
    ...filenameFlags('to apply'),
    { name: 'force-conflicts', type: 'bool', usage: 'With --server-side, take over fields that others manage.' },
    {
      name: 'openapi-patch',
      type: 'bool',
      default: true,
      usage: "If true, differences are computed with the server's schema where it has one.",
    },
    {
      name: 'overwrite',
      type: 'bool',
      default: true,
      usage: 'Settle differences between the file and the object in favour of the file.',
    },
    ...pruneFlags,
    selectorFlag,
    { name: 'server-side', type: 'bool', usage: 'If true, the server applies, not the client.' },
    { name: 'subresource', type: 'string', usage: 'Subresource to apply to. With --server-side only.' },
    validateFlag,
  ],
  commands: [editLastApplied, setLastApplied, viewLastApplied],
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const files = filenameOptions(flags);
  if (args.length > 0) throw usageError(context, `Unexpected args: [${args.join(' ')}]`);
  if (!hasFilenames(files)) throw new CommandError('must specify one of -f and -k');
  const set = await applySetOf(context);
  const options = await optionsOf(context);
  const cascade = await cascadeOf(context);
  // Either way the same patch comes out here: both know the types of the server's version.
  flags.bool('openapi-patch');
  const pruned = flags.bool('prune') ? await pruneMappings(context) : [];
  if (set) await checkApplySet(context, set);
  if (flags.bool('prune') && options.serverSide && !set)
    throw new CommandError("--prune is in alpha and doesn't currently work on objects created by server-side apply");
  if (flags.bool('force') && flags.bool('prune')) throw new CommandError('--force cannot be used with --prune');
  factory.config();
  const { namespace, explicit } = factory.namespace();
  const result = await factory
    .builder()
    .schema(options.fieldValidation === 'Strict')
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, files)
    .labelSelectorParam(flags.string('selector'))
    .flatten()
    .do();
  const { infos, error } = await result.infos();
  const errors: unknown[] = error === undefined ? [] : [error];
  if (infos.length === 0 && errors.length === 0) throw new CommandError('no objects passed to apply');
  await set?.begin(infos, options);
  const printAtEnd = outputFormat(flags).format;
  const applied: ApiObject[] = [];
  for (const info of infos) {
    try {
      await applyObject(context, info, options, printAtEnd === '' || printAtEnd === 'name');
      applied.push(info.object);
    } catch (e) {
      if (!isCommandFailure(e)) throw e;
      errors.push(e);
    }
  }
  // What was wrong with the files is one error among others, in one line.
  if (errors.length > 1 && errors[0] instanceof AggregateErrors) errors[0] = new CommandError(errors[0].message);
  const failure = aggregate(errors);
  if (failure) throw failure;
  if (printAtEnd !== '' && printAtEnd !== 'name') await printAll(context, applied);
  if (set) await set.finish(infos, options);
  else if (flags.bool('prune')) await prune(context, infos, { ...options, cascade }, pruned);
}

/** The set that `--applyset` names. The flag is alpha: it exists only where it is asked for. */
async function applySetOf(context: Context): Promise<ApplySet | undefined> {
  const { flags, process, path } = context;
  if (!flags.changed('applyset')) return undefined;
  if (process.env.get('KUBECTL_APPLYSET') !== 'true')
    throw new CommandError(`unknown flag: --applyset\nSee '${path} --help' for usage.`);
  return flags.string('applyset') === '' ? undefined : ApplySet.parse(context, flags.string('applyset'));
}

async function checkApplySet({ flags }: Context, set: ApplySet): Promise<void> {
  if (!flags.bool('prune')) throw new CommandError('--applyset requires --prune');
  await set.validate();
  if (flags.bool('all')) throw new CommandError('--all is incompatible with --applyset');
  if (flags.string('selector') !== '') throw new CommandError('--selector is incompatible with --applyset');
  if (flags.strings('prune-allowlist').length > 0)
    throw new CommandError('--prune-allowlist is incompatible with --applyset');
}

/** Several objects are printed as one List. */
async function printAll(context: Context, objects: readonly ApiObject[]): Promise<void> {
  const printer = printerFor(context.process, context.flags, { typed: objects.length > 1 })!;
  const object =
    objects.length === 1
      ? objects[0]!
      : ({ kind: 'List', apiVersion: 'v1', metadata: {}, items: objects.map(sortKeys) } as unknown as ApiObject);
  await printWith(context, printer, [object]);
}

async function optionsOf(context: Context): Promise<ApplyOptions> {
  const { flags } = context;
  const dryRun = await dryRunOf(context);
  const serverSide = flags.bool('server-side');
  if (flags.bool('force-conflicts') && !serverSide)
    throw new CommandError('--force-conflicts only works with --server-side');
  if (dryRun === 'client' && serverSide)
    throw new CommandError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  if (flags.bool('force') && serverSide) throw new CommandError('--force cannot be used with --server-side');
  if (dryRun === 'server' && flags.bool('force'))
    throw new CommandError('--dry-run=server cannot be used with --force');
  if (flags.bool('all') && flags.string('selector') !== '')
    throw new CommandError('cannot set --all and --selector at the same time');
  if (flags.bool('prune') && !flags.bool('all') && flags.string('selector') === '' && flags.string('applyset') === '')
    throw new CommandError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
  if (flags.string('subresource') !== '' && !serverSide)
    throw new CommandError('--subresource can only be specified for --server-side');
  // Checked before anything is sent.
  printerFor(context.process, flags, { operation: '' });
  return {
    dryRun,
    serverSide,
    fieldValidation: fieldValidation(flags.string('validate')),
    fieldManager: flags.changed('field-manager') || !serverSide ? flags.string('field-manager') : 'kubectl',
    forceConflicts: flags.bool('force-conflicts'),
    force: flags.bool('force'),
    overwrite: flags.bool('overwrite'),
    subresource: flags.string('subresource') || undefined,
  };
}
