import { demultiplex } from '../client/frames.ts';
import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { timestamp } from '../framework/time.ts';

export const logs: Command = {
  use: 'logs [OPTIONS] CONTAINER',
  short: 'Fetch the logs of a container',
  args: [1, 1],
  flags: [
    flag('details', 'bool', 'Show attributes of the log driver'),
    flag('follow,f', 'bool', 'Go on with new lines'),
    flag('since', 'string', 'Lines since a time or for a duration'),
    flag('tail,n', 'string', 'Number of lines from the end', { default: 'all' }),
    flag('timestamps,t', 'bool', 'Show times'),
    flag('until', 'string', 'Lines before a time or duration'),
  ],
  run: async ({ args, client, flags, process }) => {
    const now = process.world.clock.now();
    const name = encodeURIComponent(args[0]!);
    const since = timestamp(flags.string('since'), now, 'since');
    const until = timestamp(flags.string('until'), now, 'until');
    const container = await client.json<{ Config: { Tty: boolean } }>('GET', `/containers/${name}/json`);
    const body = await client.stream('GET', `/containers/${name}/logs`, {
      query: {
        stdout: true,
        stderr: true,
        tail: flags.string('tail'),
        ...(flags.bool('follow') ? { follow: true } : {}),
        ...(flags.bool('timestamps') ? { timestamps: true } : {}),
        ...(flags.bool('details') ? { details: true } : {}),
        ...(since === '' ? {} : { since }),
        ...(until === '' ? {} : { until }),
      },
    });
    if (container.Config.Tty) {
      for (;;) {
        const data = await body.read(process.cancel);
        if (!data) return;
        await process.stdout.write(data, process.cancel);
      }
    }
    await demultiplex(body, (stream, data) => process[stream].write(data, process.cancel), process.cancel);
  },
};
