import type { Cidr } from '../address.ts';

/** Rules of netfilter as both iptables and nftables write them: what a packet must match, and what happens to it. */

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'sctp';

export interface Not<T> {
  readonly value: T;
  readonly not?: boolean;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'DNAT';

export interface Match {
  readonly protocol?: Not<Protocol>;
  readonly source?: Not<Cidr>;
  readonly destination?: Not<Cidr>;
  readonly sourcePort?: Not<PortRange>;
  readonly destinationPort?: Not<PortRange>;
  /** Device names; `cali+` stands for all that begin so. */
  readonly in?: Not<string>;
  readonly out?: Not<string>;
  readonly mark?: Not<{ value: number; mask: number }>;
  readonly state?: Not<readonly ConnectionState[]>;
  readonly addressType?: Not<{ side: 'source' | 'destination'; type: 'LOCAL' | 'UNICAST' | 'BROADCAST' | 'MULTICAST' }>;
  readonly set?: Not<{ name: string; flags: string }>;
  /** `statistic --mode random`. */
  readonly probability?: number;
  /** Source addresses that were seen (`set`) within so many seconds (`check`). */
  readonly recent?: { name: string; mode: 'set' | 'check'; seconds?: number };
  readonly physdevBridged?: Not<true>;
  /** Counts what passes under a name; matches always. */
  readonly accounting?: string;
  /** Packets a second; matched by chance of time, so never kept. */
  readonly limit?: string;
}

export type Target =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'reject'; readonly with: string }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'dnat'; readonly ip: number; readonly port?: number }
  | { readonly kind: 'snat'; readonly ip: number }
  | { readonly kind: 'masquerade'; readonly fully?: boolean }
  | { readonly kind: 'redirect'; readonly port: number }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number; readonly xor?: boolean }
  | { readonly kind: 'log'; readonly prefix: string }
  /** nftables: picks the verdict that a map has for fields of the packet. */
  | { readonly kind: 'vmap'; readonly map: string }
  /** nftables: `numgen random mod N vmap { … }`. */
  | { readonly kind: 'random'; readonly chains: readonly string[] }
  | { readonly kind: 'none' };

export interface Rule {
  readonly match: Match;
  readonly target: Target;
  readonly comment?: string;
  packets: number;
}

/** Makes a rule. */
export function rule(match: Match, target: Target, comment?: string): Rule {
  return comment === undefined ? { match, target, packets: 0 } : { match, target, comment, packets: 0 };
}

/** An exact destination and nothing else that would let other addresses pass: by it long chains are searched. */
export function exactDestination({ match: { destination } }: Rule): number | undefined {
  return destination && !destination.not && destination.value.bits === 32 ? destination.value.network : undefined;
}
