import { FsError, readAll } from '../../../world/index.ts';
import { showMessages } from '../client/messages.ts';
import type { Command } from '../framework/command.ts';
import { CliError, notSimulated } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { parseName } from './pull.ts';

export const importImage: Command = {
  use: 'import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  short: 'Import the contents from a tarball to create a filesystem image',
  args: [1, Infinity],
  flags: [
    flag('change,c', 'list', 'Apply a Dockerfile instruction'),
    flag('message,m', 'string', 'Message'),
    flag('platform', 'string', 'Platform of the image', { notSimulated: true }),
  ],
  run: async (context) => {
    const { args, client, flags, process, out } = context;
    const [source = '', name = ''] = args;
    if (name !== '') parseName(name);
    if (/^https?:\/\//.test(source)) throw notSimulated('docker import from a URL');
    let data: Uint8Array;
    if (source === '-') data = await readAll(process.stdin, process.cancel);
    else
      try {
        data = process.machine.fs.readFile(process.path(source));
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        throw new CliError(`open ${source}: ${error.message.toLowerCase()}`);
      }
    const body = await client.stream('POST', '/images/create', {
      query: { fromSrc: '-', repo: name, message: flags.string('message'), changes: flags.list('change') },
      data,
    });
    await showMessages(context, body, { write: out, terminal: process.isatty.stdout });
  },
};
