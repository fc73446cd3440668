import {
  absolute,
  askDns,
  dnsReply,
  parseIp,
  type DnsQuery,
  type DnsRecord,
  type DnsReply,
} from '../../../network/index.ts';
import { resolverConfig, type Process } from '../../../process/index.ts';
import type { Client } from '../../client.ts';
import { CorefileError, inZone, type Directive } from './corefile.ts';
import { KubernetesRecords } from './records.ts';

/** A question on its way through the plugins of a server block. */
export type Next = (query: DnsQuery) => Promise<DnsReply | undefined>;
export type Plugin = (query: DnsQuery, next: Next) => Promise<DnsReply | undefined>;

/** What plugins are made with. */
export interface Setup {
  readonly process: Process;
  readonly client: Client;
  readonly file: string;
  readonly zones: readonly string[];
  /** Asks this very server, as a client would (`upstream`). */
  readonly self: Next;
  log(text: string): void;
}

type Factory = (directive: Directive, setup: Setup) => Plugin | undefined;

function fail({ file }: Setup, { line }: Directive, message: string): never {
  throw new CorefileError(`${file}:${line} - Error during parsing: ${message}`);
}

const nothing: Factory = () => undefined;

const kubernetes: Factory = (directive, setup) => {
  const zones = directive.args.length > 0 ? directive.args.map(absolute) : setup.zones;
  let pods: 'disabled' | 'insecure' | 'verified' = 'disabled';
  let ttl = 5;
  let fallthrough: readonly string[] | undefined;
  for (const { name, args } of directive.block) {
    if (name === 'pods') pods = (args[0] ?? 'disabled') as typeof pods;
    else if (name === 'ttl') ttl = Number(args[0]);
    else if (name === 'fallthrough') fallthrough = args.length > 0 ? args.map(absolute) : ['.'];
    else if (!['endpoint_pod_names', 'namespaces', 'noendpoints', 'ignore', 'upstream', 'labels'].includes(name))
      fail(setup, directive, `unknown property '${name}'`);
  }
  const records = new KubernetesRecords(setup.client, { zones, pods, ttl, fallthrough });
  return async (query, next) => {
    const serial = Math.floor(setup.process.world.clock.epoch / 1000);
    const answer = records.answer(query, serial);
    if (answer === undefined) return next(query);
    if (!('external' in answer)) return answer;
    const cname: DnsRecord = { name: absolute(query.name), type: 'CNAME', ttl, data: answer.external };
    if (query.qtype === 'CNAME') return dnsReply(query, 'NOERROR', { authoritative: true, answers: [cname] });
    const target = await setup.self({ ...query, name: answer.external });
    return dnsReply(query, 'NOERROR', { authoritative: true, answers: [cname, ...(target?.answers ?? [])] });
  };
};

const forward: Factory = (directive, setup) => {
  const [from = '.', ...to] = directive.args;
  const zone = absolute(from);
  const { process } = setup;
  if (to.length === 0) fail(setup, directive, "Wrong argument count or unexpected line ending after '.'");
  const except = directive.block.filter((d) => d.name === 'except').flatMap((d) => d.args.map(absolute));
  const policy = directive.block.find((d) => d.name === 'policy')?.args[0] ?? 'random';
  let turn = 0;
  const upstreams = () =>
    to.flatMap((target) =>
      target.startsWith('/')
        ? resolverConfig(process.machine.fs).nameservers
        : [target.replace(/^(dns|tls):\/\//, '').replace(/:\d+$/, '')],
    );
  return async (query, next) => {
    const name = absolute(query.name);
    if (!inZone(name, zone) || except.some((z) => inZone(name, z))) return next(query);
    const servers = upstreams();
    const { machine, world } = process;
    const start =
      policy === 'sequential'
        ? 0
        : policy === 'round_robin'
          ? turn++
          : world.random.stream('coredns').int(servers.length);
    for (let i = 0; i < Math.min(2, servers.length + 1); i++) {
      const server = servers[(start + i) % servers.length]!;
      const result = await askDns(machine.network, machine.net, server, query, 2_500, process.cancel);
      if ('reply' in result) return { ...result.reply, name: query.name };
      if (i === 1 || servers.length === 1) {
        const own = [...machine.net.addresses][0] ?? '';
        const text = result.failure === 'refused' ? `read udp ${own}:${machine.net.ephemeralPort()}->${server}:53: read: connection refused` : `read udp ${own}:${machine.net.ephemeralPort()}->${server}:53: i/o timeout`; // prettier-ignore
        setup.log(`[ERROR] plugin/errors: 2 ${name} ${query.qtype}: ${text}`);
      }
    }
    return dnsReply(query, 'SERVFAIL');
  };
};

const hosts: Factory = (directive, setup) => {
  const fallthrough = directive.block.find((d) => d.name === 'fallthrough');
  const ttl = Number(directive.block.find((d) => d.name === 'ttl')?.args[0] ?? 3600);
  const inline = directive.block.filter((d) => !Number.isNaN(parseIp(d.name)));
  const [path = '/etc/hosts'] = directive.args;
  const entries = (): { ip: string; names: readonly string[] }[] => {
    const node = setup.process.machine.fs.lookup(path);
    const text = node?.type === 'file' && (directive.args.length > 0 || inline.length === 0) ? new TextDecoder().decode(node.data) : ''; // prettier-ignore
    const lines = text.split('\n').map((l) => l.replace(/#.*/, '').trim().split(/\s+/)).filter((l) => l.length > 1); // prettier-ignore
    return [
      ...inline.map((d) => ({ ip: d.name, names: d.args })),
      ...lines.map(([ip = '', ...names]) => ({ ip, names })).filter(({ ip }) => !Number.isNaN(parseIp(ip))),
    ];
  };
  return async (query, next) => {
    const name = absolute(query.name);
    const known = entries();
    if (query.qtype === 'PTR') {
      const ip = name.replace('.in-addr.arpa.', '').split('.').reverse().join('.');
      const found = known.filter((e) => e.ip === ip).flatMap((e) => e.names);
      if (found.length > 0)
        return dnsReply(query, 'NOERROR', { authoritative: true, answers: found.map((n) => ({ name, type: 'PTR', ttl, data: absolute(n) })) }); // prettier-ignore
      return next(query);
    }
    const found = known.filter((e) => e.names.some((n) => absolute(n) === name));
    if (found.length === 0) return fallthrough ? next(query) : dnsReply(query, 'NXDOMAIN', { authoritative: true });
    const answers = query.qtype === 'A' ? found.map((e): DnsRecord => ({ name, type: 'A', ttl, data: e.ip })) : [];
    return dnsReply(query, 'NOERROR', { authoritative: true, answers });
  };
};

const rewrite: Factory = (directive, setup) => {
  let args = [...directive.args];
  if (args[0] === 'stop' || args[0] === 'continue') args = args.slice(1);
  const rule = args.length > 0 ? args : ['name', ...(directive.block.find((d) => d.name === 'name')?.args ?? [])];
  if (rule[0] !== 'name') throw new CorefileError(`slipway: rewrite ${rule[0]} is not simulated`);
  const kinds = ['exact', 'prefix', 'suffix', 'substring', 'regex'];
  const [kind, from = '', to = ''] = kinds.includes(rule[1] ?? '') ? rule.slice(1) : ['exact', ...rule.slice(1)];
  let pattern: RegExp | undefined;
  try {
    if (kind === 'regex') pattern = new RegExp(from);
  } catch {
    fail(setup, directive, `invalid regex pattern in a name rule: ${from}`);
  }
  const change = (name: string): string => {
    switch (kind) {
      case 'prefix':
        return name.startsWith(from) ? to + name.slice(from.length) : name;
      case 'suffix':
        return name.endsWith(absolute(from)) ? name.slice(0, -absolute(from).length) + absolute(to) : name;
      case 'substring':
        return name.replace(from, () => to);
      case 'regex': {
        const match = pattern!.exec(name);
        return match ? absolute(to.replace(/\{(\d+)\}/g, (_, n: string) => match[Number(n)] ?? '')) : name;
      }
      default:
        return name === absolute(from) ? absolute(to) : name;
    }
  };
  return async (query, next) => {
    const before = absolute(query.name);
    const after = change(before);
    if (after === before) return next(query);
    const reply = await next({ ...query, name: after });
    if (!reply) return undefined;
    const answers = reply.answers.map((r) => (r.name === after ? { ...r, name: before } : r));
    return { ...reply, name: query.name, answers };
  };
};

const template: Factory = (directive, setup) => {
  const [, type = 'ANY', ...zones] = directive.args;
  const of = (name: string) => directive.block.find((d) => d.name === name)?.args;
  const matches = directive.block.filter((d) => d.name === 'match').flatMap((d) => d.args);
  const answers = directive.block.filter((d) => d.name === 'answer').map((d) => d.args.join(' '));
  const rcode = (of('rcode')?.[0] ?? 'NOERROR') as DnsReply['code'];
  let patterns: RegExp[] = [];
  try {
    patterns = matches.map((m) => new RegExp(m.replaceAll('(?P<', '(?<')));
  } catch {
    fail(setup, directive, `could not parse regex: ${matches.join(' ')}`);
  }
  return async (query, next) => {
    const name = absolute(query.name);
    const inZones = (zones.length > 0 ? zones.map(absolute) : setup.zones).some((z) => inZone(name, z));
    if (!inZones || (type !== 'ANY' && type !== query.qtype)) return next(query);
    const match =
      patterns.length === 0 ? ([name] as unknown as RegExpExecArray) : patterns.map((p) => p.exec(name)).find(Boolean);
    if (!match) return next(query);
    const fill = (text: string) =>
      text.replace(/\{\{\s*\.(\w+)(?:\.(\w+))?\s*\}\}/g, (_, field: string, group?: string) =>
        field === 'Name'
          ? name
          : field === 'Group'
            ? (match.groups?.[group ?? ''] ?? '')
            : field === 'Type'
              ? query.qtype
              : '',
      );
    const records = answers.map((answer): DnsRecord => {
      const [owner = name, ttl = '60', , kind = 'A', ...data] = fill(answer).split(/\s+/);
      return { name: owner, ttl: Number(ttl), type: kind as DnsRecord['type'], data: data.join(' ') };
    });
    return dnsReply(query, rcode, { authoritative: true, answers: records });
  };
};

const cache: Factory = (directive, setup) => {
  const most = Number(directive.args[0] ?? 3600);
  const disabled = directive.block.filter((d) => d.name === 'disable');
  const store = new Map<string, { reply: DnsReply; at: number; until: number }>();
  const off = (kind: 'success' | 'denial', name: string) =>
    disabled.some(
      (d) => d.args[0] === kind && (d.args.length === 1 || d.args.slice(1).some((z) => inZone(name, absolute(z)))),
    );
  return async (query, next) => {
    const { world } = setup.process;
    const name = absolute(query.name);
    const key = `${query.qtype} ${name}`;
    const known = store.get(key);
    const now = world.queue.now;
    if (known && known.until > now) {
      const age = Math.floor((now - known.at) / 1000);
      const older = (r: DnsRecord) => ({ ...r, ttl: Math.max(0, r.ttl - age) });
      return { ...known.reply, name: query.name, answers: known.reply.answers.map(older) };
    }
    const reply = await next(query);
    if (!reply || (reply.code !== 'NOERROR' && reply.code !== 'NXDOMAIN')) return reply;
    const success = reply.answers.length > 0;
    if (off(success ? 'success' : 'denial', name)) return reply;
    const ttl = Math.min(most, ...(success ? reply.answers : reply.authority).map((r) => r.ttl));
    if (store.size > 9984) store.clear();
    if (ttl > 0) store.set(key, { reply, at: now, until: now + ttl * 1000 });
    return reply;
  };
};

const loadbalance: Factory =
  (_, { process }) =>
  async (query, next) => {
    const reply = await next(query);
    if (!reply || reply.answers.length < 2) return reply;
    const addresses = reply.answers.filter((r) => r.type === 'A');
    const others = reply.answers.filter((r) => r.type !== 'A');
    const random = process.world.random.stream('coredns');
    for (let i = addresses.length - 1; i > 0; i--) {
      const j = random.int(i + 1);
      [addresses[i], addresses[j]] = [addresses[j]!, addresses[i]!];
    }
    return { ...reply, answers: [...others, ...addresses] };
  };

const logPlugin: Factory = (_, setup) => async (query, next) => {
  const { queue } = setup.process.world;
  const began = queue.now;
  const reply = await next(query);
  const name = absolute(query.name);
  const size = 12 + name.length + 5;
  const flags = `qr,${reply?.authoritative ? 'aa,' : ''}rd${reply?.authoritative ? '' : ',ra'}`;
  const seconds = (Math.max(0.05, queue.now - began) / 1000).toFixed(9);
  const client = (query as DnsQuery & { client?: string }).client ?? '127.0.0.1:0';
  const out = size + (reply?.answers.length ?? 0) * 16 + (reply?.authority.length ?? 0) * 93;
  setup.log(
    `[INFO] ${client} - ${1000 + ((name.length * 7919 + Math.floor(began)) % 60_000)} "${query.qtype} IN ${name} udp ${size} false 512" ${reply?.code ?? 'SERVFAIL'} ${flags} ${out} ${seconds}s`,
  );
  return reply;
};

const minimal: Factory = () => async (query, next) => {
  const reply = await next(query);
  return reply && reply.answers.length > 0 ? { ...reply, authority: [], additional: [] } : reply;
};

/** Plugins in the order in which questions pass them, whatever the Corefile's order is. */
export const plugins: ReadonlyMap<string, Factory> = new Map<string, Factory>([
  ['cancel', nothing],
  ['reload', nothing],
  ['bufsize', nothing],
  ['bind', nothing],
  ['debug', nothing],
  ['ready', nothing],
  ['health', nothing],
  ['prometheus', nothing],
  ['errors', nothing],
  ['log', logPlugin],
  ['loadbalance', loadbalance],
  ['cache', cache],
  ['rewrite', rewrite],
  ['minimal', minimal],
  ['template', template],
  ['hosts', hosts],
  ['kubernetes', kubernetes],
  ['loop', nothing],
  ['forward', forward],
]);
