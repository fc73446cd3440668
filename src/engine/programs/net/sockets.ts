import type { Flow, Listener } from '../../network/index.ts';
import type { Process, Program } from '../../process/index.ts';
import { route } from './ip-tools.ts';

/** ss and netstat: who listens, and who talks. */

interface View {
  listening: boolean;
  all: boolean;
  tcp: boolean;
  udp: boolean;
  processes: boolean;
}

/** Connections that are still open, as this host sees them. */
function established(process: Process): Flow[] {
  const { net, network } = process.machine;
  return network.flows
    .list()
    .filter((f) => f.protocol === 'tcp' && f.outcome === 'connected' && !f.closed && !f.probe && (f.from === net || f.to === net) && network.world.queue.now - f.at < 60_000); // prettier-ignore
}

function view(args: readonly string[]): View | string {
  const seen: View = { listening: false, all: false, tcp: false, udp: false, processes: false };
  for (const arg of args) {
    if (!arg.startsWith('-') || arg.startsWith('--')) continue;
    for (const letter of arg.slice(1)) {
      if (letter === 'l') seen.listening = true;
      else if (letter === 'a') seen.all = true;
      else if (letter === 't') seen.tcp = true;
      else if (letter === 'u') seen.udp = true;
      else if (letter === 'p') seen.processes = true;
      else if (letter === 's' || letter === 'r' || letter === 'x') return letter;
      else if (!'nH46eoimWc'.includes(letter)) return letter;
    }
  }
  if (!seen.tcp && !seen.udp) seen.tcp = seen.udp = true;
  return seen;
}

function sockets(process: Process, { tcp, udp }: View): Listener[] {
  return process.machine.net
    .listeners()
    .filter((l) => (l.server.protocol === 'udp' ? udp : tcp))
    .sort((a, b) => Number(a.server.protocol !== 'udp') - Number(b.server.protocol !== 'udp') || a.port - b.port);
}

export const ss: Program = async (process) => {
  const seen = view(process.argv.slice(1));
  if (typeof seen === 'string') {
    await process.printError(`slipway: ss -${seen} is not simulated\n`);
    return 1;
  }
  const mixed = seen.tcp && seen.udp;
  const rows: string[][] = [];
  if (seen.listening || seen.all)
    for (const l of sockets(process, seen)) {
      const udp = l.server.protocol === 'udp';
      const owner = seen.processes && l.owner && process.user.uid === 0 ? `users:(("${l.owner.name}",pid=${l.owner.pid},fd=3))` : ''; // prettier-ignore
      const local = `${l.address === '0.0.0.0' ? (udp ? '0.0.0.0' : '0.0.0.0') : l.address}:${l.port}`;
      rows.push([udp ? 'udp' : 'tcp', udp ? 'UNCONN' : 'LISTEN', '0', udp ? '0' : '511', local, '0.0.0.0:*', owner]);
    }
  if (!seen.listening && seen.tcp)
    for (const f of established(process)) {
      const mine = f.from === process.machine.net;
      const [local, peer] = mine ? [`${f.source}:${f.sourcePort}`, `${f.address}:${f.port}`] : [`${f.destination}:${f.destinationPort}`, `${f.seenSource}:${f.sourcePort}`]; // prettier-ignore
      rows.push(['tcp', 'ESTAB', '0', '0', local, peer, '']);
    }
  const header = ['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process'];
  const columns = mixed ? [0, 1, 2, 3, 4, 5, 6] : [1, 2, 3, 4, 5, 6];
  const lines = [header, ...rows].map((row) => columns.map((c) => row[c] ?? ''));
  const widths = columns.map((_, i) => Math.max(...lines.map((l) => l[i]!.length)));
  const text = lines
    .map((l) => l.map((cell, i) => (i === l.length - 1 ? cell : cell.padEnd(widths[i]! + 1))).join(''))
    .join('\n');
  await process.print(`${text}\n`);
  return 0;
};

export const netstat: Program = async (process) => {
  if (process.argv.some((a) => /^-\w*r/.test(a))) return route(process);
  const seen = view(process.argv.slice(1));
  if (typeof seen === 'string') {
    await process.printError(`slipway: netstat -${seen} is not simulated\n`);
    return 1;
  }
  const which = seen.listening ? '(only servers)' : seen.all ? '(servers and established)' : '(w/o servers)';
  const owner = seen.processes ? 'PID/Program name    ' : '';
  let text = `Active Internet connections ${which}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${owner}\n`;
  const line = (proto: string, local: string, peer: string, state: string, program: string) =>
    `${proto.padEnd(5)}      0      0 ${local.padEnd(23)} ${peer.padEnd(23)} ${state.padEnd(11)} ${seen.processes ? program.padEnd(20) : ''}\n`;
  if (seen.listening || seen.all)
    for (const l of sockets(process, seen).reverse()) {
      const udp = l.server.protocol === 'udp';
      text += line(udp ? 'udp' : 'tcp', `${l.address}:${l.port}`, '0.0.0.0:*', udp ? '' : 'LISTEN', l.owner ? `${l.owner.pid}/${l.owner.name}` : '-'); // prettier-ignore
    }
  if (!seen.listening && seen.tcp)
    for (const f of established(process)) {
      const mine = f.from === process.machine.net;
      text += mine ? line('tcp', `${f.source}:${f.sourcePort}`, `${f.address}:${f.port}`, 'ESTABLISHED', '-') : line('tcp', `${f.destination}:${f.destinationPort}`, `${f.seenSource}:${f.sourcePort}`, 'ESTABLISHED', '-'); // prettier-ignore
    }
  await process.print(text);
  return 0;
};
