import { FsError, readAll } from '../../../world/index.ts';
import { showMessages } from '../client/messages.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

export const load: Command = {
  use: 'load [OPTIONS]',
  short: 'Load an image from a tar archive or STDIN',
  args: [0, 0],
  flags: [
    flag('input,i', 'string', 'Read from a file'),
    flag('platform', 'string', 'Load this platform only', { notSimulated: true }),
    flag('quiet,q', 'bool', 'No progress'),
  ],
  run: async (context) => {
    const { client, flags, process, out } = context;
    const input = flags.string('input');
    let data: Uint8Array;
    if (input === '') {
      if (process.isatty.stdin) throw new CliError('requested load from stdin, but stdin is empty');
      data = await readAll(process.stdin, process.cancel);
    } else {
      try {
        data = process.machine.fs.readFile(process.path(input));
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        throw new CliError(`open ${input}: ${error.message.toLowerCase()}`);
      }
    }
    const body = await client.stream('POST', '/images/load', {
      query: { quiet: flags.bool('quiet') || !process.isatty.stdout },
      data,
    });
    await showMessages(context, body, { write: out, terminal: process.isatty.stdout });
  },
};
