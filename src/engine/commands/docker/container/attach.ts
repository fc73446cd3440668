import { copyStreams, proxySignals, watchSize } from '../client/terminal.ts';
import type { Command } from '../framework/command.ts';
import { CliError, CliExit } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { waitForExit } from './wait-exit.ts';

interface Inspected {
  Id: string;
  Config: { Tty: boolean; OpenStdin: boolean };
  State: { Running: boolean; Paused: boolean; Restarting: boolean };
}

export const attach: Command = {
  use: 'attach [OPTIONS] CONTAINER',
  short: 'Attach local standard input, output, and error streams to a running container',
  args: [1, 1],
  flags: [
    flag('detach-keys', 'string', 'Keys that detach'),
    flag('no-stdin', 'bool', 'Do not attach STDIN'),
    flag('sig-proxy', 'bool', 'Hand signals to the process', { default: true }),
  ],
  run: async (context) => {
    const { client, flags, process } = context;
    const container = await client.json<Inspected>('GET', `/containers/${encodeURIComponent(context.args[0]!)}/json`);
    const { Id: id, Config: config, State: state } = container;
    if (!state.Running) throw new CliError('You cannot attach to a stopped container, start it first');
    if (state.Paused) throw new CliError('You cannot attach to a paused container, unpause it first');
    if (state.Restarting) throw new CliError('You cannot attach to a restarting container, wait until it is running');
    const stdin = !flags.bool('no-stdin') && config.OpenStdin;
    if (config.Tty && stdin && !process.isatty.stdin) throw new CliError('the input device is not a TTY');
    const ended = await waitForExit(context, id, 'not-running');
    const connection = await client.hijack(`/containers/${id}/attach`, {
      query: {
        stream: true,
        stdout: true,
        stderr: true,
        ...(stdin ? { stdin: true } : {}),
        ...(flags.string('detach-keys') ? { detachKeys: flags.string('detach-keys') } : {}),
      },
    });
    const stopProxy = flags.bool('sig-proxy') && !config.Tty ? proxySignals(context, id) : () => {};
    const stopSize = config.Tty && process.isatty.stdout ? watchSize(context, `/containers/${id}/resize`) : () => {};
    try {
      await copyStreams(context, connection, { tty: config.Tty, stdin });
      const now = await client.json<Inspected>('GET', `/containers/${id}/json`).catch(() => undefined);
      if (config.Tty && now?.State.Running) {
        ended.cancel();
        throw new CliError('read escape sequence');
      }
      const status = await ended.status();
      if (status !== 0) throw new CliExit(status);
    } finally {
      stopProxy();
      stopSize();
      connection.close();
    }
  },
};
