import type { ApiObject, RestMapping } from '../../client/types.ts';
import { saveTypedConfig } from '../../apply/last-applied.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError, errorText } from '../../framework/errors.ts';
import { isCommandFailure } from '../../framework/failure.ts';
import { dryRunFlag, fieldManagerFlag, validateFlag } from '../../framework/file-flags.ts';
import type { FlagSpec } from '../../framework/flags.ts';
import { dryRunOf, fieldValidation, operation, singleName } from '../../framework/write-options.ts';
import { printerFor, printFlags } from '../../printers/options.ts';
import { printWith } from '../../printers/write.ts';

/** An object as a generator makes it: keys in the order of the API's types. */
export type Draft = { kind: string; apiVersion: string; metadata: Record<string, unknown> } & Record<string, unknown>;

export interface Generator extends Omit<Command, 'run' | 'flags'> {
  readonly flags?: readonly FlagSpec[];
  readonly mapping: RestMapping;
  /** What precedes the server's refusal: `failed to create deployment: `. Without it the refusal stands alone. */
  readonly failure?: string;
  /** `--save-config` is taken, but upstream's command does nothing with it. */
  readonly ignoresSaveConfig?: boolean;
  /** Makes the object. @throws CommandError for wrong flags */
  readonly build: (context: Context, name: string) => Promise<Draft> | Draft;
}

const commonFlags: readonly FlagSpec[] = [
  ...printFlags,
  dryRunFlag,
  fieldManagerFlag('kubectl-create'),
  {
    name: 'save-config',
    type: 'bool',
    usage: 'If true, the object carries its configuration as an annotation, for a later kubectl apply.',
  },
  validateFlag,
];

/** A `kubectl create` subcommand from what is particular to it. */
export function generator({ build, mapping, failure, ignoresSaveConfig, ...command }: Generator): Command {
  return {
    ...command,
    flags: [...(command.flags ?? []), ...commonFlags],
    run: async (context) => {
      // A wrong kubeconfig is noticed also where no server is asked.
      context.factory.config();
      const dryRun = await dryRunOf(context);
      const validation = fieldValidation(context.flags.string('validate'));
      const printer = printerFor(context.process, context.flags, {
        operation: operation('created', dryRun),
        typed: true,
      })!;
      let object = (await build(context, singleName(context))) as unknown as ApiObject;
      const given = context.flags.string('namespace');
      if (mapping.namespaced && given !== '') object.metadata = insertNamespace(object.metadata, given);
      if (context.flags.bool('save-config') && !ignoresSaveConfig) object = saveTypedConfig(object);
      if (dryRun !== 'client') {
        const { namespace } = context.factory.namespace();
        object = await context.factory
          .client()
          .create(mapping, namespace, object, {
            dryRun: dryRun === 'server',
            fieldManager: context.flags.string('field-manager'),
            fieldValidation: validation,
          })
          .catch((error: unknown) => {
            throw failure !== undefined && isCommandFailure(error)
              ? new CommandError(failure + errorText(error))
              : error;
          });
      }
      await printWith(context, printer, [object]);
    },
  };
}

/** The namespace stands behind the name, as in ObjectMeta. */
function insertNamespace(metadata: ApiObject['metadata'], namespace: string): ApiObject['metadata'] {
  const { name, ...rest } = metadata;
  return { name, namespace, ...rest };
}
