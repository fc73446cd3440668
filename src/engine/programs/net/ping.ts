import { formatIp, type Flow } from '../../network/index.ts';
import type { Process, Program } from '../../process/index.ts';
import { addressOf, isBusybox } from './lib.ts';

/** ping, traceroute and tracepath. */

interface Count {
  sent: number;
  received: number;
  errors: number;
  times: number[];
}

export const ping: Program = async (process) => {
  const busybox = isBusybox(process);
  const args = process.argv.slice(1);
  let [count, interval, deadline, wait, size, quiet, ttl, host] = [Infinity, 1000, Infinity, 10_000, 56, false, undefined as number | undefined, undefined as string | undefined]; // prettier-ignore
  for (let i = 0; i < args.length; i++) {
    const match = /^-([ciwWst])(.*)$/.exec(args[i]!);
    if (match) {
      const value = Number(match[2] === '' ? args[++i] : match[2]);
      if (match[1] === 'c') count = value;
      if (match[1] === 'i') interval = value * 1000;
      if (match[1] === 'w') deadline = value * 1000;
      if (match[1] === 'W') wait = value * 1000;
      if (match[1] === 's') size = value;
      if (match[1] === 't') ttl = value;
    } else if (args[i] === '-q') quiet = true;
    else if (/^-[46nAbv]+$/.test(args[i]!)) continue;
    else if (args[i]!.startsWith('-')) {
      await process.printError(`ping: invalid option -- '${args[i]!.slice(1)}'\n`);
      return 2;
    } else host = args[i];
  }
  if (host === undefined) {
    await process.printError('ping: usage error: Destination address required\n');
    return 1;
  }
  const found = await addressOf(process, host);
  if ('failure' in found) {
    const why = found.failure === 'timeout' ? 'Temporary failure in name resolution' : 'Name or service not known';
    await process.printError(busybox ? `ping: bad address '${host}'\n` : `ping: ${host}: ${why}\n`);
    return busybox ? 1 : 2;
  }
  const { address } = found;
  await process.print(
    busybox
      ? `PING ${host} (${address}): ${size} data bytes\n`
      : `PING ${host} (${address}) ${size}(${size + 28}) bytes of data.\n`,
  );
  const stats: Count = { sent: 0, received: 0, errors: 0, times: [] };
  const began = process.world.queue.now;
  let interrupted = false;
  const undo = process.onSignal('SIGINT', () => {
    interrupted = true;
  });
  try {
    while (stats.sent < count && !interrupted && process.world.queue.now - began < deadline) {
      const sentAt = process.world.queue.now;
      await probe(process, address, stats, { busybox, quiet, size, ttl, wait: Math.min(wait, interval) });
      if (stats.sent < count) {
        const rest = Math.min(
          interval - (process.world.queue.now - sentAt),
          deadline - (process.world.queue.now - began),
        );
        for (let left = Math.max(0, rest); left > 0 && !interrupted; left -= 100)
          await process.sleep(Math.min(100, left));
      } else if (stats.received < stats.sent) await process.sleep(Math.max(0, wait - interval));
    }
  } finally {
    undo();
  }
  const lost = stats.sent === 0 ? 0 : Math.round(((stats.sent - stats.received) / stats.sent) * 100);
  const errors = stats.errors > 0 ? `+${stats.errors} errors, ` : '';
  const elapsed = Math.round(process.world.queue.now - began);
  await process.print(
    busybox
      ? `\n--- ${host} ping statistics ---\n${stats.sent} packets transmitted, ${stats.received} packets received, ${lost}% packet loss\n`
      : `\n--- ${host} ping statistics ---\n${stats.sent} packets transmitted, ${stats.received} received, ${errors}${lost}% packet loss, time ${elapsed}ms\n`,
  );
  if (stats.times.length > 0) {
    const min = Math.min(...stats.times).toFixed(3);
    const max = Math.max(...stats.times).toFixed(3);
    const mean = stats.times.reduce((a, b) => a + b, 0) / stats.times.length;
    const deviation = Math.sqrt(stats.times.reduce((a, b) => a + (b - mean) ** 2, 0) / stats.times.length).toFixed(3);
    await process.print(
      busybox
        ? `round-trip min/avg/max = ${min}/${mean.toFixed(3)}/${max} ms\n`
        : `rtt min/avg/max/mdev = ${min}/${mean.toFixed(3)}/${max}/${deviation} ms\n`,
    );
  } else if (!busybox) await process.print('\n');
  return stats.received > 0 ? 0 : 1;
};

async function probe(
  process: Process,
  address: string,
  stats: Count,
  {
    busybox,
    quiet,
    size,
    ttl,
    wait,
  }: { busybox: boolean; quiet: boolean; size: number; ttl: number | undefined; wait: number },
): Promise<void> {
  const { network, net, world } = process.machine;
  const sequence = stats.sent++ + (busybox ? 0 : 1);
  const flow = network.echo(net, address, { ...(ttl === undefined ? undefined : { ttl }), sourcePort: process.pid });
  flow.summary = `echo request, seq ${sequence}`;
  if (flow.outcome === 'connected') {
    const time = Math.max(0.02, flow.roundTrip) * (0.9 + world.random.stream('ping').float() * 0.3);
    await process.sleep(time);
    stats.received++;
    stats.times.push(time);
    const left = 64 - flow.hops.filter((h) => h.action === 'forward').length;
    if (quiet) return;
    await process.print(
      busybox
        ? `${size + 8} bytes from ${address}: seq=${sequence} ttl=${left} time=${time.toFixed(3)} ms\n`
        : `${size + 8} bytes from ${address}: icmp_seq=${sequence} ttl=${left} time=${time < 1 ? time.toFixed(3) : time.toFixed(2)} ms\n`,
    );
    return;
  }
  const answer = answerOf(flow);
  await process.sleep(Math.min(wait, network.failureTime(flow, wait)));
  if (answer === undefined || flow.plan.failsAfter === Infinity) return;
  stats.errors++;
  if (!quiet && !busybox)
    await process.print(`From ${formatIp(flow.plan.answeredBy ?? 0)} icmp_seq=${sequence} ${answer}\n`);
}

function answerOf(flow: Flow): string | undefined {
  if (flow.outcome === 'ttl-exceeded') return 'Time to live exceeded';
  if (flow.outcome === 'refused') return 'Destination Port Unreachable';
  if (flow.outcome !== 'no-route') return undefined;
  return flow.reason?.code === 'no-route' ? 'Destination Net Unreachable' : 'Destination Host Unreachable';
}

export const traceroute: Program = async (process) => {
  const path = process.argv[0]!.endsWith('tracepath');
  const args = process.argv.slice(1);
  let [most, queries, wait, numeric] = [30, 3, 5_000, false];
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const match = /^-([mqw])(.*)$/.exec(args[i]!);
    if (match) {
      const value = Number(match[2] === '' ? args[++i] : match[2]);
      if (match[1] === 'm') most = value;
      if (match[1] === 'q') queries = value;
      if (match[1] === 'w') wait = value * 1000;
    } else if (args[i]!.startsWith('-')) numeric ||= args[i]!.includes('n');
    else operands.push(args[i]!);
  }
  const [host] = operands;
  if (host === undefined) {
    await process.printError(`Usage: ${path ? 'tracepath' : 'traceroute'} host\n`);
    return 2;
  }
  const found = await addressOf(process, host);
  if ('failure' in found) {
    await process.printError(
      `${host}: Name or service not known\nCannot handle "host" cmdline arg \`${host}' on position 1 (argc ${process.argv.length - 1})\n`,
    );
    return 2;
  }
  const { address } = found;
  const { network, net, world } = process.machine;
  const named = (ip: string) => (numeric ? ip : `${network.nameOf(ip) ?? ip} (${ip})`);
  if (!path) await process.print(`traceroute to ${host} (${address}), ${most} hops max, 60 byte packets\n`);
  else await process.print(` 1?: [LOCALHOST]                      pmtu 1500\n`);
  for (let ttl = 1; ttl <= most; ttl++) {
    let line = `${String(ttl).padStart(2)} `;
    let arrived = false;
    let last = '';
    for (let q = 0; q < (path ? 1 : queries); q++) {
      const { flow } = network.datagram(net, address, 33_434 + ttl * queries + q, new Uint8Array(), { ttl });
      const by = flow.outcome === 'refused' || flow.outcome === 'connected' ? address : flow.plan.answeredBy === undefined ? undefined : formatIp(flow.plan.answeredBy); // prettier-ignore
      if (by === undefined || flow.outcome === 'timeout') {
        await process.sleep(wait);
        line += ' *';
        continue;
      }
      const time = Math.max(0.02, flow.roundTrip) * (0.9 + world.random.stream('ping').float() * 0.3);
      await process.sleep(flow.outcome === 'no-route' ? Math.min(wait, flow.plan.failsAfter) : time);
      arrived ||= flow.outcome === 'refused' || flow.outcome === 'connected';
      if (by !== last) line += ` ${path ? by.padEnd(48) : named(by)}`;
      last = by;
      line += path
        ? ` ${time.toFixed(3)}ms${arrived ? ' reached' : ''}`
        : `  ${time.toFixed(3)} ms${flow.outcome === 'no-route' ? ' !H' : ''}`;
      if (flow.outcome === 'no-route') arrived = true;
    }
    await process.print(path ? `${line.replace(/^( ?\d+) {2}/, '$1:  ')}\n` : `${line}\n`);
    if (arrived) return 0;
  }
  return 0;
};
