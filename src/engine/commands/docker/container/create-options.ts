import { FsError } from '../../../world/index.ts';
import type { Process } from '../../../process/index.ts';
import { CliError } from '../framework/errors.ts';
import type { Flags } from '../framework/flags.ts';
import { readCsv } from '../../kubectl/framework/flags.ts';
import { parseExpose, parsePort } from './ports.ts';

type Json = Record<string, unknown>;

const nanos = (ms: number) => Math.round(ms * 1e6);

/** A shell's words: `--entrypoint` and `--health-cmd` are taken as one. */
function unixAttachments(flags: Flags, what: string): boolean {
  return flags.list('attach').some((name) => name.toLowerCase() === what);
}

/** The body of a create request. @throws CliError for what can't be */
export function createBody(process: Process, flags: Flags, image: string, command: readonly string[]): Json {
  for (const name of flags.list('attach'))
    if (!['stdin', 'stdout', 'stderr'].includes(name.toLowerCase()))
      throw new CliError(
        `invalid argument "${name}" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR`,
        125,
      );
  const detached = flags.spec('detach') !== undefined && flags.bool('detach');
  const hasAttach = flags.list('attach').length > 0;
  const stdin = flags.bool('interactive');
  const tty = flags.bool('tty');
  const ports = flags.list('publish').flatMap(parsePort);
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { key, hostIp, hostPort } of ports) (bindings[key] ??= []).push({ HostIp: hostIp, HostPort: hostPort });
  const exposed: Record<string, object> = {};
  for (const key of [...Object.keys(bindings), ...flags.list('expose').flatMap(parseExpose)]) exposed[key] = {};
  const { binds, volumes, tmpfs } = volumesOf(process, flags);
  const networks = networksOf(flags);
  const mode = networks[0]?.target ?? '';
  const entrypoint = flags.given('entrypoint')
    ? flags.string('entrypoint') === ''
      ? ['']
      : [flags.string('entrypoint')]
    : null;
  const restart = restartPolicy(flags.string('restart'));
  if (flags.bool('rm') && restart.Name !== 'no' && restart.Name !== '')
    throw new CliError('conflicting options: cannot specify both --restart and --rm');
  if (
    flags.bool('no-healthcheck') &&
    ['health-cmd', 'health-interval', 'health-timeout', 'health-retries', 'health-start-period'].some((name) =>
      flags.given(name),
    )
  )
    throw new CliError('--no-healthcheck conflicts with --health-* options');
  const health = healthOf(flags);
  const swappiness = flags.number('memory-swappiness');
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw new CliError(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  const cpus = flags.string('cpus');
  return {
    Hostname: flags.string('hostname'),
    Domainname: flags.string('domainname'),
    User: flags.string('user'),
    AttachStdin: detached ? false : hasAttach ? unixAttachments(flags, 'stdin') : stdin,
    AttachStdout: detached ? false : hasAttach ? unixAttachments(flags, 'stdout') : true,
    AttachStderr: detached ? false : hasAttach ? unixAttachments(flags, 'stderr') : true,
    ExposedPorts: exposed,
    Tty: tty,
    OpenStdin: stdin,
    StdinOnce:
      stdin && !(flags.spec('detach') && flags.bool('detach')) && (!hasAttach || unixAttachments(flags, 'stdin')),
    Env: [
      ...flags.list('env-file').flatMap((file) => variablesOf(process, file)),
      ...flags.list('env').flatMap((entry) => variable(process, entry)),
    ],
    Cmd: command.length > 0 ? command : null,
    ...(health ? { Healthcheck: health } : {}),
    Image: image,
    Volumes: volumes,
    WorkingDir: flags.string('workdir'),
    Entrypoint: entrypoint,
    Labels: labelsOf(process, flags),
    ...(flags.given('stop-signal') ? { StopSignal: flags.string('stop-signal') } : {}),
    ...(flags.given('stop-timeout') ? { StopTimeout: flags.number('stop-timeout') } : {}),
    HostConfig: {
      Binds: binds.length > 0 ? binds : null,
      ContainerIDFile: flags.string('cidfile'),
      LogConfig: { Type: flags.string('log-driver'), Config: optionsOf(flags.list('log-opt')) },
      NetworkMode: mode || 'bridge',
      PortBindings: bindings,
      RestartPolicy: restart,
      AutoRemove: flags.bool('rm'),
      VolumesFrom: nullable(flags.list('volumes-from')),
      ConsoleSize: process.tty && process.isatty.stdout ? [process.tty.rows, process.tty.columns] : [0, 0],
      CapAdd: nullable(flags.list('cap-add').map(capability)),
      CapDrop: nullable(flags.list('cap-drop').map(capability)),
      Dns: flags.list('dns'),
      DnsOptions: [...flags.list('dns-option'), ...flags.list('dns-opt')],
      DnsSearch: flags.list('dns-search'),
      ExtraHosts: nullable(flags.list('add-host').map(extraHost)),
      GroupAdd: nullable(flags.list('group-add')),
      Links: nullable(flags.list('link')),
      PidMode: flags.string('pid'),
      Privileged: flags.bool('privileged'),
      PublishAllPorts: flags.bool('publish-all'),
      ReadonlyRootfs: flags.bool('read-only'),
      SecurityOpt: nullable(flags.list('security-opt')),
      ...(Object.keys(tmpfs).length > 0 ? { Tmpfs: tmpfs } : {}),
      ShmSize: flags.number('shm-size'),
      CpuShares: flags.number('cpu-shares'),
      Memory: flags.number('memory'),
      NanoCpus: cpus === '' ? 0 : Math.round(Number(cpus) * 1e9),
      CpuPeriod: flags.number('cpu-period'),
      CpuQuota: flags.number('cpu-quota'),
      Devices: flags.list('device').map((device) => {
        const [host = '', inside = host, permissions = 'rwm'] = device.split(':');
        return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions };
      }),
      MemoryReservation: flags.number('memory-reservation'),
      MemorySwap: flags.number('memory-swap'),
      MemorySwappiness: swappiness,
      PidsLimit: flags.number('pids-limit'),
      Ulimits: flags.list('ulimit').map((text) => {
        const [name = '', values = ''] = text.split('=');
        const [soft = '', hard = soft] = values.split(':');
        return { Name: name, Soft: Number(soft), Hard: Number(hard) };
      }),
      Mounts: flags.list('mount').map((text) => parseMount(process, text)),
      ...(flags.given('init') ? { Init: flags.bool('init') } : {}),
    },
    NetworkingConfig: { EndpointsConfig: endpoints(flags, networks) },
  };
}

function nullable<T>(list: readonly T[]): readonly T[] | null {
  return list.length > 0 ? list : null;
}

function capability(name: string): string {
  const upper = name.toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

function extraHost(text: string): string {
  const at = text.search(/[:=]/);
  if (at <= 0)
    throw new CliError(`invalid argument "${text}" for "--add-host" flag: bad format for add-host: "${text}"`, 125);
  const ip = text.slice(at + 1).replace(/^\[|\]$/g, '');
  if (ip !== 'host-gateway' && !/^\d{1,3}(\.\d{1,3}){3}$/.test(ip) && !ip.includes(':'))
    throw new CliError(
      `invalid argument "${text}" for "--add-host" flag: invalid IP address in add-host: "${ip}"`,
      125,
    );
  return `${text.slice(0, at)}:${ip}`;
}

function optionsOf(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((item) => {
      const at = item.indexOf('=');
      if (at < 0)
        throw new CliError(`invalid argument "${item}" for "--log-opt" flag: bad format for key: ${item}`, 125);
      return [item.slice(0, at), item.slice(at + 1)];
    }),
  );
}

function restartPolicy(text: string): { Name: string; MaximumRetryCount: number } {
  const [name = '', count, ...more] = text.split(':');
  if (text === '') return { Name: '', MaximumRetryCount: 0 };
  if (name === '') throw new CliError('invalid restart policy format: no policy provided before colon');
  if (more.length > 0 || (count !== undefined && !/^-?\d+$/.test(count)))
    throw new CliError('invalid restart policy format: maximum retry count must be an integer');
  return { Name: name, MaximumRetryCount: Number(count ?? 0) };
}

function healthOf(flags: Flags): Json | undefined {
  if (flags.bool('no-healthcheck')) return { Test: ['NONE'] };
  const command = flags.string('health-cmd');
  const named = ['health-interval', 'health-timeout', 'health-start-period', 'health-start-interval'] as const;
  for (const name of named) if (flags.number(name) < 0) throw new CliError(`--${name} cannot be negative`);
  if (flags.number('health-retries') < 0) throw new CliError('--health-retries cannot be negative');
  if (command === '' && ![...named, 'health-retries'].some((name) => flags.given(name))) return undefined;
  return {
    ...(command === '' ? {} : { Test: ['CMD-SHELL', command] }),
    Interval: nanos(flags.number('health-interval')),
    Timeout: nanos(flags.number('health-timeout')),
    StartPeriod: nanos(flags.number('health-start-period')),
    StartInterval: nanos(flags.number('health-start-interval')),
    Retries: flags.number('health-retries'),
  };
}

/** `NAME=value`; `NAME` alone takes the client's own, or nothing. */
export function variable(process: Process, entry: string): string[] {
  if (entry === '' || entry.startsWith('='))
    throw new CliError(`invalid argument "${entry}" for "-e, --env" flag: invalid environment variable: ${entry}`, 125);
  if (entry.includes('=')) return [entry];
  const own = process.env.get(entry);
  return own === undefined ? [] : [`${entry}=${own}`];
}

/** Lines of an env file. @throws CliError */
export function variablesOf(process: Process, file: string): string[] {
  return linesOf(process, file).flatMap((line) => {
    const at = line.indexOf('=');
    const name = at < 0 ? line : line.slice(0, at);
    if (name === '') throw new CliError(`poorly formatted environment: no variable name on line '${line}'`);
    if (/\s/.test(name)) throw new CliError(`poorly formatted environment: variable '${name}' contains whitespaces`);
    if (at >= 0) return [line];
    const own = process.env.get(name);
    return own === undefined ? [] : [`${name}=${own}`];
  });
}

function linesOf(process: Process, file: string): string[] {
  let text: string;
  try {
    text = process.machine.fs.readText(process.path(file));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new CliError(`open ${file}: ${error.message.toLowerCase()}`);
  }
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

export function labelsOf(process: Process, flags: Flags): Record<string, string> {
  const fromFiles = flags.spec('label-file') ? flags.list('label-file').flatMap((file) => linesOf(process, file)) : [];
  return pairsOf([...fromFiles, ...flags.list('label')]);
}

export function pairsOf(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((item): [string, string] => {
      const at = item.indexOf('=');
      return at < 0 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
    }),
  );
}

function volumesOf(
  process: Process,
  flags: Flags,
): { binds: string[]; volumes: Record<string, object>; tmpfs: Record<string, string> } {
  const binds: string[] = [];
  const volumes: Record<string, object> = {};
  for (const spec of flags.list('volume')) {
    if (spec === '') throw new CliError('invalid spec: : empty section between colons');
    if (/^:?$/.test(spec)) continue;
    const [source = '', ...rest] = spec.split(':');
    if (rest.length === 0) volumes[spec] = {};
    else if (rest.some((part) => part === '') || source === '')
      throw new CliError(`invalid spec: ${spec}: empty section between colons`);
    else if (rest.length > 2) throw new CliError(`invalid spec: ${spec}: too many colons`);
    else {
      const path = source.startsWith('.') || source.startsWith('~') ? process.path(source) : source;
      binds.push([path, ...rest].join(':'));
    }
  }
  const tmpfs: Record<string, string> = {};
  for (const spec of flags.list('tmpfs')) {
    const at = spec.indexOf(':');
    tmpfs[at < 0 ? spec : spec.slice(0, at)] = at < 0 ? '' : spec.slice(at + 1);
  }
  return { binds, volumes, tmpfs };
}

/** `type=volume,source=data,target=/data,readonly`. @throws CliError 125 */
export function parseMount(process: Process, text: string): Json {
  const fail = (reason: string) =>
    new CliError(`invalid argument ${JSON.stringify(text)} for "--mount" flag: ${reason}`, 125);
  const mount: Json = { Type: 'volume' };
  const part = (name: string) => (mount[name] ??= {}) as Json;
  for (const field of readCsv(text)) {
    const at = field.indexOf('=');
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
    const value = at < 0 ? undefined : field.slice(at + 1);
    const truth = () => {
      if (value === undefined || value === '' || ['true', '1'].includes(value)) return true;
      if (['false', '0'].includes(value)) return false;
      throw fail(`invalid value for ${key}: ${value}`);
    };
    if (value === undefined && !['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'].includes(key))
      throw fail(`invalid field '${field}' must be a key=value pair`);
    switch (key) {
      case 'type':
        mount.Type = value!.toLowerCase();
        break;
      case 'source':
      case 'src':
        mount.Source = value!.startsWith('.') ? process.path(value!) : value;
        break;
      case 'target':
      case 'dst':
      case 'destination':
        mount.Target = value;
        break;
      case 'readonly':
      case 'ro':
        mount.ReadOnly = truth();
        break;
      case 'bind-propagation':
        part('BindOptions').Propagation = value;
        break;
      case 'bind-create-src':
        part('BindOptions').CreateMountpoint = truth();
        break;
      case 'volume-nocopy':
        part('VolumeOptions').NoCopy = truth();
        break;
      case 'volume-label':
        part('VolumeOptions').Labels = {
          ...(part('VolumeOptions').Labels as object | undefined),
          ...pairsOf([value!]),
        };
        break;
      case 'tmpfs-size':
        part('TmpfsOptions').SizeBytes = Number.parseInt(value!, 10);
        break;
      case 'tmpfs-mode':
        part('TmpfsOptions').Mode = Number.parseInt(value!, 8);
        break;
      default:
        throw fail(`unexpected key '${key}' in '${field}'`);
    }
  }
  if (mount.Type === '') throw fail('type is required');
  if (mount.Target === undefined || mount.Target === '') throw fail('target is required');
  if (mount.VolumeOptions && mount.Type !== 'volume')
    throw fail(`cannot mix 'volume-*' options with mount type '${String(mount.Type)}'`);
  if (mount.BindOptions && mount.Type !== 'bind')
    throw fail(`cannot mix 'bind-*' options with mount type '${String(mount.Type)}'`);
  if (mount.TmpfsOptions && mount.Type !== 'tmpfs')
    throw fail(`cannot mix 'tmpfs-*' options with mount type '${String(mount.Type)}'`);
  return mount;
}

interface NetworkChoice {
  target: string;
  aliases: string[];
  ip: string;
  mac: string;
}

/** `--network name` or `--network name=x,alias=y,ip=…`. */
function networksOf(flags: Flags): NetworkChoice[] {
  return [...flags.list('network'), ...flags.list('net')].map((text) => {
    const choice: NetworkChoice = { target: text, aliases: [], ip: '', mac: '' };
    if (!/^\w[\w-]*=/.test(text)) return choice;
    choice.target = '';
    for (const field of readCsv(text)) {
      const at = field.indexOf('=');
      const [key, value] = [field.slice(0, at), field.slice(at + 1)];
      if (key === 'name') choice.target = value;
      else if (key === 'alias') choice.aliases.push(value);
      else if (key === 'ip') choice.ip = value;
      else if (key === 'mac-address') choice.mac = value;
      else
        throw new CliError(
          `invalid argument ${JSON.stringify(text)} for "--network" flag: invalid field key ${key}`,
          125,
        );
    }
    return choice;
  });
}

const predefined = new Set(['', 'default', 'bridge', 'host', 'none']);

function endpoints(flags: Flags, networks: readonly NetworkChoice[]): Record<string, Json> {
  const aliases = [...flags.list('network-alias'), ...flags.list('net-alias')];
  const first = networks[0] ?? { target: 'bridge', aliases: [], ip: '', mac: '' };
  const mode = first.target;
  const userDefined = !predefined.has(mode) && !mode.startsWith('container:');
  if (aliases.length > 0 && !userDefined)
    throw new CliError('network-scoped aliases are only supported for user-defined networks');
  const all: Record<string, Json> = {};
  [first, ...networks.slice(1)].forEach((choice, i) => {
    const ip = choice.ip || (i === 0 ? flags.string('ip') : '');
    const mac = choice.mac || (i === 0 ? flags.string('mac-address') : '');
    const names = [...choice.aliases, ...(i === 0 ? aliases : [])];
    if (i > 0 || ip !== '' || mac !== '' || names.length > 0 || userDefined)
      if (!choice.target.startsWith('container:'))
        all[choice.target || 'bridge'] = {
          ...(ip === '' ? {} : { IPAMConfig: { IPv4Address: ip } }),
          ...(names.length > 0 ? { Aliases: names } : {}),
          ...(mac === '' ? {} : { MacAddress: mac }),
        };
  });
  return all;
}
