import { own, setOwn } from '../../world/index.ts';
import { strftime } from '../../shell/strftime.ts';
import {
  deletePaths,
  firstOf,
  getPath,
  indicesOf,
  setPath,
  type Environment,
  type Evaluator,
  type Item,
} from './evaluate.ts';
import type { Node } from './parser.ts';
import {
  binary,
  compare,
  isObject,
  JqError,
  numberText,
  shown,
  sortedKeys,
  splitText,
  toJson,
  truthy,
  typeOf,
  type JsonObject,
} from './values.ts';

/** jq's built-in functions, by name and number of arguments. */

type Simple = (value: unknown, args: unknown[], evaluator: Evaluator) => unknown;
type Special = (evaluator: Evaluator, args: Node[], input: Item, env: Environment) => Generator<Item>;

const fresh = (value: unknown): Item => ({ value, path: undefined });

function number(v: unknown, what: string): number {
  if (typeof v !== 'number') throw new JqError(`${shown(v)} ${what}`);
  return v;
}

function string(v: unknown, what: string): string {
  if (typeof v !== 'string') throw new JqError(`${shown(v)} ${what}`);
  return v;
}

function array(v: unknown, what: string): unknown[] {
  if (!Array.isArray(v)) throw new JqError(`${shown(v)} ${what}`);
  return v;
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

function keys(v: unknown): unknown[] {
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

function tabulate(v: unknown): unknown {
  return isObject(v) ? Object.entries(v).map(([key, value]) => ({ key, value })) : keys(v);
}

function fromEntries(v: unknown): JsonObject {
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

function walkPaths(v: unknown, path: unknown[] = []): unknown[][] {
  const own = path.length > 0 ? [path] : [];
  if (Array.isArray(v)) return [...own, ...v.flatMap((x, i) => walkPaths(x, [...path, i]))];
  if (isObject(v)) return [...own, ...Object.keys(v).flatMap((k) => walkPaths(v[k], [...path, k]))];
  return own;
}

function unique(pairs: { key: unknown; value: unknown }[]): unknown[] {
  const sorted = [...pairs].sort((a, b) => compare(a.key, b.key));
  return sorted.filter((p, i) => i === 0 || compare(sorted[i - 1]!.key, p.key) !== 0).map((p) => p.value);
}

const simple: Record<string, Simple> = {
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
  '_indices/1': (v, [w]) => indices(v, w),
  'index/1': (v, [w]) => (indices(v, w) as number[] | null)?.[0] ?? null,
  'rindex/1': (v, [w]) => (indices(v, w) as number[] | null)?.at(-1) ?? null,
  'tojson/1': (v) => toJson(v),
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
  'ascii/1': (v) => v,
  'tabulate/0': (v) => tabulate(v),
  'splits/0': (v) => v,
  'ltrimstr/0': (v) => v,
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
  'builtins/0': () => Object.keys(simple).concat(Object.keys(special)),
  'toarray/0': (v) => (Array.isArray(v) ? v : [v]),
  'significand/0': math((x) => (x === 0 ? 0 : x / 2 ** Math.floor(Math.log2(Math.abs(x))))),
  'getpath/0': (v) => v,
  '@text/0': (v) => numberText(v as number),
};
for (const name of [
  'tojson/1',
  'ascii/1',
  'splits/0',
  'ltrimstr/0',
  'getpath/0',
  '@text/0',
  'tabulate/0',
  '_indices/1',
])
  delete simple[name];

export class HaltError extends Error {
  readonly value: unknown;
  readonly status: number;
  constructor(value: unknown, status: number) {
    super('halt');
    this.value = value;
    this.status = status;
  }
}

function* keyed(
  e: Evaluator,
  args: Node[],
  input: Item,
  env: Environment,
): Generator<{ key: unknown; value: unknown }> {
  for (const value of array(input.value, 'cannot be sorted, as it is not an array'))
    yield { key: [...e.values(args[0]!, value, env)], value };
}

function regexFlags(flags: unknown): { flags: string; global: boolean } {
  const text = flags === null || flags === undefined ? '' : string(flags, 'is not a string');
  for (const c of text) if (!'gimnpsxl'.includes(c)) throw new JqError(`${text} is not a valid modifier string`);
  return { flags: 'u' + (text.includes('i') ? 'i' : '') + (/[sp]/.test(text) ? 's' : ''), global: text.includes('g') };
}

interface Match {
  offset: number;
  length: number;
  string: string | null;
  captures: { offset: number; length: number; string: string | null; name: string | null }[];
}

function matches(value: unknown, pattern: unknown, flagText: unknown, forceGlobal = false): Match[] {
  if (Array.isArray(pattern)) return matches(value, pattern[0], pattern[1] ?? flagText, forceGlobal);
  if (typeof value !== 'string') throw new JqError(`${shown(value)} cannot be matched, as it is not a string`);
  const source = string(pattern, 'cannot be matched, as it is not a string');
  const { flags, global } = regexFlags(flagText);
  let regex: RegExp;
  try {
    regex = new RegExp(
      source
        .replace(/\(\?<(\w+)>/g, '(?<$1>')
        .replace(/\\h/g, '[0-9a-fA-F]')
        .replace(
          /\[\[:(\w+):\]\]/g,
          (_, n: string) =>
            ({ digit: '[0-9]', alpha: '[A-Za-z]', alnum: '[0-9A-Za-z]', space: '\\s', upper: '[A-Z]', lower: '[a-z]' })[
              n
            ] ?? '',
        ),
      flags + 'dg',
    );
  } catch {
    throw new JqError(`${source} (at offset 0) is not a valid regex`);
  }
  const names = Object.keys(new RegExp(source + '|', flags).exec('')?.groups ?? {});
  const nameAt = new Map<number, string>();
  let group = 0;
  for (const [, name] of source.replace(/\\./g, '  ').matchAll(/\((?:\?<(\w+)>|(?!\?))/g))
    nameAt.set(++group, name ?? '');
  const points = (end: number) => [...value.slice(0, end)].length;
  const out: Match[] = [];
  for (let m = regex.exec(value); m; m = regex.exec(value)) {
    if (m[0] === '') regex.lastIndex++;
    const captures = m.slice(1).map((text: string | undefined, i) => ({
      offset: text === undefined ? -1 : points(m.indices![i + 1]![0]),
      length: text === undefined ? 0 : [...text].length,
      string: text ?? null,
      name: nameAt.get(i + 1) || null,
    }));
    out.push({ offset: points(m.index), length: [...m[0]].length, string: m[0], captures });
    if (!global && !forceGlobal) break;
  }
  void names;
  return out;
}

function captured(m: Match): JsonObject {
  return Object.fromEntries(m.captures.filter((c) => c.name).map((c) => [c.name!, c.string]));
}

/** For every combination of the arguments' values. */
function* combinations(
  e: Evaluator,
  args: Node[],
  input: Item,
  env: Environment,
  i = args.length - 1,
  tail: unknown[] = [],
): Generator<unknown[]> {
  if (i < 0) yield tail;
  else
    for (const value of e.values(args[i]!, input.value, env))
      yield* combinations(e, args, input, env, i - 1, [value, ...tail]);
}

function* substitute(e: Evaluator, args: Node[], input: Item, env: Environment, global: boolean): Generator<Item> {
  const [pattern, replacement, flagNode] = args;
  for (const [p, f] of combinations(e, flagNode ? [pattern!, flagNode] : [pattern!], input, env)) {
    const found = matches(input.value, p, f, global);
    const chars = [...(input.value as string)];
    let texts = [''];
    let at = 0;
    for (const m of found) {
      const before = chars.slice(at, m.offset).join('');
      const replacements = [...e.values(replacement!, captured(m), env)].map((r) =>
        string(r, 'cannot be added to a string'),
      );
      texts = replacements.flatMap((r) => texts.map((t) => t + before + r));
      at = m.offset + m.length;
    }
    const tail = chars.slice(at).join('');
    for (const text of texts) yield fresh(text + tail);
  }
}

function typeFilter(test: (v: unknown) => boolean): Special {
  return function* (_e, _args, input) {
    if (test(input.value)) yield input;
  };
}

const special: Record<string, Special> = {
  'empty/0': function* () {},
  *'select/1'(e, [test], input, env) {
    for (const v of e.values(test!, input.value, env)) if (truthy(v)) yield input;
  },
  *'map/1'(e, [f], input, env) {
    const out: unknown[] = [];
    for (const item of e.iterate({ value: input.value, path: undefined }))
      for (const v of e.values(f!, item.value, env)) out.push(v);
    yield fresh(out);
  },
  *'map_values/1'(e, [f], input, env) {
    if (Array.isArray(input.value)) {
      yield fresh(
        input.value.flatMap((v: unknown) => {
          const first = firstOf(e.values(f!, v, env));
          return first.done ? [] : [first.value];
        }),
      );
      return;
    }
    const out: JsonObject = {};
    if (!isObject(input.value)) throw new JqError(`Cannot iterate over ${shown(input.value)}`);
    for (const [k, v] of Object.entries(input.value)) {
      const first = firstOf(e.values(f!, v, env));
      if (!first.done) setOwn(out, k, first.value);
    }
    yield fresh(out);
  },
  *'recurse/0'(e, _args, input) {
    yield* e.recurse(input);
  },
  *'recurse/1'(e, [f], input, env) {
    const stack: Generator<Item>[] = [];
    yield input;
    stack.push(e.evaluate(f!, input, env));
    while (stack.length > 0) {
      const next = stack.at(-1)!.next();
      if (next.done) {
        stack.pop();
        continue;
      }
      if (stack.length > 10_000) throw new JqError('slipway: recursion is nested more than 10000 deep');
      yield next.value;
      stack.push(e.evaluate(f!, next.value, env));
    }
  },
  *'env/0'(e) {
    yield fresh(e.host.environment);
  },
  *'range/1'(e, [to], input, env) {
    for (const n of e.values(to!, input.value, env))
      for (let i = 0; i < number(n, 'Range bounds must be numeric'); i++) yield (e.step(), fresh(i));
  },
  *'range/2'(e, args, input, env) {
    for (const [from, to] of combinations(e, args, input, env))
      for (let i = number(from, 'Range bounds must be numeric'); i < number(to, 'Range bounds must be numeric'); i++)
        yield (e.step(), fresh(i));
  },
  *'range/3'(e, args, input, env) {
    for (const [from, to, by] of combinations(e, args, input, env) as Iterable<[number, number, number]>) {
      if (by > 0) for (let i = from; i < to; i += by) yield (e.step(), fresh(i));
      else if (by < 0) for (let i = from; i > to; i += by) yield (e.step(), fresh(i));
    }
  },
  *'first/0'(_e, _args, input) {
    yield fresh((input.value as unknown[] | null)?.[0] ?? null);
  },
  *'first/1'(e, [f], input, env) {
    for (const item of e.evaluate(f!, input, env)) {
      yield item;
      return;
    }
  },
  *'last/0'(_e, _args, input) {
    yield fresh((input.value as unknown[] | null)?.at(-1) ?? null);
  },
  *'last/1'(e, [f], input, env) {
    let last: Item | undefined;
    for (const item of e.evaluate(f!, input, env)) last = item;
    if (last) yield last;
  },
  *'nth/1'(e, [n], input, env) {
    for (const i of e.values(n!, input.value, env)) yield fresh((input.value as unknown[])[i as number] ?? null);
  },
  *'nth/2'(e, [n, f], input, env) {
    for (const i of e.values(n!, input.value, env)) {
      if ((i as number) < 0) throw new JqError('Out of bounds negative array index');
      let at = 0;
      for (const item of e.evaluate(f!, input, env))
        if (at++ === i) {
          yield item;
          break;
        }
    }
  },
  *'limit/2'(e, [n, f], input, env) {
    for (const count of e.values(n!, input.value, env)) {
      let left = count as number;
      if (left <= 0) continue;
      for (const item of e.evaluate(f!, input, env)) {
        yield item;
        if (--left <= 0) break;
      }
    }
  },
  *'until/2'(e, [test, next], input, env) {
    let value = input.value;
    while (!truthy(firstOf(e.values(test!, value, env)).value)) {
      e.step();
      const following = firstOf(e.values(next!, value, env));
      if (following.done) return;
      value = following.value;
    }
    yield fresh(value);
  },
  *'while/2'(e, [test, next], input, env) {
    let value = input.value;
    while (truthy(firstOf(e.values(test!, value, env)).value)) {
      e.step();
      yield fresh(value);
      const following = firstOf(e.values(next!, value, env));
      if (following.done) return;
      value = following.value;
    }
  },
  *'repeat/1'(e, [f], input, env) {
    let value = input.value;
    for (;;) {
      e.step();
      yield fresh(value);
      const following = firstOf(e.values(f!, value, env));
      if (following.done) return;
      value = following.value;
    }
  },
  *'isempty/1'(e, [f], input, env) {
    yield fresh(firstOf(e.values(f!, input.value, env)).done === true);
  },
  *'error/0'(_e, _args, input) {
    throw new JqError(input.value);
    yield input;
  },
  *'add/1'(e, [f], input, env) {
    let sum: unknown = null;
    for (const v of e.values(f!, input.value, env)) sum = binary('+', sum, v);
    yield fresh(sum);
  },
  *'any/1'(e, [f], input, env) {
    yield fresh([...e.iterate(input)].some((i) => [...e.values(f!, i.value, env)].some(truthy)));
  },
  *'all/1'(e, [f], input, env) {
    yield fresh([...e.iterate(input)].every((i) => [...e.values(f!, i.value, env)].every(truthy)));
  },
  *'any/2'(e, [g, f], input, env) {
    for (const v of e.values(g!, input.value, env))
      for (const r of e.values(f!, v, env)) if (truthy(r)) return yield fresh(true);
    yield fresh(false);
  },
  *'all/2'(e, [g, f], input, env) {
    for (const v of e.values(g!, input.value, env))
      for (const r of e.values(f!, v, env)) if (!truthy(r)) return yield fresh(false);
    yield fresh(true);
  },
  *'sort_by/1'(e, args, input, env) {
    yield fresh([...keyed(e, args, input, env)].sort((a, b) => compare(a.key, b.key)).map((p) => p.value));
  },
  *'group_by/1'(e, args, input, env) {
    const groups: { key: unknown; items: unknown[] }[] = [];
    for (const p of [...keyed(e, args, input, env)].sort((a, b) => compare(a.key, b.key))) {
      const last = groups.at(-1);
      if (last && compare(last.key, p.key) === 0) last.items.push(p.value);
      else groups.push({ key: p.key, items: [p.value] });
    }
    yield fresh(groups.map((g) => g.items));
  },
  *'unique_by/1'(e, args, input, env) {
    yield fresh(unique([...keyed(e, args, input, env)]));
  },
  *'min_by/1'(e, args, input, env) {
    const all = [...keyed(e, args, input, env)];
    yield fresh(all.length === 0 ? null : all.reduce((a, b) => (compare(b.key, a.key) < 0 ? b : a)).value);
  },
  *'max_by/1'(e, args, input, env) {
    const all = [...keyed(e, args, input, env)];
    yield fresh(all.length === 0 ? null : all.reduce((a, b) => (compare(b.key, a.key) >= 0 ? b : a)).value);
  },
  *'with_entries/1'(e, [f], input, env) {
    const entries = tabulate(input.value) as unknown[];
    const out: unknown[] = [];
    for (const entry of entries) for (const v of e.values(f!, entry, env)) out.push(v);
    yield fresh(fromEntries(out));
  },
  *'path/1'(e, [f], input, env) {
    for (const { path } of e.paths(f!, input.value, env)) yield fresh([...path]);
  },
  *'paths/0'(_e, _args, input) {
    for (const path of walkPaths(input.value)) yield fresh(path);
  },
  *'paths/1'(e, [f], input, env) {
    for (const path of walkPaths(input.value))
      if (truthy(firstOf(e.values(f!, getPath(input.value, path), env)).value)) yield fresh(path);
  },
  *'leaf_paths/0'(_e, _args, input) {
    for (const path of walkPaths(input.value))
      if (typeof getPath(input.value, path) !== 'object' || getPath(input.value, path) === null) yield fresh(path);
  },
  *'del/1'(e, [f], input, env) {
    yield fresh(
      deletePaths(
        input.value,
        [...e.paths(f!, input.value, env)].map((p) => p.path),
      ),
    );
  },
  *'to_entries/0'(_e, _args, input) {
    yield fresh(tabulate(input.value));
  },
  *'pick/1'(e, [f], input, env) {
    let out: unknown = null;
    for (const { path } of e.paths(f!, input.value, env)) out = setPath(out, path, getPath(input.value, path));
    yield fresh(out);
  },
  *'getpath/1'(e, [p], input, env) {
    for (const path of e.values(p!, input.value, env)) {
      const keysOf = array(path, 'Path must be specified as an array');
      yield { value: getPath(input.value, keysOf), path: input.path && [...input.path, ...keysOf] };
    }
  },
  *'walk/1'(e, [f], input, env) {
    function* walk(value: unknown): Generator<unknown> {
      let inner = value;
      if (Array.isArray(value)) inner = value.flatMap((v: unknown) => [...walk(v)]);
      else if (isObject(value)) {
        const out: JsonObject = {};
        for (const [k, v] of Object.entries(value)) {
          const first = firstOf(walk(v));
          if (!first.done) setOwn(out, k, first.value);
        }
        inner = out;
      }
      yield* e.values(f!, inner, env);
    }
    for (const v of walk(input.value)) yield fresh(v);
  },
  *'test/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env)) yield fresh(matches(input.value, p, null).length > 0);
  },
  *'test/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env)) yield fresh(matches(input.value, p, f).length > 0);
  },
  *'match/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env)) for (const m of matches(input.value, p, null)) yield fresh(m);
  },
  *'match/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env)) for (const m of matches(input.value, p, f)) yield fresh(m);
  },
  *'capture/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, null)) yield fresh(captured(m));
  },
  *'capture/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, f)) yield fresh(captured(m));
  },
  *'scan/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, null, true))
        yield fresh(m.captures.length > 0 ? m.captures.map((c) => c.string) : m.string);
  },
  *'scan/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, f, true))
        yield fresh(m.captures.length > 0 ? m.captures.map((c) => c.string) : m.string);
  },
  *'split/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env)) yield fresh(splitByRegex(input.value, p, f));
  },
  *'splits/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env))
      for (const part of splitByRegex(input.value, p, null)) yield fresh(part);
  },
  *'splits/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env))
      for (const part of splitByRegex(input.value, p, f)) yield fresh(part);
  },
  'sub/2': (e, args, input, env) => substitute(e, args, input, env, false),
  'sub/3': (e, args, input, env) => substitute(e, args, input, env, false),
  'gsub/2': (e, args, input, env) => substitute(e, args, input, env, true),
  'gsub/3': (e, args, input, env) => substitute(e, args, input, env, true),
  *'input/0'(e) {
    const value = e.host.nextInput();
    if (value === undefined) throw new JqError('No more inputs');
    yield fresh(value);
  },
  *'inputs/0'(e) {
    for (let value = e.host.nextInput(); value !== undefined; value = e.host.nextInput()) yield fresh(value);
  },
  *'debug/0'(e, _args, input) {
    e.host.debug(input.value);
    yield input;
  },
  *'debug/1'(e, [message], input, env) {
    for (const m of e.values(message!, input.value, env)) e.host.debug(m);
    yield input;
  },
  *'stderr/0'(e, _args, input) {
    e.host.debug(input.value);
    yield input;
  },
  'values/0': typeFilter((v) => v !== null),
  'nulls/0': typeFilter((v) => v === null),
  'strings/0': typeFilter((v) => typeof v === 'string'),
  'numbers/0': typeFilter((v) => typeof v === 'number'),
  'booleans/0': typeFilter((v) => typeof v === 'boolean'),
  'arrays/0': typeFilter(Array.isArray),
  'objects/0': typeFilter(isObject),
  'iterables/0': typeFilter((v) => typeof v === 'object' && v !== null),
  'scalars/0': typeFilter((v) => typeof v !== 'object' || v === null),
  *'ascii/0'(_e, _args, input) {
    yield fresh(String.fromCharCode(number(input.value, 'is no code point')));
  },
  *'IN/1'(e, [s], input, env) {
    for (const v of e.values(s!, input.value, env)) if (compare(v, input.value) === 0) return yield fresh(true);
    yield fresh(false);
  },
  *'IN/2'(e, [a, b], input, env) {
    for (const x of e.values(a!, input.value, env))
      for (const y of e.values(b!, input.value, env)) if (compare(x, y) === 0) return yield fresh(true);
    yield fresh(false);
  },
  *'INDEX/1'(e, [f], input, env) {
    const out: JsonObject = {};
    for (const row of e.iterate(input))
      for (const k of e.values(f!, row.value, env)) setOwn(out, typeof k === 'string' ? k : toJson(k), row.value);
    yield fresh(out);
  },
  *'combinations/0'(_e, _args, input) {
    function* product(lists: unknown[][], i: number, made: unknown[]): Generator<unknown[]> {
      if (i === lists.length) yield made;
      else for (const v of lists[i]!) yield* product(lists, i + 1, [...made, v]);
    }
    for (const c of product(input.value as unknown[][], 0, [])) yield fresh(c);
  },
};

function splitByRegex(value: unknown, pattern: unknown, flags: unknown): string[] {
  const found = matches(value, pattern, flags, true);
  const chars = [...(value as string)];
  const parts: string[] = [];
  let at = 0;
  for (const m of found) {
    parts.push(chars.slice(at, m.offset).join(''));
    at = m.offset + m.length;
  }
  return [...parts, chars.slice(at).join('')];
}

/** @throws JqError if there is no such function */
export function* callBuiltin(e: Evaluator, name: string, args: Node[], input: Item, env: Environment): Generator<Item> {
  const key = `${name}/${args.length}`;
  const lazy = own(special, key);
  if (lazy) {
    yield* lazy(e, args, input, env);
    return;
  }
  const plain = own(simple, key);
  if (!plain) throw new JqError(`${key} is not defined`);
  for (const values of combinations(e, args, input, env)) yield fresh(plain(input.value, values, e));
}

/** Whether there is a built-in of that name and number of arguments. */
export function isBuiltin(key: string): boolean {
  return Object.hasOwn(simple, key) || Object.hasOwn(special, key);
}
