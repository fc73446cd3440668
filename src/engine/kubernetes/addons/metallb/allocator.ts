import { formatIp, maskOf, parseCidr, parseIp } from '../../../network/index.ts';
import { matchesSelector, selectorFrom, type Labels } from '../../apimachinery/label-selector.ts';
import type { Service } from '../../types.ts';
import type { IpAddressPool } from './types.ts';

/** A range of addresses, both ends included. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** `10.0.0.0/24` or `10.0.0.5-10.0.0.9`. @throws RangeError with the text of the admission webhook */
export function parseRange(text: string): AddressRange {
  if (text.includes('-')) {
    const [first, last] = text.split('-').map((part) => parseIp(part.trim()));
    if (first === undefined || last === undefined || Number.isNaN(first) || Number.isNaN(last))
      throw new RangeError(`invalid CIDR "${text}" in pool: invalid IP range "${text}": invalid start IP "${text.split('-')[0]!}"`); // prettier-ignore
    if (first > last) throw new RangeError(`invalid CIDR "${text}" in pool: invalid IP range "${text}": start IP "${formatIp(first)}" is after the end IP "${formatIp(last)}"`); // prettier-ignore
    return { first, last };
  }
  if (!text.includes('/')) throw new RangeError(`invalid CIDR "${text}" in pool: invalid CIDR "${text}"`);
  try {
    const { network, bits } = parseCidr(text);
    return { first: network, last: (network | ~maskOf(bits)) >>> 0 };
  } catch {
    throw new RangeError(`invalid CIDR "${text}" in pool: invalid CIDR "${text}"`);
  }
}

/** Ranges of a pool; what can't be read has been refused before. */
export function rangesOf({ spec }: IpAddressPool): AddressRange[] {
  return spec.addresses.flatMap((text) => {
    try {
      return [parseRange(text)];
    } catch {
      return [];
    }
  });
}

export function poolOf(pools: readonly IpAddressPool[], ip: number): IpAddressPool | undefined {
  return pools.find((pool) => rangesOf(pool).some(({ first, last }) => ip >= first && ip <= last));
}

/** Why a Service gets no address. */
export class AllocationError extends Error {
  override name = 'AllocationError';
}

export interface Allocation {
  readonly ip: number;
  readonly pool: string;
}

/**
 * Picks an address for a Service (metallb's internal/allocator).
 * @param used who has which address
 * @throws AllocationError
 */
export function allocate(
  service: Service,
  namespaceLabels: Labels,
  pools: readonly IpAddressPool[],
  used: ReadonlyMap<number, Service>,
): Allocation {
  const annotations = service.metadata.annotations ?? {};
  const asked = annotations['metallb.io/loadBalancerIPs'] ?? service.spec.loadBalancerIP;
  const wantedPool = annotations['metallb.io/address-pool'];
  if (asked) {
    const ip = parseIp(asked);
    const pool = poolOf(pools, ip);
    if (!pool) throw new AllocationError(`["${asked}"] is not allowed in config`);
    if (wantedPool && pool.metadata.name !== wantedPool)
      throw new AllocationError(`requested loadBalancer IP(s) ["${asked}"] does not belong to requested address pool ${wantedPool}`); // prettier-ignore
    const other = used.get(ip);
    if (other && !shares(service, other))
      throw new AllocationError(
        `can't change sharing key for "${keyOf(service)}", address also in use by ${keyOf(other)}`,
      );
    return { ip, pool: pool.metadata.name };
  }
  if (wantedPool) {
    const pool = pools.find(({ metadata }) => metadata.name === wantedPool);
    if (!pool) throw new AllocationError(`unknown pool "${wantedPool}"`);
    const ip = free(pool, service, used);
    if (ip === undefined) throw new AllocationError(`no available IPs in pool "${wantedPool}" for ipv4 IPFamily`);
    return { ip, pool: wantedPool };
  }
  const fitting = pools
    .filter(({ spec }) => spec.autoAssign !== false && serves(spec.serviceAllocation, service, namespaceLabels))
    .sort((a, b) => priority(a) - priority(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const pool of fitting) {
    const ip = free(pool, service, used);
    if (ip !== undefined) return { ip, pool: pool.metadata.name };
  }
  throw new AllocationError('no available IPs');
}

const keyOf = ({ metadata }: Service) => `${metadata.namespace}/${metadata.name}`;

/** Pools for some Services come before those for all; the lower number first, none last. */
function priority({ spec: { serviceAllocation } }: IpAddressPool): number {
  return serviceAllocation ? serviceAllocation.priority || 2 ** 31 : 2 ** 32;
}

function serves(
  rules: IpAddressPool['spec']['serviceAllocation'],
  { metadata }: Service,
  namespaceLabels: Labels,
): boolean {
  if (!rules) return true;
  const { namespaces = [], namespaceSelectors = [], serviceSelectors = [] } = rules;
  const byNamespace = namespaces.includes(metadata.namespace ?? '') || namespaceSelectors.some((s) => matchesSelector(selectorFrom(s), namespaceLabels)); // prettier-ignore
  const namespaceFits = (namespaces.length === 0 && namespaceSelectors.length === 0) || byNamespace;
  const serviceFits = serviceSelectors.length === 0 || serviceSelectors.some((s) => matchesSelector(selectorFrom(s), metadata.labels ?? {})); // prettier-ignore
  return namespaceFits && serviceFits;
}

function free(pool: IpAddressPool, service: Service, used: ReadonlyMap<number, Service>): number | undefined {
  for (const { first, last } of rangesOf(pool))
    for (let ip = first; ip <= last; ip++) {
      if (pool.spec.avoidBuggyIPs && ((ip & 255) === 0 || (ip & 255) === 255)) continue;
      const other = used.get(ip);
      if (!other || shares(service, other)) return ip;
    }
  return undefined;
}

/** Services may have one address together if both say so with one key and their ports differ. */
function shares(a: Service, b: Service): boolean {
  const key = (s: Service) => s.metadata.annotations?.['metallb.io/allow-shared-ip'];
  if (!key(a) || key(a) !== key(b)) return false;
  const ports = new Set((b.spec.ports ?? []).map((p) => `${p.protocol ?? 'TCP'}/${p.port}`));
  return (a.spec.ports ?? []).every((p) => !ports.has(`${p.protocol ?? 'TCP'}/${p.port}`));
}
