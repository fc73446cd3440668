import { CliError } from '../framework/errors.ts';

/** What `-p` and `--expose` say. */
export interface PortSpec {
  /** `80/tcp`. */
  key: string;
  hostIp: string;
  hostPort: string;
}

function range(text: string, what: string): [number, number] {
  const parts = text.split('-');
  const valid = (part: string | undefined) => part !== undefined && /^\d+$/.test(part) && Number(part) <= 65_535;
  if (parts.length > 2 || !valid(parts[0]) || (parts.length === 2 && !valid(parts[1])))
    throw new CliError(`invalid ${what}: ${text}`);
  const first = Number(parts[0]);
  const last = parts.length === 2 ? Number(parts[1]) : first;
  if (last < first) throw new CliError(`invalid ${what}: ${text}`);
  return [first, last];
}

function isIp(text: string): boolean {
  return /^(\d{1,3})(\.\d{1,3}){3}$/.test(text)
    ? text.split('.').every((part) => Number(part) < 256)
    : /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(text) && text.split(':').length > 2;
}

/** Takes `[ip:][host:]container[/protocol]` apart (nat.ParsePortSpec). @throws CliError */
export function parsePort(spec: string): PortSpec[] {
  const bracket = /^\[([^\]]*)\]:(.*)$/.exec(spec);
  const parts = (bracket ? bracket[2]! : spec).split(':');
  let ip = bracket?.[1] ?? '';
  let host = '';
  let container: string;
  if (bracket) [host, container] = parts.length === 1 ? ['', parts[0]!] : [parts[0]!, parts[1]!];
  else if (parts.length === 1) container = parts[0]!;
  else if (parts.length === 2) [host, container] = [parts[0]!, parts[1]!];
  else if (parts.length === 3) [ip, host, container] = [parts[0]!, parts[1]!, parts[2]!];
  else {
    ip = parts.slice(0, -2).join(':');
    [host, container] = [parts.at(-2)!, parts.at(-1)!];
  }
  const slash = container.indexOf('/');
  const protocol = slash < 0 ? 'tcp' : container.slice(slash + 1).toLowerCase();
  const ports = slash < 0 ? container : container.slice(0, slash);
  if (ip !== '' && !isIp(ip)) throw new CliError(`invalid IP address: ${ip}`);
  if (ports === '') throw new CliError(`no port specified: ${spec}<empty>`);
  const [first, last] = range(ports, 'containerPort');
  let hosts: [number, number] | undefined;
  if (host !== '') {
    hosts = range(host, 'hostPort');
    if (hosts[1] - hosts[0] !== last - first && last !== first)
      throw new CliError(`invalid ranges specified for container and host Ports: ${ports} and ${host}`);
  }
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw new CliError(`invalid proto: ${protocol}`);
  const found: PortSpec[] = [];
  for (let port = first; port <= last; port++) {
    const hostPort = !hosts
      ? ''
      : first === last && hosts[0] !== hosts[1]
        ? `${hosts[0]}-${hosts[1]}`
        : String(hosts[0] + port - first);
    found.push({ key: `${port}/${protocol}`, hostIp: ip, hostPort });
  }
  return found;
}

/** `--expose 3000-3005/udp`. @throws CliError */
export function parseExpose(spec: string): string[] {
  if (spec.includes(':')) throw new CliError(`invalid port format for --expose: ${spec}`);
  const slash = spec.indexOf('/');
  const protocol = slash < 0 ? 'tcp' : spec.slice(slash + 1).toLowerCase();
  const ports = slash < 0 ? spec : spec.slice(0, slash);
  const parts = ports.split('-');
  if (ports === '') throw new CliError('invalid range format for --expose: : error: empty string specified for ports');
  for (const part of parts)
    if (!/^\d+$/.test(part) || Number(part) > 65_535)
      throw new CliError(
        `invalid range format for --expose: ${spec}, error: strconv.ParseUint: parsing "${part}": ${/^\d+$/.test(part) ? 'value out of range' : 'invalid syntax'}`,
      );
  const [first, last] = [Number(parts[0]), Number(parts[1] ?? parts[0])];
  const found: string[] = [];
  for (let port = first; port <= last; port++) found.push(`${port}/${protocol}`);
  return found;
}
