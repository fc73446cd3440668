import type { Command } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';
import { completePods } from '../framework/completion.ts';
import { attachTo } from '../workloads/attach.ts';
import { findPod } from './exec.ts';

export const attach: Command = {
  use: 'attach (POD | TYPE/NAME) -c CONTAINER',
  short: 'Attach to a running container',
  long: 'Attaches to a process that already runs in a container.',
  examples: `# See what the first container of pod mypod writes
kubectl attach mypod

# What the container ruby-container of pod mypod writes
kubectl attach mypod -c ruby-container

# Type to the shell that runs in it
kubectl attach mypod -c ruby-container -i -t`,
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
    const { args, flags } = context;
    if (args.length === 0) throw new CommandError('at least 1 argument is required for attach');
    if (args.length > 2)
      throw new CommandError(
        'expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ' + `${args.length}: [${args.join(' ')}]`,
      );
    const pod = await findPod(
      context,
      args.length === 2 ? `${args[0]}/${args[1]}` : args[0]!,
      [],
      flags.duration('pod-running-timeout'),
    );
    await attachTo(context, pod, {
      stdin: flags.bool('stdin'),
      tty: flags.bool('tty'),
      quiet: flags.bool('quiet'),
      container: flags.string('container'),
    });
  },
};
