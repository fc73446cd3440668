import { filtersOf } from '../client/client.ts';
import { forEach } from '../container/each.ts';
import { pairsOf } from '../container/create-options.ts';
import type { Command } from '../framework/command.ts';
import { CliError, DaemonError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { formatList, naturalLess, truncateId, type ListFormat } from '../framework/format.ts';
import { confirmed } from '../framework/prompt.ts';
import { typedInspect } from '../system/inspect.ts';

interface NetworkRow {
  Id: string;
  Name: string;
  Driver: string;
  Scope: string;
  EnableIPv4: boolean;
  EnableIPv6: boolean;
  Internal: boolean;
  Labels: Record<string, string> | null;
  Created: string;
}

export function networkList(trunc: boolean): ListFormat<NetworkRow> {
  return {
    type: '*network.networkContext',
    columns: ['ID', 'Name', 'Driver', 'Scope'],
    quiet: 'ID',
    raw: 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n',
    label: (row, name) => row.Labels?.[name] ?? '',
    fields: {
      ID: { header: 'NETWORK ID', value: (row) => (trunc ? truncateId(row.Id) : row.Id) },
      Name: { header: 'NAME', value: (row) => row.Name },
      Driver: { header: 'DRIVER', value: (row) => row.Driver },
      Scope: { header: 'SCOPE', value: (row) => row.Scope },
      IPv4: { header: 'IPV4', value: (row) => String(row.EnableIPv4) },
      IPv6: { header: 'IPV6', value: (row) => String(row.EnableIPv6) },
      Internal: { header: 'INTERNAL', value: (row) => String(row.Internal) },
      Labels: {
        header: 'LABELS',
        value: (row) =>
          Object.entries(row.Labels ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .join(','),
      },
      CreatedAt: {
        header: 'CREATED AT',
        value: (row) => `${row.Created.replace('T', ' ').replace('Z', '')} +0000 UTC`,
      },
    },
  };
}

const ls: Command = {
  use: 'ls [OPTIONS]',
  aliases: ['list'],
  short: 'List networks',
  args: [0, 0],
  flags: [
    flag('filter,f', 'filter', 'Restrict what is shown'),
    flag('format', 'string', 'table, json or a template'),
    flag('no-trunc', 'bool', 'Do not shorten'),
    flag('quiet,q', 'bool', 'Only IDs'),
  ],
  run: async ({ client, flags, out }) => {
    const rows = await client.json<NetworkRow[]>('GET', '/networks', {
      query: { filters: filtersOf(flags.list('filter')) },
    });
    rows.sort((a, b) => naturalLess(a.Name, b.Name));
    await out(
      formatList(networkList(!flags.bool('no-trunc')), rows, {
        format: flags.string('format'),
        quiet: flags.bool('quiet'),
      }),
    );
  },
};

const create: Command = {
  use: 'create [OPTIONS] NETWORK',
  short: 'Create a network',
  args: [1, 1],
  flags: [
    flag('attachable', 'bool', 'Containers may be attached by hand'),
    flag('aux-address', 'map', 'Addresses of others in the network'),
    flag('config-from', 'string', 'Copy the configuration of a network', { notSimulated: true }),
    flag('config-only', 'bool', 'Create a configuration only', { notSimulated: true }),
    flag('driver,d', 'string', 'Driver', { default: 'bridge' }),
    flag('gateway', 'list', 'Gateway of the subnet'),
    flag('ingress', 'bool', 'Routing mesh of a swarm', { notSimulated: true }),
    flag('internal', 'bool', 'No way out of the network'),
    flag('ip-range', 'list', 'Range that containers get addresses of'),
    flag('ipam-driver', 'string', 'Driver for addresses', { default: 'default' }),
    flag('ipam-opt', 'map', 'Options of the driver for addresses'),
    flag('ipv4', 'bool', 'Assign IPv4 addresses', { default: true }),
    flag('ipv6', 'bool', 'Assign IPv6 addresses', { notSimulated: true }),
    flag('label', 'list', 'Set labels'),
    flag('opt,o', 'map', 'Options of the driver'),
    flag('scope', 'string', 'Scope of the network', { notSimulated: true }),
    flag('subnet', 'list', 'Subnet in CIDR form'),
  ],
  run: async ({ args, client, flags, out }) => {
    const gateways = flags.list('gateway');
    const ranges = flags.list('ip-range');
    const subnets = flags.list('subnet');
    if (subnets.length < gateways.length || subnets.length < ranges.length)
      throw new CliError('every ip-range or gateway must have a corresponding subnet');
    if (!flags.bool('ipv4')) throw new CliError('slipway: networks without IPv4 is not simulated');
    const aux = pairsOf(flags.list('aux-address'));
    const { Id: id } = await client.json<{ Id: string }>('POST', '/networks/create', {
      body: {
        Name: args[0],
        Driver: flags.string('driver'),
        Options: pairsOf(flags.list('opt')),
        IPAM: {
          Driver: flags.string('ipam-driver'),
          Options: pairsOf(flags.list('ipam-opt')),
          Config: subnets.map((Subnet, i) => ({
            Subnet,
            ...(ranges[i] ? { IPRange: ranges[i] } : {}),
            ...(gateways[i] ? { Gateway: gateways[i] } : {}),
            ...(i === 0 && Object.keys(aux).length > 0 ? { AuxiliaryAddresses: aux } : {}),
          })),
        },
        Internal: flags.bool('internal'),
        Attachable: flags.bool('attachable'),
        Labels: pairsOf(flags.list('label')),
      },
    });
    await out(`${id}\n`);
  },
};

const connect: Command = {
  use: 'connect [OPTIONS] NETWORK CONTAINER',
  short: 'Connect a container to a network',
  args: [2, 2],
  flags: [
    flag('alias', 'list', 'Names in the network'),
    flag('driver-opt', 'list', 'Options of the driver'),
    flag('gw-priority', 'int', 'Preference as the gateway', { notSimulated: true }),
    flag('ip', 'string', 'IPv4 address'),
    flag('ip6', 'string', 'IPv6 address', { notSimulated: true }),
    flag('link', 'list', 'Link to another container'),
    flag('link-local-ip', 'list', 'Link-local addresses', { notSimulated: true }),
  ],
  run: async ({ args, client, flags }) => {
    const [network = '', container = ''] = args;
    await client.request('POST', `/networks/${encodeURIComponent(network)}/connect`, {
      body: {
        Container: container,
        EndpointConfig: {
          IPAMConfig: flags.string('ip') === '' ? {} : { IPv4Address: flags.string('ip') },
          Links: flags.list('link').length > 0 ? flags.list('link') : null,
          Aliases: flags.list('alias'),
          DriverOpts: pairsOf(flags.list('driver-opt')),
        },
      },
    });
  },
};

const disconnect: Command = {
  use: 'disconnect [OPTIONS] NETWORK CONTAINER',
  short: 'Disconnect a container from a network',
  args: [2, 2],
  flags: [flag('force,f', 'bool', 'Disconnect by force')],
  run: async ({ args, client, flags }) => {
    const [network = '', container = ''] = args;
    await client.request('POST', `/networks/${encodeURIComponent(network)}/disconnect`, {
      body: { Container: container, Force: flags.bool('force') },
    });
  },
};

const rm: Command = {
  use: 'rm NETWORK [NETWORK...]',
  aliases: ['remove'],
  short: 'Remove one or more networks',
  args: [1, Infinity],
  flags: [flag('force,f', 'bool', 'No error for a network that is not there')],
  run: async ({ args, client, flags, out, err }) => {
    let failed = false;
    for (const name of args) {
      try {
        const { Id: id } = await client.json<{ Id: string }>('GET', `/networks/${encodeURIComponent(name)}`);
        await client.request('DELETE', `/networks/${id}`);
        await out(`${name}\n`);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        if (flags.bool('force') && error instanceof DaemonError && error.status === 404) continue;
        await err(`${error.message}\n`);
        failed = true;
      }
    }
    if (failed) throw new CliError('exit status 1');
  },
};

const prune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove all unused networks',
  args: [0, 0],
  flags: [flag('filter', 'filter', 'Restrict what is removed'), flag('force,f', 'bool', 'Do not ask')],
  run: async (context) => {
    const { client, flags, out } = context;
    const question =
      'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?';
    if (!flags.bool('force') && !(await confirmed(context, question))) return;
    const { NetworksDeleted: deleted } = await client.json<{ NetworksDeleted: string[] | null }>(
      'POST',
      '/networks/prune',
      { query: { filters: filtersOf(flags.list('filter')) } },
    );
    if (deleted && deleted.length > 0) await out(`Deleted Networks:\n${deleted.map((name) => `${name}\n`).join('')}\n`);
  },
};

export const network: Command = {
  use: 'network',
  short: 'Manage networks',
  group: 'management',
  commands: [
    connect,
    create,
    disconnect,
    typedInspect(
      'network',
      'inspect [OPTIONS] NETWORK [NETWORK...]',
      'Display detailed information on one or more networks',
    ),
    ls,
    prune,
    rm,
  ],
};

export { forEach };
