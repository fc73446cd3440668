import { rawPath } from '../../client/http-client.ts';
import type { Context } from '../../framework/command.ts';
import { CommandError, usageError, withSource } from '../../framework/errors.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  filenameOptions,
  hasFilenames,
  selectorFlag,
  validateFlag,
} from '../../framework/file-flags.ts';
import type { FlagSpec } from '../../framework/flags.ts';
import { dryRunOf, fieldValidation, operation } from '../../framework/write-options.ts';
import { saveConfig } from '../../apply/last-applied.ts';
import { printerFor, printFlags } from '../../printers/options.ts';
import { printWith } from '../../printers/write.ts';
import { FsError, readAll } from '../../../../world/index.ts';
import { runEditor } from '../../edit/run.ts';

export const createFlags: readonly FlagSpec[] = [
  ...printFlags,
  dryRunFlag,
  { name: 'edit', type: 'bool', usage: 'Change the objects in the editor before they are created.' },
  fieldManagerFlag('kubectl-create'),
  ...filenameFlags('to create'),
  { name: 'raw', type: 'string', usage: 'Path to send the file to as it is, with the credentials of the kubeconfig.' },
  {
    name: 'save-config',
    type: 'bool',
    usage: 'If true, objects carry their configuration as an annotation, for a later kubectl apply.',
  },
  selectorFlag,
  validateFlag,
  { name: 'windows-line-endings', type: 'bool', usage: 'With --edit, end lines as Windows does.' },
];

export async function runCreate(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const files = filenameOptions(flags);
  if (args.length > 0) throw usageError(context, `Unexpected args: [${args.join(' ')}]`);
  if (!hasFilenames(files)) throw new CommandError('must specify one of -f and -k');
  if (flags.string('raw') !== '') return createRaw(context, files.filenames);
  const dryRun = await dryRunOf(context);
  const validation = fieldValidation(flags.string('validate'));
  if (flags.bool('edit')) return runEditor(context, { mode: 'create', dryRun, fieldValidation: validation });
  const printer = printerFor(context.process, flags, { operation: operation('created', dryRun) })!;
  const { namespace, explicit } = factory.namespace();
  const result = await factory
    .builder()
    .schema(validation === 'Strict')
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, files)
    .labelSelectorParam(flags.string('selector'))
    .flatten()
    .do();
  let count = 0;
  await result.visit(async (info) => {
    if (flags.bool('save-config')) info.object = saveConfig(info.object);
    if (dryRun !== 'client')
      try {
        info.object = await factory.client().create(info.mapping, info.namespace, info.object, {
          dryRun: dryRun === 'server',
          fieldManager: flags.string('field-manager'),
          fieldValidation: validation,
        });
      } catch (error) {
        throw withSource('creating', info.source, error);
      }
    count++;
    await printWith(context, printer, [info.object]);
  });
  if (count === 0) throw new CommandError('no objects passed to create');
}

async function createRaw(context: Context, filenames: readonly string[]): Promise<void> {
  const { process, flags } = context;
  if (filenames.length !== 1) throw usageError(context, '--raw can only use a single local file or stdin');
  const [name = ''] = filenames;
  let body: Uint8Array;
  try {
    body =
      name === '-' ? await readAll(process.stdin, process.cancel) : process.machine.fs.readFile(process.path(name));
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`open ${name}: ${error.message.toLowerCase()}`);
    throw error;
  }
  await context.out(await context.factory.client().text({ method: 'POST', ...rawPath(flags.string('raw')), body }));
}
