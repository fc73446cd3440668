import type { Cancellation } from '../world/index.ts';
import { parseIp } from './address.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Network } from './network.ts';
import type { Server } from './socket.ts';

/** DNS as messages, not bytes. Names are lower-case and without the last dot unless a message says otherwise. */

export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'TXT' | 'NS' | 'SOA' | 'MX' | 'ANY';
export type DnsCode = 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'NOTIMP' | 'FORMERR';

export interface DnsRecord {
  /** Absolute, with its last dot. */
  readonly name: string;
  readonly type: Exclude<DnsType, 'ANY'>;
  readonly ttl: number;
  /** As in a zone file. */
  readonly data: string;
}

export interface DnsQuery {
  readonly type: 'dns';
  readonly name: string;
  readonly qtype: DnsType;
}

export interface DnsReply {
  readonly type: 'dns';
  readonly name: string;
  readonly qtype: DnsType;
  readonly code: DnsCode;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

/** What a DNS server makes of a question; `undefined`: it stays silent. */
export type DnsHandler = (query: DnsQuery, client: string) => DnsReply | undefined | Promise<DnsReply | undefined>;

/** A name with its last dot, lower case. */
export function absolute(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}

export function dnsReply(query: DnsQuery, code: DnsCode, parts: Partial<DnsReply> = {}): DnsReply {
  const { name, qtype } = query;
  return { type: 'dns', name, qtype, authoritative: false, answers: [], authority: [], additional: [], ...parts, code };
}

/** A UDP server for DNS. */
export function dnsServer(handler: DnsHandler): Server {
  return {
    protocol: 'udp',
    datagram: (data, peer) =>
      'type' in data && data.type === 'dns' ? handler(data as DnsQuery, peer.address ?? '127.0.0.1') : undefined,
  };
}

/** Answers with the names that everybody knows (`Network.addName`), as resolvers on the Internet do. */
export function publicDns(network: Network): DnsHandler {
  return (query) => {
    const name = query.name.replace(/\.$/, '').toLowerCase();
    const root: DnsRecord = {
      name: '.', type: 'SOA', ttl: 86_400,
      data: 'a.root-servers.net. nstld.verisign-grs.com. 2026010100 1800 900 604800 86400',
    }; // prettier-ignore
    if (query.qtype === 'PTR') {
      const reversed = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
      const found = reversed && network.nameOf(reversed.slice(1).reverse().join('.'));
      if (!found) return dnsReply(query, 'NXDOMAIN', { authority: [root] });
      return dnsReply(query, 'NOERROR', {
        answers: [{ name: absolute(name), type: 'PTR', ttl: 300, data: absolute(found) }],
      });
    }
    const address = Number.isNaN(parseIp(name)) ? network.resolve(name) : undefined;
    if (address === undefined || name === 'localhost') return dnsReply(query, 'NXDOMAIN', { authority: [root] });
    if (query.qtype !== 'A' && query.qtype !== 'ANY') return dnsReply(query, 'NOERROR', { authority: [root] });
    return dnsReply(query, 'NOERROR', { answers: [{ name: absolute(name), type: 'A', ttl: 300, data: address }] });
  };
}

export type DnsResult = { reply: DnsReply; roundTrip: number } | { failure: 'timeout' | 'refused' | 'unreachable' };

/** Asks one server once. Takes the time that it takes, `timeout` (virtual ms) at most. */
export async function askDns(
  network: Network,
  from: NetworkNamespace,
  server: string,
  query: DnsQuery,
  timeout: number,
  cancel?: Cancellation,
): Promise<DnsResult> {
  const { world } = network;
  const result = network.datagram(from, server, 53, query);
  result.flow.summary = `${query.qtype}? ${absolute(query.name)}`;
  if (result.outcome !== 'delivered') {
    await world.sleep(network.failureTime(result.flow, timeout), cancel);
    if (result.outcome === 'refused') return { failure: 'refused' };
    return { failure: result.outcome === 'no-route' ? 'unreachable' : 'timeout' };
  }
  const began = world.queue.now;
  await world.sleep(Math.max(0.2, result.flow.roundTrip), cancel);
  const { reply } = result;
  const answer = reply instanceof Promise ? await reply : reply;
  if (!answer || !('type' in answer)) {
    await world.sleep(Math.max(0, timeout - (world.queue.now - began)), cancel);
    return { failure: 'timeout' };
  }
  if (world.queue.now - began > timeout) return { failure: 'timeout' };
  return { reply: answer as DnsReply, roundTrip: world.queue.now - began };
}
