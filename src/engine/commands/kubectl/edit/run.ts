import { toYaml, YamlError } from '../../../yaml/index.ts';
import { SpawnError } from '../../../process/index.ts';
import { lastApplied, lastAppliedAnnotation, saveConfig } from '../apply/last-applied.ts';
import { twoWayPatch } from '../apply/patch.ts';
import type { ApiObject } from '../client/types.ts';
import { groupResource } from '../client/types.ts';
import type { Context } from '../framework/command.ts';
import { aggregate, CommandError, errorText, StatusError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import { filenameOptions, hasFilenames } from '../framework/file-flags.ts';
import { recorded } from '../framework/record.ts';
import { quote } from '../framework/values.ts';
import { operation, type DryRun } from '../framework/write-options.ts';
import { goJson, printJson } from '../printers/json.ts';
import { namePrinter } from '../printers/data.ts';
import { outputFormat, printerFor } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { decodeDocuments } from '../resource/documents.ts';
import type { Info } from '../resource/builder.ts';

export interface EditOptions {
  /** Patch the objects, create them, or change their last-applied annotation. */
  mode: 'edit' | 'create' | 'last-applied';
  dryRun: DryRun;
  fieldValidation: string;
  subresource?: string;
}

const header = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

interface Failure {
  /** For the comment at the top of the reopened file. */
  reasons: { head: string; details: string[] }[];
}

/** Opens objects in the user's editor and writes what was changed (cmd/util/editor). */
export async function runEditor(context: Context, options: EditOptions): Promise<void> {
  const infos = await find(context, options);
  if (infos.length === 0) {
    if (options.mode === 'last-applied')
      throw new CommandError(
        'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`',
      );
    throw new CommandError('edit cancelled, no objects found');
  }
  if (options.mode === 'edit' && infos.length > 1 && !hasFilenames(filenameOptions(context.flags))) {
    for (const info of infos) await editRound(context, [info], options);
    return;
  }
  await editRound(context, infos, options);
}

async function find(context: Context, options: EditOptions): Promise<Info[]> {
  const { flags, args, factory } = context;
  const { namespace, explicit } = factory.namespace();
  const builder = factory
    .builder()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, filenameOptions(flags))
    .continueOnError()
    .flatten();
  if (options.mode !== 'create') builder.resourceTypeOrNameArgs(true, args).latest();
  if (options.subresource) builder.subresource(options.subresource);
  const { infos, error } = await (await builder.do()).infos();
  if (error !== undefined) throw error;
  if (options.mode !== 'last-applied') return infos;
  return infos
    .filter((info) => lastApplied(info.object) !== undefined)
    .map((info) => ({ ...info, object: JSON.parse(lastApplied(info.object)!) as ApiObject }));
}

/** Edits one text until it is saved, given up or unchanged. */
async function editRound(context: Context, infos: readonly Info[], options: EditOptions): Promise<void> {
  const output = outputFormat(context.flags).format;
  if (!['', 'json', 'yaml', 'kyaml'].includes(output))
    throw new CommandError(
      `unable to match a printer suitable for the output format ${quote(output)}, allowed formats are: json,kyaml,yaml`,
    );
  const format = output === 'json' ? 'json' : 'yaml';
  const show = context.flags.bool('show-managed-fields');
  const originals = infos.map((info) => (show ? info.object : withoutManagedFields(info.object)));
  const originalText = serialize(originals, format);
  let text = originalText;
  let failure: Failure | undefined;
  let file: string | undefined;
  for (;;) {
    const opened = (format === 'yaml' ? header + failureComment(failure) : '') + text;
    const written = context.flags.bool('windows-line-endings') ? opened.replaceAll('\n', '\r\n') : opened;
    file = await openEditor(context, written, format, file);
    const saved = context.process.machine.fs.readText(file).replaceAll('\r\n', '\n');
    const edited = format === 'yaml' ? stripComments(saved) : saved;
    if (failure && stripComments(saved) === stripComments(opened)) {
      await keepCopy(context, file);
      throw new CommandError('Edit cancelled, no valid changes were saved.');
    }
    const invalid = options.fieldValidation === 'Strict' ? validationError(edited) : undefined;
    if (invalid !== undefined) {
      const name = `${groupResource(infos[0]!.mapping)} ${quote(infos[0]!.name)}`;
      await context.err(`error: ${name} is invalid\n`);
      const detail = `<nil>: Invalid value: "The edited file failed validation": ${invalid}`;
      failure = { reasons: [{ head: `${name} was not valid:`, details: [detail] }] };
      text = edited;
      continue;
    }
    if (options.mode !== 'create' && edited === stripComments(originalText)) {
      removeFile(context, file);
      return context.err('Edit cancelled, no changes made.\n');
    }
    if (edited.trim() === '') {
      removeFile(context, file);
      return context.err('Edit cancelled, saved file was empty.\n');
    }
    text = edited;
    let objects: ApiObject[];
    try {
      objects = parse(edited);
    } catch (error) {
      failure = { reasons: [{ head: `The edited file had a syntax error: ${errorText(error)}`, details: [] }] };
      continue;
    }
    const outcome = await save(context, infos, originals, objects, options);
    if (outcome.fatal) {
      await keepCopy(context, file);
      throw outcome.fatal;
    }
    if (outcome.errors.length === 0) {
      removeFile(context, file);
      return;
    }
    for (const text of outcome.shown) await context.err(`${text}\n`);
    if (!outcome.retryable) {
      await keepCopy(context, file);
      throw aggregate(outcome.errors)!;
    }
    failure = { reasons: outcome.reasons };
  }
}

/** Text that does not say what it describes is refused before anything else is looked at. */
function validationError(text: string): string | undefined {
  try {
    const objects = parse(text);
    const [object = {} as Partial<ApiObject>] = objects;
    const missing = (['apiVersion', 'kind'] as const)
      .filter((field) => !object[field])
      .map((field) => `${field} not set`);
    return missing.length === 0 ? undefined : missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`;
  } catch (error) {
    return errorText(error);
  }
}

interface Outcome {
  errors: unknown[];
  /** Said on stderr before the file is opened again. */
  shown: string[];
  reasons: Failure['reasons'];
  retryable: boolean;
  fatal?: Error;
}

async function save(
  context: Context,
  infos: readonly Info[],
  originals: readonly ApiObject[],
  edited: readonly ApiObject[],
  options: EditOptions,
): Promise<Outcome> {
  const outcome: Outcome = { errors: [], shown: [], reasons: [], retryable: true };
  const done = options.mode === 'create' ? 'created' : 'edited';
  const printer =
    outputFormat(context.flags).format === ''
      ? namePrinter(operation(done, options.dryRun))
      : printerFor(context.process, context.flags)!;
  const write = {
    dryRun: options.dryRun === 'server',
    fieldManager: context.flags.string('field-manager'),
    fieldValidation: options.fieldValidation,
  };
  const client = context.factory.client();
  for (const [i, info] of infos.entries()) {
    const object = edited.find((o) => identity(o) === identity(originals[i]!));
    if (!object) {
      outcome.fatal = new CommandError('At least one of apiVersion, kind and name was changed');
      return outcome;
    }
    try {
      let result: ApiObject = object;
      if (options.mode === 'create') {
        if (options.dryRun !== 'client') result = await client.create(info.mapping, info.namespace, object, write);
      } else if (options.mode === 'last-applied') {
        const patch = { metadata: { annotations: { [lastAppliedAnnotation]: `${goJson(object)}\n` } } };
        result = await client.patch(info.mapping, info.namespace, info.name, 'merge', patch, write);
      } else {
        const { patch, type } = twoWayPatch(originals[i]!, prepared(context, options, originals[i]!, object));
        if (goJson(patch) === '{}') {
          await printWith(context, namePrinter('skipped'), [info.object]);
          continue;
        }
        if (options.mode === 'edit' && context.flags.bool('output-patch'))
          await context.out(`Patch: ${goJson(patch)}\n`);
        result = await client.patch(info.mapping, info.namespace, info.name, type, patch, {
          ...write,
          subresource: options.subresource,
        });
      }
      await printWith(context, printer, [result]);
    } catch (error) {
      if (!isCommandFailure(error) || options.mode === 'create') throw error;
      addFailure(outcome, info, error);
    }
  }
  return outcome;
}

/** What the flags of `edit` add to the edited object. */
function prepared(context: Context, options: EditOptions, original: ApiObject, object: ApiObject): ApiObject {
  if (options.mode !== 'edit' || goJson(original) === goJson(object)) return object;
  const saved = context.flags.bool('save-config') ? saveConfig(object) : object;
  return recorded(context, saved);
}

/** Refusals that a further edit may cure are shown in the file; others end the command. */
function addFailure(outcome: Outcome, info: Info, error: Error): void {
  outcome.errors.push(error);
  const name = `${groupResource(info.mapping)} ${quote(info.name)}`;
  if (error instanceof StatusError && ['Invalid', 'BadRequest'].includes(error.reason)) {
    const causes = error.status.details?.causes ?? [];
    const details = causes.map((c) => `${c.field ? `${c.field}: ` : ''}${c.message ?? ''}`);
    outcome.reasons.push({ head: `${name} was not valid:`, details: details.length > 0 ? details : [error.message] });
    outcome.shown.push(`error: ${name} is invalid`);
  } else if (error instanceof StatusError && error.reason === 'NotFound') {
    outcome.reasons.push({ head: `${name} was not found`, details: [] });
    outcome.shown.push(`error: ${name} could not be found on the server`);
    outcome.retryable = false;
  } else if (error instanceof StatusError) {
    outcome.reasons.push({ head: `${name} could not be patched: ${error.message}`, details: [] });
    outcome.shown.push(`error: ${name} could not be patched: ${error.message}`);
    outcome.retryable = false;
  } else outcome.retryable = false;
}

function identity(object: ApiObject): string {
  return `${object.apiVersion} ${object.kind} ${object.metadata?.name ?? ''}`;
}

function failureComment(failure: Failure | undefined): string {
  if (!failure) return '';
  return failure.reasons
    .map(({ head, details }) => `# ${head}\n${details.map((d) => `# * ${d.replaceAll('\n', '\n# ')}\n`).join('')}#\n`)
    .join('');
}

function stripComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
}

function serialize(objects: readonly ApiObject[], format: 'json' | 'yaml'): string {
  const value = objects.length === 1 ? objects[0]! : { apiVersion: 'v1', items: objects, kind: 'List', metadata: {} };
  return format === 'json' ? printJson(value) : toYaml(value);
}

/** @throws Error with the parser's words */
function parse(text: string): ApiObject[] {
  try {
    return [...decodeDocuments(text)].flatMap((value) => {
      const object = value as ApiObject;
      return object.kind === 'List' && Array.isArray(object.items) ? (object.items as ApiObject[]) : [object];
    });
  } catch (error) {
    if (error instanceof YamlError) throw new Error(error.message);
    throw error;
  }
}

function withoutManagedFields(object: ApiObject): ApiObject {
  if (!object.metadata?.managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Writes the text to a temporary file and waits for the editor. Returns the file. @throws CommandError */
async function openEditor(
  context: Context,
  text: string,
  format: string,
  previous: string | undefined,
): Promise<string> {
  const { process } = context;
  const { fs } = process.machine;
  if (previous) fs.remove(previous);
  const directory = process.env.get('TMPDIR') ?? '/tmp';
  const file = `${directory}/kubectl-edit-${1_000_000_000 + process.world.random.stream('kubectl-edit').int(3_000_000_000)}.${format}`;
  fs.writeFile(file, text, { mode: 0o600, uid: process.user.uid, gid: process.user.gid });
  const editor = process.env.get('KUBE_EDITOR') || process.env.get('EDITOR') || 'vi';
  const words = editor.split(' ');
  const argv =
    /["'\\]/.test(editor) || words.length === 0 ? ['/bin/bash', '-c', `${editor} "${file}"`] : [...words, file];
  try {
    const status = await process.spawn(argv).wait(process.cancel);
    if (status === 127 && argv[0] === '/bin/bash') throw new SpawnError('ENOENT', 'not found');
    if (status !== 0) {
      removeFile(context, file);
      throw new CommandError(`there was a problem with the editor ${quote(editor)}`);
    }
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    removeFile(context, file);
    throw new CommandError(`unable to launch the editor ${quote(editor)}`);
  }
  return file;
}

function removeFile(context: Context, file: string): void {
  const { fs } = context.process.machine;
  if (fs.exists(file)) fs.remove(file);
}

async function keepCopy(context: Context, file: string): Promise<void> {
  await context.err(`A copy of your changes has been stored to ${quote(file)}\n`);
}
