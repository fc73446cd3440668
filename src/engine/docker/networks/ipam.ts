import { badRequest, forbidden } from '../errors.ts';

/** A block of IPv4 addresses. */
export interface Subnet {
  readonly base: number;
  readonly bits: number;
}

export function parseIp(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((p) => !/^\d{1,3}$/.test(p) || Number(p) > 255)) return undefined;
  return parts.reduce((n, p) => n * 256 + Number(p), 0);
}

export function formatIp(ip: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(ip / 2 ** shift) % 256).join('.');
}

export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', bits] = text.split('/');
  const ip = parseIp(address);
  if (ip === undefined || bits === undefined || !/^\d+$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  return { base: Math.floor(ip / size) * size, bits: Number(bits) };
}

export function formatSubnet({ base, bits }: Subnet): string {
  return `${formatIp(base)}/${bits}`;
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  const sizeA = 2 ** (32 - a.bits);
  const sizeB = 2 ** (32 - b.bits);
  return a.base < b.base + sizeB && b.base < a.base + sizeA;
}

export function contains({ base, bits }: Subnet, ip: number): boolean {
  return ip >= base && ip < base + 2 ** (32 - bits);
}

/** The address pools that networks without a subnet of their own get theirs from, in order. */
function* defaultPools(): Generator<Subnet> {
  for (let second = 17; second <= 31; second++) yield { base: (172 * 256 + second) * 65_536, bits: 16 };
  for (let third = 0; third < 256; third += 16) yield { base: (192 * 256 + 168) * 65_536 + third * 256, bits: 20 };
}

/** The first pool that overlaps none of `taken`. @throws EngineError when all are taken */
export function freePool(taken: readonly Subnet[]): Subnet {
  for (const pool of defaultPools()) if (!taken.some((other) => overlaps(pool, other))) return pool;
  throw badRequest('all predefined address pools have been fully subnetted');
}

/** Addresses of one network: the lowest free one goes first. */
export class AddressPool {
  readonly subnet: Subnet;
  readonly range: Subnet;
  readonly gateway: number;
  readonly #taken = new Set<number>();

  constructor(subnet: Subnet, gateway?: number, range: Subnet = subnet) {
    this.subnet = subnet;
    this.range = range;
    this.gateway = gateway ?? range.base + (range.base === subnet.base ? 1 : 0);
    this.#taken.add(this.gateway);
    this.#taken.add(subnet.base);
    this.#taken.add(subnet.base + 2 ** (32 - subnet.bits) - 1);
  }

  /** @throws EngineError when the wanted address is taken, or none is left */
  allocate(wanted?: number): number {
    if (wanted !== undefined) {
      if (this.#taken.has(wanted)) throw forbidden('Address already in use');
      this.#taken.add(wanted);
      return wanted;
    }
    const end = this.range.base + 2 ** (32 - this.range.bits);
    for (let ip = this.range.base; ip < end; ip++) {
      if (this.#taken.has(ip)) continue;
      this.#taken.add(ip);
      return ip;
    }
    throw badRequest("no available IPv4 addresses on this network's address pools");
  }

  reserve(ip: number): void {
    this.#taken.add(ip);
  }

  release(ip: number): void {
    if (ip !== this.gateway) this.#taken.delete(ip);
  }
}
