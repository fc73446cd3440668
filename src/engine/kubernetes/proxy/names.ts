import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ServicePort } from './model.ts';

/** Names of chains, hashed as upstream does it: base32 of SHA-256, cut. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Uint8Array, length: number): string {
  let text = '';
  let [bits, value] = [0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < length) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31]!;
    }
    value &= (1 << bits) - 1;
  }
  return text;
}

/** Every node of a cluster asks for the same names. */
const known = new Map<string, string>();

function hash(text: string, length: number): string {
  const key = `${length}${text}`;
  let found = known.get(key);
  if (found === undefined) {
    if (known.size > 200_000) known.clear();
    known.set(key, (found = base32(sha256(utf8ToBytes(text)), length)));
  }
  return found;
}

export interface ChainNames {
  readonly service: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

/** KUBE-SVC-…, KUBE-SVL-…, KUBE-EXT-…, KUBE-FW-… */
export function chainNames({ id, protocol }: ServicePort): ChainNames {
  const own = hash(id + protocol, 16);
  return {
    service: `KUBE-SVC-${own}`,
    local: `KUBE-SVL-${own}`,
    external: `KUBE-EXT-${own}`,
    firewall: `KUBE-FW-${own}`,
  };
}

/** KUBE-SEP-… of an endpoint (`ip:port`). */
export function endpointChain({ id, protocol }: ServicePort, endpoint: string): string {
  return `KUBE-SEP-${hash(id + protocol + endpoint, 16)}`;
}

/** The middle part of nftables' chain names: `ULMVA6XW-default/kubernetes/tcp/https`. */
export function nftName({ namespace, name, protocol, portName }: ServicePort): string {
  const text = `${namespace}/${name}/${protocol}/${portName}`;
  return `${hash(text, 8)}-${text}`;
}

export function nftEndpointName(
  { namespace, name, protocol, portName }: ServicePort,
  ip: string,
  port: number,
): string {
  const text = `${namespace}/${name}/${protocol}/${portName}__${ip}/${port}`;
  return `${hash(text, 8)}-${text}`;
}
