import { humanSize } from '../../../world/index.ts';
import { filtersOf } from '../client/client.ts';
import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { confirmed } from '../framework/prompt.ts';

export const prune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove all stopped containers',
  args: [0, 0],
  flags: [flag('filter', 'filter', 'Restrict what is removed'), flag('force,f', 'bool', 'Do not ask')],
  run: async (context) => {
    const { client, flags, out } = context;
    if (
      !flags.bool('force') &&
      !(await confirmed(
        context,
        'WARNING! This will remove all stopped containers.\nAre you sure you want to continue?',
      ))
    )
      return;
    const { ContainersDeleted: deleted, SpaceReclaimed: space } = await client.json<{
      ContainersDeleted: string[] | null;
      SpaceReclaimed: number;
    }>('POST', '/containers/prune', {
      query: { filters: filtersOf(flags.list('filter')) },
    });
    if (deleted && deleted.length > 0) await out(`Deleted Containers:\n${deleted.map((id) => `${id}\n`).join('')}\n`);
    await out(`Total reclaimed space: ${humanSize(space)}\n`);
  },
};
