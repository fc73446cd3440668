import { own, setOwn } from '../../world/index.ts';
/** jq's values: JSON. Order, arithmetic and printing as jq 1.7 has them. */

export class JqError extends Error {
  override name = 'JqError';
  readonly value: unknown;
  constructor(value: unknown) {
    super(typeof value === 'string' ? value : `${toJson(value)} (not a string)`);
    this.value = value;
  }
}

export type JsonObject = Record<string, unknown>;

export function isObject(v: unknown): v is JsonObject {
  return typeof v === 'object' && v !== null && !Array.isArray(v);
}

export function typeOf(v: unknown): string {
  if (v === null || v === undefined) return 'null';
  if (Array.isArray(v)) return 'array';
  return typeof v;
}

const typeOrder = ['null', 'false', 'true', 'number', 'string', 'array', 'object'];

function rank(v: unknown): number {
  return typeOrder.indexOf(typeof v === 'boolean' ? String(v) : typeOf(v));
}

export function compare(a: unknown, b: unknown): number {
  const byType = rank(a) - rank(b);
  if (byType !== 0) return byType;
  if (typeof a === 'number' && typeof b === 'number') return a < b || Number.isNaN(a) ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const c = compare(a[i], b[i]);
      if (c !== 0) return c;
    }
    return a.length - b.length;
  }
  if (isObject(a) && isObject(b)) {
    const [x, y] = [sortedKeys(a), sortedKeys(b)];
    const byKeys = compare(x, y);
    if (byKeys !== 0) return byKeys;
    for (const key of x) {
      const c = compare(a[key], b[key]);
      if (c !== 0) return c;
    }
  }
  return 0;
}

/** By code point, as UTF-8 bytes sort. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const d = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (d !== 0) return d;
  }
  return x.length - y.length;
}

export function sortedKeys(v: JsonObject): string[] {
  return Object.keys(v).sort(compareText);
}

export function truthy(v: unknown): boolean {
  return v !== null && v !== undefined && v !== false;
}

/** A value in an error message, cut as jq cuts it. */
export function shown(v: unknown): string {
  const text = toJson(v);
  return `${typeOf(v)} (${text.length > 11 ? text.slice(0, 10) + '...' : text})`;
}

export function numberText(n: number): string {
  if (Number.isNaN(n)) return 'null';
  if (!Number.isFinite(n)) return n > 0 ? '1.7976931348623157e+308' : '-1.7976931348623157e+308';
  if (Object.is(n, -0)) return '-0';
  const text = String(n);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

export interface PrintOptions {
  /** Spaces for each level, or '\t'; '' prints on one line. */
  indent: string;
  sortKeys?: boolean;
  ascii?: boolean;
  color?: boolean;
}

export function toJson(v: unknown, options: PrintOptions = { indent: '' }): string {
  const paint = (code: string, text: string) => (options.color ? `\x1b[${code}m${text}\x1b[0m` : text);
  const print = (value: unknown, prefix: string): string => {
    if (value === null || value === undefined) return paint('1;30', 'null');
    if (typeof value === 'boolean') return paint('0;39', String(value));
    if (typeof value === 'number') return paint('0;39', numberText(value));
    if (typeof value === 'string') return paint('0;32', quote(value, options.ascii));
    const deeper = prefix + options.indent;
    const newline = options.indent ? '\n' : '';
    if (Array.isArray(value)) {
      if (value.length === 0) return paint('1;39', '[]');
      const items = value.map((item) => (options.indent ? deeper : '') + print(item, deeper));
      return `${paint('1;39', '[')}${newline}${items.join(',' + newline)}${options.indent ? newline + prefix : ''}${paint('1;39', ']')}`;
    }
    const object = value as JsonObject;
    const keys = options.sortKeys ? sortedKeys(object) : Object.keys(object);
    if (keys.length === 0) return paint('1;39', '{}');
    const items = keys.map(
      (key) =>
        `${options.indent ? deeper : ''}${paint('34;1', quote(key, options.ascii))}:${options.indent ? ' ' : ''}${print(object[key], deeper)}`,
    );
    return `${paint('1;39', '{')}${newline}${items.join(',' + newline)}${options.indent ? newline + prefix : ''}${paint('1;39', '}')}`;
  };
  return print(v, '');
}

function quote(text: string, ascii = false): string {
  const quoted = JSON.stringify(text).replace(/\x7f/g, '\\u007f');
  return ascii
    ? quoted.replace(/[\u0080-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))
    : quoted;
}

export function binary(operator: string, a: unknown, b: unknown): unknown {
  switch (operator) {
    case '==':
      return compare(a, b) === 0;
    case '!=':
      return compare(a, b) !== 0;
    case '<':
      return compare(a, b) < 0;
    case '<=':
      return compare(a, b) <= 0;
    case '>':
      return compare(a, b) > 0;
    case '>=':
      return compare(a, b) >= 0;
    case '+':
      if (a === null) return b;
      if (b === null) return a;
      if (typeof a === 'number' && typeof b === 'number') return a + b;
      if (typeof a === 'string' && typeof b === 'string') return limited(a + b);
      if (Array.isArray(a) && Array.isArray(b)) return [...(a as unknown[]), ...(b as unknown[])];
      if (isObject(a) && isObject(b)) return { ...a, ...b };
      throw new JqError(`${shown(a)} and ${shown(b)} cannot be added`);
    case '-':
      if (typeof a === 'number' && typeof b === 'number') return a - b;
      if (Array.isArray(a) && Array.isArray(b)) return a.filter((x) => !b.some((y) => compare(x, y) === 0));
      throw new JqError(`${shown(a)} and ${shown(b)} cannot be subtracted`);
    case '*':
      if (typeof a === 'number' && typeof b === 'number') return a * b;
      if (typeof a === 'string' && typeof b === 'number')
        return b > 0 ? limited(a.repeat(Math.max(1, Math.min(Math.ceil(b), 1 << 24)))) : null;
      if (typeof a === 'number' && typeof b === 'string') return binary('*', b, a);
      if (isObject(a) && isObject(b)) return merge(a, b);
      throw new JqError(`${shown(a)} and ${shown(b)} cannot be multiplied`);
    case '/':
      if (typeof a === 'number' && typeof b === 'number') {
        if (b === 0) throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided because the divisor is zero`);
        return a / b;
      }
      if (typeof a === 'string' && typeof b === 'string') return splitText(a, b);
      throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided`);
    default:
      if (typeof a === 'number' && typeof b === 'number') {
        const divisor = Math.abs(Math.trunc(b));
        if (divisor === 0)
          throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided because the divisor is zero`);
        return Math.trunc(a) % divisor;
      }
      throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided`);
  }
}

function limited(text: string): string {
  if (text.length > 64 << 20) throw new JqError('slipway: a string of more than 64 MiB');
  return text;
}

function merge(a: JsonObject, b: JsonObject): JsonObject {
  const out = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = own(out, key);
    setOwn(out, key, isObject(value) && isObject(before) ? merge(before, value) : value);
  }
  return out;
}

export function splitText(text: string, separator: string): string[] {
  if (text === '') return [];
  return separator === '' ? [...text] : text.split(separator);
}
