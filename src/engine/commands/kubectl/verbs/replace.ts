import { cascadeOf, deletionFlags } from '../delete/options.ts';
import { deletedUid, deleteObject, waitForDeletion } from '../delete/wait.ts';
import { rawPath } from '../client/http-client.ts';
import { kindGroup } from '../client/types.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, isNotFound, usageError, withSource } from '../framework/errors.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  filenameOptions,
  hasFilenames,
  validateFlag,
} from '../framework/file-flags.ts';
import { dryRunOf, fieldValidation, operation } from '../framework/write-options.ts';
import { FsError } from '../../../world/index.ts';
import { saveConfig } from '../apply/last-applied.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';

/** `kubectl replace`. */
export const replace: Command = {
  use: 'replace -f FILENAME',
  short: 'Replace a resource by file name or stdin',
  long: `Replace a resource by file name or stdin.

Files are JSON or YAML and must describe the whole resource: kubectl get TYPE NAME -o yaml shows it.`,
  examples: `# With what a file describes
kubectl replace -f pod.yaml

# By deleting it and creating it anew
kubectl replace --force -f pod.yaml`,
  flags: [
    ...printFlags,
    ...deletionFlags({ cascade: 'background' }),
    dryRunFlag,
    fieldManagerFlag('kubectl-replace'),
    ...filenameFlags('to replace with'),
    { name: 'raw', type: 'string', usage: 'Path to PUT the file to, with the credentials of the kubeconfig.' },
    {
      name: 'save-config',
      type: 'bool',
      usage: 'If true, the object carries its configuration as an annotation, for a later kubectl apply.',
    },
    { name: 'subresource', type: 'string', usage: 'Subresource to replace instead of the object itself.' },
    validateFlag,
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, args } = context;
  const files = filenameOptions(flags);
  if (flags.string('raw') !== '') return replaceRaw(context);
  if (!hasFilenames(files)) throw new CommandError('must specify one of -f and -k');
  if (args.length > 0) throw usageError(context, `Unexpected args: [${args.join(' ')}]`);
  const force = flags.bool('force');
  const dryRun = await dryRunOf(context);
  const grace = flags.int('grace-period');
  if (grace >= 0 && !force) throw new CommandError('--grace-period must have --force specified');
  if (flags.duration('timeout') !== 0 && !force) throw new CommandError('--timeout must have --force specified');
  const validation = fieldValidation(flags.string('validate'));
  if (force && dryRun !== 'none') throw new CommandError('--dry-run can not be used when --force is set');
  if (force) return replaceByForce(context, validation);
  const printer = printerFor(context.process, flags, { operation: operation('replaced', dryRun) })!;
  const result = await found(context, validation);
  await result.visit(async (info) => {
    if (flags.bool('save-config')) info.object = saveConfig(info.object);
    if (dryRun !== 'client')
      try {
        info.object = await replaceObject(context, info, validation, dryRun === 'server');
      } catch (error) {
        throw withSource('replacing', info.source, error);
      }
    await printWith(context, printer, [info.object]);
  });
}

type Found = Awaited<ReturnType<ReturnType<Context['factory']['builder']>['do']>>;
type FoundInfo = Parameters<Parameters<Found['visit']>[0]>[0];

/** Without a resourceVersion in the file the newest one is taken, so that the file always wins. */
async function replaceObject(context: Context, info: FoundInfo, validation: string, dryRun: boolean) {
  const client = context.factory.client();
  let { object } = info;
  const subresource = context.flags.string('subresource') || undefined;
  if (!object.metadata.resourceVersion) {
    const current = await client.get(info.mapping, info.namespace, info.name).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (current)
      object = { ...object, metadata: { ...object.metadata, resourceVersion: current.metadata.resourceVersion } };
  }
  return client.replace(info.mapping, info.namespace, info.name, object, {
    dryRun,
    fieldManager: context.flags.string('field-manager'),
    fieldValidation: validation,
    subresource,
  });
}

async function found(context: Context, validation: string): Promise<Found> {
  const { factory } = context;
  const { namespace, explicit } = factory.namespace();
  const result = await factory
    .builder()
    .schema(validation === 'Strict')
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, filenameOptions(context.flags))
    .flatten()
    .do();
  return result.check();
}

/** `--force`: all are deleted, then all are created. */
async function replaceByForce(context: Context, validation: string): Promise<void> {
  const { flags, factory } = context;
  const cascade = await cascadeOf(context);
  const grace = flags.int('grace-period');
  if (grace === 0)
    await context.err(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    );
  const { infos, error } = await (await found(context, validation)).infos();
  if (error !== undefined) throw error;
  const gone: { info: FoundInfo; uid: string | undefined }[] = [];
  for (const info of infos)
    try {
      const answer = await deleteObject(context, info, { gracePeriodSeconds: grace, propagationPolicy: cascade });
      gone.push({ info, uid: deletedUid(answer) });
      const where = info.namespace === '' ? '' : ` from ${info.namespace} namespace`;
      await context.out(
        `${kindGroup(info.mapping)} "${info.name}" ${grace === 0 ? 'force deleted' : 'deleted'}${where}\n`,
      );
    } catch (e) {
      if (!isNotFound(e)) throw withSource('deleting', info.source, e);
    }
  // What is created anew must be gone first, with --wait or without.
  flags.bool('wait');
  for (const { info, uid } of gone) await waitForDeletion(context, info, uid, flags.duration('timeout'));
  const printer = printerFor(context.process, flags, { operation: 'replaced' })!;
  for (const info of infos) {
    const object = flags.bool('save-config') ? saveConfig(info.object) : info.object;
    const created = await factory.client().create(info.mapping, info.namespace, object, {
      fieldManager: flags.string('field-manager'),
      fieldValidation: validation,
    });
    await printWith(context, printer, [created]);
  }
}

async function replaceRaw(context: Context): Promise<void> {
  const { flags, process } = context;
  const [file, ...more] = flags.strings('filename');
  if (file === undefined || more.length > 0)
    throw usageError(context, '--raw can only use a single local file or stdin');
  let body: Uint8Array;
  try {
    body = process.machine.fs.readFile(process.path(file));
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`open ${file}: ${error.message.toLowerCase()}`);
    throw error;
  }
  await context.out(await context.factory.client().text({ method: 'PUT', ...rawPath(flags.string('raw')), body }));
}
