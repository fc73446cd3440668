import type { Command } from '../framework/command.ts';
import { forEach } from './each.ts';
import { stop } from './stop.ts';

export const restart: Command = {
  use: 'restart [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Restart one or more containers',
  args: [1, Infinity],
  flags: stop.flags!,
  run: (context) => {
    const { flags, client } = context;
    const time = flags.given('timeout')
      ? flags.string('timeout')
      : flags.given('time')
        ? flags.string('time')
        : undefined;
    const signal = flags.string('signal');
    return forEach(context, context.args, async (name) => {
      await client.request('POST', `/containers/${encodeURIComponent(name)}/restart`, {
        query: { t: time, signal: signal || undefined },
      });
      return name;
    });
  },
};
