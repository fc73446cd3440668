import type { Command } from '../framework/command.ts';
import { CommandError, usageError } from '../framework/errors.ts';
import { completePods } from '../framework/pod-completion.ts';
import { findContainer } from '../workloads/containers.ts';
import { openStream, runStream, usableTty } from '../workloads/upgrade.ts';
import { findPod } from './exec.ts';

export const attach: Command = {
  use: 'attach (POD | TYPE/NAME) -c CONTAINER',
  short: 'Attach to a running container',
  long: 'Attaches to a process that already runs in a container.',
  examples: `# See what the first container of pod mypod writes
kubectl attach mypod

# What the container ruby-container of pod mypod writes
kubectl attach mypod -c ruby-container`,
  flags: [
    { name: 'container', shorthand: 'c', type: 'string', usage: 'The container to use.' },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 60_000,
      usage: 'How long to wait for a pod to run (e.g. 5s, 2m, or 3h).',
    },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: "Print nothing but the container's output" },
    { name: 'stdin', shorthand: 'i', type: 'bool', usage: 'Pass stdin to the container' },
    { name: 'tty', shorthand: 't', type: 'bool', usage: 'Stdin is a TTY' },
  ],
  complete: completePods,
  async run(context) {
    const { args, flags, factory, process } = context;
    if (args.length === 0) throw usageError(context, 'at least 1 argument is required for attach');
    if (args.length > 2)
      throw usageError(
        context,
        'expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ' + `${args.length}: [${args.join(' ')}]`,
      );
    const pod = await findPod(
      context,
      args.length === 2 ? `${args[0]}/${args[1]}` : args[0]!,
      [],
      flags.duration('pod-running-timeout'),
    );
    const { phase } = pod.status;
    if (phase === 'Succeeded' || phase === 'Failed')
      throw new CommandError(`cannot attach a container in a completed pod; current phase is ${phase}`);
    const container = await findContainer(context, pod, flags.string('container'), flags.bool('quiet'));
    const stdin = flags.bool('stdin');
    if (flags.bool('tty') && !container.tty)
      await context.err(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`);
    const { tty, complaint } = usableTty(process, { stdin, tty: flags.bool('tty') && (container.tty ?? false) });
    if (!flags.bool('quiet')) await context.err(complaint);
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/attach`;
    const on = (wanted: boolean) => wanted || undefined;
    const query = { container: container.name, stdin: on(stdin), stdout: true, stderr: on(!tty), tty: on(tty) };
    const socket = await openStream(process, factory.client(), path, query, 'attach');
    if (!flags.bool('quiet') && (stdin || tty))
      await context.err("If you don't see a command prompt, try pressing enter.\n");
    await runStream(process, socket, { stdin, tty });
  },
};
