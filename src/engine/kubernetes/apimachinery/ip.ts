/** IP addresses and CIDRs as the API accepts them, and arithmetic for the allocators. */

export interface ParsedIp {
  family: 4 | 6;
  value: bigint;
}

/** undefined if the text is no IP address (IPv4 with leading zeros isn't one). */
export function parseIp(text: string): ParsedIp | undefined {
  if (text.includes(':')) return parseIp6(text);
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return { family: 4, value };
}

function parseIp6(text: string): ParsedIp | undefined {
  let tail: string[] = [];
  let source = text;
  const dotted = /^(.*:)([0-9.]+)$/.exec(source);
  if (dotted && dotted[2]!.includes('.')) {
    const four = parseIp(dotted[2]!);
    if (!four) return undefined;
    tail = [(four.value >> 16n).toString(16), (four.value & 0xffffn).toString(16)];
    source = dotted[1]!.endsWith('::') ? dotted[1]! : dotted[1]!.slice(0, -1);
  }
  const halves = source.split('::');
  if (halves.length > 2) return undefined;
  const left = halves[0] === '' ? [] : halves[0]!.split(':');
  const right = halves.length === 2 ? (halves[1] === '' ? [] : halves[1]!.split(':')) : [];
  const missing = 8 - left.length - right.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...right, ...tail];
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return { family: 6, value: groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) };
}

/** Dotted or RFC 5952 text. */
export function formatIp({ family, value }: ParsedIp): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((by) => (value >> by) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const zeros = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (!zeros) return groups.join(':');
  const text = groups.join(':');
  const before = text.slice(0, zeros.index);
  const after = text.slice(zeros.index + zeros[0].length);
  return `${before}::${after.replace(/^:/, '')}`;
}

export interface ParsedCidr extends ParsedIp {
  bits: number;
  size: bigint;
}

/** undefined if the text is no CIDR. */
export function parseCidr(text: string): ParsedCidr | undefined {
  const slash = text.indexOf('/');
  const ip = parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (slash < 0 || !ip || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const width = ip.family === 4 ? 32 : 128;
  const bits = Number(length);
  return bits > width ? undefined : { ...ip, bits, size: 1n << BigInt(width - bits) };
}

export function cidrContains(cidr: ParsedCidr, ip: ParsedIp): boolean {
  const shift = BigInt((cidr.family === 4 ? 32 : 128) - cidr.bits);
  return cidr.family === ip.family && cidr.value >> shift === ip.value >> shift;
}

export const invalidIpMessage = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
export const invalidCidrMessage = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
