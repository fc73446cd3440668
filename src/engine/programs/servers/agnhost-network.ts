import type { Datagram, HttpRequest, HttpResponse, Peer, Server } from '../../network/index.ts';
import { resolverConfig, type Process, type Program } from '../../process/index.ts';
import { Collector } from '../../world/index.ts';
import { addressOf, bodyOf, exchange, openTcp } from '../net/lib.ts';
import { goFlags, requestTarget, textResponse } from './service.ts';

/** What agnhost does on the network: netexec's UDP side and its requests to others, `connect`. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** netexec's UDP server: `hostname`, `echo TEXT`, `clientip`. */
export function netexecUdp(process: Process): Server {
  return {
    protocol: 'udp',
    datagram: (data: Datagram, peer: Peer) => {
      const text = data instanceof Uint8Array ? decoder.decode(data).trim() : '';
      if (/^hostname$/i.test(text)) return encoder.encode(process.machine.hostname);
      if (text === 'clientip') return encoder.encode(`${peer.address}:${peer.port}`);
      if (/^echo /.test(text)) return encoder.encode(text.slice(5));
      if (text === '') return undefined;
      return encoder.encode(`unknown request ${text}`);
    },
  };
}

/** `/dial?host=…&port=…&request=…&protocol=…&tries=…`: asks others and tells what they said. */
export async function dial(process: Process, request: HttpRequest): Promise<HttpResponse> {
  const { query } = requestTarget(request);
  const tries = Number(query.get('tries') ?? 1) || 1;
  const protocol = query.get('protocol') ?? 'http';
  const host = query.get('host') ?? '';
  const port = Number(query.get('port'));
  const path = query.get('request') ?? 'hostname';
  const responses: string[] = [];
  const errors: string[] = [];
  for (let i = 0; i < tries; i++) {
    const answer =
      protocol === 'udp' ? await askUdp(process, host, port, path) : await askHttp(process, host, port, path);
    if ('text' in answer) responses.push(answer.text);
    else errors.push(answer.error);
  }
  const body = {
    ...(responses.length > 0 ? { responses } : undefined),
    ...(errors.length > 0 ? { errors } : undefined),
  };
  return textResponse(200, JSON.stringify(body), { 'content-type': 'application/json' });
}

type Answer = { text: string } | { error: string };

async function askHttp(process: Process, host: string, port: number, path: string): Promise<Answer> {
  const where = `Get "http://${host}:${port}/${path}"`;
  const found = await addressOf(process, host);
  if ('failure' in found) return { error: `${where}: dial tcp: lookup ${host}: no such host` };
  const opened = await openTcp(process, found.address, port, 5_000);
  if ('failure' in opened) {
    const why = { refused: 'connect: connection refused', timeout: 'i/o timeout', 'no-route': 'connect: no route to host' }[opened.failure]; // prettier-ignore
    return { error: `${where}: dial tcp ${found.address}:${port}: ${why}` };
  }
  const headers = { host: `${host}:${port}`, 'user-agent': 'Go-http-client/1.1', 'accept-encoding': 'gzip' };
  const response = await exchange(process, opened, 'http', {
    method: 'GET',
    path: `/${path.replace(/^\//, '')}`,
    headers,
  });
  opened.flow.close();
  if ('failure' in response) return { error: `${where}: EOF` };
  return { text: decoder.decode(await bodyOf(process, response)) };
}

async function askUdp(process: Process, host: string, port: number, text: string): Promise<Answer> {
  const found = await addressOf(process, host);
  if ('failure' in found) return { error: `dial udp: lookup ${host}: no such host` };
  const { network, net } = process.machine;
  const result = network.datagram(net, found.address, port, encoder.encode(text));
  if (result.outcome !== 'delivered') {
    await process.sleep(network.failureTime(result.flow, 5_000));
    const why = result.outcome === 'refused' ? 'read: connection refused' : 'i/o timeout';
    return { error: `reading from udp connection failed. err:'read udp ${result.flow.source}:${result.flow.sourcePort}->${found.address}:${port}: ${why}'` }; // prettier-ignore
  }
  await process.sleep(result.flow.roundTrip);
  const reply = result.reply instanceof Promise ? await result.reply : result.reply;
  return { text: reply instanceof Uint8Array ? decoder.decode(reply) : '' };
}

/** `/shell?cmd=…`: runs a command line. */
export async function shell(process: Process, request: HttpRequest): Promise<HttpResponse> {
  const { query } = requestTarget(request);
  const line = query.get('shellCommand') ?? query.get('cmd') ?? '';
  const out = new Collector();
  const child = process.spawn(['sh', '-c', line], { stdout: out, stderr: out, tty: false });
  const status = await child.wait();
  const error = status === 0 ? {} : { error: `exit status ${status}` };
  return textResponse(200, JSON.stringify({ ...error, output: out.text() }), { 'content-type': 'application/json' });
}

/** `agnhost connect HOST:PORT`: says in one word why it can't. */
export const connect: Program = async (process) => {
  const { flags, rest } = goFlags(process.argv.slice(2));
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(rest[0] ?? '') ?? [];
  const timeout = durationMs(flags.get('timeout') ?? '0s') || Infinity;
  const protocol = flags.get('protocol') ?? 'tcp';
  const fail = async (text: string) => {
    await process.printError(`${text}\n`);
    return 1;
  };
  const found = await addressOf(process, host);
  if ('failure' in found) return fail(`DNS: lookup ${host}: no such host`);
  if (protocol === 'udp') {
    const answer = await askUdp(process, found.address, Number(port), flags.get('udp-data') ?? 'echo ping');
    return 'text' in answer ? 0 : fail(answer.error.includes('refused') ? 'REFUSED' : 'TIMEOUT');
  }
  const opened = await openTcp(process, found.address, Number(port), timeout);
  if (!('failure' in opened)) {
    opened.flow.close();
    return 0;
  }
  if (opened.failure === 'refused') return fail('REFUSED');
  return fail(
    opened.failure === 'timeout' ? 'TIMEOUT' : `OTHER: dial tcp ${found.address}:${port}: connect: no route to host`,
  );
};

function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  return match ? Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as 'ms'] : 0;
}

/** `agnhost dns-suffix`, `dns-server-list`, `etc-hosts`: what the container was given. */
export const dnsSuffix: Program = async (process) => {
  await process.print(`${resolverConfig(process.machine.fs).search.join(',')}\n`);
  return 0;
};

export const dnsServerList: Program = async (process) => {
  await process.print(`${resolverConfig(process.machine.fs).nameservers.join(',')}\n`);
  return 0;
};

export const etcHosts: Program = async (process) => {
  await process.print(process.machine.fs.readText('/etc/hosts'));
  return 0;
};
