import { familiarReference } from '../../../world/index.ts';
import { showMessages } from '../client/messages.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { parseName } from './pull.ts';

export const push: Command = {
  use: 'push [OPTIONS] NAME[:TAG]',
  short: 'Upload an image to a registry',
  group: 'common',
  args: [1, 1],
  flags: [
    flag('all-tags,a', 'bool', 'Push all tags of the repository'),
    flag('disable-content-trust', 'bool', 'Skip signing', { default: true, hidden: true }),
    flag('platform', 'string', 'Push one platform only', { notSimulated: true }),
    flag('quiet,q', 'bool', 'No progress'),
  ],
  run: async (context) => {
    const { args, client, config, flags, out, process } = context;
    const [name = ''] = args;
    const reference = parseName(name);
    const all = flags.bool('all-tags');
    const tagged = /[:@][^/]*$/.test(name);
    if (all && tagged) throw new CliError("tag can't be used with --all-tags/-a");
    if (reference.digest) throw new CliError('cannot push a digest reference');
    const quiet = flags.bool('quiet');
    if (!all && !tagged && !quiet) await out('Using default tag: latest\n');
    const path = reference.repository.replace(/^docker\.io\/(library\/)?/, '');
    const body = await client.stream('POST', `/images/${path.split('/').map(encodeURIComponent).join('/')}/push`, {
      query: { tag: all ? '' : (reference.tag ?? 'latest') },
      headers: config.authHeader(reference.registry),
    });
    await showMessages(context, body, {
      write: quiet ? () => Promise.resolve() : out,
      terminal: !quiet && process.isatty.stdout,
    });
    if (quiet) await out(`${all ? reference.repository : reference.canonical}\n`);
  },
};

export { familiarReference };
