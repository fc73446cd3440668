import { twoWayPatch } from '../../apply/patch.ts';
import type { ApiObject } from '../../client/types.ts';
import type { Context } from '../../framework/command.ts';
import { AggregateErrors, CommandError } from '../../framework/errors.ts';
import { isCommandFailure } from '../../framework/failure.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  filenameOptions,
  localFlag,
  selectorFlag,
} from '../../framework/file-flags.ts';
import type { FlagSpec } from '../../framework/flags.ts';
import { recorded, recordFlag } from '../../framework/record.ts';
import { dryRunOf, operation } from '../../framework/write-options.ts';
import { goJson } from '../../printers/json.ts';
import { printerFor, printFlags } from '../../printers/options.ts';
import { printWith } from '../../printers/write.ts';
import type { Info } from '../../resource/builder.ts';
import { localResource } from '../../resource/arguments.ts';
import { NoPodTemplate } from './pod-template.ts';
import type { Result } from '../../resource/result.ts';

export const updateFlags: readonly FlagSpec[] = [
  ...printFlags,
  { name: 'all', type: 'bool', usage: 'Take all resources of the types in the namespace.' },
  dryRunFlag,
  fieldManagerFlag('kubectl-set'),
  ...filenameFlags('to update'),
  localFlag,
  recordFlag,
  selectorFlag,
];

export interface Update {
  /** `image updated`. */
  done: string;
  /** Before the server's refusal of a patch: `failed to patch image update to pod template: `. */
  patchFailure?: string;
  /**
   * A changed copy of an object; `complain` takes what was wrong but does not keep the rest from being changed.
   * @throws CommandError
   */
  change(object: ApiObject, info: Info, complain: (error: Error) => void): Promise<ApiObject> | ApiObject;
  /** Looks at the other arguments, once the objects are found. @throws CommandError */
  validate?(): void;
  /** Says nothing about objects that are as wanted already. */
  quietIfSame?: boolean;
  /** With `--local`, resources on the command line are passed over instead of refused. */
  localIgnoresArguments?: boolean;
}

/** `a/b c=d e-` split into resources and pairs. */
export function splitPairs(args: readonly string[]): { resources: string[]; pairs: string[] } {
  const isPair = (arg: string) => (arg.includes('=') && !arg.startsWith('=')) || (arg.endsWith('-') && arg !== '-');
  return { resources: args.filter((a) => !isPair(a)), pairs: args.filter(isPair) };
}

/** Finds what a `set` command is about. */
export async function find(
  context: Context,
  resources: readonly string[],
  { localIgnoresArguments = false } = {},
): Promise<Result> {
  const { flags, factory } = context;
  const files = filenameOptions(flags);
  const local = flags.bool('local');
  const { namespace, explicit } = local ? { namespace: 'default', explicit: false } : factory.namespace();
  const builder = factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, files)
    .flatten();
  if (local) {
    if (resources.length > 0 && !localIgnoresArguments) throw new CommandError(localResource);
    builder.local();
  } else builder.labelSelectorParam(selectorOf(context)).resourceTypeOrNameArgs(flags.bool('all'), resources).latest();
  return builder.do();
}

/** Changes each object and sends the difference as a patch. All are tried; errors come at the end. */
export async function update(
  context: Context,
  resources: readonly string[],
  { done, change, quietIfSame, validate, patchFailure, localIgnoresArguments }: Update,
): Promise<void> {
  const { flags, factory } = context;
  const dryRun = await dryRunOf(context);
  const local = flags.bool('local');
  if (local && dryRun === 'server')
    throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  if (flags.bool('all') && selectorOf(context) !== '')
    throw new CommandError('cannot set --all and --selector at the same time');
  const result = (await find(context, resources, { localIgnoresArguments })).check();
  const printer = printerFor(context.process, flags, { operation: operation(done, dryRun) })!;
  const { infos, error } = await result.infos();
  if (error !== undefined) throw error;
  validate?.();
  const errors: unknown[] = [];
  for (const info of infos)
    try {
      const updated = await change(info.object, info, (error) => errors.push(error));
      const changed = recorded(context, updated);
      const same = goJson(updated) === goJson(info.object);
      if (same && quietIfSame) continue;
      let shown = changed;
      if (!local && dryRun !== 'client') {
        const { patch, type } = twoWayPatch(info.object, changed);
        const options = { dryRun: dryRun === 'server', fieldManager: flags.string('field-manager') };
        shown = await factory
          .client()
          .patch(info.mapping, info.namespace, info.name, type, patch, options)
          .catch((error: unknown) => {
            if (patchFailure === undefined || !isCommandFailure(error)) throw error;
            throw new CommandError(patchFailure + error.message);
          });
      }
      await printWith(context, printer, [shown]);
    } catch (e) {
      if (!isCommandFailure(e)) throw e;
      const name = `${info.mapping.resource}/${info.name}`;
      errors.push(e instanceof NoPodTemplate ? new CommandError(`${name} ${e.message}`) : e);
    }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateErrors(errors);
}

/** Some of these commands have no `-l`. */
function selectorOf({ flags }: Context): string {
  return flags.has('selector') ? flags.string('selector') : '';
}
