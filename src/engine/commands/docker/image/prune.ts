import { humanSize } from '../../../world/index.ts';
import { filtersOf } from '../client/client.ts';
import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { confirmed } from '../framework/prompt.ts';

export const prune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove unused images',
  args: [0, 0],
  flags: [
    flag('all,a', 'bool', 'Remove all unused images, not only dangling ones'),
    flag('filter', 'filter', 'Restrict what is removed'),
    flag('force,f', 'bool', 'Do not ask'),
  ],
  run: async (context) => {
    const { client, flags, out } = context;
    const all = flags.bool('all');
    const warning = all
      ? 'WARNING! This will remove all images without at least one container associated to them.'
      : 'WARNING! This will remove all dangling images.';
    if (!flags.bool('force') && !(await confirmed(context, `${warning}\nAre you sure you want to continue?`))) return;
    const result = await client.json<PruneResult>('POST', '/images/prune', {
      query: { filters: filtersOf([...flags.list('filter'), `dangling=${!all}`]) },
    });
    await out(`${deletedImages(result)}Total reclaimed space: ${humanSize(result.SpaceReclaimed)}\n`);
  },
};

export interface PruneResult {
  ImagesDeleted: { Untagged?: string; Deleted?: string }[] | null;
  SpaceReclaimed: number;
}

export function deletedImages({ ImagesDeleted: deleted }: PruneResult): string {
  if (!deleted || deleted.length === 0) return '';
  return `Deleted Images:\n${deleted.map((each) => (each.Untagged === undefined ? `deleted: ${each.Deleted}\n` : `untagged: ${each.Untagged}\n`)).join('')}\n`;
}
