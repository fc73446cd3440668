import type { Command } from '../framework/command.ts';
import { forEach } from './each.ts';

export const unpause: Command = {
  use: 'unpause CONTAINER [CONTAINER...]',
  short: 'Unpause all processes within one or more containers',
  args: [1, Infinity],
  run: (context) =>
    forEach(context, context.args, async (name) => {
      await context.client.request('POST', `/containers/${encodeURIComponent(name)}/unpause`);
      return name;
    }),
};
