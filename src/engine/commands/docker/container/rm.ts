import type { Command } from '../framework/command.ts';
import { CliError, CliExit, DaemonError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

export const rm: Command = {
  use: 'rm [OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['remove'],
  short: 'Remove one or more containers',
  args: [1, Infinity],
  flags: [
    flag('force,f', 'bool', 'Kill a running container first'),
    flag('link,l', 'bool', 'Remove the link only'),
    flag('volumes,v', 'bool', 'Remove its anonymous volumes, too'),
  ],
  run: async (context) => {
    const { flags, client } = context;
    const force = flags.bool('force');
    const query = {
      ...(force ? { force: true } : {}),
      ...(flags.bool('link') ? { link: true } : {}),
      ...(flags.bool('volumes') ? { v: true } : {}),
    };
    let failed = false;
    for (const given of context.args) {
      const name = given.replace(/^\/+|\/+$/g, '');
      try {
        if (name === '') throw new CliError('invalid container name or ID: value is empty');
        if (query.link) await client.json('GET', `/containers/${encodeURIComponent(name)}/json`);
        await client.request('DELETE', `/containers/${encodeURIComponent(name)}`, { query });
        await context.out(`${given}\n`);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        await context.err(`${error.message}\n`);
        failed ||= !(force && error instanceof DaemonError && error.status === 404);
      }
    }
    if (failed) throw new CliExit(1);
  },
};
