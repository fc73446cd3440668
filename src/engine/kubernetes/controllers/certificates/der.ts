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
