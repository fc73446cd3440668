import type { IPod } from 'kubernetes-models/v1/Pod';
import { TimedOut } from '../client/follow.ts';
import { type Live, wellKnown } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { AggregateErrors, CommandError, errorText, isNotFound, isStatus } from '../framework/errors.ts';
import { completeName } from '../framework/completion.ts';
import { isCommandFailure } from '../framework/failure.ts';
import { dryRunFlag, selectorFlag } from '../framework/file-flags.ts';
import { type DryRun, dryRunOf, operation } from '../framework/write-options.ts';
import { formatDuration } from '../framework/values.ts';
import { parseLabelSelector } from '../resource/labels.ts';
import { cordonAll, findNodes } from '../workloads/cordon.ts';
import { type DrainOptions, podsToEvict } from '../workloads/drain.ts';

const pollInterval = 1000;
const retryInterval = 5000;

export const drain: Command = {
  use: 'drain NODE',
  short: 'Drain node in preparation for maintenance',
  long: `Makes a node ready for maintenance: marks it as unschedulable and then evicts its pods, or deletes them where the server knows no evictions. Evictions respect disruption budgets.

Mirror pods stay, for they can't be deleted through the API server. Pods of DaemonSets stay, too, but only with --ignore-daemonsets; without it the command fails. Pods that nothing would make again are deleted only with --force, those with emptyDir volumes only with --delete-emptydir-data.

It waits until the pods are gone. Don't use the node before that. When it is ready again, "kubectl uncordon" puts it back into use.`,
  examples: `# Drain the node foo, even if there are pods that no controller would make again
kubectl drain foo --force

# The same, but give pods 15 minutes to end
kubectl drain foo --grace-period=900`,
  flags: [
    {
      name: 'chunk-size',
      type: 'int64',
      default: 500,
      usage: 'Ask for long lists in parts of this size; 0 for all at once.',
    },
    {
      name: 'delete-emptydir-data',
      type: 'bool',
      usage: 'Go on even if there are pods with emptyDir volumes, whose data is lost.',
    },
    {
      name: 'disable-eviction',
      type: 'bool',
      usage: 'Delete pods instead of evicting them, which passes over disruption budgets: take care.',
    },
    dryRunFlag,
    { name: 'force', type: 'bool', usage: 'Go on even if there are pods without a controller.' },
    {
      name: 'grace-period',
      type: 'int',
      default: -1,
      usage: "Seconds that pods get to end; if negative, each pod's own.",
    },
    { name: 'ignore-daemonsets', type: 'bool', usage: 'Leave pods of DaemonSets where they are.' },
    { name: 'pod-selector', type: 'string', usage: 'Only pods with these labels.' },
    selectorFlag,
    {
      name: 'skip-wait-for-delete-timeout',
      type: 'int',
      usage:
        "Don't wait for pods that have been in deletion for longer than this (seconds). Must be above 0 to have an effect.",
    },
    { name: 'timeout', type: 'duration', usage: 'How long to wait before giving up; zero is without end' },
  ],
  complete: completeName('node'),
  async run(context) {
    const { flags } = context;
    if (flags.string('pod-selector') !== '') parseLabelSelector(flags.string('pod-selector'));
    const dryRun = await dryRunOf(context);
    const result = await findNodes(context);
    result.check();
    const { infos, error } = await result.infos();
    if (error !== undefined) throw error;
    await cordonAll(context, infos, true, dryRun);
    const drained = new Set<string>();
    const failures: unknown[] = [];
    for (const { name } of infos) {
      try {
        await drainNode(context, name, dryRun);
        drained.add(name);
        await context.out(`node/${name} ${operation('drained', dryRun)}\n`);
      } catch (failure) {
        if (!isCommandFailure(failure)) throw failure;
        failures.push(failure);
        await context.err(
          `error: unable to drain node ${JSON.stringify(name)} due to error: ${errorText(failure)}, continuing command...\n`,
        );
      }
    }
    if (failures.length === 0) return;
    const pending = infos.filter(({ name }) => !drained.has(name)).map(({ name }) => ` ${name}\n`);
    await context.err(`There are pending nodes to be drained:\n${pending.join('')}`);
    throw new AggregateErrors([new AggregateErrors(failures)]);
  },
};

async function drainNode(context: Context, node: string, dryRun: DryRun): Promise<void> {
  const { flags, factory, process } = context;
  const options: DrainOptions = {
    force: flags.bool('force'),
    ignoreDaemonSets: flags.bool('ignore-daemonsets'),
    deleteEmptyDirData: flags.bool('delete-emptydir-data'),
    podSelector: flags.string('pod-selector'),
    skipWaitForDeleteTimeout: flags.int('skip-wait-for-delete-timeout'),
    chunkSize: flags.int('chunk-size'),
    now: process.world.clock.now(),
  };
  const { pods, warnings, errors } = await podsToEvict(factory.client(), node, options);
  if (errors.length > 0) throw new AggregateErrors(errors);
  if (warnings !== '') await context.err(`Warning: ${warnings}\n`);
  const timeout = flags.duration('timeout');
  const deadline = timeout > 0 ? process.world.clock.now() + timeout : Infinity;
  const results = await Promise.all(pods.map((pod) => removePod(context, pod, dryRun, deadline)));
  const failed = results.filter((failure) => failure !== undefined);
  if (failed.length > 0) throw failed.length === 1 ? failed[0]! : new AggregateErrors(failed);
}

/** Evicts (or deletes) a Pod and waits until it is gone. Returns what went wrong. */
async function removePod(
  context: Context,
  pod: Live<IPod>,
  dryRun: DryRun,
  deadline: number,
): Promise<Error | undefined> {
  try {
    await evictAndWait(context, pod, dryRun, deadline);
    return undefined;
  } catch (error) {
    if (!isCommandFailure(error)) throw error;
    return error;
  }
}

async function evictAndWait(context: Context, pod: Live<IPod>, dryRun: DryRun, deadline: number): Promise<void> {
  const { flags, factory, process } = context;
  const { name, namespace = '', uid } = pod.metadata;
  const client = factory.client();
  const evicts = !flags.bool('disable-eviction');
  const now = () => process.world.clock.now();
  const givenUp = () =>
    new CommandError(
      `error when ${evicts ? 'evicting' : 'waiting for'} pods/${JSON.stringify(name)} ${evicts ? '-n ' : 'in namespace '}${JSON.stringify(namespace)}: global timeout reached: ${formatDuration(flags.duration('timeout'))}`,
    );
  for (let isAsked = false; !isAsked;) {
    await context.out(
      `${evicts ? 'evicting' : 'deleting'} pod ${namespace}/${name}${dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'}\n`,
    );
    if (dryRun === 'client') return;
    try {
      await ask(context, pod, dryRun);
      isAsked = true;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isStatus(error, 'TooManyRequests')) throw evictionError(error, name, namespace);
      await context.err(
        `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)} (will retry after 5s): ${errorText(error)}\n`,
      );
      if (now() + retryInterval >= deadline) {
        await process.sleep(Math.max(0, deadline - now()));
        throw givenUp();
      }
      await process.sleep(retryInterval);
    }
  }
  if (dryRun === 'server') return;
  for (;;) {
    try {
      const present = await client.get(wellKnown.pods, namespace, name);
      if (present.metadata.uid !== uid) break;
    } catch (error) {
      if (isNotFound(error)) break;
      throw new CommandError(
        `error when waiting for pod ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)} to terminate: ${errorText(error)}`,
      );
    }
    if (now() >= deadline)
      throw new CommandError(
        `error when waiting for pod ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)} to terminate: global timeout reached: ${formatDuration(flags.duration('timeout'))}`,
      );
    await process.sleep(Math.min(pollInterval, Math.max(1, deadline - now())));
  }
  await context.out(`pod/${name} ${evicts ? 'evicted' : 'deleted'}\n`);
}

async function ask(context: Context, pod: Live<IPod>, dryRun: DryRun): Promise<void> {
  const { flags, factory } = context;
  const { name, namespace = '' } = pod.metadata;
  const grace = flags.int('grace-period');
  const options = {
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
  };
  if (flags.bool('disable-eviction')) {
    await factory
      .client()
      .delete(wellKnown.pods, namespace, name, { apiVersion: 'v1', kind: 'DeleteOptions', ...options });
    return;
  }
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions: options };
  await factory.client().create(wellKnown.pods, namespace, eviction, { name, subresource: 'eviction' });
}

function evictionError(error: unknown, name: string, namespace: string): unknown {
  if (!isCommandFailure(error) || error instanceof TimedOut) return error;
  return new CommandError(
    `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}: ${errorText(error)}`,
  );
}
