import { isReader, type HttpRequest, type HttpResponse } from '../../../network/index.ts';
import type { Process } from '../../../process/index.ts';
import { exchange, openTcp } from '../../../programs/net/lib.ts';
import type { Upstream } from './service-endpoints.ts';

/** Why a proxy got no response. */
export type ForwardFailure = 'refused' | 'connect-timeout' | 'no-route' | 'read-timeout' | 'closed' | 'not-tls';

export type Forwarded =
  | { readonly response: HttpResponse; /** Virtual ms. */ readonly took: number }
  | { readonly failure: ForwardFailure; readonly took: number };

export interface ForwardLimits {
  /** Virtual ms. */
  readonly connect: number;
  readonly read: number;
}

/** Sends a request on to a server, from the proxy's own address. */
export async function forward(
  process: Process,
  upstream: Upstream,
  scheme: 'http' | 'https',
  request: HttpRequest,
  limits: ForwardLimits,
): Promise<Forwarded> {
  const { queue } = process.world;
  const began = queue.now;
  const failed = (failure: ForwardFailure): Forwarded => ({ failure, took: queue.now - began });
  const opened = await openTcp(process, upstream.ip, upstream.port, limits.connect);
  if ('failure' in opened) return failed(opened.failure === 'timeout' ? 'connect-timeout' : opened.failure);
  const late = process.sleep(limits.read).then(() => undefined);
  // Whoever loses the race must not bring the process down.
  late.catch(() => {});
  const answer = exchange(process, opened, scheme, request);
  answer.catch(() => {});
  const outcome = await Promise.race([answer, late]);
  opened.flow.close();
  if (outcome === undefined) return failed('read-timeout');
  if ('failure' in outcome) return failed(outcome.failure === 'tls' ? 'not-tls' : 'closed');
  return { response: outcome, took: queue.now - began };
}

/** Bytes of a body, or of what is known of it. */
export function bodySize({ body }: Pick<HttpResponse, 'body'>): number {
  return isReader(body) ? 0 : body.length;
}

/** Headers that concern one connection only (RFC 9110, 7.6.1). */
const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'];

export function endToEnd(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = { ...headers };
  for (const name of hopByHop) if (name !== 'connection' || !/upgrade/i.test(kept[name] ?? '')) delete kept[name];
  return kept;
}
