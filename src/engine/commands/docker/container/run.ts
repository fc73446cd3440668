import { copyStreams, proxySignals, requireTerminal, watchSize } from '../client/terminal.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError, CliExit } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { createFlags } from './create-flags.ts';
import { createContainer } from './create.ts';
import { waitForExit } from './wait-exit.ts';

export const run: Command = {
  use: 'run [OPTIONS] IMAGE [COMMAND] [ARG...]',
  short: 'Create and run a new container from an image',
  group: 'common',
  args: [1, Infinity],
  passThrough: true,
  flags: [
    ...createFlags,
    flag('detach,d', 'bool', 'Run in the background and print the ID'),
    flag('detach-keys', 'string', 'Keys that detach'),
    flag('sig-proxy', 'bool', 'Hand signals to the process', { default: true }),
  ],
  run: async (context) => {
    const { path } = context;
    try {
      await runContainer(context);
    } catch (error) {
      if (error instanceof CliExit || !(error instanceof CliError)) throw error;
      if (error.message === 'the input device is not a TTY') throw error;
      throw new CliError(`docker: ${error.message}\n\nRun '${path} --help' for more information`, statusOf(error));
    }
  },
};

/** 127 and 126 for programs that can't be found or executed, 125 for everything else. */
function statusOf({ message, exit }: CliError): number {
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(message))
    return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return exit === 1 ? 125 : exit;
}

async function runContainer(context: Context): Promise<void> {
  const { flags, client, process } = context;
  const detach = flags.bool('detach');
  const tty = flags.bool('tty');
  const interactive = flags.bool('interactive');
  if (!detach) requireTerminal(context, tty, interactive);
  else if (flags.list('attach').length > 0)
    throw new CliError('conflicting options: cannot specify both --attach and --detach');
  const { id } = await createContainer(context);
  const remove = flags.bool('rm');
  if (detach) await context.out(`${id}\n`);
  const attached = flags.list('attach').map((name) => name.toLowerCase());
  const wants = (name: string) => attached.length === 0 || attached.includes(name);
  const stdin = interactive && wants('stdin');
  const connection = detach
    ? undefined
    : await client.hijack(`/containers/${id}/attach`, {
        query: {
          stream: true,
          ...(stdin ? { stdin: true } : {}),
          ...(wants('stdout') ? { stdout: true } : {}),
          ...(wants('stderr') ? { stderr: true } : {}),
          ...(flags.string('detach-keys') === '' ? {} : { detachKeys: flags.string('detach-keys') }),
        },
      });
  const ended = detach ? undefined : await waitForExit(context, id, remove ? 'removed' : 'next-exit');
  try {
    await client.request('POST', `/containers/${id}/start`);
  } catch (error) {
    connection?.close();
    throw error;
  }
  if (!connection || !ended) return;
  const stopProxy = !tty && flags.bool('sig-proxy') ? proxySignals(context, id) : () => {};
  const stopSize = tty && process.isatty.stdout ? watchSize(context, `/containers/${id}/resize`) : () => {};
  try {
    await copyStreams(context, connection, { tty, stdin });
    const state = await client
      .json<{ State: { Running: boolean } }>('GET', `/containers/${id}/json`)
      .catch(() => undefined);
    // Detached by its keys: the container goes on.
    if (tty && stdin && state?.State.Running) {
      ended.cancel();
      return;
    }
    const status = await ended.status();
    if (status !== 0) throw new CliExit(status);
  } finally {
    stopProxy();
    stopSize();
    connection.close();
  }
}
