import { FsError } from '../../../world/index.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

export const exportContainer: Command = {
  use: 'export [OPTIONS] CONTAINER',
  short: "Export a container's filesystem as a tar archive",
  args: [1, 1],
  flags: [flag('output,o', 'string', 'Write to a file')],
  run: async ({ args, client, flags, process }) => {
    const output = flags.string('output');
    if (output === '' && process.isatty.stdout)
      throw new CliError('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    const data = await client.bytes('GET', `/containers/${encodeURIComponent(args[0]!)}/export`);
    if (output === '') return process.stdout.write(data, process.cancel);
    try {
      process.machine.fs.writeFile(process.path(output), data, {
        mode: 0o600,
        uid: process.user.uid,
        gid: process.user.gid,
      });
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new CliError(
        `failed to export container: invalid output path: directory "${output.replace(/\/[^/]*$/, '')}" does not exist`,
      );
    }
  },
};
