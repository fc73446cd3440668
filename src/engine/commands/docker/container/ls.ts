import { filtersOf } from '../client/client.ts';
import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { formatList } from '../framework/format.ts';
import { containerList, type ContainerRow } from './list-format.ts';

export const ls: Command = {
  use: 'ls [OPTIONS]',
  aliases: ['ps', 'list'],
  short: 'List containers',
  args: [0, 0],
  flags: [
    flag('all,a', 'bool', 'Show all containers, not only running ones'),
    flag('filter,f', 'filter', 'Restrict what is shown'),
    flag('format', 'string', 'table, json or a template'),
    flag('last,n', 'int', 'Show the last containers that were created', { default: -1 }),
    flag('latest,l', 'bool', 'Show the container that was created last'),
    flag('no-trunc', 'bool', 'Do not shorten'),
    flag('quiet,q', 'bool', 'Only IDs'),
    flag('size,s', 'bool', 'Show sizes'),
  ],
  run: async ({ client, flags, out, process }) => {
    const format = flags.string('format');
    const last = flags.bool('latest') ? 1 : flags.number('last');
    const size = flags.bool('size') || (!flags.given('size') && /\.Size\b|json \.\s*}}/.test(format));
    const list = containerList(process.world.clock.now(), !flags.bool('no-trunc'), flags.bool('size'));
    // A template that can't be is found before the Engine is asked.
    formatList(list, [], { format });
    const rows = await client.json<ContainerRow[]>('GET', '/containers/json', {
      query: {
        ...(flags.bool('all') ? { all: true } : {}),
        ...(last > 0 ? { limit: last } : {}),
        ...(size ? { size: true } : {}),
        filters: filtersOf(flags.list('filter')),
      },
    });
    await out(formatList(list, rows, { format, quiet: flags.bool('quiet') }));
  },
};
