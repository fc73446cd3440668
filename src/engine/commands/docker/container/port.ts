import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { naturalLess } from '../framework/format.ts';

type Ports = Record<string, { HostIp: string; HostPort: string }[] | null>;

const address = (ip: string, port: string) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

export const port: Command = {
  use: 'port CONTAINER [PRIVATE_PORT[/PROTO]]',
  short: 'List port mappings or a specific mapping for the container',
  args: [1, 2],
  run: async ({ args, client, out }) => {
    const [name = '', wanted] = args;
    const container = await client.json<{ NetworkSettings: { Ports: Ports } }>(
      'GET',
      `/containers/${encodeURIComponent(name)}/json`,
    );
    const ports = container.NetworkSettings.Ports;
    if (wanted !== undefined) {
      const [number = '', protocol = 'tcp'] = wanted.split('/');
      if (!/^\d+$/.test(number))
        throw new CliError(`Error: invalid port (${number}): strconv.ParseUint: parsing "${number}": invalid syntax`);
      if (Number(number) > 65_535)
        throw new CliError(
          `Error: invalid port (${number}): strconv.ParseUint: parsing "${number}": value out of range`,
        );
      const found = ports[`${Number(number)}/${protocol}`];
      if (!found) throw new CliError(`Error: No public port '${wanted}' published for ${name}`);
      await out(found.map(({ HostIp, HostPort }) => `${address(HostIp, HostPort)}\n`).join(''));
      return;
    }
    const lines = Object.entries(ports).flatMap(([key, all]) =>
      (all ?? []).map(({ HostIp, HostPort }) => `${key} -> ${address(HostIp, HostPort)}`),
    );
    await out(
      lines
        .sort(naturalLess)
        .map((line) => `${line}\n`)
        .join(''),
    );
  },
};
