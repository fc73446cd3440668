import { setOwn } from '../../../world/index.ts';
import { strftime } from '../../../shell/strftime.ts';
import type { Evaluator } from '../evaluate.ts';
import { deletePaths, getPath, indicesOf, setPath } from '../paths.ts';
import {
  binary,
  compare,
  isObject,
  JqError,
  shown,
  sortedKeys,
  splitText,
  toJson,
  truthy,
  typeOf,
  type JsonObject,
} from '../values.ts';
import { array, number, string } from './arguments.ts';

/** Built-in functions that are a function of their input's and their arguments' values. */

export type Simple = (value: unknown, args: unknown[], evaluator: Evaluator) => unknown;
export class HaltError extends Error {
  readonly value: unknown;
  readonly status: number;
  constructor(value: unknown, status: number) {
    super('halt');
    this.value = value;
    this.status = status;
  }
}

const math =
  (f: (x: number) => number): Simple =>
  (v) =>
    f(number(v, 'number required'));

function length(v: unknown): number {
  if (v === null) return 0;
  if (typeof v === 'boolean') throw new JqError(`${shown(v)} has no length`);
  if (typeof v === 'number') return Math.abs(v);
  if (typeof v === 'string') return [...v].length;
  return Array.isArray(v) ? v.length : Object.keys(v as JsonObject).length;
}

export function keys(v: unknown): unknown[] {
  if (Array.isArray(v)) return v.map((_, i) => i);
  if (isObject(v)) return sortedKeys(v);
  throw new JqError(`${shown(v)} has no keys`);
}

function has(v: unknown, key: unknown): boolean {
  if (isObject(v) && typeof key === 'string') return Object.hasOwn(v, key);
  if (Array.isArray(v) && typeof key === 'number') return key >= 0 && key < v.length;
  throw new JqError(`Cannot check whether ${typeOf(v)} has a ${typeof key === 'string' ? 'string' : typeOf(key)} key`);
}

function contains(a: unknown, b: unknown): boolean {
  if (isObject(a) && isObject(b)) return Object.entries(b).every(([k, v]) => Object.hasOwn(a, k) && contains(a[k], v));
  if (Array.isArray(a) && Array.isArray(b))
    return b.every((y) => a.some((x) => typeOf(x) === typeOf(y) && contains(x, y)));
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (typeOf(a) === typeOf(b)) return compare(a, b) === 0;
  throw new JqError(`${shown(a)} and ${shown(b)} cannot have their containment checked`);
}

function flatten(items: readonly unknown[], depth: number): unknown[] {
  if (depth < 0) throw new JqError('flatten depth must not be negative');
  return items.flatMap((x) => (Array.isArray(x) && depth > 0 ? flatten(x, depth - 1) : [x]));
}

function indices(v: unknown, wanted: unknown): unknown {
  if (v === null) return null;
  if (typeof v === 'string' && typeof wanted === 'string') {
    const found: number[] = [];
    if (wanted !== '')
      for (let at = v.indexOf(wanted); at >= 0; at = v.indexOf(wanted, at + 1)) found.push([...v.slice(0, at)].length);
    return found.length > 0 || wanted !== '' ? found : null;
  }
  const items = array(v, 'cannot be searched');
  return indicesOf(items, Array.isArray(wanted) ? (wanted as unknown[]) : [wanted]);
}

function toNumber(v: unknown): number {
  if (typeof v === 'number') return v;
  if (typeof v === 'string' && /^\s*-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(v)) return Number(v);
  if (typeof v === 'string') throw new JqError(`Cannot parse '${v}' as JSON`);
  throw new JqError(`${shown(v)} cannot be parsed as a number`);
}

function fromJson(v: unknown): unknown {
  const text = string(v, 'only strings can be parsed');
  if (text.trim() === 'nan') return NaN;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new JqError(`Invalid literal at EOF at line 1, column ${text.length} (while parsing '${text}')`);
  }
}

function isoDate(v: unknown): string {
  return strftime('%Y-%m-%dT%H:%M:%SZ', number(v, 'strftime/1 requires parsed datetime inputs') * 1000);
}

function fromDate(v: unknown): number {
  const text = string(v, 'strptime/1 requires string inputs and arguments');
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(text);
  if (!match) throw new JqError(`date "${text}" does not match format "%Y-%m-%dT%H:%M:%SZ"`);
  const [y, mo, d, h, mi, s] = match.slice(1).map(Number) as [number, number, number, number, number, number];
  return Date.UTC(y, mo - 1, d, h, mi, s) / 1000;
}

function brokenDown(seconds: number): number[] {
  const d = new Date(seconds * 1000);
  const yearStart = Date.UTC(d.getUTCFullYear(), 0, 1);
  return [
    d.getUTCFullYear(),
    d.getUTCMonth(),
    d.getUTCDate(),
    d.getUTCHours(),
    d.getUTCMinutes(),
    d.getUTCSeconds() + (seconds % 1),
    d.getUTCDay(),
    Math.floor((d.getTime() - yearStart) / 86_400_000),
  ];
}

function makeTime(v: unknown): number {
  const p = array(v, 'mktime requires array of 6 numbers') as number[];
  return Math.floor(Date.UTC(p[0]!, p[1], p[2], p[3], p[4], Math.floor(p[5]!)) / 1000);
}

export function tabulate(v: unknown): unknown {
  return isObject(v) ? Object.entries(v).map(([key, value]) => ({ key, value })) : keys(v);
}

export function fromEntries(v: unknown): JsonObject {
  const out: JsonObject = {};
  for (const e of array(v, 'cannot be turned into an object') as JsonObject[]) {
    const key =
      [e.key, e.k, e.name, e.Name, e.Key, e.K].find((k) => k !== null && k !== undefined && k !== false) ??
      (e.key === false ? false : null);
    const value =
      ['value', 'v', 'Value', 'V'].map((n) => e[n]).find((x) => x !== undefined && x !== null) ?? e.value ?? null;
    if (typeof key === 'object' && key !== null) throw new JqError(`Cannot use ${shown(key)} as object key`);
    setOwn(out, typeof key === 'string' ? key : toJson(key), value);
  }
  return out;
}

export function walkPaths(v: unknown, path: unknown[] = []): unknown[][] {
  const own = path.length > 0 ? [path] : [];
  if (Array.isArray(v)) return [...own, ...v.flatMap((x, i) => walkPaths(x, [...path, i]))];
  if (isObject(v)) return [...own, ...Object.keys(v).flatMap((k) => walkPaths(v[k], [...path, k]))];
  return own;
}

export function unique(pairs: { key: unknown; value: unknown }[]): unknown[] {
  const sorted = [...pairs].sort((a, b) => compare(a.key, b.key));
  return sorted.filter((p, i) => i === 0 || compare(sorted[i - 1]!.key, p.key) !== 0).map((p) => p.value);
}

export const simple: Record<string, Simple> = {
  'length/0': (v) => length(v),
  'utf8bytelength/0': (v) => new TextEncoder().encode(string(v, 'only strings have UTF-8 byte length')).length,
  'not/0': (v) => !truthy(v),
  'keys/0': (v) => keys(v),
  'keys_unsorted/0': (v) => (isObject(v) ? Object.keys(v) : keys(v)),
  'has/1': (v, [k]) => has(v, k),
  'in/1': (v, [o]) => has(o, v),
  'contains/1': (v, [b]) => contains(v, b),
  'inside/1': (v, [b]) => contains(b, v),
  'add/0': (v) =>
    (isObject(v) ? Object.values(v) : array(v, 'cannot be iterated over')).reduce((a, b) => binary('+', a, b), null),
  'any/0': (v) => array(v, 'cannot be iterated over').some(truthy),
  'all/0': (v) => array(v, 'cannot be iterated over').every(truthy),
  'flatten/0': (v) => flatten(array(v, 'cannot be flattened'), Infinity),
  'flatten/1': (v, [d]) => flatten(array(v, 'cannot be flattened'), number(d, 'is no depth')),
  'floor/0': math(Math.floor),
  'ceil/0': math(Math.ceil),
  'round/0': math((x) => Math.sign(x) * Math.round(Math.abs(x))),
  'trunc/0': math(Math.trunc),
  'sqrt/0': math(Math.sqrt),
  'abs/0': (v) => Math.abs(number(v, 'has no absolute value')),
  'fabs/0': math(Math.abs),
  'exp/0': math(Math.exp),
  'exp2/0': math((x) => 2 ** x),
  'exp10/0': math((x) => 10 ** x),
  'log/0': math(Math.log),
  'log2/0': math(Math.log2),
  'log10/0': math(Math.log10),
  'sin/0': math(Math.sin),
  'cos/0': math(Math.cos),
  'pow/2': (_, [a, b]) => number(a, 'number required') ** number(b, 'number required'),
  'tostring/0': (v) => (typeof v === 'string' ? v : toJson(v)),
  'tonumber/0': (v) => toNumber(v),
  'tojson/0': (v) => toJson(v),
  'fromjson/0': (v) => fromJson(v),
  'type/0': (v) => typeOf(v),
  'infinite/0': () => Infinity,
  'nan/0': () => NaN,
  'isnan/0': (v) => Number.isNaN(number(v, 'number required')),
  'isinfinite/0': (v) => Math.abs(number(v, 'number required')) === Infinity,
  'isnormal/0': (v) => Number.isFinite(v as number) && v !== 0,
  'null/0': () => null,
  'true/0': () => true,
  'false/0': () => false,
  'sort/0': (v) => [...array(v, 'cannot be sorted, as it is not an array')].sort(compare),
  'unique/0': (v) => unique(array(v, 'cannot be sorted, as it is not an array').map((x) => ({ key: x, value: x }))),
  'min/0': (v) =>
    array(v, 'cannot be searched').reduce<unknown>(
      (a, b) => (a === undefined || compare(b, a) < 0 ? b : a),
      undefined,
    ) ?? null,
  'max/0': (v) =>
    array(v, 'cannot be searched').reduce<unknown>(
      (a, b) => (a === undefined || compare(b, a) >= 0 ? b : a),
      undefined,
    ) ?? null,
  'reverse/0': (v) =>
    typeof v === 'string'
      ? [...v].reverse().join('')
      : v === null
        ? []
        : [...array(v, 'cannot be reversed, as it is not an array')].reverse(),
  'to_entries/0': (v) => (isObject(v) ? tabulate(v) : keys(v)),
  'from_entries/0': (v) => fromEntries(v),
  'startswith/1': (v, [s]) => {
    if (typeof v !== 'string' || typeof s !== 'string') throw new JqError('startswith() requires string inputs');
    return v.startsWith(s);
  },
  'endswith/1': (v, [s]) => {
    if (typeof v !== 'string' || typeof s !== 'string') throw new JqError('endswith() requires string inputs');
    return v.endsWith(s);
  },
  'ltrimstr/1': (v, [s]) => (typeof v === 'string' && typeof s === 'string' && v.startsWith(s) ? v.slice(s.length) : v),
  'rtrimstr/1': (v, [s]) =>
    typeof v === 'string' && typeof s === 'string' && s !== '' && v.endsWith(s) ? v.slice(0, -s.length) : v,
  'trim/0': (v) => string(v, 'trim input must be a string').trim(),
  'ltrim/0': (v) => string(v, 'trim input must be a string').trimStart(),
  'rtrim/0': (v) => string(v, 'trim input must be a string').trimEnd(),
  'ascii_downcase/0': (v) =>
    string(v, 'ascii_downcase input must be a string').replace(/[A-Z]/g, (c) => c.toLowerCase()),
  'ascii_upcase/0': (v) => string(v, 'ascii_upcase input must be a string').replace(/[a-z]/g, (c) => c.toUpperCase()),
  'explode/0': (v) => [...string(v, 'cannot be exploded')].map((c) => c.codePointAt(0)!),
  'implode/0': (v) => String.fromCodePoint(...(array(v, 'cannot be imploded') as number[])),
  'ascii/0': (v) => String.fromCharCode(v as number),
  'split/1': (v, [s]) => {
    if (typeof v !== 'string' || typeof s !== 'string') throw new JqError('split input and separator must be strings');
    return splitText(v, s);
  },
  'join/1': (v, [s]) =>
    array(v, 'cannot be joined')
      .map((x) => {
        if (typeof x === 'object' && x !== null) throw new JqError(`${shown('')} and ${shown(x)} cannot be added`);
        return x === null ? '' : typeof x === 'string' ? x : toJson(x);
      })
      .join(string(s, 'is no separator')),
  'getpath/1': (v, [p]) => getPath(v, array(p, 'Path must be specified as an array')),
  'setpath/2': (v, [p, to]) => setPath(v, array(p, 'Path must be specified as an array'), to),
  'delpaths/1': (v, [ps]) => deletePaths(v, array(ps, 'Paths must be specified as an array') as unknown[][]),
  'transpose/0': (v) => {
    const rows = array(v, 'cannot be transposed') as unknown[][];
    return Array.from({ length: Math.max(0, ...rows.map((r) => r.length)) }, (_, i) => rows.map((r) => r[i] ?? null));
  },
  'indices/1': (v, [w]) => indices(v, w),
  'index/1': (v, [w]) => (indices(v, w) as number[] | null)?.[0] ?? null,
  'rindex/1': (v, [w]) => (indices(v, w) as number[] | null)?.at(-1) ?? null,
  'todate/0': (v) => isoDate(v),
  'fromdate/0': (v) => fromDate(v),
  'todateiso8601/0': (v) => isoDate(v),
  'fromdateiso8601/0': (v) => fromDate(v),
  'now/0': (_v, _a, e) => e.host.now / 1000,
  'gmtime/0': (v) => brokenDown(number(v, 'gmtime() requires a number')),
  'localtime/0': (v) => brokenDown(number(v, 'localtime() requires a number')),
  'mktime/0': (v) => makeTime(v),
  'strftime/1': (v, [f]) =>
    strftime(
      string(f, 'strftime/1 requires a string format'),
      (Array.isArray(v) ? makeTime(v) : number(v, 'strftime/1 requires parsed datetime inputs')) * 1000,
    ),
  'date/0': (v) => isoDate(v),
  'env/0': (_v, _a, e) => e.host.environment,
  'input_line_number/0': () => 0,
  'halt_error/0': (v) => {
    throw new HaltError(v, 5);
  },
  'halt_error/1': (v, [code]) => {
    throw new HaltError(v, Number(code));
  },
  'halt/0': () => {
    throw new HaltError(undefined, 0);
  },
  'error/0': (v) => {
    throw new JqError(v);
  },
  'error/1': (_, [message]) => {
    throw new JqError(message);
  },
  'toarray/0': (v) => (Array.isArray(v) ? v : [v]),
  'significand/0': math((x) => (x === 0 ? 0 : x / 2 ** Math.floor(Math.log2(Math.abs(x))))),
};
