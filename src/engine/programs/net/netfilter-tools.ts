import {
  formatCidr,
  formatIp,
  type Flow,
  type Match,
  type Rule,
  type Table,
  type Target,
} from '../../network/index.ts';
import { hasCapability, type Process, type Program } from '../../process/index.ts';

/** ipvsadm, ipset, nft, conntrack: what the kernel's packet filter holds. */

async function rootOnly(process: Process, message: string): Promise<boolean> {
  if (hasCapability(process.user, 'NET_ADMIN')) return true;
  await process.printError(`${message}\n`);
  return false;
}

export const ipvsadm: Program = async (process) => {
  const args = process.argv.slice(1);
  if (!(await rootOnly(process, "Can't initialize ipvs: Permission denied (you must be root)"))) return 255;
  const letters = args.filter((a) => /^-[a-zA-Z]+$/.test(a)).join('');
  if (args.length > 0 && !/[Ll]/.test(letters) && !args.includes('--list')) {
    await process.printError(`slipway: ipvsadm ${args.join(' ')} is not simulated: only listing is\n`);
    return 1;
  }
  const { netfilter, ipvs } = process.machine.net;
  netfilter.refresh();
  const stats = args.includes('--stats');
  let text = 'IP Virtual Server version 1.2.1 (size=4096)\n';
  text += stats
    ? 'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n  -> RemoteAddress:Port\n'
    : 'Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n';
  for (const v of ipvs.list()) {
    const local = `${formatIp(v.ip)}:${v.port}`;
    const total = v.servers.reduce((n, s) => n + s.active + s.inactive, 0);
    text += stats ? `${v.protocol.toUpperCase().padEnd(4)} ${local.padEnd(28)} ${String(total).padStart(8)}        0        0        0        0\n` : `${v.protocol.toUpperCase().padEnd(4)} ${local} ${v.scheduler}${v.persistent === undefined ? '' : ` persistent ${v.persistent}`}\n`; // prettier-ignore
    for (const s of v.servers) {
      const remote = `${formatIp(s.ip)}:${s.port}`;
      text += stats ? `  -> ${remote.padEnd(28)} ${String(s.active + s.inactive).padStart(8)}        0        0        0        0\n` : `  -> ${remote.padEnd(28)} Masq    ${String(s.weight).padEnd(6)} ${String(s.active).padEnd(10)} ${String(s.inactive).padEnd(10)}\n`; // prettier-ignore
    }
  }
  await process.print(text);
  return 0;
};

export const ipset: Program = async (process) => {
  const [verb = '', ...rest] = process.argv.slice(1);
  if (!(await rootOnly(process, `ipset v7.17: Kernel error received: Operation not permitted`))) return 1;
  const { netfilter } = process.machine.net;
  netfilter.refresh();
  if (!['list', '-L', 'save', '-n'].includes(verb)) {
    await process.printError(verb === '' ? 'ipset v7.17: No command specified.\nTry `ipset help\' for more information.\n' : `slipway: ipset ${verb} is not simulated: only list and save are\n`); // prettier-ignore
    return 1;
  }
  const name = rest.find((a) => !a.startsWith('-'));
  const namesOnly = rest.includes('-n') || rest.includes('-name');
  if (name !== undefined && !netfilter.ipsets.has(name)) {
    await process.printError('ipset v7.17: The set with the given name does not exist\n');
    return 1;
  }
  const out: string[] = [];
  for (const [own, set] of netfilter.ipsets) {
    if (name !== undefined && own !== name) continue;
    if (namesOnly) {
      out.push(own);
      continue;
    }
    const header =
      set.type === 'bitmap:port'
        ? 'range 0-65535'
        : 'family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x5f3759df';
    if (verb === 'save')
      out.push(`create ${own} ${set.type} ${header}`, ...[...set.entries].map((e) => `add ${own} ${e}`));
    else
      out.push(
        `Name: ${own}\nType: ${set.type}\nRevision: ${set.type === 'bitmap:port' ? 3 : 6}\nHeader: ${header}\nSize in memory: ${264 + set.entries.size * 64}\nReferences: 1\nNumber of entries: ${set.entries.size}\nMembers:\n${[...set.entries].map((e) => `${e}\n`).join('')}`,
      );
  }
  await process.print(
    out
      .map((l) => `${l}\n`)
      .join('')
      .replace(/\n\n$/, '\n'),
  );
  return 0;
};

// ---- nft --------------------------------------------------------------------------------------------------------------

function nftMatch(m: Match): string[] {
  const parts: string[] = [];
  const is = (not: boolean | undefined) => (not ? '!= ' : '');
  const cidr = (c: NonNullable<Match['source']>) =>
    `${is(c.not)}${c.value.bits === 32 ? formatIp(c.value.network) : formatCidr(c.value)}`;
  if (m.in) parts.push(`iifname ${is(m.in.not)}"${m.in.value.replace(/\+$/, '*')}"`);
  if (m.out) parts.push(`oifname ${is(m.out.not)}"${m.out.value.replace(/\+$/, '*')}"`);
  if (m.destination) parts.push(`ip daddr ${cidr(m.destination)}`);
  if (m.protocol && !m.destinationPort && !m.sourcePort)
    parts.push(`meta l4proto ${is(m.protocol.not)}${m.protocol.value}`);
  if (m.destinationPort)
    parts.push(`${m.protocol?.value ?? 'th'} dport ${is(m.destinationPort.not)}${m.destinationPort.value.from}`);
  if (m.source) parts.push(`ip saddr ${cidr(m.source)}`);
  if (m.state) parts.push(`ct state ${is(m.state.not)}${m.state.value.map((s) => s.toLowerCase()).join(',')}`);
  if (m.mark)
    parts.push(
      m.mark.not
        ? `meta mark & 0x${hex8(m.mark.value.mask)} == 0x00000000`
        : `meta mark & 0x${hex8(m.mark.value.mask)} != 0x00000000`,
    );
  if (m.addressType)
    parts.push(
      `fib ${m.addressType.value.side === 'source' ? 'saddr' : 'daddr'} type ${is(m.addressType.not)}${m.addressType.value.type.toLowerCase()}`,
    );
  if (m.recent)
    parts.push(m.recent.mode === 'set' ? `update @${m.recent.name} { ip saddr }` : `ip saddr @${m.recent.name}`);
  return parts;
}

const hex8 = (n: number) => n.toString(16).padStart(8, '0');

function nftTarget(target: Target, table: Table): string {
  switch (target.kind) {
    case 'jump':
    case 'goto':
      return `${target.kind} ${target.chain}`;
    case 'dnat':
      return `dnat to ${formatIp(target.ip)}${target.port === undefined ? '' : `:${target.port}`}`;
    case 'snat':
      return `snat to ${formatIp(target.ip)}`;
    case 'masquerade':
      return `masquerade${target.fully ? ' fully-random' : ''}`;
    case 'mark':
      return target.xor
        ? `meta mark set meta mark ^ 0x${hex8(target.value)}`
        : `meta mark set meta mark | 0x${hex8(target.value)}`;
    case 'vmap':
      return `${table.maps.get(target.map)?.fields ?? ''} vmap @${target.map}`;
    case 'random':
      return `numgen random mod ${target.chains.length} vmap { ${target.chains.map((c, i) => `${i} : goto ${c}`).join(', ')} }`;
    case 'reject':
      return target.with === 'icmp-port-unreachable' ? 'reject' : `reject with ${target.with}`;
    case 'redirect':
      return `redirect to :${target.port}`;
    case 'log':
      return `log prefix "${target.prefix}"`;
    case 'none':
      return '';
    default:
      return target.kind;
  }
}

function nftRule(r: Rule, table: Table): string {
  const counter = table.family === 'iptables' ? [`counter packets ${r.packets} bytes ${r.packets * 60}`] : [];
  const comment = r.comment === undefined ? [] : [`comment "${r.comment}"`];
  const target = nftTarget(r.target, table);
  return [...nftMatch(r.match), ...counter, ...(target ? [target] : []), ...comment].join(' ');
}

function nftTable(table: Table): string {
  const family = table.family === 'iptables' ? 'ip' : table.family;
  const out = [`table ${family} ${table.name} {`];
  if (table.comment) out.push(`\tcomment "${table.comment}"`, '');
  for (const [name, set] of table.sets) out.push(`\tset ${name} {`, `\t\ttype ${set.type}`, ...(set.comment ? [`\t\tcomment "${set.comment}"`] : []), ...(set.elements.size > 0 ? [`\t\telements = { ${[...set.elements].join(',\n\t\t\t     ')} }`] : []), '\t}', ''); // prettier-ignore
  for (const [name, map] of table.maps) {
    const elements = [...map.elements].map(([key, verdict]) => `${key} : ${verdict}`);
    out.push(`\tmap ${name} {`, `\t\ttype ${map.type}`);
    if (map.comment) out.push(`\t\tcomment "${map.comment}"`);
    if (elements.length > 0) out.push(`\t\telements = { ${elements.join(',\n\t\t\t     ')} }`);
    out.push('\t}', '');
  }
  for (const chain of table.chains.values()) {
    out.push(`\tchain ${chain.name} {`);
    if (chain.hook) {
      const names: Record<number, string> = {
        [-300]: 'raw',
        [-150]: 'mangle',
        [-110]: 'dstnat - 10',
        [-100]: 'dstnat',
        0: 'filter',
        50: 'security',
        100: 'srcnat',
      };
      out.push(
        `\t\ttype ${chain.hook.type} hook ${chain.hook.name.toLowerCase()} priority ${names[chain.hook.priority] ?? chain.hook.priority}; policy ${chain.policy};`,
      );
    }
    for (const r of chain.rules) out.push(`\t\t${nftRule(r, table)}`);
    out.push('\t}', '');
  }
  if (out.at(-1) === '') out.pop();
  return `${[...out, '}'].join('\n')}\n`;
}

export const nft: Program = async (process) => {
  const args = process.argv.slice(1).filter((a) => !['-a', '-n', '-nn', '-s'].includes(a));
  if (!(await rootOnly(process, 'Operation not permitted (you must be root)'))) return 1;
  const tables = process.machine.net.netfilter.tables();
  const [verb, what, ...rest] = args;
  if (verb === 'list' && what === 'ruleset') await process.print(tables.map(nftTable).join(''));
  else if (verb === 'list' && what === 'tables')
    await process.print(tables.map((t) => `table ${t.family === 'iptables' ? 'ip' : t.family} ${t.name}\n`).join(''));
  else if (verb === 'list' && ['table', 'chain', 'map'].includes(what ?? '')) {
    const [family = 'ip', name = '', inner] = /^(ip|ip6|inet|arp|bridge|netdev)$/.test(rest[0] ?? '')
      ? rest
      : ['ip', ...rest];
    const table = tables.find((t) => (t.family === 'iptables' ? 'ip' : t.family) === family && t.name === name);
    const item = table && inner !== undefined && !table.chains.has(inner) && !table.maps.has(inner);
    if (!table || item) {
      await process.printError(`Error: No such file or directory\nlist ${args.slice(1).join(' ')}\n${' '.repeat(6 + (what?.length ?? 0) + family.length)}${'^'.repeat((inner ?? name).length)}\n`); // prettier-ignore
      return 1;
    }
    const whole = nftTable(table);
    if (what === 'table') await process.print(whole);
    else {
      const lines = whole.split('\n');
      const from = lines.findIndex((l) => l === `\t${what} ${inner} {`);
      const to = lines.indexOf('\t}', from);
      await process.print(`table ${family} ${name} {\n${lines.slice(from, to + 1).join('\n')}\n}\n`);
    }
  } else {
    await process.printError(`slipway: nft ${args.join(' ')} is not simulated: only list is\n`);
    return 1;
  }
  return 0;
};

// ---- conntrack --------------------------------------------------------------------------------------------------------

const lifetimes: Record<string, number> = { tcp: 120_000, udp: 30_000, icmp: 30_000, sctp: 60_000 };
const numbers: Record<string, number> = { tcp: 6, udp: 17, icmp: 1, sctp: 132 };

function entries(process: Process, protocol: string | undefined): string[] {
  const { net, network } = process.machine;
  const now = network.world.queue.now;
  const out: string[] = [];
  for (const flow of network.flows.list(now - 120_000)) {
    if (protocol !== undefined && flow.protocol !== protocol) continue;
    const open = flow.protocol === 'tcp' && flow.outcome === 'connected' && !flow.closed;
    const left = open ? 86_400 : Math.ceil((lifetimes[flow.protocol]! - (now - flow.at)) / 1000);
    if (left <= 0) continue;
    for (const t of flow.plan.tracked) if (t.namespace === net) out.push(entry(flow, t, left, open));
  }
  return out;
}

function entry(flow: Flow, t: Flow['plan']['tracked'][number], left: number, open: boolean): string {
  const { protocol, sourcePort } = flow;
  const [source, destination] = [formatIp(t.source), formatIp(t.destination)];
  const [back, to] = [formatIp(t.toDestination), formatIp(t.toSource)];
  const state = protocol === 'tcp' ? `${open ? 'ESTABLISHED' : flow.outcome === 'connected' ? 'TIME_WAIT' : flow.outcome === 'refused' ? 'CLOSE' : 'SYN_SENT'} ` : ''; // prettier-ignore
  const unreplied = flow.outcome === 'timeout' ? '[UNREPLIED] ' : '';
  const assured = protocol === 'tcp' && flow.outcome === 'connected' ? '[ASSURED] ' : '';
  if (protocol === 'icmp')
    return `icmp     1 ${left} src=${source} dst=${destination} type=8 code=0 id=${sourcePort} ${unreplied}src=${back} dst=${to} type=0 code=0 id=${sourcePort} mark=0 use=1`;
  return `${protocol.padEnd(8)} ${numbers[protocol]} ${left} ${state}src=${source} dst=${destination} sport=${sourcePort} dport=${t.destinationPort} ${unreplied}src=${back} dst=${to} sport=${t.toPort} dport=${sourcePort} ${assured}mark=0 use=1`; // prettier-ignore
}

export const conntrack: Program = async (process) => {
  const args = process.argv.slice(1);
  if (!(await rootOnly(process, 'conntrack v1.4.7 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this'))) return 1; // prettier-ignore
  const after = (...names: string[]) => args[args.findIndex((a) => names.includes(a)) + 1];
  const has = (...names: string[]) => args.some((a) => names.includes(a));
  let list = entries(process, has('-p', '--proto') ? after('-p', '--proto') : undefined);
  const filter = (field: string, value: string | undefined) =>
    void (list = list.filter((l) => l.includes(` ${field}=${value} `)));
  if (has('-s', '--src', '--orig-src')) filter('src', after('-s', '--src', '--orig-src'));
  if (has('-d', '--dst', '--orig-dst')) filter('dst', after('-d', '--dst', '--orig-dst'));
  if (has('--dport', '--orig-port-dst')) filter('dport', after('--dport', '--orig-port-dst'));
  if (has('--sport', '--orig-port-src')) filter('sport', after('--sport', '--orig-port-src'));
  if (has('-C', '--count')) {
    await process.print(`${list.length}\n`);
    return 0;
  }
  if (!has('-L', '--dump')) {
    await process.printError(`slipway: conntrack ${args.join(' ')} is not simulated: only -L and -C are\n`);
    return 1;
  }
  await process.print(list.map((l) => `${l}\n`).join(''));
  await process.printError(`conntrack v1.4.7 (conntrack-tools): ${list.length} flow entries have been shown.\n`);
  return 0;
};
