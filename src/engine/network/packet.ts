import { formatIp } from './address.ts';
import type { Interface } from './interface.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { ConnectionState, Protocol } from './netfilter/rule.ts';

/** The first packet of a connection (or its reply) on its way. */
export interface Packet {
  readonly protocol: Protocol;
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
  mark: number;
  ttl: number;
  state: ConnectionState;
  /** Its destination has been translated, on this host. */
  dnat: boolean;
  namespace: NetworkNamespace;
  in: Interface | undefined;
  out: Interface | undefined;
  /** It is being switched by a bridge. */
  bridged: boolean;
}

/** `10.244.1.5:80`, or only the address of protocols without ports. */
export function endpointText(ip: number, port: number): string {
  return port === 0 ? formatIp(ip) : `${formatIp(ip)}:${port}`;
}
