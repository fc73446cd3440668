import type { Command } from '../framework/command.ts';
import { CliError, CliExit, DaemonError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

export const rm: Command = {
  use: 'rm [OPTIONS] IMAGE [IMAGE...]',
  aliases: ['remove'],
  short: 'Remove one or more images',
  args: [1, Infinity],
  flags: [
    flag('force,f', 'bool', 'Remove by force'),
    flag('no-prune', 'bool', 'Keep untagged parents'),
    flag('platform', 'string', 'Remove only this platform', { hidden: true, notSimulated: true }),
  ],
  run: async ({ args, client, flags, out, err }) => {
    const force = flags.bool('force');
    let fatal = false;
    for (const name of args) {
      try {
        const deleted = await client.json<({ Untagged: string } | { Deleted: string })[]>(
          'DELETE',
          `/images/${name.split('/').map(encodeURIComponent).join('/')}`,
          {
            query: { ...(force ? { force: true } : {}), ...(flags.bool('no-prune') ? { noprune: true } : {}) },
          },
        );
        for (const each of deleted)
          await out('Deleted' in each ? `Deleted: ${each.Deleted}\n` : `Untagged: ${each.Untagged}\n`);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        await err(`${error.message}\n`);
        fatal ||= !(force && error instanceof DaemonError && error.status === 404);
      }
    }
    if (fatal) throw new CliExit(1);
  },
};
