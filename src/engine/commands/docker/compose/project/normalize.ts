import { resolvePath } from '../../../../world/index.ts';
import { CliError } from '../../framework/errors.ts';
import { isTree, type Tree } from './schema.ts';
import type { Dependency, PortConfig, Service, VolumeMount } from './types.ts';

const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));

export function mapping(value: unknown): Record<string, string | null> {
  const result: Record<string, string | null> = {};
  if (Array.isArray(value))
    for (const item of value) {
      const line = text(item);
      const at = line.indexOf('=');
      if (at < 0) result[line] = null;
      else result[line.slice(0, at)] = line.slice(at + 1);
    }
  else if (isTree(value))
    for (const [key, item] of Object.entries(value)) result[key] = item === null ? null : text(item);
  return result;
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(text) : value === null || value === undefined ? [] : [text(value)];

/** Splits a command line as a shell would. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let open = false;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quote) {
      if (c === quote) quote = '';
      else if (c === '\\' && quote === '"' && i + 1 < line.length) word += line[++i];
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      open = true;
    } else if (c === '\\' && i + 1 < line.length) {
      word += line[++i];
      open = true;
    } else if (/\s/.test(c)) {
      if (open) words.push(word);
      word = '';
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push(word);
  return words;
}

const command = (value: unknown): string[] | null =>
  value === null ? null : Array.isArray(value) ? value.map(text) : shellWords(text(value));

/** @throws CliError */
function ports(value: unknown): PortConfig[] {
  const found: PortConfig[] = [];
  for (const item of Array.isArray(value) ? value : []) {
    if (isTree(item)) {
      found.push({
        mode: text(item.mode) || 'ingress',
        ...(item.host_ip === undefined ? {} : { host_ip: text(item.host_ip) }),
        target: Number(item.target),
        ...(item.published === undefined ? {} : { published: text(item.published) }),
        protocol: text(item.protocol) || 'tcp',
      });
      continue;
    }
    const [range = '', protocol = 'tcp'] = text(item).split('/');
    const match = /^(?:(\[[^\]]*\]|\d+\.\d+\.\d+\.\d+):)?(?:([\d-]*):)?(\d+)(?:-(\d+))?$/.exec(range);
    if (!match || (match[1] !== undefined && match[2] === undefined)) throw new CliError(`invalid containerPort: ${range}`.replace(/^(invalid containerPort: ).*:/, '$1'));
    const [, ip, published, low = '', high] = match;
    const [first, last] = [Number(low), Number(high ?? low)];
    if (last > 65535 || first > last) throw new CliError(`invalid containerPort: ${range}`);
    const [from = '', to] = (published ?? '').split('-');
    for (let port = first; port <= last; port++)
      found.push({
        mode: 'ingress',
        ...(ip === undefined ? {} : { host_ip: ip.replace(/^\[|\]$/g, '') }),
        target: port,
        ...(from === '' ? {} : { published: to !== undefined && first === last ? `${from}-${to}` : String(Number(from) + port - first) }),
        protocol,
      });
  }
  return found;
} // prettier-ignore

function volumes(value: unknown, directory: string, home: string): VolumeMount[] {
  return (Array.isArray(value) ? value : []).map((item): VolumeMount => {
    const place = (path: string) => (path.startsWith('~') ? home + path.slice(1) : resolvePath(directory, path));
    if (isTree(item)) {
      const mount = item as unknown as VolumeMount;
      return mount.type === 'bind' && mount.source ? { ...mount, source: place(mount.source) } : { ...mount };
    }
    const parts = text(item).split(':');
    const mode = parts.length > 2 ? parts[2]!.split(',') : [];
    const readOnly = mode.includes('ro') ? { read_only: true } : {};
    if (parts.length === 1) return { type: 'volume', target: parts[0]!, volume: {} };
    const [source = '', target = ''] = parts;
    return /^[./~]/.test(source)
      ? { type: 'bind', source: place(source), target, ...readOnly, bind: { create_host_path: true } }
      : { type: 'volume', source, target, ...readOnly, volume: {} };
  });
}

function dependencies(value: unknown): Record<string, Dependency> {
  const found: Record<string, Dependency> = {};
  if (Array.isArray(value))
    for (const name of value) found[text(name)] = { condition: 'service_started', required: true };
  else if (isTree(value))
    for (const [name, item] of Object.entries(value)) {
      const own = isTree(item) ? item : {};
      found[name] = {
        condition: (text(own.condition) || 'service_started') as Dependency['condition'],
        required: own.required !== false,
        ...(own.restart === true ? { restart: true } : {}),
      };
    }
  return found;
}

/** Long forms of everything. Unknown keys were refused before; those without a long form stay as they are. @throws CliError */
export function normalizeService(name: string, tree: Tree, directory: string, home: string): Service {
  const service: Service = { name };
  for (const [key, value] of Object.entries(tree)) {
    if (key.startsWith('x-')) {
      service[key] = value;
      continue;
    }
    switch (key) {
      case 'extends':
      case 'env_file':
        break;
      case 'command':
      case 'entrypoint':
        service[key] = command(value);
        break;
      case 'environment':
        service.environment = mapping(value);
        break;
      case 'labels':
        service.labels = Object.fromEntries(Object.entries(mapping(value)).map(([k, v]) => [k, v ?? '']));
        break;
      case 'ports':
        service.ports = ports(value);
        break;
      case 'expose':
        service.expose = strings(value);
        break;
      case 'volumes':
        service.volumes = volumes(value, directory, home);
        break;
      case 'depends_on':
        service.depends_on = dependencies(value);
        break;
      case 'networks':
        service.networks = Array.isArray(value) ? Object.fromEntries(value.map((item) => [text(item), null])) : ((value ?? {}) as Service['networks'])!;
        break;
      case 'build': {
        const own: Tree = isTree(value) ? value : { context: value };
        const context = text(own.context) || '.';
        service.build = {
          ...own,
          context: /^(https?:|git@|git:)/.test(context) ? context : resolvePath(directory, context),
          ...(own.dockerfile_inline === undefined ? { dockerfile: text(own.dockerfile) || 'Dockerfile' } : { dockerfile: '' }),
          ...(own.args === undefined ? {} : { args: mapping(own.args) }),
        };
        break;
      }
      case 'healthcheck': {
        const own = { ...(value as Tree) };
        if (typeof own.test === 'string') own.test = ['CMD-SHELL', own.test];
        else if (Array.isArray(own.test)) own.test = own.test.map(text);
        service.healthcheck = own;
        break;
      }
      case 'secrets':
      case 'configs':
        service[key] = (Array.isArray(value) ? value : []).map((item) => (isTree(item) ? (item as { source: string }) : { source: text(item) }));
        break;
      case 'dns':
      case 'tmpfs':
      case 'cap_add':
      case 'cap_drop':
      case 'profiles':
        service[key] = strings(value);
        break;
      case 'extra_hosts':
        service.extra_hosts = isTree(value) ? Object.entries(value).map(([host, ip]) => `${host}=${text(ip)}`) : strings(value).map((entry) => entry.replace(/^([^=:]+):/, '$1='));
        break;
      default:
        service[key] = value;
    }
  }
  return service;
} // prettier-ignore
