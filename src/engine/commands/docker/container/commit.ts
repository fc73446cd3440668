import { InvalidReference, parseReference } from '../../../world/index.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

export const commit: Command = {
  use: 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  short: "Create a new image from a container's changes",
  args: [1, 2],
  flags: [
    flag('author,a', 'string', 'Author'),
    flag('change,c', 'list', 'Apply a Dockerfile instruction'),
    flag('message,m', 'string', 'Message'),
    flag('pause,p', 'bool', 'Pause the container meanwhile', { default: true }),
  ],
  run: async ({ args, client, flags, out }) => {
    const [container = '', name = ''] = args;
    let repo = '';
    let tag = '';
    if (name !== '') {
      try {
        const reference = parseReference(name);
        repo = reference.repository;
        tag = reference.tag ?? '';
      } catch (error) {
        if (!(error instanceof InvalidReference)) throw error;
        throw new CliError(error.message);
      }
    }
    const { Id: id } = await client.json<{ Id: string }>('POST', '/commit', {
      query: {
        container,
        repo,
        tag,
        comment: flags.string('message'),
        author: flags.string('author'),
        changes: flags.list('change'),
        pause: flags.bool('pause'),
      },
      body: {},
    });
    await out(`${id}\n`);
  },
};
