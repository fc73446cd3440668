import { copyStreams, proxySignals, watchSize } from '../client/terminal.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError, CliExit } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { waitForExit } from './wait-exit.ts';

interface Inspected {
  Id: string;
  Config: { Tty: boolean; OpenStdin: boolean };
  HostConfig: { AutoRemove: boolean };
  State: { Running: boolean };
}

export const start: Command = {
  use: 'start [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Start one or more stopped containers',
  args: [1, Infinity],
  flags: [
    flag('attach,a', 'bool', 'Attach STDOUT and STDERR and forward signals'),
    flag('checkpoint', 'string', 'Restore from this checkpoint', { notSimulated: true }),
    flag('checkpoint-dir', 'string', 'Where the checkpoint is', { notSimulated: true }),
    flag('detach-keys', 'string', 'Keys that detach'),
    flag('interactive,i', 'bool', 'Attach STDIN'),
  ],
  run: async (context) => {
    if (context.flags.bool('attach') || context.flags.bool('interactive')) return startAttached(context);
    const failed: string[] = [];
    for (const name of context.args) {
      try {
        await context.client.request('POST', `/containers/${encodeURIComponent(name)}/start`);
        await context.out(`${name}\n`);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        await context.err(`${error.message}\n`);
        failed.push(name);
      }
    }
    if (failed.length > 0) throw new CliError(`Error: failed to start containers: ${failed.join(', ')}`);
  },
};

async function startAttached(context: Context): Promise<void> {
  const { args, client, flags } = context;
  if (args.length > 1) throw new CliError('you cannot start and attach multiple containers at once');
  const container = await client.json<Inspected>('GET', `/containers/${encodeURIComponent(args[0]!)}/json`);
  const { Id: id, Config: config } = container;
  const stdin = flags.bool('interactive') && config.OpenStdin;
  const connection = await client.hijack(`/containers/${id}/attach`, {
    query: {
      stream: true,
      stdout: true,
      stderr: true,
      ...(stdin ? { stdin: true } : {}),
      ...(flags.string('detach-keys') ? { detachKeys: flags.string('detach-keys') } : {}),
    },
  });
  const stopProxy = config.Tty ? () => {} : proxySignals(context, id);
  const stopInterrupt = context.process.onSignal(
    'SIGINT',
    () => void context.process.world.queue.after(500, () => connection.close()),
  );
  const ended = await waitForExit(context, id, container.HostConfig.AutoRemove ? 'removed' : 'next-exit');
  let stopSize = () => {};
  try {
    await client.request('POST', `/containers/${id}/start`);
    if (config.Tty && context.process.isatty.stdout) stopSize = watchSize(context, `/containers/${id}/resize`);
    await copyStreams(context, connection, { tty: config.Tty, stdin });
    const state = await client.json<Inspected>('GET', `/containers/${id}/json`).catch(() => undefined);
    // Detached by its keys, or by Ctrl-C that the process did not obey: the container goes on.
    if (state?.State.Running) return ended.cancel();
    const status = await ended.status();
    if (status !== 0) throw new CliExit(status);
  } finally {
    stopProxy();
    stopInterrupt();
    stopSize();
    connection.close();
  }
}
