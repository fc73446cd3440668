import { gvkText, gvrText } from '../client/http-client.ts';
import type { ApiObject } from '../client/types.ts';
import type { Context } from '../framework/command.ts';
import { CommandError, errorText, isConflict, isNotFound, isStatus, withSource } from '../framework/errors.ts';
import { operation, type DryRun } from '../framework/write-options.ts';
import { quote } from '../framework/values.ts';
import { cascadeOf } from '../delete/options.ts';
import { deleteAndWait } from '../delete/wait.ts';
import { goJson } from '../printers/json.ts';
import { namePrinter } from '../printers/data.ts';
import { outputFormat } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { refresh, type Info } from '../resource/builder.ts';
import { lastApplied, lastAppliedAnnotation, withLastApplied } from './last-applied.ts';
import { applyPatch } from './patch.ts';

export interface ApplyOptions {
  dryRun: DryRun;
  serverSide: boolean;
  fieldValidation: string;
  fieldManager: string;
  forceConflicts: boolean;
  /** Delete and create anew what can't be patched. */
  force: boolean;
  overwrite: boolean;
  subresource?: string;
}

/** How often a patch is tried when somebody else writes at the same time. */
const conflictRetries = 5;

/** Applies one object; `info.object` is what the server made of it afterwards. */
export async function applyObject(context: Context, info: Info, options: ApplyOptions, print: boolean): Promise<void> {
  const say = async (done: string) => {
    if (!print) return;
    const named = outputFormat(context.flags).format === 'name';
    await printWith(context, namePrinter(named ? '' : operation(done, options.dryRun)), [info.object]);
  };
  const { name, generateName } = info.object.metadata;
  if (!name && generateName)
    throw new CommandError(`from ${generateName as string}: cannot use generate name with apply`);
  if (options.serverSide) {
    await serverSideApply(context, info, options);
    await warnIfDeleting(context, info);
    return say('serverside-applied');
  }
  const client = context.factory.client();
  const local = info.object;
  const modified = withLastApplied(local);
  const write = {
    dryRun: options.dryRun === 'server',
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
  };
  try {
    await refresh(context.factory, info);
  } catch (error) {
    if (!isNotFound(error))
      throw withSource(`retrieving current configuration of:\n${describe(info)}\nfrom server for:`, info.source, error);
    info.object = modified;
    if (options.dryRun !== 'client')
      try {
        info.object = await client.create(info.mapping, info.namespace, modified, write);
      } catch (e) {
        throw withSource('creating', info.source, e);
      }
    return say('created');
  }
  if (options.dryRun === 'client') return say('configured');
  if (lastApplied(info.object) === undefined)
    await context.err(
      `Warning: resource ${info.mapping.resource}/${info.name} is missing the ${lastAppliedAnnotation} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  const changed = await patchObject(context, info, modified, options, write);
  await warnIfDeleting(context, info);
  return say(changed ? 'configured' : 'unchanged');
}

type Write = { dryRun: boolean; fieldManager: string; fieldValidation: string };

async function patchObject(
  context: Context,
  info: Info,
  modified: ApiObject,
  options: ApplyOptions,
  write: Write,
): Promise<boolean> {
  const client = context.factory.client();
  for (let attempt = 0; ; attempt++) {
    const { patch, type } = applyPatch(info.object, modified, options.overwrite);
    if (goJson(patch) === '{}') return false;
    try {
      info.object = await client.patch(info.mapping, info.namespace, info.name, type, patch, write);
      return true;
    } catch (error) {
      if (isConflict(error) && attempt < conflictRetries) {
        await context.process.sleep(attempt === 0 ? 0 : 1000);
        await refresh(context.factory, info);
        continue;
      }
      if (options.force && (isConflict(error) || isStatus(error, 'Invalid'))) {
        await replaceByForce(context, info, modified, write);
        return true;
      }
      const refusal = withSource('patching', info.source, error);
      throw withSource(`applying patch:\n${goJson(patch)}\nto:\n${describe(info)}\nfor:`, info.source, refusal);
    }
  }
}

/** `--force`: deletes the object, waits until it is gone, and creates it as the file says. */
async function replaceByForce(context: Context, info: Info, modified: ApiObject, write: Write): Promise<void> {
  // What is created anew must be gone first, with --wait or without.
  context.flags.bool('wait');
  const deletion = {
    gracePeriodSeconds: context.flags.int('grace-period'),
    propagationPolicy: await cascadeOf(context),
  };
  await deleteAndWait(context, info, deletion, context.flags.duration('timeout'));
  info.object = await context.factory.client().create(info.mapping, info.namespace, modified, write);
}

async function serverSideApply(context: Context, info: Info, options: ApplyOptions): Promise<void> {
  const { managedFields, ...metadata } = info.object.metadata;
  if (managedFields !== undefined && managedFields.length > 0)
    throw new CommandError('metadata.managedFields must be nil');
  try {
    info.object = await context.factory.client().patch(
      info.mapping,
      info.namespace,
      info.name,
      'apply',
      { ...info.object, metadata },
      {
        dryRun: options.dryRun === 'server',
        fieldManager: options.fieldManager,
        fieldValidation: options.fieldValidation,
        force: options.forceConflicts,
        subresource: options.subresource,
      },
    );
  } catch (error) {
    if (isConflict(error)) throw new CommandError(`${errorText(error)}\n${conflictAdvice}`);
    throw withSource('applying', '', error);
  }
}

const conflictAdvice = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

async function warnIfDeleting(context: Context, info: Info): Promise<void> {
  const at = info.object.metadata?.deletionTimestamp;
  if (at !== undefined)
    await context.err(`Warning: Detected changes to resource ${info.name} which is currently being deleted.\n`);
}

/** resource.Info's own text. */
export function describe(info: Info): string {
  const gvk = gvkText({
    apiVersion: info.mapping.group === '' ? info.mapping.version : `${info.mapping.group}/${info.mapping.version}`,
    kind: info.mapping.kind,
  });
  return `Resource: ${quote(gvrText(info.mapping))}, GroupVersionKind: ${quote(gvk)}\nName: ${quote(info.name)}, Namespace: ${quote(info.namespace)}`;
}
