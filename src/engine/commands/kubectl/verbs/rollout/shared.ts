import type { Context } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { filenameOptions, hasFilenames } from '../../framework/file-flags.ts';
import type { ApiObject, RestMapping } from '../../client/types.ts';
import { printerFor } from '../../printers/options.ts';
import { printWith } from '../../printers/write.ts';
import type { Result } from '../../resource/result.ts';

export const fieldManager = 'kubectl-rollout';

/** The workloads that the arguments name. @throws CommandError if there are none */
export function findWorkloads(context: Context): Promise<Result> {
  const { factory, flags, args } = context;
  const files = filenameOptions(flags);
  if (args.length === 0 && !hasFilenames(files)) throw new CommandError('required resource not specified');
  const { namespace, explicit } = factory.namespace();
  return factory
    .builder()
    .namespaceParam(namespace)
    .defaultNamespace()
    .labelSelectorParam(flags.string('selector'))
    .filenameParam(explicit, files)
    .resourceTypeOrNameArgs(true, args)
    .continueOnError()
    .latest()
    .flatten()
    .do();
}

/** `deployment.apps/web restarted`, or what `-o` asks for. */
export async function report(context: Context, object: ApiObject, operation: string): Promise<void> {
  await printWith(context, printerFor(context.process, context.flags, { operation })!, [object]);
}

/** `error: deployments.apps "web" WHY`. */
export function workloadError(mapping: RestMapping, name: string, why: string): CommandError {
  const resource = mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`;
  return new CommandError(`error: ${resource} ${JSON.stringify(name)} ${why}`);
}

/** Kinds that polymorphic helpers know at all (apps.KindVisitor). */
const workloadKinds = new Set([
  'DaemonSet.apps',
  'Deployment.apps',
  'Job.batch',
  'CronJob.batch',
  'Pod',
  'ReplicaSet.apps',
  'ReplicaSet.extensions',
  'ReplicationController',
  'StatefulSet.apps',
]);

/** What `rollout` says of kinds that it can't do something for. */
export function unsupported({ group, kind }: RestMapping, helper: string, retrieved: string): CommandError {
  const name = group === '' ? kind : `${kind}.${group}`;
  if (workloadKinds.has(name)) return new CommandError(`no ${helper} has been implemented for ${JSON.stringify(name)}`);
  return new CommandError(
    `error retrieving ${retrieved} for ${JSON.stringify(name)}, no visitor method exists for {${group} ${kind}}`,
  );
}
