import { concatBytes, toBytes } from './streams.ts';

/** One member of a tar archive. */
export interface TarEntry {
  /** As stored; directories end in `/`. */
  name: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'device';
  mode: number;
  uid: number;
  gid: number;
  /** Unix ms; the archive keeps whole seconds. */
  mtime: number;
  data?: Uint8Array;
  /** Of links. */
  target?: string;
  /** PAX records, as the simulation keeps a file's program in one. */
  pax?: Readonly<Record<string, string>>;
}

/** The archive is damaged; `message` is Go's archive/tar's. */
export class TarError extends Error {
  override name = 'TarError';
}

const block = 512;
const typeFlags = { file: '0', hardlink: '1', symlink: '2', device: '3', directory: '5' } as const;
const decoder = new TextDecoder();

/** Writes a POSIX (ustar) archive; long names and `pax` go into PAX headers. Ends with two empty blocks. */
export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const entry of entries) {
    const pax: Record<string, string> = { ...entry.pax };
    const name = toBytes(entry.name);
    if (name.length > 100) pax.path = entry.name;
    if (entry.target !== undefined && toBytes(entry.target).length > 100) pax.linkpath = entry.target;
    if (Object.keys(pax).length > 0) {
      const records = toBytes(
        Object.entries(pax)
          .map(([key, value]) => paxRecord(key, value))
          .join(''),
      );
      chunks.push(header({ ...entry, name: 'PaxHeaders.0', mode: 0o644 }, 'x', records.length), padded(records));
    }
    const data = entry.type === 'file' ? (entry.data ?? new Uint8Array()) : new Uint8Array();
    chunks.push(header(entry, typeFlags[entry.type], data.length), padded(data));
  }
  chunks.push(new Uint8Array(2 * block));
  return concatBytes(chunks);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const size = toBytes(rest).length;
  let length = size + String(size).length;
  if (String(length).length + size !== length) length = String(length).length + size;
  return `${length}${rest}`;
}

function padded(data: Uint8Array): Uint8Array {
  const rest = data.length % block;
  if (rest === 0) return data;
  const out = new Uint8Array(data.length + block - rest);
  out.set(data);
  return out;
}

function header(entry: TarEntry, flag: string, size: number): Uint8Array {
  const out = new Uint8Array(block);
  const put = (at: number, text: string, length: number) => out.set(toBytes(text).subarray(0, length), at);
  const octal = (at: number, value: number, length: number) =>
    put(
      at,
      Math.max(0, Math.floor(value))
        .toString(8)
        .padStart(length - 1, '0')
        .slice(-(length - 1)),
      length,
    );
  put(0, entry.name, 100);
  octal(100, entry.mode & 0o7777, 8);
  octal(108, entry.uid, 8);
  octal(116, entry.gid, 8);
  octal(124, size, 12);
  octal(136, entry.mtime / 1000, 12);
  put(148, '        ', 8);
  put(156, flag, 1);
  put(157, entry.target ?? '', 100);
  put(257, 'ustar\x0000', 8);
  let sum = 0;
  for (const byte of out) sum += byte;
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `, 8);
  return out;
}

/** Reads a ustar, PAX or GNU archive. @throws TarError */
export function readTar(archive: Uint8Array): TarEntry[] {
  const entries: TarEntry[] = [];
  let at = 0;
  let pax: Record<string, string> = {};
  let longName: string | undefined;
  let longTarget: string | undefined;
  while (at + block <= archive.length) {
    const head = archive.subarray(at, at + block);
    at += block;
    if (head.every((byte) => byte === 0)) break;
    const text = (from: number, length: number) => {
      const field = head.subarray(from, from + length);
      const end = field.indexOf(0);
      return decoder.decode(end < 0 ? field : field.subarray(0, end));
    };
    const number = (from: number, length: number) => parseInt(text(from, length).trim() || '0', 8);
    let sum = 0;
    for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 32 : head[i]!;
    if (sum !== number(148, 8)) throw new TarError('archive/tar: invalid tar header');
    const size = number(124, 12);
    const flag = text(156, 1) || '0';
    if (at + size > archive.length) throw new TarError('unexpected EOF');
    const data = archive.subarray(at, at + size);
    at += Math.ceil(size / block) * block;
    if (flag === 'x') {
      pax = readPax(data);
      continue;
    }
    if (flag === 'g') continue;
    if (flag === 'L' || flag === 'K') {
      const value = decoder.decode(data).replace(/\0.*$/s, '');
      if (flag === 'L') longName = value;
      else longTarget = value;
      continue;
    }
    const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
    const name = pax.path ?? longName ?? (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100));
    const target = pax.linkpath ?? longTarget ?? text(157, 100);
    const type =
      flag === '5' || (flag === '0' && name.endsWith('/'))
        ? 'directory'
        : flag === '2'
          ? 'symlink'
          : flag === '1'
            ? 'hardlink'
            : flag === '3' || flag === '4' || flag === '6'
              ? 'device'
              : 'file';
    const entry: TarEntry = {
      name,
      type,
      mode: number(100, 8) & 0o7777,
      uid: number(108, 8),
      gid: number(116, 8),
      mtime: number(136, 12) * 1000,
    };
    if (type === 'file') entry.data = data;
    if (type === 'symlink' || type === 'hardlink') entry.target = target;
    if (Object.keys(pax).length > 0) entry.pax = pax;
    entries.push(entry);
    pax = {};
    longName = undefined;
    longTarget = undefined;
  }
  return entries;
}

function readPax(data: Uint8Array): Record<string, string> {
  const records: Record<string, string> = {};
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(32, at);
    const length = space < 0 ? NaN : Number(decoder.decode(data.subarray(at, space)));
    if (!(length > 0)) throw new TarError('archive/tar: invalid tar header');
    const record = decoder.decode(data.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    records[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return records;
}
