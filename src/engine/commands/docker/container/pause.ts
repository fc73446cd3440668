import type { Command } from '../framework/command.ts';
import { forEach } from './each.ts';

export const pause: Command = {
  use: 'pause CONTAINER [CONTAINER...]',
  short: 'Pause all processes within one or more containers',
  args: [1, Infinity],
  run: (context) =>
    forEach(context, context.args, async (name) => {
      await context.client.request('POST', `/containers/${encodeURIComponent(name)}/pause`);
      return name;
    }),
};
