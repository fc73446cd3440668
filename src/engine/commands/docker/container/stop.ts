import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { forEach } from './each.ts';

export const stop: Command = {
  use: 'stop [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Stop one or more running containers',
  args: [1, Infinity],
  flags: [
    flag('signal,s', 'string', 'Signal to send'),
    flag('time', 'int', 'Seconds until it is killed', { hidden: true }),
    flag('timeout,t', 'int', 'Seconds until it is killed'),
  ],
  run: (context) => {
    const { flags, client } = context;
    const time = flags.given('timeout')
      ? flags.string('timeout')
      : flags.given('time')
        ? flags.string('time')
        : undefined;
    const signal = flags.string('signal');
    return forEach(context, context.args, async (name) => {
      await client.request('POST', `/containers/${encodeURIComponent(name)}/stop`, {
        query: { t: time, signal: signal || undefined },
      });
      return name;
    });
  },
};
