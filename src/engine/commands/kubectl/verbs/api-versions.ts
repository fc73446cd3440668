import type { Command } from '../framework/command.ts';
import { usageError } from '../framework/errors.ts';

export const apiVersions: Command = {
  use: 'api-versions',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  examples: `# All API versions of the server
kubectl api-versions`,
  async run(context) {
    if (context.args.length > 0) throw usageError(context, `unexpected arguments: [${context.args.join(' ')}]`);
    const { groupVersions } = await context.factory.mapper();
    await context.out(
      [...groupVersions]
        .sort()
        .map((gv) => `${gv}\n`)
        .join(''),
    );
  },
};
