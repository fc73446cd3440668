import type { ApiObject } from '../client/types.ts';
import type { Command, Context } from '../framework/command.ts';
import { completeTypes } from '../framework/completion.ts';
import { CommandError, isConflict } from '../framework/errors.ts';
import { dryRunFlag, filenameFlags, filenameOptions, selectorFlag } from '../framework/file-flags.ts';
import { recordFlag, recordPatch } from '../framework/record.ts';
import { dryRunOf, operation } from '../framework/write-options.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import type { Info } from '../resource/builder.ts';

/** How often a write is tried when the object changes meanwhile. */
const conflictRetries = 10;

/** `kubectl scale`. */
export const scale: Command = {
  use: 'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  long: `Set a new size for a deployment, replica set, replication controller, or stateful set.

--current-replicas and --resource-version are conditions: without them holding nothing is changed.`,
  examples: `# Three replicas
kubectl scale --replicas=3 deployment/web

# Of what a file names
kubectl scale --replicas=3 -f web.yaml

# Only if there are two now
kubectl scale --current-replicas=2 --replicas=3 deployment/web

# Several at once
kubectl scale --replicas=5 deployment/web deployment/api`,
  flags: [
    ...printFlags,
    { name: 'all', type: 'bool', usage: 'Take all resources of the types in the namespace.' },
    { name: 'current-replicas', type: 'int', default: -1, usage: 'Only if it has this size now; -1 for any.' },
    dryRunFlag,
    ...filenameFlags('to set a new size for'),
    recordFlag,
    { name: 'replicas', type: 'int', required: true, usage: 'The new number of replicas.' },
    { name: 'resource-version', type: 'string', usage: 'Only if the resource still has this version.' },
    selectorFlag,
    { name: 'timeout', type: 'duration', usage: 'How long to wait until the size is reached; zero does not wait.' },
  ],
  complete: completeTypes(['deployment', 'replicaset', 'replicationcontroller', 'statefulset']),
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const replicas = flags.int('replicas');
  if (replicas < 0)
    throw new CommandError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
  if (flags.int('current-replicas') < -1)
    throw new CommandError('The --current-replicas must specify an integer of -1 or greater');
  const dryRun = await dryRunOf(context);
  const printer = printerFor(context.process, flags, { operation: operation('scaled', dryRun) })!;
  const { namespace, explicit } = factory.namespace();
  const result = await factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, filenameOptions(flags))
    .resourceTypeOrNameArgs(flags.bool('all'), args)
    .flatten()
    .labelSelectorParam(flags.string('selector'))
    .do();
  const { infos, error } = await result.infos();
  if (flags.string('resource-version') !== '' && infos.length > 1)
    throw new CommandError('cannot use --resource-version with multiple resources');
  for (const info of infos) {
    if (dryRun !== 'client') await setSize(context, info, replicas, dryRun === 'server');
    const cause = recordPatch(context);
    if (cause && dryRun === 'none')
      await factory.client().patch(info.mapping, info.namespace, info.name, 'merge', cause);
    await printWith(context, printer, [info.object]);
    if (flags.duration('timeout') > 0 && dryRun === 'none') await waitForSize(context, info, replicas);
  }
  if (error !== undefined) throw error;
  if (infos.length === 0) throw new CommandError('no objects passed to scale');
}

type Scale = ApiObject & { spec: { replicas?: number }; status?: { replicas?: number } };

async function setSize(context: Context, info: Info, replicas: number, dryRun: boolean): Promise<void> {
  const { flags, factory } = context;
  const client = factory.client();
  const write = { dryRun, subresource: 'scale' };
  const current = flags.int('current-replicas');
  const version = flags.string('resource-version');
  if (current < 0 && version === '') {
    await client.patch(info.mapping, info.namespace, info.name, 'merge', { spec: { replicas } }, write);
    return;
  }
  for (let attempt = 0; ; attempt++) {
    const scale = (await client.get(info.mapping, info.namespace, info.name, { subresource: 'scale' })) as Scale;
    if (current >= 0 && (scale.spec.replicas ?? 0) !== current)
      throw new CommandError(`Expected replicas to be ${current}, was ${scale.spec.replicas ?? 0}`);
    if (version !== '' && scale.metadata.resourceVersion !== version)
      throw new CommandError(`Expected resource version to be ${version}, was ${scale.metadata.resourceVersion}`);
    try {
      await client.replace(
        info.mapping,
        info.namespace,
        info.name,
        { ...scale, spec: { ...scale.spec, replicas } },
        write,
      );
      return;
    } catch (error) {
      if (!isConflict(error) || attempt >= conflictRetries) throw error;
      await context.process.sleep(100);
    }
  }
}

async function waitForSize(context: Context, info: Info, replicas: number): Promise<void> {
  const { process, flags, factory } = context;
  const until = process.world.clock.now() + flags.duration('timeout');
  for (;;) {
    const scale = (await factory
      .client()
      .get(info.mapping, info.namespace, info.name, { subresource: 'scale' })) as Scale;
    if ((scale.status?.replicas ?? 0) === replicas) return;
    if (process.world.clock.now() >= until)
      throw new CommandError(`timed out waiting for ${JSON.stringify(info.name)} to be synced`);
    await process.sleep(100);
  }
}
