import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { parseName } from './pull.ts';

export const tag: Command = {
  use: 'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  args: [2, 2],
  run: async ({ args, client }) => {
    const [source = '', target = ''] = args;
    let reference;
    try {
      if (!/^(sha256:)?[a-f0-9]{64}$/.test(source)) parseName(source);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      throw new CliError(
        `Error parsing reference: ${JSON.stringify(source)} is not a valid repository/tag: ${error.message}`,
      );
    }
    try {
      reference = parseName(target);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      throw new CliError(
        `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${error.message}`,
      );
    }
    if (reference.digest) throw new CliError('refusing to create a tag with a digest reference');
    await client.request('POST', `/images/${source.split('/').map(encodeURIComponent).join('/')}/tag`, {
      query: { repo: reference.repository, tag: reference.tag ?? 'latest' },
    });
  },
};
