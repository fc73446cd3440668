import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { forEach } from './each.ts';

export const kill: Command = {
  use: 'kill [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Kill one or more running containers',
  args: [1, Infinity],
  flags: [flag('signal,s', 'string', 'Signal to send')],
  run: (context) =>
    forEach(context, context.args, async (name) => {
      await context.client.request('POST', `/containers/${encodeURIComponent(name)}/kill`, {
        query: { signal: context.flags.string('signal') || undefined },
      });
      return name;
    }),
};
