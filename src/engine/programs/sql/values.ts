import type { TypeName, Value } from './syntax.ts';

/** Values: numbers, texts (dates, times and decimals too), booleans, NULL. */

export const integerTypes = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
export const exactTypes = new Set(['decimal']);
export const floatTypes = new Set(['float', 'double', 'real']);
export const textTypes = new Set(['char', 'varchar', 'text', 'tinytext', 'mediumtext', 'longtext', 'enum', 'json', 'jsonb', 'uuid', 'blob', 'longblob', 'varbinary', 'bytea', 'set', 'inet']); // prettier-ignore
export const timeTypes = new Set(['date', 'time', 'datetime', 'timestamp', 'timestamptz', 'year']);

export function isNumeric(type: TypeName): boolean {
  return integerTypes.has(type.name) || exactTypes.has(type.name) || floatTypes.has(type.name) || type.name === 'year';
}

/** A number for arithmetic: texts count as far as they are digits. */
export function toNumber(value: Value): number {
  if (value === null) return NaN;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const match = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/.exec(value);
  return match ? Number(match[0]) : 0;
}

/** Three-valued truth. */
export function toTruth(value: Value): boolean | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(t|true)$/i.test(value)) return true;
  return toNumber(value) !== 0;
}

export function toText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return String(value);
}

const dateLike = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?|$)/;

/** Order of two values; undefined if one is NULL. `insensitive`: texts without regard to case. */
export function compare(a: Value, b: Value, insensitive: boolean): number | undefined {
  if (a === null || b === null) return undefined;
  if (typeof a === 'string' && typeof b === 'string') {
    if (dateLike.test(a) && dateLike.test(b)) return order(padDate(a), padDate(b));
    if (decimalText.test(a) && decimalText.test(b) && (a.includes('.') || b.includes('.')))
      return order(Number(a), Number(b));
    return insensitive ? order(a.toLowerCase(), b.toLowerCase()) : order(a, b);
  }
  return order(toNumber(a), toNumber(b));
}

const decimalText = /^-?\d+(\.\d+)?$/;

function padDate(text: string): string {
  return text.length === 10 ? `${text} 00:00:00` : text.replace('T', ' ');
}

function order<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `2026-01-15 10:30:00`, with `digits` of a second's fraction. */
export function formatTimestamp(unixMs: number, digits = 0): string {
  const d = new Date(unixMs);
  const text = `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  if (digits === 0) return text;
  const fraction = String(Math.floor((((unixMs % 1000) + 1000) % 1000) * 1000)).padStart(6, '0');
  return `${text}.${fraction.slice(0, digits)}`;
}

/** Unix ms of a date or a time stamp; undefined for something else. */
export function parseTimestamp(text: string): number | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?(?:Z|\+00(?::?00)?)?$/.exec(text.trim()); // prettier-ignore
  if (!match) return undefined;
  const [, y, mo, d, h = '0', mi = '0', s = '0', f = ''] = match;
  if (Number(mo) < 1 || Number(mo) > 12 || Number(d) < 1 || Number(h) > 23 || Number(mi) > 59 || Number(s) > 59)
    return undefined;
  const ms = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  if (new Date(ms).getUTCDate() !== Number(d)) return undefined;
  return ms + (f === '' ? 0 : Number(`0.${f}`) * 1000);
}

/** What went wrong with a value for a column. */
export type Misfit = 'too-long' | 'out-of-range' | 'bad';

const ranges: Readonly<Record<string, number>> = {
  tinyint: 2 ** 7,
  smallint: 2 ** 15,
  mediumint: 2 ** 23,
  int: 2 ** 31,
  bigint: 2 ** 63,
};

/** The value as a column of that type keeps it. */
export function fit(value: Value, type: TypeName, mysql: boolean): { value: Value } | { misfit: Misfit } {
  if (value === null) return { value: null };
  const { name, args } = type;
  if (name === 'boolean') return fitBoolean(value);
  if (integerTypes.has(name)) {
    if (typeof value === 'string' && !/^\s*[+-]?\d+(\.\d+)?([eE]\d+)?\s*$/.test(value)) return { misfit: 'bad' };
    const n = Math.round(toNumber(value));
    const limit = ranges[name]!;
    if (type.unsigned ? n < 0 || n >= limit * 2 : n < -limit || n >= limit) return { misfit: 'out-of-range' };
    return { value: n };
  }
  if (exactTypes.has(name)) {
    if (typeof value === 'string' && !/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value))
      return { misfit: 'bad' };
    const n = toNumber(value);
    if (args.length === 0 && !mysql) return { value: typeof value === 'string' ? value.trim() : n };
    const [precision = 10, scale = 0] = args as number[];
    if (Math.abs(n) >= 10 ** (precision - scale)) return { misfit: 'out-of-range' };
    return { value: fixed(n, scale) };
  }
  if (floatTypes.has(name)) {
    if (typeof value === 'string' && !/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value))
      return { misfit: 'bad' };
    return { value: name === 'float' && mysql ? Math.fround(toNumber(value)) : toNumber(value) };
  }
  const text = typeof value === 'boolean' ? (mysql ? String(Number(value)) : String(value)) : String(value);
  if (timeTypes.has(name)) return fitTime(text, name);
  if (name === 'enum') {
    const found = args.find((a) => String(a).toLowerCase() === text.toLowerCase());
    return found === undefined ? { misfit: 'bad' } : { value: String(found) };
  }
  if (name === 'json' || name === 'jsonb') {
    try {
      JSON.parse(text);
      return { value: text };
    } catch {
      return { misfit: 'bad' };
    }
  }
  if (name === 'uuid') {
    const ok = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
    return ok ? { value: text.toLowerCase() } : { misfit: 'bad' };
  }
  const length = name === 'char' ? Number(args[0] ?? 1) : args.length > 0 ? Number(args[0]) : Infinity;
  if ([...text].length > length) return { misfit: 'too-long' };
  return { value: text };
}

/** Decimal digits without the errors of binary fractions. */
export function fixed(n: number, scale: number): string {
  const rounded = Number(`${Math.round(Number(`${Math.abs(n)}e${scale}`))}e-${scale}`);
  const text = (Number.isFinite(rounded) ? rounded : Math.abs(n)).toFixed(scale);
  return n < 0 && Number(text) !== 0 ? `-${text}` : text;
}

function fitBoolean(value: Value): { value: Value } | { misfit: Misfit } {
  if (typeof value === 'boolean') return { value };
  const text = String(value).trim().toLowerCase();
  if (/^(t|true|yes|y|on|1)$/.test(text)) return { value: true };
  if (/^(f|false|no|n|off|0)$/.test(text)) return { value: false };
  return { misfit: 'bad' };
}

function fitTime(text: string, name: string): { value: Value } | { misfit: Misfit } {
  if (name === 'year') return /^\d{4}$/.test(text) ? { value: Number(text) } : { misfit: 'bad' };
  if (name === 'time') return /^-?\d{1,3}:\d\d(:\d\d)?$/.test(text) ? { value: text } : { misfit: 'bad' };
  const ms = parseTimestamp(text);
  if (ms === undefined) return { misfit: 'bad' };
  if (name === 'date') return { value: formatTimestamp(ms).slice(0, 10) };
  const fraction = /\.(\d{1,6})/.exec(text)?.[1] ?? '';
  if (name === 'datetime') return { value: formatTimestamp(ms) };
  const zone = name === 'timestamptz' ? '+00' : '';
  return { value: `${formatTimestamp(ms)}${fraction === '' ? '' : `.${fraction}`}${zone}` };
}
