import { filtersOf } from '../client/client.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { ellipsis, formatList } from '../framework/format.ts';

interface Found {
  name: string;
  description: string;
  star_count: number;
  is_official: boolean;
}

export const search: Command = {
  use: 'search [OPTIONS] TERM',
  short: 'Search Docker Hub for images',
  group: 'common',
  args: [1, 1],
  flags: [
    flag('filter,f', 'filter', 'Restrict what is shown'),
    flag('format', 'string', 'A template'),
    flag('limit', 'int', 'Most results'),
    flag('no-trunc', 'bool', 'Do not shorten'),
  ],
  run: async ({ args, client, config, flags, out }) => {
    const limit = flags.number('limit');
    if (flags.given('limit') && (limit < 1 || limit > 100))
      throw new CliError(`Error response from daemon: limit ${limit} is outside the range of [1, 100]`);
    const found = await client.json<Found[]>('GET', '/images/search', {
      query: { term: args[0]!, ...(limit > 0 ? { limit } : {}), filters: filtersOf(flags.list('filter')) },
      headers: config.authHeader('docker.io'),
    });
    const trunc = !flags.bool('no-trunc');
    const text = (row: Found) => {
      const line = row.description.replaceAll('\n', ' ').replaceAll('\r', ' ');
      return trunc ? ellipsis(line, 45) : line;
    };
    await out(
      formatList<Found>(
        {
          type: '*formatter.searchContext',
          columns: ['Name', 'Description', 'StarCount', 'IsOfficial'],
          fields: {
            Name: { header: 'NAME', value: (row) => row.name },
            Description: { header: 'DESCRIPTION', value: text },
            StarCount: { header: 'STARS', value: (row) => String(row.star_count) },
            IsOfficial: { header: 'OFFICIAL', value: (row) => (row.is_official ? '[OK]' : '') },
            IsAutomated: { header: 'AUTOMATED', value: () => '' },
          },
        },
        found,
        { format: flags.string('format') },
      ),
    );
  },
};
