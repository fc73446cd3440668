import { humanSize } from '../../../world/index.ts';
import { filtersOf } from '../client/client.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { confirmed } from '../framework/prompt.ts';
import { deletedImages, type PruneResult } from '../image/prune.ts';

export const prune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove unused data',
  args: [0, 0],
  flags: [
    flag('all,a', 'bool', 'Remove all unused images, not only dangling ones'),
    flag('filter', 'filter', 'Restrict what is removed'),
    flag('force,f', 'bool', 'Do not ask'),
    flag('volumes', 'bool', 'Remove anonymous volumes, too'),
  ],
  run: async (context) => {
    const { client, flags, out } = context;
    const all = flags.bool('all');
    const volumes = flags.bool('volumes');
    const filters = flags.list('filter');
    if (volumes && filters.some((filter) => filter.startsWith('until=')))
      throw new CliError('ERROR: The "until" filter is not supported with "--volumes"');
    const what = [
      'all stopped containers',
      'all networks not used by at least one container',
      ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
      all ? 'all images without at least one container associated to them' : 'all dangling images',
      all ? 'all build cache' : 'unused build cache',
    ];
    const warning = `WARNING! This will remove:\n${what.map((line) => `  - ${line}\n`).join('')}${
      filters.length > 0
        ? `\n  Items to be pruned will be filtered with:\n${[...filters]
            .sort()
            .map((filter) => `  - ${filter.replace('=', '=')}\n`)
            .join('')}`
        : ''
    }\nAre you sure you want to continue?`;
    if (!flags.bool('force') && !(await confirmed(context, warning))) return;
    const query = { filters: filtersOf(filters) };
    let space = 0;
    const containers = await client.json<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>(
      'POST',
      '/containers/prune',
      { query },
    );
    space += containers.SpaceReclaimed;
    if (containers.ContainersDeleted)
      await out(`Deleted Containers:\n${containers.ContainersDeleted.map((id) => `${id}\n`).join('')}\n`);
    const networks = await client.json<{ NetworksDeleted: string[] | null }>('POST', '/networks/prune', { query });
    if (networks.NetworksDeleted)
      await out(`Deleted Networks:\n${networks.NetworksDeleted.map((name) => `${name}\n`).join('')}\n`);
    if (volumes) {
      const pruned = await client.json<{ VolumesDeleted: string[] | null; SpaceReclaimed: number }>(
        'POST',
        '/volumes/prune',
        { query },
      );
      space += pruned.SpaceReclaimed;
      if (pruned.VolumesDeleted)
        await out(`Deleted Volumes:\n${pruned.VolumesDeleted.map((name) => `${name}\n`).join('')}\n`);
    }
    const images = await client.json<PruneResult>('POST', '/images/prune', {
      query: { filters: filtersOf([...filters, `dangling=${!all}`]) },
    });
    space += images.SpaceReclaimed;
    await out(deletedImages(images));
    const cache = await client.json<{ CachesDeleted: string[] | null; SpaceReclaimed: number }>(
      'POST',
      '/build/prune',
      { query: { ...query, ...(all ? { all: true } : {}) } },
    );
    space += cache.SpaceReclaimed;
    if (cache.CachesDeleted && cache.CachesDeleted.length > 0)
      await out(`Deleted build cache objects:\n${cache.CachesDeleted.map((id) => `${id}\n`).join('')}\n`);
    await out(`Total reclaimed space: ${humanSize(space)}\n`);
  },
};
