/** DER (X.690): reading and writing the few forms that certificates need. */

export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content as they stand. */
  readonly whole: Uint8Array;
}

export const tags = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  objectIdentifier: 6,
  utf8String: 12,
  sequence: 0x30,
  set: 0x31,
  utcTime: 23,
  generalizedTime: 24,
} as const;

/** The elements that stand in a row. @throws Error for what is no DER */
export function readAll(data: Uint8Array): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < data.length;) {
    const begin = at;
    const tag = data[at++]!;
    let length = data[at++];
    if (length === undefined) throw new Error('asn1: syntax error: truncated tag or length');
    if (length & 0x80) {
      let bytes = length & 0x7f;
      for (length = 0; bytes > 0; bytes--) length = length * 256 + (data[at++] ?? 0);
    }
    const end = at + length;
    if (end > data.length) throw new Error('asn1: syntax error: data truncated');
    found.push({ tag, content: data.subarray(at, end), whole: data.subarray(begin, end) });
    at = end;
  }
  return found;
}

export function write(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(parts);
  return concat([Uint8Array.from([tag, ...lengthBytes(content.length)]), content]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

/** @param dotted e.g. `2.5.4.3` */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const groups = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return write(tags.objectIdentifier, Uint8Array.from(bytes));
}

export function text(tag: number, value: string): Uint8Array {
  return write(tag, new TextEncoder().encode(value));
}

/** A positive number, by its bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  return write(tags.integer, bytes[0]! & 0x80 ? concat([Uint8Array.of(0), bytes]) : bytes);
}

/** UTCTime until 2049, GeneralizedTime afterwards (RFC 5280 §4.1.2.5). @param ms Unix time */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  const late = Number(digits.slice(0, 4)) >= 2050;
  return text(late ? tags.generalizedTime : tags.utcTime, late ? digits : digits.slice(2));
}

/** The elements inside one. */
export function children(der: Der | undefined): Der[] {
  return der ? readAll(der.content) : [];
}

/** The dotted form of an object identifier. */
export function dottedOf(der: Der): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of der.content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (numbers.length === 0) {
      const first = Math.min(2, Math.floor(value / 40));
      numbers.push(first, value - first * 40);
    } else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}

export function textOf(der: Der): string {
  if (der.tag !== 30) return new TextDecoder().decode(der.content);
  let out = '';
  for (let i = 0; i + 1 < der.content.length; i += 2)
    out += String.fromCharCode((der.content[i]! << 8) | der.content[i + 1]!);
  return out;
}

/** The time of a UTCTime or GeneralizedTime, Unix ms. */
export function timeOf(der: Der): number {
  const digits = textOf(der);
  const short = der.tag === tags.utcTime;
  const year = short
    ? Number(digits.slice(0, 2)) + (Number(digits.slice(0, 2)) < 50 ? 2000 : 1900)
    : Number(digits.slice(0, 4));
  const [month, day, hour, minute, second] = (digits.slice(short ? 2 : 4).match(/\d\d/g) ?? []).map(Number);
  return Date.UTC(year, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0);
}

export function bigIntOf(bytes: Uint8Array): bigint {
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
}

/** @param length pads with zeros in front */
export function bytesOf(value: bigint, length = 0): Uint8Array {
  const hex = value.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  const bytes = Uint8Array.from({ length: even.length / 2 }, (_, i) => parseInt(even.slice(i * 2, i * 2 + 2), 16));
  return bytes.length >= length ? bytes : concat([new Uint8Array(length - bytes.length), bytes]);
}

export const sequence = (...parts: readonly Uint8Array[]) => write(tags.sequence, ...parts);
export const number = (value: bigint | number) => integer(bytesOf(BigInt(value)));
export const octets = (bytes: Uint8Array) => write(tags.octetString, bytes);
export const bits = (bytes: Uint8Array, unused = 0) => write(tags.bitString, Uint8Array.of(unused), bytes);
export const nothing = () => write(5);
/** An element of another encoding inside brackets: `[n]`. */
export const tagged = (n: number, ...parts: readonly Uint8Array[]) => write(0xa0 | n, ...parts);
