/** IPv4 addresses as unsigned 32-bit numbers, which is what routes and rules compare. */

const parsed = new Map<string, number>();

/** The number of a dotted address; NaN if it is none. */
export function parseIp(text: string): number {
  let value = parsed.get(text);
  if (value === undefined) {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
    const parts = match?.slice(1).map(Number) ?? [];
    value =
      match && parts.every((part) => part <= 255)
        ? ((parts[0]! << 24) | (parts[1]! << 16) | (parts[2]! << 8) | parts[3]!) >>> 0
        : text === '::1'
          ? 0x7f000001
          : NaN;
    if (parsed.size > 100_000) parsed.clear();
    parsed.set(text, value);
  }
  return value;
}

const formatted = new Map<number, string>();

export function formatIp(ip: number): string {
  let text = formatted.get(ip);
  if (text === undefined) {
    text = `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;
    if (formatted.size > 100_000) formatted.clear();
    formatted.set(ip, text);
  }
  return text;
}

/** A block of addresses. */
export interface Cidr {
  readonly network: number;
  readonly bits: number;
}

export function maskOf(bits: number): number {
  return bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
}

/** `10.0.0.0/8`, or one address. @throws RangeError */
export function parseCidr(text: string): Cidr {
  const [address = '', length] = text.split('/');
  const ip = parseIp(address);
  const bits = length === undefined ? 32 : Number(length);
  if (Number.isNaN(ip) || !(bits >= 0 && bits <= 32)) throw new RangeError(`invalid CIDR address: ${text}`);
  return { network: (ip & maskOf(bits)) >>> 0, bits };
}

export function formatCidr({ network, bits }: Cidr): string {
  return `${formatIp(network)}/${bits}`;
}

export function contains({ network, bits }: Cidr, ip: number): boolean {
  return ((network ^ ip) & maskOf(bits)) === 0;
}

export function isLoopback(ip: number): boolean {
  return ip >>> 24 === 127;
}
