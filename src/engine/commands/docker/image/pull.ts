import { familiarReference, InvalidReference, parseReference } from '../../../world/index.ts';
import { showMessages } from '../client/messages.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

/** @throws CliError with the parser's text */
export function parseName(name: string) {
  try {
    return parseReference(name);
  } catch (error) {
    if (!(error instanceof InvalidReference)) throw error;
    throw new CliError(error.message);
  }
}

const hasTag = (name: string) => /[:@][^/]*$/.test(name);

export const pull: Command = {
  use: 'pull [OPTIONS] NAME[:TAG|@DIGEST]',
  short: 'Download an image from a registry',
  group: 'common',
  args: [1, 1],
  flags: [
    flag('all-tags,a', 'bool', 'Download all tags of the repository'),
    flag('disable-content-trust', 'bool', 'Skip the check of signatures', { default: true, hidden: true }),
    flag('platform', 'string', 'Platform of the image'),
    flag('quiet,q', 'bool', 'No progress'),
  ],
  run: async (context) => {
    const { args, client, config, flags, out, process } = context;
    const [name = ''] = args;
    const reference = parseName(name);
    const all = flags.bool('all-tags');
    if (all && hasTag(name)) throw new CliError("tag can't be used with --all-tags/-a");
    const quiet = flags.bool('quiet');
    if (!all && !hasTag(name) && !quiet) await out('Using default tag: latest\n');
    const platform = flags.string('platform');
    const body = await client.stream('POST', '/images/create', {
      query: {
        fromImage: reference.repository,
        tag: all ? '' : (reference.digest ?? reference.tag ?? ''),
        ...(platform === '' ? {} : { platform }),
      },
      headers: config.authHeader(reference.registry),
    });
    await showMessages(context, body, {
      write: quiet ? () => Promise.resolve() : out,
      terminal: !quiet && process.isatty.stdout,
    });
    if (platform !== '' && !/^linux(\/(amd64|x86_64))?$|^amd64$/.test(platform))
      await out(
        `WARNING: image with reference ${familiarReference(reference)} was found but its platform (linux/amd64) does not match the specified platform (${platform.includes('/') ? platform : `linux/${platform}`})\n`,
      );
    await out(`${all ? reference.repository : reference.canonical}\n`);
  },
};
