import { absolute, askDns, type DnsRecord, type DnsReply, type DnsResult, type DnsType } from '../../network/index.ts';
import {
  candidates,
  hostsEntries,
  resolveName,
  resolverConfig,
  type Process,
  type Program,
} from '../../process/index.ts';
import { isBusybox } from './lib.ts';

/** nslookup, dig, host and getent. */

const types: readonly DnsType[] = ['A', 'AAAA', 'CNAME', 'SRV', 'PTR', 'TXT', 'NS', 'SOA', 'MX', 'ANY'];

/** The name under which an address is asked for. */
function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
}

const isAddress = (text: string) => /^\d+(\.\d+){3}$/.test(text);

async function ask(
  process: Process,
  server: string,
  name: string,
  qtype: DnsType,
  timeout: number,
  tries = 1,
): Promise<DnsResult> {
  let result: DnsResult = { failure: 'timeout' };
  for (let i = 0; i < tries; i++) {
    result = await askDns(
      process.machine.network,
      process.machine.net,
      server,
      { type: 'dns', name, qtype },
      timeout,
      process.cancel,
    );
    if ('reply' in result) return result;
  }
  return result;
}

/** The address of a name server given by name or address. */
async function serverAddress(process: Process, server: string): Promise<string | undefined> {
  const found = await resolveName(process.machine, server, process.cancel);
  return 'addresses' in found ? found.addresses[0] : undefined;
}

export const nslookup: Program = async (process) => {
  const busybox = isBusybox(process);
  let type: DnsType | undefined;
  let timeout = 5_000;
  const operands: string[] = [];
  for (const arg of process.argv.slice(1)) {
    const match = /^-(?:query|type|querytype|q|ty)=(\w+)$/i.exec(arg);
    if (match) type = match[1]!.toUpperCase() as DnsType;
    else if (/^-timeout=/.test(arg)) timeout = Number(arg.slice(9)) * 1000;
    else if (arg.startsWith('-')) continue;
    else operands.push(arg);
  }
  const [name, given] = operands;
  if (name === undefined) {
    await process.printError(busybox ? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n' : 'nslookup: slipway: the interactive mode is not simulated\n'); // prettier-ignore
    return 1;
  }
  const config = resolverConfig(process.machine.fs);
  let [server = '127.0.0.1'] = config.nameservers;
  if (given !== undefined) {
    const address = await serverAddress(process, given);
    if (address === undefined) {
      await process.printError(
        busybox ? `nslookup: bad address '${given}'\n` : `nslookup: couldn't get address for '${given}': not found\n`,
      );
      return 1;
    }
    server = address;
  }
  return (busybox ? busyboxLookup : bindLookup)(process, name, server, given ?? server, type, timeout);
};

async function bindLookup(
  process: Process,
  name: string,
  server: string,
  shown: string,
  type: DnsType | undefined,
  timeout: number,
): Promise<number> {
  const config = resolverConfig(process.machine.fs);
  const reverse = isAddress(name) && type === undefined;
  const qtype = type ?? (reverse ? 'PTR' : 'A');
  const names = reverse ? [reverseName(name)] : candidates(name, config);
  let header = `Server:\t\t${shown}\nAddress:\t${server}#53\n\n`;
  let last: { code: string; name: string } | undefined;
  for (const candidate of names) {
    const result = await ask(process, server, candidate, qtype, timeout, 3);
    if ('failure' in result) {
      const why =
        result.failure === 'refused'
          ? 'connection refused'
          : result.failure === 'unreachable'
            ? 'host unreachable'
            : 'timed out';
      await process.print(
        `;; communications error to ${server}#53: ${why}\n`.repeat(3) + `;; no servers could be reached\n\n\n`,
      );
      return 1;
    }
    const { reply } = result;
    if (reply.code !== 'NOERROR') {
      last = { code: reply.code, name: candidate.replace(/\.$/, '') };
      if (reply.code === 'NXDOMAIN') continue;
      break;
    }
    const lines: string[] = [];
    for (const record of reply.answers) lines.push(bindLine(record));
    if (type === undefined && !reverse) {
      const v6 = await ask(process, server, candidate, 'AAAA', timeout, 1);
      if ('reply' in v6) for (const r of v6.reply.answers) if (r.type === 'AAAA') lines.push(bindLine(r));
    }
    if (reply.answers.length === 0) lines.push(`*** Can't find ${name}: No answer`);
    if (!reply.authoritative && reply.answers.length > 0) header += 'Non-authoritative answer:\n';
    await process.print(`${header}${lines.join('\n')}\n\n`);
    return reply.answers.length > 0 ? 0 : 1;
  }
  await process.print(
    `${header}** server can't find ${last?.code === 'NXDOMAIN' ? name.replace(/\.$/, '') : (last?.name ?? name)}: ${last?.code ?? 'NXDOMAIN'}\n\n`,
  );
  return 1;
}

function bindLine({ name, type, data }: DnsRecord): string {
  const owner = name.replace(/\.$/, '');
  switch (type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${owner}\nAddress: ${data}`;
    case 'CNAME':
      return `${owner}\tcanonical name = ${data}`;
    case 'PTR':
      return `${owner}\tname = ${data}`;
    case 'SRV':
      return `${owner}\tservice = ${data}`;
    case 'TXT':
      return `${owner}\ttext = ${data}`;
    case 'SOA': {
      const [origin, mail, serial, refresh, retry, expire, minimum] = data.split(' ');
      return `${owner}\n\torigin = ${origin}\n\tmail addr = ${mail}\n\tserial = ${serial}\n\trefresh = ${refresh}\n\tretry = ${retry}\n\texpire = ${expire}\n\tminimum = ${minimum}`;
    }
    case 'NS':
      return `${owner}\tnameserver = ${data}`;
    default:
      return `${owner}\tmail exchanger = ${data}`;
  }
}

async function busyboxLookup(
  process: Process,
  name: string,
  server: string,
  _shown: string,
  type: DnsType | undefined,
  timeout: number,
): Promise<number> {
  const config = resolverConfig(process.machine.fs);
  const header = `Server:\t\t${server}\nAddress:\t${server}:53\n\n`;
  const reverse = isAddress(name) && type === undefined;
  // Names with enough dots are asked for as they are, others with the search list; each question by itself.
  const names = reverse
    ? [reverseName(name)]
    : candidates(name, { ...config, ndots: 1 }).map((n) => n.replace(/\.$/, ''));
  const questions: DnsType[] = type ? [type] : reverse ? ['PTR'] : ['A', 'AAAA'];
  let status = 1;
  let text = '';
  let reached = false;
  for (const candidate of names) {
    let found = false;
    for (const qtype of questions) {
      const result = await ask(process, server, candidate, qtype, timeout, 2);
      if ('failure' in result) {
        if (result.failure === 'refused') {
          await process.print(`nslookup: read: Connection refused\n`);
        }
        continue;
      }
      reached = true;
      const { reply } = result;
      if (reply.code !== 'NOERROR') {
        text += `** server can't find ${candidate}: ${reply.code}\n\n`;
        continue;
      }
      if (!reply.authoritative) text += 'Non-authoritative answer:\n';
      if (reply.answers.length > 0) {
        found = true;
        text += `${reply.answers.map(bindLine).join('\n')}\n\n`;
      } else if (qtype === 'AAAA' || questions.length === 1)
        text += type ? `*** Can't find ${candidate}: No answer\n\n` : '\n';
    }
    if (found) {
      status = 0;
      break;
    }
  }
  if (!reached) {
    await process.print(`;; connection timed out; no servers could be reached\n\n`);
    return 1;
  }
  await process.print(header + text);
  return status;
}

export const dig: Program = async (process) => {
  const config = resolverConfig(process.machine.fs);
  let server: string | undefined;
  let [short, search, showAll, answerOnly] = [false, false, true, false];
  let [timeout, tries] = [5_000, 3];
  const queries: { name: string; type: DnsType }[] = [];
  let name: string | undefined;
  let type: DnsType | undefined;
  const args = process.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg.startsWith('@')) server = arg.slice(1);
    else if (arg.startsWith('+')) {
      const [option = '', value] = arg.slice(1).split('=');
      if (option === 'short') short = true;
      else if (option === 'search') search = true;
      else if (option === 'nosearch') search = false;
      else if (option === 'noall') showAll = false;
      else if (option === 'answer') answerOnly = true;
      else if (option === 'time' || option === 'timeout') timeout = Number(value) * 1000;
      else if (option === 'tries') tries = Number(value);
      else if (option === 'retry') tries = Number(value) + 1;
      else if (!/^(no)?(cmd|comments|stats|question|authority|additional|recurse|edns|tcp|all|cookie)$/.test(option)) {
        await process.printError(`Invalid option: ${arg}\n`);
        return 1;
      }
    } else if (arg === '-x') {
      name = reverseName(args[++i] ?? '');
      type = 'PTR';
    } else if (arg === '-t') type = args[++i]?.toUpperCase() as DnsType;
    else if (arg === '-p' || arg === '-4') i += arg === '-p' ? 1 : 0;
    else if (types.includes(arg.toUpperCase() as DnsType) && name !== undefined) type = arg.toUpperCase() as DnsType;
    else if (arg.toUpperCase() === 'IN') continue;
    else {
      if (name !== undefined) queries.push({ name, type: type ?? 'A' });
      name = arg;
      type = queries.length > 0 ? undefined : type;
    }
  }
  queries.push({ name: name ?? '.', type: type ?? (name === undefined ? 'NS' : 'A') });
  const address = server === undefined ? config.nameservers[0]! : await serverAddress(process, server);
  if (address === undefined) {
    await process.printError(`dig: couldn't get address for '${server}': not found\n`);
    return 10;
  }
  let status = 0;
  for (const query of queries) {
    const names = search ? candidates(query.name, config) : [absolute(query.name)];
    let reply: DnsReply | undefined;
    let took = 0;
    for (const candidate of names) {
      const result = await ask(process, address, candidate, query.type, timeout, tries);
      if ('failure' in result) {
        const why =
          result.failure === 'refused'
            ? 'connection refused'
            : result.failure === 'unreachable'
              ? 'host unreachable'
              : 'timed out';
        await process.print(`${short ? '' : `\n; <<>> DiG 9.18.30 <<>> ${args.join(' ')}\n;; global options: +cmd\n`}${`;; communications error to ${address}#53: ${why}\n`.repeat(tries)}\n;; no servers could be reached\n\n`); // prettier-ignore
        status = 9;
        break;
      }
      ({ reply } = result);
      took = result.roundTrip;
      if (reply.code !== 'NXDOMAIN') break;
    }
    if (!reply) continue;
    if (short) {
      if (reply.answers.length > 0) await process.print(reply.answers.map((r) => `${r.data}\n`).join(''));
    } else if (!showAll) await process.print(answerOnly ? reply.answers.map(zoneLine).join('') : '');
    else await process.print(digText(process, args, reply, query.type, address, server ?? address, took));
  }
  return status;
};

function zoneLine({ name, ttl, type, data }: DnsRecord): string {
  const tabs = name.length >= 24 ? ' ' : '\t'.repeat(Math.max(1, 3 - Math.floor(name.length / 8)));
  return `${name}${tabs}${ttl}\tIN\t${type}\t${data}\n`;
}

function digText(
  process: Process,
  args: readonly string[],
  reply: DnsReply,
  type: string,
  address: string,
  server: string,
  took: number,
): string {
  const { answers, authority, additional, code, authoritative } = reply;
  const id = 1000 + process.world.random.stream('dig').int(60_000);
  const flags = `qr ${authoritative ? 'aa ' : ''}rd${authoritative ? '' : ' ra'}`;
  const section = (title: string, records: readonly DnsRecord[]) => (records.length > 0 ? `;; ${title} SECTION:\n${records.map(zoneLine).join('')}\n` : ''); // prettier-ignore
  const name = absolute(reply.name);
  const when = new Date(process.world.clock.now());
  const date = `${when.toUTCString().slice(0, 3)} ${when.toUTCString().slice(8, 11)} ${when.toISOString().slice(8, 10)} ${when.toISOString().slice(11, 19)} UTC ${when.getUTCFullYear()}`; // prettier-ignore
  const size = 17 + 11 + name.length + [...answers, ...authority, ...additional].reduce((n, r) => n + 12 + r.name.length + Math.min(r.data.length, 40), 0); // prettier-ignore
  return (
    `\n; <<>> DiG 9.18.30 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n` +
    (authoritative
      ? ';; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n'.repeat(
          name.endsWith('.local.') ? 1 : 0,
        )
      : '') + // prettier-ignore
    `;; ->>HEADER<<- opcode: QUERY, status: ${code}, id: ${id}\n;; flags: ${flags}; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: ${authority.length}, ADDITIONAL: ${additional.length + 1}\n` +
    (authoritative ? ';; WARNING: recursion requested but not available\n' : '') +
    `\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION SECTION:\n;${name}${'\t'.repeat(Math.max(1, 3 - Math.floor((name.length + 1) / 8)))}IN\t${type}\n\n` +
    section('ANSWER', answers) +
    section('AUTHORITY', authority) +
    section('ADDITIONAL', additional) +
    `;; Query time: ${Math.round(took)} msec\n;; SERVER: ${address}#53(${server}) (UDP)\n;; WHEN: ${date}\n;; MSG SIZE  rcvd: ${size}\n\n`
  );
}

export const host: Program = async (process) => {
  const config = resolverConfig(process.machine.fs);
  let type: DnsType | undefined;
  const operands: string[] = [];
  const args = process.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-t') type = args[++i]?.toUpperCase() as DnsType;
    else if (args[i]!.startsWith('-')) continue;
    else operands.push(args[i]!);
  }
  const [name, server = config.nameservers[0]!] = operands;
  if (name === undefined) {
    await process.printError('Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n'); // prettier-ignore
    return 1;
  }
  const address = await serverAddress(process, server);
  if (operands[1] !== undefined)
    await process.print(`Using domain server:\nName: ${server}\nAddress: ${address}#53\nAliases: \n\n`);
  const reverse = isAddress(name);
  const names = reverse ? [reverseName(name)] : candidates(name, config);
  for (const candidate of names) {
    const lines: string[] = [];
    let code = 'NOERROR';
    for (const qtype of type ? [type] : reverse ? (['PTR'] as const) : (['A', 'AAAA', 'MX'] as const)) {
      const result = await ask(process, address ?? server, candidate, qtype, 5_000, 2);
      if ('failure' in result) {
        const why = result.failure === 'refused' ? 'connection refused' : 'timed out';
        await process.print(
          `;; communications error to ${address}#53: ${why}\n`.repeat(2) + ';; no servers could be reached\n',
        );
        return 1;
      }
      ({ code } = result.reply);
      if (code !== 'NOERROR') break;
      for (const record of result.reply.answers)
        if (!(record.type === 'CNAME' && lines.length > 0)) lines.push(hostLine(record));
    }
    if (code === 'NXDOMAIN') continue;
    if (code !== 'NOERROR') {
      await process.print(`Host ${name} not found: 2(${code})\n`);
      return 1;
    }
    await process.print(
      lines.length > 0 ? `${lines.join('\n')}\n` : `${candidate.replace(/\.$/, '')} has no ${type ?? 'A'} record\n`,
    );
    return lines.length > 0 ? 0 : 1;
  }
  await process.print(`Host ${reverse ? `${reverseName(name)}.` : name} not found: 3(NXDOMAIN)\n`);
  return 1;
};

function hostLine({ name, type, data }: DnsRecord): string {
  const owner = name.replace(/\.$/, '');
  const verbs: Partial<Record<string, string>> = {
    A: 'has address', AAAA: 'has IPv6 address', CNAME: 'is an alias for', PTR: 'domain name pointer', SRV: 'has SRV record', TXT: 'descriptive text', NS: 'name server', SOA: 'has SOA record', MX: 'mail is handled by',
  }; // prettier-ignore
  return `${owner} ${verbs[type] ?? type} ${data}`;
}

export const getent: Program = async (process) => {
  const [database, ...keys] = process.argv.slice(1);
  if (database !== 'hosts' && database !== 'ahosts' && database !== 'ahostsv4') {
    const file = { passwd: '/etc/passwd', group: '/etc/group' }[database ?? ''];
    if (file === undefined) {
      await process.printError(database === undefined ? 'Usage: getent [OPTION...] database [key ...]\n' : `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`); // prettier-ignore
      return 1;
    }
    const lines = process.machine.fs.readText(file).split('\n').filter(Boolean);
    const found =
      keys.length === 0
        ? lines
        : keys.flatMap((key) => lines.filter((l) => l.split(':')[0] === key || l.split(':')[2] === key));
    await process.print(found.map((l) => `${l}\n`).join(''));
    return found.length > 0 ? 0 : 2;
  }
  let status = 0;
  for (const key of keys) {
    const local = hostsEntries(process.machine.fs, key);
    if (isAddress(key)) {
      const config = resolverConfig(process.machine.fs);
      const result = await ask(
        process,
        config.nameservers[0]!,
        reverseName(key),
        'PTR',
        config.timeout * 1000,
        config.attempts,
      );
      const names = 'reply' in result ? result.reply.answers.map((r) => r.data.replace(/\.$/, '')) : [];
      if (names.length > 0) await process.print(`${key.padEnd(15)} ${names.join(' ')}\n`);
      else status = 2;
      continue;
    }
    const found = await resolveName(process.machine, key, process.cancel);
    if ('failure' in found) {
      status = 2;
      continue;
    }
    const names =
      local.length > 0 ? local[0]!.names.join(' ') : found.canonical === key ? key : `${found.canonical} ${key}`;
    for (const address of found.addresses) {
      if (database === 'hosts') await process.print(`${address.padEnd(15)} ${names}\n`);
      else for (const [i, kind] of ['STREAM', 'DGRAM', 'RAW'].entries()) await process.print(`${address.padEnd(15)} ${kind.padEnd(6)} ${i === 0 && address === found.addresses[0] ? found.canonical : ''}\n`); // prettier-ignore
    }
  }
  return status;
};
