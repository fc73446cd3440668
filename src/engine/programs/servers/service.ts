import { AddressInUse, isReader, type Listener, type Server } from '../../network/index.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../network/index.ts';
import type { Process, SignalName } from '../../process/index.ts';
import { Deferred } from '../../world/index.ts';
import { requestCost } from './footprint.ts';

/** What server programs have in common: sockets that close with the process, stop signals, small responses. */

/** Waits for one of the signals and returns it: a server that stops at once when asked. */
export async function untilSignal(
  process: Process,
  signals: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'],
): Promise<SignalName> {
  const stopped = new Deferred<SignalName>(process.world.queue);
  const undo = signals.map((signal) => process.onSignal(signal, () => stopped.resolve(signal)));
  try {
    return await stopped.wait(process.cancel);
  } finally {
    for (const remove of undo) remove();
  }
}

/** Runs `body` while sockets are open, and closes them however it ends. @throws AddressInUse */
export async function whileListening<T>(
  process: Process,
  sockets: readonly { port: number; address?: string; server: Server }[],
  body: () => Promise<T>,
): Promise<T> {
  const open: Listener[] = [];
  try {
    const owner = { pid: process.pid, name: process.argv[0]?.split('/').at(-1) ?? '' };
    for (const { port, address, server } of sockets)
      open.push(process.machine.net.listen(port, counted(process, server), address, owner));
    return await body();
  } finally {
    for (const listener of open) listener.close();
  }
}

/** The server, with what its requests cost counted for its process. */
function counted(process: Process, server: Server): Server {
  const { http } = server;
  if (!http) return server;
  const cost = requestCost(process);
  const { net } = process.machine.usage;
  const answered = (response: HttpResponse): HttpResponse => {
    if (!isReader(response.body)) net.txBytes += response.body.length + headerBytes;
    return response;
  };
  return {
    ...server,
    http: (request) => {
      process.charge(cost);
      net.rxBytes += headerBytes + (request.body && !isReader(request.body) ? request.body.length : 0);
      const response = http(request);
      return response instanceof Promise ? response.then(answered) : answered(response);
    },
  };
}

/** Bytes of an ordinary request's or response's head. */
const headerBytes = 200;

export { AddressInUse };

/** A server for HTTP on a port. */
export function httpSocket(port: number, http: HttpHandler): { port: number; server: Server } {
  return { port, server: { protocol: 'http', http } };
}

/** A server whose protocol is not HTTP: connections to it succeed. */
export function tcpSocket(port: number): { port: number; server: Server } {
  return { port, server: { protocol: 'tcp' } };
}

const encoder = new TextEncoder();

/** A small response with a text body. */
export function textResponse(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  const body = encoder.encode(text);
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(body.length), ...headers },
    body,
  };
}

/** Path and query of a request. */
export function requestTarget(request: HttpRequest): { path: string; query: URLQuery } {
  const at = request.path.indexOf('?');
  const raw = at < 0 ? request.path : request.path.slice(0, at);
  return { path: decodePercent(raw), query: parseQuery(at < 0 ? '' : request.path.slice(at + 1)) };
}

export type URLQuery = ReadonlyMap<string, string>;

function parseQuery(text: string): URLQuery {
  const query = new Map<string, string>();
  for (const pair of text.split('&').filter(Boolean)) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    query.set(decodePercent(name), decodePercent(value.replaceAll('+', ' ')));
  }
  return query;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** Remembers the text of the last second: what many servers write at one time is the same. */
function bySecond(format: (d: Date) => string): (unixMs: number) => string {
  let lastSecond = NaN;
  let text = '';
  return (unixMs) => {
    const second = Math.floor(unixMs / 1000);
    if (second !== lastSecond) {
      text = format(new Date(second * 1000));
      lastSecond = second;
    }
    return text;
  };
}

/** `Sun, 22 Nov 2026 18:20:54 GMT`. */
export const httpDate = bySecond(
  (d) =>
    `${days[d.getUTCDay()]}, ${two(d.getUTCDate())} ${months[d.getUTCMonth()]} ${d.getUTCFullYear()} ${timeOfDay(d)} GMT`,
);

/** `22/Nov/2026:18:20:54 +0000`, as in access logs. */
export const commonLogDate = bySecond(
  (d) => `${two(d.getUTCDate())}/${months[d.getUTCMonth()]}/${d.getUTCFullYear()}:${timeOfDay(d)} +0000`,
);

/** `2026/11/22 18:20:54`. */
export function slashDate(unixMs: number): string {
  const d = new Date(unixMs);
  return `${d.getUTCFullYear()}/${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())} ${timeOfDay(d)}`;
}

/** `Sun Nov 22 18:20:54.123456 2026`, as Apache's error log has it. */
export function apacheDate(unixMs: number): string {
  const d = new Date(unixMs);
  const micros = String(Math.floor((unixMs % 1000) * 1000)).padStart(6, '0');
  return `${days[d.getUTCDay()]} ${months[d.getUTCMonth()]} ${two(d.getUTCDate())} ${timeOfDay(d)}.${micros} ${d.getUTCFullYear()}`;
}

/** `I1122 18:20:54.123456`, the head of a klog line. */
export function klogHead(unixMs: number, severity: 'I' | 'W' | 'E' = 'I'): string {
  const d = new Date(unixMs);
  const micros = String(Math.floor((unixMs % 1000) * 1000)).padStart(6, '0');
  return `${severity}${two(d.getUTCMonth() + 1)}${two(d.getUTCDate())} ${timeOfDay(d)}.${micros}`;
}

function timeOfDay(d: Date): string {
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** Flags of a Go-style command line (`--name=value`, `--name value`, `-name`), and what is left. */
export function goFlags(
  args: readonly string[],
  booleans: readonly string[] = [],
): { flags: Map<string, string>; rest: string[] } {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const match = /^--?([^=-][^=]*)(?:=(.*))?$/s.exec(arg);
    if (!match) rest.push(arg);
    else if (match[2] !== undefined) flags.set(match[1]!, match[2]);
    else if (booleans.includes(match[1]!)) flags.set(match[1]!, 'true');
    else flags.set(match[1]!, args[++i] ?? '');
  }
  return { flags, rest };
}
