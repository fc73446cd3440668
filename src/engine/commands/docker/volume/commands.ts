import { humanSize } from '../../../world/index.ts';
import { filtersOf } from '../client/client.ts';
import { forEach } from '../container/each.ts';
import { pairsOf } from '../container/create-options.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { formatList, naturalLess, type ListFormat } from '../framework/format.ts';
import { confirmed } from '../framework/prompt.ts';
import { typedInspect } from '../system/inspect.ts';

interface VolumeRow {
  Name: string;
  Driver: string;
  Scope: string;
  Mountpoint: string;
  Labels: Record<string, string> | null;
}

const list: ListFormat<VolumeRow> = {
  type: '*formatter.volumeContext',
  columns: ['Driver', 'Name'],
  quiet: 'Name',
  raw: 'name: {{.Name}}\ndriver: {{.Driver}}\n',
  label: (row, name) => row.Labels?.[name] ?? '',
  fields: {
    Name: { header: 'VOLUME NAME', value: (row) => row.Name },
    Driver: { header: 'DRIVER', value: (row) => row.Driver },
    Scope: { header: 'SCOPE', value: (row) => row.Scope },
    Mountpoint: { header: 'MOUNTPOINT', value: (row) => row.Mountpoint },
    Labels: {
      header: 'LABELS',
      value: (row) =>
        Object.entries(row.Labels ?? {})
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
    },
    Links: { header: 'LINKS', value: () => 'N/A' },
    Size: { header: 'SIZE', value: () => 'N/A' },
    Group: { header: 'GROUP', value: () => 'N/A' },
    Status: { header: 'STATUS', value: () => 'N/A' },
    Availability: { header: 'AVAILABILITY', value: () => 'N/A' },
  },
};

const ls: Command = {
  use: 'ls [OPTIONS]',
  aliases: ['list'],
  short: 'List volumes',
  args: [0, 0],
  flags: [
    flag('cluster', 'bool', 'Show cluster volumes only', { hidden: true, notSimulated: true }),
    flag('filter,f', 'filter', 'Restrict what is shown'),
    flag('format', 'string', 'table, json or a template'),
    flag('quiet,q', 'bool', 'Only names'),
  ],
  run: async ({ client, flags, out }) => {
    const { Volumes } = await client.json<{ Volumes: VolumeRow[] | null }>('GET', '/volumes', {
      query: { filters: filtersOf(flags.list('filter')) },
    });
    const rows = [...(Volumes ?? [])].sort((a, b) => naturalLess(a.Name, b.Name));
    await out(formatList(list, rows, { format: flags.string('format'), quiet: flags.bool('quiet') }));
  },
};

const create: Command = {
  use: 'create [OPTIONS] [VOLUME]',
  short: 'Create a volume',
  args: [0, 1],
  flags: [
    ...[
      'availability',
      'group',
      'limit-bytes',
      'required-bytes',
      'scope',
      'secret',
      'sharing',
      'topology-preferred',
      'topology-required',
      'type',
    ].map((name) => flag(name, 'string', 'Cluster volumes', { hidden: true, notSimulated: true })),
    flag('driver,d', 'string', 'Driver', { default: 'local' }),
    flag('label', 'list', 'Set labels'),
    flag('name', 'string', 'Name', { hidden: true }),
    flag('opt,o', 'map', 'Options of the driver'),
  ],
  run: async ({ args, client, flags, out }) => {
    const given = flags.string('name');
    if (args.length > 0 && given !== '')
      throw new CliError(
        'conflicting options: cannot specify a volume name through both --name and as a positional arg',
      );
    const { Name: name } = await client.json<VolumeRow>('POST', '/volumes/create', {
      body: {
        Name: args[0] ?? given,
        Driver: flags.string('driver'),
        DriverOpts: pairsOf(flags.list('opt')),
        Labels: pairsOf(flags.list('label')),
      },
    });
    await out(`${name}\n`);
  },
};

const rm: Command = {
  use: 'rm [OPTIONS] VOLUME [VOLUME...]',
  aliases: ['remove'],
  short: 'Remove one or more volumes',
  args: [1, Infinity],
  flags: [flag('force,f', 'bool', 'No error for a volume that is not there')],
  run: (context) =>
    forEach(context, context.args, async (name) => {
      await context.client.request('DELETE', `/volumes/${encodeURIComponent(name)}`, {
        query: context.flags.bool('force') ? { force: true } : {},
      });
      return name;
    }),
};

const prune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove unused local volumes',
  args: [0, 0],
  flags: [
    flag('all,a', 'bool', 'Remove all unused volumes, not only anonymous ones'),
    flag('filter', 'filter', 'Restrict what is removed'),
    flag('force,f', 'bool', 'Do not ask'),
  ],
  run: async (context) => {
    const { client, flags, out } = context;
    const all = flags.bool('all');
    const question = `WARNING! This will remove ${all ? 'all' : 'anonymous'} local volumes not used by at least one container.\nAre you sure you want to continue?`;
    if (!flags.bool('force') && !(await confirmed(context, question))) return;
    const { VolumesDeleted: deleted, SpaceReclaimed: space } = await client.json<{
      VolumesDeleted: string[] | null;
      SpaceReclaimed: number;
    }>('POST', '/volumes/prune', {
      query: { filters: filtersOf([...flags.list('filter'), ...(all ? ['all=true'] : [])]) },
    });
    if (deleted && deleted.length > 0) await out(`Deleted Volumes:\n${deleted.map((name) => `${name}\n`).join('')}\n`);
    await out(`Total reclaimed space: ${humanSize(space)}\n`);
  },
};

export const volume: Command = {
  use: 'volume',
  short: 'Manage volumes',
  group: 'management',
  commands: [
    create,
    typedInspect(
      'volume',
      'inspect [OPTIONS] VOLUME [VOLUME...]',
      'Display detailed information on one or more volumes',
    ),
    ls,
    prune,
    rm,
  ],
};
