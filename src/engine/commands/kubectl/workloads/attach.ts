import type { IPod } from 'kubernetes-models/v1/Pod';
import { readerOf } from '../../../world/index.ts';
import { follow } from '../client/follow.ts';
import { live, type Live, wellKnown } from '../describe/describer.ts';
import type { Context } from '../framework/command.ts';
import { CommandError, errorText } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import { allContainers, findContainer } from './containers.ts';
import { openStream, runStream, usableTty } from './upgrade.ts';

export interface AttachOptions {
  stdin: boolean;
  tty: boolean;
  quiet: boolean;
  /** '' for the default one. */
  container: string;
}

/** Joins this process to a container's own (attach.AttachOptions.Run). @throws CommandError, SilentExit */
export async function attachTo(context: Context, pod: Live<IPod>, options: AttachOptions): Promise<void> {
  const { process, factory } = context;
  const { stdin, quiet } = options;
  const { phase } = pod.status;
  if (phase === 'Succeeded' || phase === 'Failed')
    throw new CommandError(`cannot attach a container in a completed pod; current phase is ${phase}`);
  const container = await findContainer(context, pod, options.container, quiet).catch((error: Error) => {
    throw new CommandError(`cannot attach to the container: ${error.message}`);
  });
  const hasTty = container.tty ?? false;
  if (options.tty && !hasTty && !quiet)
    await context.err(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`);
  // A container with a terminal has one stream only, whatever was asked for.
  const wantsTty = hasTty;
  const { tty, complaint } = usableTty(process, { stdin, tty: wantsTty });
  await context.err(complaint);
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/attach`;
  const on = (wanted: boolean) => wanted || undefined;
  const query = { container: container.name, stdin: on(stdin), stdout: true, stderr: on(!tty), tty: on(tty) };
  if (!quiet)
    await context.err(
      'All commands and output from this session will be recorded in container logs, including credentials and ' +
        'sensitive information passed through the command prompt.\n' +
        "If you don't see a command prompt, try pressing enter.\n",
    );
  const socket = await openStream(process, factory.client(), path, query, 'attach');
  await runStream(process, socket, { stdin, tty, redraw: true });
  const message = quiet || !stdin || !tty ? '' : reattachMessage(pod, container.name);
  if (message !== '') await context.out(`${message}\n`);
}

function reattachMessage({ spec, metadata }: Live<IPod>, container: string): string {
  if ((spec.restartPolicy ?? 'Always') !== 'Always') return '';
  const command = `kubectl attach ${metadata.name} -c ${container} -i -t`;
  if (spec.ephemeralContainers?.some((c) => c.name === container))
    return `Session ended, the ephemeral container will not be restarted but may be reattached using '${command}' if it is still running`;
  return `Session ended, resume using '${command}' command when the pod is running`;
}

/**
 * Follows a Pod until a condition holds. @param timeout ms; 0 waits without end
 * @throws TimedOut, CommandError when it is deleted
 */
export async function waitForPod(
  { process, factory }: Pick<Context, 'process' | 'factory'>,
  namespace: string,
  name: string,
  timeout: number,
  isDone: (pod: Live<IPod>) => boolean | Promise<boolean>,
): Promise<Live<IPod>> {
  const deadline = timeout > 0 ? process.world.clock.now() + timeout : undefined;
  const options = { fieldSelector: `metadata.name=${name}` };
  for await (const event of follow(process, factory.client(), wellKnown.pods, namespace, options, deadline)) {
    if (event.type === 'SYNCED') continue;
    if (event.type === 'DELETED') throw new CommandError(`pods ${JSON.stringify(name)} not found`);
    const pod = live<IPod>(event.object);
    if (await isDone(pod)) return pod;
  }
  throw new CommandError('watch closed before UntilWithSync timeout');
}

export function isCompleted({ status }: Live<IPod>): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

export function isRunningAndReady({ status }: Live<IPod>): boolean {
  return status.phase === 'Running' && (status.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');
}

/** Attaches, or shows the log where that can't be done any more (handleAttachPod of run and debug). */
export async function attachOrLog(
  context: Context,
  pod: Live<IPod>,
  options: AttachOptions,
  hasEnded: boolean,
): Promise<void> {
  if (hasEnded) return showLog(context, pod, options);
  try {
    await attachTo(context, pod, options);
  } catch (error) {
    if (!isCommandFailure(error) || error.name === 'SilentExit') throw error;
    const text = errorText(error);
    await context.err(
      `warning: couldn't attach to pod/${pod.metadata.name}, falling back to streaming logs: ${text}\n`,
    );
    await showLog(context, pod, options);
  }
}

async function showLog(context: Context, pod: Live<IPod>, options: AttachOptions): Promise<void> {
  const { process, factory } = context;
  const { name } = await findContainer(context, pod, options.container, options.quiet);
  const { body } = await factory.client().request({
    method: 'GET',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`,
    query: { container: name },
  });
  const reader = body instanceof Uint8Array ? readerOf(body) : body;
  for (let chunk = await reader.read(process.cancel); chunk; chunk = await reader.read(process.cancel))
    await process.stdout.write(chunk, process.cancel);
  reader.close();
}

/** The status of a container of any kind. */
export function statusOf({ status }: Live<IPod>, name: string) {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status;
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find((s) => s.name === name);
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** Five random characters as Kubernetes makes them (utilrand.String). */
export function randomSuffix({ process }: Pick<Context, 'process'>): string {
  const random = process.world.random.stream('kubectl debug');
  return Array.from({ length: 5 }, () => letters[random.int(letters.length)]).join('');
}

/** A name for a debug container that no container of the Pod has. */
export async function debugContainerName(context: Context, pod: Live<IPod>): Promise<string> {
  const taken = new Set(allContainers(pod).map((container) => container.name));
  let name: string;
  do name = `debugger-${randomSuffix(context)}`;
  while (taken.has(name));
  if (!context.flags.bool('quiet')) await context.out(`Defaulting debug container name to ${name}.\n`);
  return name;
}
