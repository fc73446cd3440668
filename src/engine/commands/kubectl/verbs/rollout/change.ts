import type { Context } from '../../framework/command.ts';
import { aggregate, CommandError, errorText, isNotFound } from '../../framework/errors.ts';
import { isCommandFailure } from '../../framework/failure.ts';
import type { ApiObject } from '../../client/types.ts';
import { findWorkloads, report, workloadError } from './shared.ts';

/** No patch could be made; said without the workload's name. */
export class PatchRefused extends CommandError {}

/** Patches each workload and says so (set.PatchFn as rollout pause, resume and restart use it). */
export async function change(
  context: Context,
  { verb, patch }: { verb: string; patch: (object: ApiObject) => object },
): Promise<void> {
  const result = await findWorkloads(context);
  result.check();
  const { infos, error } = await result.infos();
  const errors: unknown[] = error === undefined ? [] : [error];
  if (infos.length === 0 && errors.length === 0)
    await context.err(`No resources found in ${context.factory.namespace().namespace} namespace.\n`);
  for (const { mapping, namespace, name, object } of infos) {
    try {
      const body = patch(object);
      const changed = await context.factory
        .client()
        .patch(mapping, namespace, name, 'strategic', body, { fieldManager: context.flags.string('field-manager') })
        .catch((failure: unknown) => {
          if (!isCommandFailure(failure) || isNotFound(failure)) throw failure;
          throw new CommandError(`failed to patch: ${errorText(failure)}`);
        });
      await report(context, changed, verb);
    } catch (failure) {
      if (!isCommandFailure(failure)) throw failure;
      errors.push(
        failure instanceof CommandError && !(failure instanceof PatchRefused)
          ? workloadError(mapping, name, failure.message)
          : failure,
      );
    }
  }
  const all = aggregate(errors);
  if (all) throw all;
}
