import type { Flow } from '../../network/index.ts';
import { hasCapability, type Process, type Program } from '../../process/index.ts';
import { Channel } from '../../world/index.ts';
import { serviceName } from './nc.ts';

/** tcpdump: a readable capture of the connections that touch this host. */

interface Sight {
  readonly device: string;
  readonly direction: 'In' | 'Out';
  readonly source: string;
  readonly destination: string;
  readonly destinationPort: number;
}

/** Where a flow passes this host, with the addresses that it has there. */
function sights(process: Process, flow: Flow): Sight[] {
  const { net } = process.machine;
  const found: Sight[] = [];
  flow.hops.forEach((hop, i) => {
    if (hop.namespace !== net.name || hop.device === undefined) return;
    if (hop.action === 'send' || hop.action === 'forward' || hop.action === 'deliver') {
      const direction = hop.action === 'deliver' ? 'In' : 'Out';
      const device = hop.action === 'deliver' && hop.device === 'lo' ? 'lo' : hop.device;
      // What leaves by a forwarding host has come in before, with the addresses of the hop before.
      if (hop.action === 'forward') {
        const before = flow.hops.slice(0, i).findLast((h) => h.namespace !== net.name);
        if (before)
          found.push({ device: 'any', direction: 'In', source: before.source, destination: before.destination, destinationPort: before.destinationPort }); // prettier-ignore
      }
      if (!(hop.action === 'deliver' && device === 'lo'))
        found.push({
          device,
          direction,
          source: hop.source,
          destination: hop.destination,
          destinationPort: hop.destinationPort,
        });
    }
  });
  return found;
}

type Filter = (sight: Sight, flow: Flow) => boolean;

/** pcap-filter(7): host, src, dst, port, net, protocols, and, or, not. @returns the word that isn't understood */
function parseFilter(words: readonly string[]): Filter | string {
  let at = 0;
  const primary = (): Filter | string => {
    const word = words[at++];
    if (word === 'not' || word === '!') {
      const inner = primary();
      return typeof inner === 'string' ? inner : (s, f) => !inner(s, f);
    }
    if (word === '(') {
      const inner = either();
      at++;
      return inner;
    }
    if (word === 'tcp' || word === 'udp' || word === 'icmp') {
      if (words[at] === 'port') {
        const rest = primary();
        return typeof rest === 'string' ? rest : (s, f) => f.protocol === word && rest(s, f);
      }
      return (_, f) => f.protocol === word;
    }
    if (word === 'ip') return () => true;
    if (word === 'arp') return () => false;
    if (word === 'port') {
      const port = Number(words[at++]);
      return (s, f) => s.destinationPort === port || f.sourcePort === port;
    }
    if (word === 'host') {
      const host = words[at++];
      return (s) => s.source === host || s.destination === host;
    }
    if (word === 'src' || word === 'dst') {
      if (words[at] === 'host') at++;
      if (words[at] === 'port') {
        at++;
        const port = Number(words[at++]);
        return (s, f) => (word === 'src' ? f.sourcePort : s.destinationPort) === port;
      }
      const host = words[at++];
      return (s) => (word === 'src' ? s.source : s.destination) === host;
    }
    return word ?? '';
  };
  const both = (): Filter | string => {
    let left = primary();
    while (typeof left !== 'string' && (words[at] === 'and' || words[at] === '&&')) {
      at++;
      const right = primary();
      if (typeof right === 'string') return right;
      const before = left;
      left = (s, f) => before(s, f) && right(s, f);
    }
    return left;
  };
  const either = (): Filter | string => {
    let left = both();
    while (typeof left !== 'string' && (words[at] === 'or' || words[at] === '||')) {
      at++;
      const right = both();
      if (typeof right === 'string') return right;
      const before = left;
      left = (s, f) => before(s, f) || right(s, f);
    }
    return left;
  };
  return words.length === 0 ? () => true : either();
}

export const tcpdump: Program = async (process) => {
  const args = process.argv.slice(1);
  let [device, count, numeric, quiet] = ['', Infinity, false, false];
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-i' || arg === '--interface') device = args[++i] ?? '';
    else if (arg.startsWith('-i') && arg.length > 2 && !arg.startsWith('--')) device = arg.slice(2);
    else if (arg === '-c') count = Number(args[++i]);
    else if (arg === '-w' || arg === '-r') {
      await process.printError(`slipway: tcpdump ${arg} is not simulated\n`);
      return 1;
    } else if (arg === '-s') i++;
    else if (/^-[a-zA-Z]+$/.test(arg)) {
      numeric ||= arg.includes('n');
      quiet ||= arg.includes('q');
      if (arg.endsWith('i')) device = args[++i] ?? '';
      else if (arg.endsWith('c')) count = Number(args[++i]);
    } else words.push(...arg.split(/\s+|(?<=[()])|(?=[()])/).filter(Boolean));
  }
  const { net } = process.machine;
  if (!hasCapability(process.user, 'NET_RAW')) {
    await process.printError(
      "tcpdump: eth0: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n",
    );
    return 1;
  }
  const filter = parseFilter(words);
  if (typeof filter === 'string') {
    await process.printError("tcpdump: can't parse filter expression: syntax error\n");
    return 1;
  }
  device ||= [...net.interfaces.keys()].find((n) => n !== 'lo') ?? 'lo';
  if (device !== 'any' && !net.interfaces.has(device)) {
    await process.printError(`tcpdump: ${device}: No such device exists\n(SIOCGIFHWADDR: No such device)\n`);
    return 1;
  }
  const link = device === 'any' ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
  if (device === 'any') await process.printError('tcpdump: data link type LINUX_SLL2\n');
  await process.printError(
    `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ${device}, link-type ${link}, snapshot length 262144 bytes\n`,
  );
  const seen = new Channel<Flow>(process.world.queue);
  // A capture only looks: what it is told goes into a channel, and nothing in the world waits for it.
  const undo = process.world.bus.on('flow', (flow) => seen.send(flow as unknown as Flow));
  const stop = process.onSignal('SIGINT', () => seen.close());
  let captured = 0;
  try {
    for (;;) {
      const flow = await seen.receive(process.cancel);
      if (!flow) break;
      for (const sight of sights(process, flow)) {
        if (device !== 'any' && sight.device !== device) continue;
        if (!filter(sight, flow)) continue;
        for (const line of packets(process, flow, sight, device === 'any', numeric, quiet)) {
          if (captured >= count) break;
          captured++;
          await process.print(`${line}\n`);
        }
      }
      if (captured >= count) break;
    }
  } finally {
    undo();
    stop();
  }
  await process.printError(
    `${captured} packet${captured === 1 ? '' : 's'} captured\n${captured} packets received by filter\n0 packets dropped by kernel\n`,
  );
  return 0;
};

/** The packets of a connection as lines, there and back. */
function packets(process: Process, flow: Flow, sight: Sight, any: boolean, numeric: boolean, quiet: boolean): string[] {
  const start = process.world.clock.epoch + flow.at;
  const stamp = (ms: number) => {
    const d = new Date(start + ms);
    return `${d.toISOString().slice(11, 23)}${String(Math.floor(((start + ms) % 1) * 1000)).padStart(3, '0')}`;
  };
  const port = (n: number) =>
    numeric || serviceName(n, flow.protocol) === '*' ? String(n) : serviceName(n, flow.protocol);
  const client = `${sight.source}.${flow.sourcePort}`;
  const server = `${sight.destination}.${port(sight.destinationPort)}`;
  const out = sight.direction === 'Out';
  const there = any ? `${(out ? sight.device : 'eth0').padEnd(5)} ${out ? 'Out' : 'In '} ` : '';
  const back = any ? `${(out ? sight.device : 'eth0').padEnd(5)} ${out ? 'In ' : 'Out'} ` : '';
  const rtt = Math.max(0.02, flow.roundTrip);
  const line = (ms: number, forward: boolean, text: string) => `${stamp(ms)} ${forward ? there : back}IP ${forward ? `${client} > ${server}` : `${server} > ${client}`}: ${text}`; // prettier-ignore
  const answered = flow.outcome === 'connected' || flow.outcome === 'refused';
  if (flow.protocol === 'icmp') {
    const id = `id ${flow.sourcePort}, seq ${/seq (\d+)/.exec(flow.summary ?? '')?.[1] ?? 1}, length 64`;
    const icmp = (ms: number, forward: boolean, text: string) => `${stamp(ms)} ${forward ? there : back}IP ${forward ? `${sight.source} > ${sight.destination}` : `${sight.destination} > ${sight.source}`}: ${text}`; // prettier-ignore
    return [
      icmp(0, true, `ICMP echo request, ${id}`),
      ...(flow.outcome === 'connected' ? [icmp(rtt, false, `ICMP echo reply, ${id}`)] : []),
    ];
  }
  if (flow.protocol === 'udp') {
    const question = flow.summary;
    const id = 1000 + (flow.id % 60_000);
    const lines = [line(0, true, question ? `${id}+ ${question} (${question.length + 12})` : 'UDP, length 1')];
    if (flow.outcome === 'connected' && question) lines.push(line(rtt, false, `${id} 1/0/0 (${question.length + 30})`));
    if (flow.outcome === 'refused') lines.push(`${stamp(rtt)} ${back}IP ${sight.destination} > ${sight.source}: ICMP ${sight.destination} udp port ${port(sight.destinationPort)} unreachable, length 36`); // prettier-ignore
    return lines;
  }
  const seq = 1_000_000 + ((flow.id * 7919) % 900_000_000);
  const options = quiet ? '' : 'win 64240, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0';
  const syn = line(0, true, `Flags [S], seq ${seq}, ${options}`);
  if (!answered) {
    return [
      syn,
      line(1000, true, `Flags [S], seq ${seq}, ${options}`),
      line(3000, true, `Flags [S], seq ${seq}, ${options}`),
    ];
  }
  if (flow.outcome === 'refused') return [syn, line(rtt, false, `Flags [R.], seq 0, ack ${seq + 1}, win 0, length 0`)];
  const lines = [
    syn,
    line(rtt, false, `Flags [S.], seq ${seq * 2}, ack ${seq + 1}, ${options.replace('64240', '65160')}`),
    line(rtt + 0.02, true, 'Flags [.], ack 1, win 502, length 0'),
  ];
  if (flow.summary) {
    const length = flow.summary.length + 60;
    const http = sight.destinationPort === 443 || sight.destinationPort === 6443 ? '' : `: HTTP: ${flow.summary}`;
    lines.push(line(rtt + 0.05, true, `Flags [P.], seq 1:${length + 1}, ack 1, win 502, length ${length}${http}`));
    lines.push(line(rtt * 2 + 0.1, false, `Flags [.], ack ${length + 1}, win 509, length 0`));
  }
  lines.push(line(rtt * 2 + 0.4, true, 'Flags [F.], seq 2, ack 2, win 501, length 0'));
  lines.push(line(rtt * 3 + 0.4, false, 'Flags [F.], seq 2, ack 3, win 509, length 0'));
  return lines;
}
