import { humanSize } from '../../../world/index.ts';
import { build } from '../builder/build.ts';
import { legacyNote } from '../builder/classic.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { confirmed } from '../framework/prompt.ts';
import { age } from './age.ts';

interface CacheEntry {
  ID: string;
  Shared: boolean;
  InUse: boolean;
  Size: number;
  Description: string;
  Type: string;
  CreatedAt: string;
  LastUsedAt: string;
  UsageCount: number;
  Parents: string[] | null;
}

async function cacheEntries({ client }: Context): Promise<CacheEntry[]> {
  return (await client.json<{ BuildCache: CacheEntry[] | null }>('GET', '/system/df')).BuildCache ?? [];
}

const pruneFlags = [
  flag('all,a', 'bool', 'Remove all cached results, not only dangling ones'),
  flag('filter', 'filter', 'Restrict what is removed'),
  flag('force,f', 'bool', 'Do not ask'),
  flag('keep-storage', 'bytes', 'How much to keep', { hidden: true, notSimulated: true }),
  flag('max-used-space', 'bytes', 'How much to keep at most', { notSimulated: true }),
  flag('min-free-space', 'bytes', 'How much to leave free', { notSimulated: true }),
  flag('reserved-space', 'bytes', 'How much to keep always', { notSimulated: true }),
  flag('verbose', 'bool', 'Show more'),
  flag('builder', 'string', 'Builder instance to use'),
];

async function pruneCache(context: Context): Promise<void> {
  const { client, flags, out, process } = context;
  const all = flags.bool('all');
  if (process.env.get('DOCKER_BUILDKIT') === '0' && !context.path.startsWith('docker buildx')) {
    await legacyNote(context);
    return out('Total reclaimed space: 0B\n');
  }
  const warning = all
    ? 'WARNING! This will remove all build cache. Are you sure you want to continue?'
    : 'WARNING! This will remove all dangling build cache. Are you sure you want to continue?';
  if (!flags.bool('force') && !(await confirmed(context, warning))) return;
  const before = await cacheEntries(context);
  const result = await client.json<{ CachesDeleted: string[] | null; SpaceReclaimed: number }>('POST', '/build/prune', { query: { all } });
  const gone = before.filter((entry) => result.CachesDeleted?.includes(entry.ID));
  if (gone.length > 0) {
    await out('ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n');
    for (const entry of gone) await out(row(entry, process.world.clock.now()));
  }
  await out(`Total:\t${humanSize(result.SpaceReclaimed)}\n`);
} // prettier-ignore

function row(entry: CacheEntry, now: number): string {
  const id = `${entry.ID}${entry.Shared ? '*' : ''}`.padEnd(40);
  const size = `${humanSize(entry.Size)}`.padEnd(10);
  return `${id}\ttrue \t\t${size}\t${age(now - Date.parse(entry.LastUsedAt))}\n`;
}

const du: Command = {
  use: 'du',
  short: 'Disk usage',
  args: [0, 0],
  flags: [flag('verbose', 'bool', 'Show more'), flag('filter', 'filter', 'Restrict what is shown'), flag('builder', 'string', 'Builder instance to use')],
  run: async (context) => {
    const { out, process, flags } = context;
    const entries = await cacheEntries(context);
    const now = process.world.clock.now();
    if (flags.bool('verbose'))
      for (const entry of entries)
        await out(
          `ID:\t\t${entry.ID}\nParents:\t${(entry.Parents ?? []).join(', ')}\nCreated at:\t${entry.CreatedAt}\nMutable:\tfalse\nReclaimable:\ttrue\nShared:\t\t${entry.Shared}\nSize:\t\t${humanSize(entry.Size)}\nDescription:\t${entry.Description}\nUsage count:\t${entry.UsageCount}\nLast used:\t${age(now - Date.parse(entry.LastUsedAt))}\nType:\t\t${entry.Type}\n\n`,
        );
    else if (entries.length > 0) {
      await out('ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n');
      for (const entry of entries) await out(row(entry, now));
    }
    const sum = (list: readonly CacheEntry[]) => humanSize(list.reduce((total, entry) => total + entry.Size, 0));
    const shared = entries.filter((entry) => entry.Shared);
    if (shared.length > 0) await out(`Shared:\t\t${sum(shared)}\nPrivate:\t${sum(entries.filter((entry) => !entry.Shared))}\n`);
    await out(`Reclaimable:\t${sum(entries)}\nTotal:\t\t${sum(entries)}\n`);
  },
}; // prettier-ignore

const platforms = 'linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/386';

const ls: Command = {
  use: 'ls',
  short: 'List builder instances',
  args: [0, 0],
  flags: [
    flag('format', 'string', 'table, json or a template', { default: 'table' }),
    flag('no-trunc', 'bool', 'Do not shorten'),
  ],
  run: async ({ out, client }) => {
    await client.ping();
    await out(
      'NAME/NODE     DRIVER/ENDPOINT   STATUS    BUILDKIT   PLATFORMS\n' +
        'default*      docker                                 \n' +
        ` \\_ default    \\_ default       running   v0.25.2    ${platforms}\n`,
    );
  },
};

const inspect: Command = {
  use: 'inspect [NAME]',
  short: 'Inspect current builder instance',
  args: [0, 1],
  flags: [flag('bootstrap', 'bool', 'Start it first')],
  run: async ({ args, out, client }) => {
    if (args[0] !== undefined && args[0] !== 'default')
      throw new CliError(`ERROR: no builder ${JSON.stringify(args[0])} found`);
    await client.ping();
    await out(
      'Name:          default\nDriver:        docker\nLast Activity: 2026-01-01 00:00:00 +0000 UTC\n\nNodes:\nName:             default\nEndpoint:         default\nStatus:           running\nBuildKit version: v0.25.2\n'.replace(
        /Last Activity: .*\n/,
        '',
      ) +
        `Platforms:        ${platforms}\nLabels:\n org.mobyproject.buildkit.worker.moby.host-gateway-ip: 172.17.0.1\n`,
    );
  },
};

const absent = (name: string, short: string): Command => ({
  use: name,
  short,
  notSimulated: `buildx ${name}`,
  run: () =>
    Promise.reject(new CliError(`slipway: docker buildx ${name} is not simulated: there is the default builder`)),
});

const prune: Command = { use: 'prune', short: 'Remove build cache', args: [0, 0], flags: pruneFlags, run: pruneCache };

const version: Command = {
  use: 'version',
  short: 'Show buildx version information',
  args: [0, 0],
  run: ({ out }) => out('github.com/docker/buildx v0.29.1 a32761aeb3debd39be1eca514af3693af0db334b\n'),
};

/** `docker buildx`. */
export const buildx: Command = {
  use: 'buildx',
  short: 'Docker Buildx',
  group: 'management',
  commands: [
    build, du, inspect, ls, prune, version, absent('bake', 'Build from a file'), absent('create', 'Create a new builder instance'),
    absent('imagetools', 'Commands to work on images in registry'), absent('rm', 'Remove one or more builder instances'),
    absent('stop', 'Stop builder instance'), absent('use', 'Set the current builder instance'),
  ],
}; // prettier-ignore

/** `docker builder`. */
export const builder: Command = {
  use: 'builder',
  short: 'Manage builds',
  group: 'management',
  commands: [build, prune],
};
