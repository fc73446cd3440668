import { openConnection } from '../../network/connection.ts';
import { HttpSyntaxError, requestHttp1 } from '../../network/http1.ts';
import { isReader, type ConnectResult, type Flow, type HttpRequest, type HttpResponse } from '../../network/index.ts';
import { resolveName, type Process } from '../../process/index.ts';
import { FsError, readAll, type Duplex } from '../../world/index.ts';
import { isBusybox as isBusyboxMachine } from '../lib/busybox.ts';

/** What network clients have in common. */

/** Until TCP gives up by itself: six SYNs, virtual ms. */
export const tcpGivesUp = 135_000;

/** BusyBox's applets differ from the tools whose names they bear. */
export function isBusybox(process: Process): boolean {
  return isBusyboxMachine(process.machine);
}

/** The version that an executable's file carries (`rootfs.ts`). */
export function versionOf(process: Process, name: string, fallback: string): string {
  const { fs } = process.machine;
  for (const directory of ['/usr/bin', '/bin', '/usr/local/bin']) {
    const node = fs.lookup(`${directory}/${name}`);
    if (node?.type !== 'file') continue;
    const match = new RegExp(`\\x00${name}/([\\w.]+)\\x00`).exec(new TextDecoder().decode(node.data));
    return match?.[1] ?? fallback;
  }
  return fallback;
}

/** The first address of a name; a text that says why there is none. */
export async function addressOf(process: Process, host: string): Promise<{ address: string } | { failure: string }> {
  const found = await resolveName(process.machine, host, process.cancel);
  return 'failure' in found ? { failure: found.failure } : { address: found.addresses[0]! };
}

export type Connected = { flow: Flow; result: Extract<ConnectResult, { outcome: 'connected' }> };
export type NotConnected = { flow: Flow; failure: 'refused' | 'timeout' | 'no-route'; limited: boolean };

/** Opens a TCP connection, waiting as long as that takes, `limit` ms at most. */
export async function openTcp(
  process: Process,
  address: string,
  port: number,
  limit = Infinity,
): Promise<Connected | NotConnected> {
  const { network, net } = process.machine;
  const result = network.connect(net, address, port);
  const { flow } = result;
  if (result.outcome === 'connected') {
    await process.sleep(Math.max(0.05, flow.roundTrip));
    return { flow, result };
  }
  const natural = network.failureTime(flow, tcpGivesUp);
  await process.sleep(Math.min(limit, natural));
  return { flow, failure: natural > limit ? 'timeout' : result.outcome, limited: natural > limit };
}

/** Why there was no response on an open connection. */
export type HttpFailure = 'empty' | 'plain' | 'tls' | 'garbage';

/** Sends a request over an open connection. `scheme` is what the client speaks. */
export async function exchange(
  process: Process,
  { flow, result }: Connected,
  scheme: 'http' | 'https',
  request: HttpRequest,
): Promise<HttpResponse | { failure: HttpFailure }> {
  const { server } = result.listener;
  flow.summary = `${request.method} ${request.path} HTTP/1.1`;
  const whole: HttpRequest = { ...request, peer: flow.peer, cancel: process.cancel };
  if (scheme === 'https' && server.protocol !== 'https') return { failure: 'tls' };
  if (server.http && server.protocol === scheme) return server.http(whole);
  if (server.protocol === 'https')
    return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: new TextEncoder().encode('Client sent an HTTP request to an HTTPS server.\n') }; // prettier-ignore
  const connection = openConnection(process.world, server, flow.peer, process.cancel);
  if (!connection) return { failure: 'empty' };
  try {
    return await requestHttp1(connection, whole);
  } catch (error) {
    if (!(error instanceof HttpSyntaxError)) throw error;
    return { failure: error.message === 'EOF' ? 'empty' : 'garbage' };
  }
}

/** A byte connection to the server, for tools that speak no protocol. */
export function bytesTo(process: Process, { flow, result }: Connected): Duplex | undefined {
  return openConnection(process.world, result.listener.server, flow.peer, process.cancel);
}

export async function bodyOf(process: Process, { body }: HttpResponse): Promise<Uint8Array> {
  return isReader(body) ? readAll(body, process.cancel) : body;
}

/** `content-type` as servers write it: `Content-Type`. */
export function headerName(name: string): string {
  if (name === 'etag') return 'ETag';
  if (name === 'www-authenticate') return 'WWW-Authenticate';
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** A file's bytes; undefined if it can't be read. */
export function fileOf(process: Process, path: string): Uint8Array | undefined {
  try {
    return process.machine.fs.readFile(process.path(path));
  } catch (error) {
    if (error instanceof FsError) return undefined;
    throw error;
  }
}

export interface UrlText {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  /** With query. */
  readonly path: string;
}

/** A URL as people type it for curl and wget: without a scheme it is HTTP. */
export function splitUrl(text: string): UrlText | undefined {
  const match =
    /^(?:([a-zA-Z][\w+.-]*):\/\/)?(?:([^@/?#]*)@)?(\[[\da-fA-F:]+\]|[^/?#:\s]+)(?::(\d*))?([/?][^#]*)?(?:#.*)?$/.exec(
      text,
    );
  if (!match || match[3] === undefined) return undefined;
  const path = match[5] ?? '/';
  return {
    scheme: (match[1] ?? 'http').toLowerCase(),
    user: match[2],
    host: match[3].replace(/^\[|\]$/g, ''),
    port: match[4] ? Number(match[4]) : undefined,
    path: path.startsWith('?') ? `/${path}` : path,
  };
}

export function base64(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bytes = new TextEncoder().encode(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const four = alphabet[n >> 18]! + alphabet[(n >> 12) & 63]! + alphabet[(n >> 6) & 63]! + alphabet[n & 63]!;
    out += bytes.length - i >= 3 ? four : four.slice(0, bytes.length - i + 1).padEnd(4, '=');
  }
  return out;
}
