import type { Command } from '../framework/command.ts';
import { forEach } from './each.ts';
import { waitForExit } from './wait-exit.ts';

export const wait: Command = {
  use: 'wait CONTAINER [CONTAINER...]',
  short: 'Block until one or more containers stop, then print their exit codes',
  args: [1, Infinity],
  run: (context) =>
    forEach(context, context.args, async (name) =>
      String(await (await waitForExit(context, encodeURIComponent(name), 'not-running')).status()),
    ),
};
