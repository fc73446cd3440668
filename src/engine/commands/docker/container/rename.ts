import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';

export const rename: Command = {
  use: 'rename CONTAINER NEW_NAME',
  short: 'Rename a container',
  args: [2, 2],
  run: async ({ args, client }) => {
    const [before = '', after = ''] = args.map((name) => name.trim());
    if (before === '' || after === '') throw new CliError('Error: Neither old nor new names may be empty');
    try {
      await client.request('POST', `/containers/${encodeURIComponent(before)}/rename`, { query: { name: after } });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      throw new CliError(`${error.message}\nError: failed to rename container named ${before}`);
    }
  },
};
