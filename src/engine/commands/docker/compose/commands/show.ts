import { humanDuration, humanSize, parseReference, familiarRepository } from '../../../../world/index.ts';
import { CliError } from '../../framework/errors.ts';
import { ellipsis, formatList, truncateId, type ListFormat } from '../../framework/format.ts';
import { flag } from '../../framework/flags.ts';
import { alignColumns } from '../../framework/tabwriter.ts';
import { timestamp } from '../../framework/time.ts';
import { displayPorts } from '../../container/display-ports.ts';
import { quoteCommand, type ContainerRow } from '../../container/list-format.ts';
import {
  checkServices,
  containersOf,
  label,
  nameOf,
  numberOf,
  serviceOf,
  type ComposeCommand,
  type ComposeContext,
} from '../framework.ts';
import { PrefixedOutput, shortName } from '../output.ts';
import { optionalProject } from './down.ts';

function psList(now: number, trunc: boolean): ListFormat<ContainerRow> {
  return {
    type: '*formatter.ContainerContext',
    columns: ['Name', 'Image', 'Command', 'Service', 'RunningFor', 'Status', 'Ports'],
    quiet: 'ID',
    fields: {
      ID: { header: 'CONTAINER ID', value: (row) => row.Id },
      Name: { header: 'NAME', value: nameOf },
      Names: { header: 'NAMES', value: nameOf },
      Image: { header: 'IMAGE', value: (row) => row.Image },
      Command: { header: 'COMMAND', value: (row) => quoteCommand(trunc ? ellipsis(row.Command, 20) : row.Command) },
      Service: { header: 'SERVICE', value: serviceOf },
      Project: { header: 'PROJECT', value: (row) => row.Labels?.[label.project] ?? '' },
      RunningFor: { header: 'CREATED', value: (row) => `${humanDuration(now - row.Created * 1000)} ago` },
      State: { header: 'STATE', value: (row) => row.State },
      Status: { header: 'STATUS', value: (row) => row.Status },
      Health: { header: 'HEALTH', value: (row) => /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(row.Status)?.[1] ?? '' },
      Ports: { header: 'PORTS', value: (row) => displayPorts(row.Ports) },
      Labels: { header: 'LABELS', value: (row) => Object.entries(row.Labels ?? {}).map(([key, value]) => `${key}=${value}`).sort().join(',') },
    },
  };
} // prettier-ignore

export const ps: ComposeCommand = {
  use: 'ps [OPTIONS] [SERVICE...]',
  short: 'List containers',
  flags: [
    flag('all,a', 'bool', 'Show all stopped containers (including those created by the run command)'),
    flag('filter', 'string', 'Filter services by a property (supported filters: status)'),
    flag('format', 'string', 'Format output using a custom template', { default: 'table' }),
    flag('no-trunc', 'bool', "Don't truncate output"),
    flag('orphans', 'bool', 'Include orphaned services', { default: true }),
    flag('quiet,q', 'bool', 'Only display IDs'),
    flag('services', 'bool', 'Display services'),
    flag('status', 'list', 'Filter services by status'),
  ],
  execute: async (context) => {
    const { args, flags, out, process } = context;
    const name = await context.projectName();
    const project = await optionalProject(context);
    if (project) checkServices(project, args);
    const filter = flags.string('filter');
    const wanted = [...flags.list('status')];
    if (filter !== '') {
      const [key, value = ''] = filter.split('=');
      if (key !== 'status') throw new CliError(`unknown filter ${key}`);
      wanted.push(value);
    }
    const rows = (await containersOf(context, name, { all: flags.bool('all') || wanted.length > 0, oneoff: flags.bool('all') }))
      .filter((row) => args.length === 0 || args.includes(serviceOf(row)))
      .filter((row) => wanted.length === 0 || wanted.includes(row.State));
    if (flags.bool('services')) return out([...new Set(rows.map(serviceOf))].map((each) => `${each}\n`).join(''));
    if (flags.bool('quiet')) return out(rows.map((row) => `${row.Id}\n`).join(''));
    const format = flags.string('format');
    await out(formatList(psList(process.world.clock.now(), !flags.bool('no-trunc')), rows, { format: format === 'table' ? '' : format }));
  },
}; // prettier-ignore

const wide = (rows: readonly string[][]) => alignColumns(rows.map((row) => `${row.join('\t')}\n`).join(''), 20, 3);

export const ls: ComposeCommand = {
  use: 'ls [OPTIONS]',
  short: 'List running compose projects',
  flags: [
    flag('all,a', 'bool', 'Show all stopped Compose projects'),
    flag('filter', 'filter', 'Filter output based on conditions provided'),
    flag('format', 'string', 'Format the output. Values: [table | json]', { default: 'table' }),
    flag('quiet,q', 'bool', 'Only display project names'),
  ],
  execute: async ({ client, flags, out }) => {
    const rows = await client.json<ContainerRow[]>('GET', '/containers/json', {
      query: { all: true, filters: JSON.stringify({ label: { [label.project]: true } }) },
    });
    const projects = new Map<string, ContainerRow[]>();
    for (const row of rows) {
      const name = row.Labels?.[label.project] ?? '';
      projects.set(name, [...(projects.get(name) ?? []), row]);
    }
    const wanted = flags.list('filter').map((item) => item.replace(/^name=/, ''));
    const found: { Name: string; Status: string; ConfigFiles: string }[] = [];
    for (const name of [...projects.keys()].sort()) {
      const own = projects.get(name)!;
      if (!flags.bool('all') && !own.some((row) => row.State === 'running')) continue;
      if (wanted.length > 0 && !wanted.some((text) => name.includes(text))) continue;
      const counts = new Map<string, number>();
      for (const row of flags.bool('all') ? own : own.filter((each) => each.State === 'running')) counts.set(row.State, (counts.get(row.State) ?? 0) + 1);
      const status = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([state, count]) => `${state}(${count})`).join(', ');
      found.push({ Name: name, Status: status, ConfigFiles: own[0]!.Labels?.[label.files] ?? '' });
    }
    if (flags.bool('quiet')) return out(found.map(({ Name }) => `${Name}\n`).join(''));
    if (flags.string('format') === 'json') return out(`${JSON.stringify(found)}\n`);
    await out(wide([['NAME', 'STATUS', 'CONFIG FILES'], ...found.map((each) => [each.Name, each.Status, each.ConfigFiles])]));
  },
}; // prettier-ignore

interface InspectedImage {
  Id: string;
  Size: number;
  Os: string;
  Architecture: string;
  Metadata: { LastTagTime: string };
}

export const images: ComposeCommand = {
  use: 'images [OPTIONS] [SERVICE...]',
  short: 'List images used by the created containers',
  flags: [flag('format', 'string', 'Format the output. Values: [table | json]', { default: 'table' }), flag('quiet,q', 'bool', 'Only display IDs')],
  execute: async (context) => {
    const { args, client, flags, out, process } = context;
    const rows = (await containersOf(context, await context.projectName())).filter((row) => args.length === 0 || args.includes(serviceOf(row)));
    const lines: string[][] = [['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED']];
    const ids = new Set<string>();
    const found: Record<string, unknown>[] = [];
    for (const row of rows) {
      const image = await client.json<InspectedImage>('GET', `/images/${encodeURIComponent(row.ImageID)}/json`);
      ids.add(image.Id.slice(7, 19));
      const { repository, tag = '<none>' } = parseReference(row.Image.startsWith('sha256:') ? 'none' : row.Image);
      // It goes by when the image was last tagged here, which is never for one that was only pulled.
      const tagged = Date.parse(image.Metadata.LastTagTime);
      const created = Number.isNaN(tagged) || tagged < 0 ? '292 years ago' : `${humanDuration(process.world.clock.now() - tagged)} ago`;
      const [name, platform] = [familiarRepository(repository), `${image.Os}/${image.Architecture}`];
      lines.push([nameOf(row), name, tag, platform, truncateId(image.Id), humanSize(image.Size, 3), created]);
      found.push({ ID: image.Id, ContainerName: nameOf(row), Repository: name, Tag: tag, Platform: platform, Size: image.Size });
    }
    if (flags.bool('quiet')) return out([...ids].map((id) => `${id}\n`).join(''));
    await out(flags.string('format') === 'json' ? `${JSON.stringify(found)}\n` : wide(lines));
  },
}; // prettier-ignore

export const top: ComposeCommand = {
  use: 'top [SERVICES...]',
  short: 'Display the running processes',
  execute: async (context) => {
    const { args, client, out } = context;
    const rows = (await containersOf(context, await context.projectName(), { all: false })).filter((row) => args.length === 0 || args.includes(serviceOf(row)));
    const lines: string[][] = [];
    for (const row of rows) {
      const { Titles: titles, Processes: processes } = await client.json<{ Titles: string[]; Processes: string[][] }>('GET', `/containers/${row.Id}/top`);
      if (lines.length === 0) lines.push(['SERVICE', '#', ...titles]);
      for (const process of processes) lines.push([serviceOf(row), String(numberOf(row)), ...process]);
    }
    if (lines.length > 0) await out(alignColumns(lines.map((line) => `${line.join('\t')}\n`).join(''), 4, 2));
  },
}; // prettier-ignore

export const port: ComposeCommand = {
  use: 'port [OPTIONS] SERVICE PRIVATE_PORT',
  short: 'Print the public port for a port binding',
  args: [2, 2],
  flags: [flag('index', 'int', 'Index of the container if service has multiple replicas'), flag('protocol', 'string', 'tcp or udp', { default: 'tcp' })],
  execute: async (context) => {
    const { args, flags, out } = context;
    const [service = '', text = ''] = args;
    if (!/^\d+$/.test(text)) throw new CliError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
    const rows = (await containersOf(context, await context.projectName(), { all: false })).filter((row) => serviceOf(row) === service);
    const row = rows.find((each) => numberOf(each) === (flags.number('index') || numberOf(rows[0]!)));
    if (!row) throw new CliError(`service ${JSON.stringify(service)} is not running`.replace(' is not running', ' is not running'));
    const found = row.Ports.find((each) => each.PrivatePort === Number(text) && each.Type === flags.string('protocol') && each.PublicPort);
    if (!found) throw new CliError(`no port ${text}/${flags.string('protocol')} for container ${nameOf(row)}: ${displayPorts(row.Ports)}`);
    await out(`${found.IP}:${found.PublicPort}\n`);
  },
}; // prettier-ignore

export const logs: ComposeCommand = {
  use: 'logs [OPTIONS] [SERVICE...]',
  short: 'View output from containers',
  flags: [
    flag('follow,f', 'bool', 'Follow log output'),
    flag('index', 'int', 'index of the container if service has multiple replicas'),
    flag('no-color', 'bool', 'Produce monochrome output'),
    flag('no-log-prefix', 'bool', "Don't print prefix in logs"),
    flag('since', 'string', 'Show logs since timestamp'),
    flag('tail,n', 'string', 'Number of lines to show from the end of the logs for each container', { default: 'all' }),
    flag('timestamps,t', 'bool', 'Show timestamps'),
    flag('until', 'string', 'Show logs before a timestamp'),
  ],
  execute: async (context) => {
    const { args, flags, process } = context;
    const name = await context.projectName();
    const project = await optionalProject(context);
    if (project) checkServices(project, args);
    const rows = (await containersOf(context, name)).filter((row) => (args.length === 0 || args.includes(serviceOf(row))) && (!flags.given('index') || numberOf(row) === flags.number('index')));
    const names = rows.map((row) => shortName(row, name));
    const output = new PrefixedOutput(context, names, { prefix: !flags.bool('no-log-prefix'), colour: !flags.bool('no-color') });
    const now = process.world.clock.now();
    const since = timestamp(flags.string('since'), now, 'since');
    const until = timestamp(flags.string('until'), now, 'until');
    const one = (row: ContainerRow) => copyLogs(context, row, output, shortName(row, name), {
      stdout: true,
      stderr: true,
      tail: flags.string('tail'),
      ...(flags.bool('follow') ? { follow: true } : {}),
      ...(flags.bool('timestamps') ? { timestamps: true } : {}),
      ...(since === '' ? {} : { since }),
      ...(until === '' ? {} : { until }),
    });
    if (!flags.bool('follow')) {
      for (const row of rows) await one(row);
      return;
    }
    const all = rows.map(one);
    for (const running of all) await running;
  },
}; // prettier-ignore

async function copyLogs(context: ComposeContext, row: ContainerRow, output: PrefixedOutput, name: string, query: Record<string, string | boolean>): Promise<void> {
  const { client } = context;
  const { Config: settings } = await client.json<{ Config: { Tty: boolean } }>('GET', `/containers/${row.Id}/json`);
  await output.copy(name, await client.stream('GET', `/containers/${row.Id}/logs`, { query }), settings.Tty);
} // prettier-ignore
