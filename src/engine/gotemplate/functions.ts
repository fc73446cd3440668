import { quote, sprint, sprintf, sprintln } from './format.ts';
import { compareStrings, entry, isTrue, kindOf, typeName } from './value.ts';

/** What a template may call. Arguments come as plain values (see `Value`); an Error thrown becomes the template's. */
export interface GoFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [least: number, most: number];
  /** The declared parameter types, where they are not `interface {}`; the last one goes for the rest. */
  readonly parameters?: readonly ('string' | 'int' | 'bool' | 'any')[];
  readonly call: (...args: never[]) => unknown;
}

export type FunctionMap = Readonly<Record<string, GoFunction>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const many = Infinity;

function define(least: number, most: number, call: (...args: never[]) => unknown): GoFunction {
  return { arity: [least, most], call };
}

/** `and` and `or` are absent here: they don't evaluate all their arguments, so the executor does them itself. */
export const builtins: FunctionMap = {
  call: define(1, many, () => {
    throw new Error('call of nil');
  }),
  html: define(0, many, (...args: unknown[]) => escapeHtml(textOf(args))),
  index: define(1, many, index),
  js: define(0, many, (...args: unknown[]) => escapeJs(textOf(args))),
  len: define(1, 1, length),
  not: define(1, 1, (value: unknown) => !isTrue(value)),
  print: define(0, many, sprint as GoFunction['call']),
  printf: { arity: [1, many], parameters: ['string', 'any'], call: sprintf as GoFunction['call'] },
  println: define(0, many, sprintln as GoFunction['call']),
  slice: define(1, many, slice),
  urlquery: define(0, many, (...args: unknown[]) => queryEscape(textOf(args))),
  eq: define(1, many, (first: unknown, ...rest: unknown[]) => equal(first, rest)),
  ne: define(2, 2, (a: unknown, b: unknown) => !equal(a, [b])),
  lt: define(2, 2, less),
  le: define(2, 2, (a: unknown, b: unknown) => less(a, b) || equal(a, [b])),
  gt: define(2, 2, (a: unknown, b: unknown) => !(less(a, b) || equal(a, [b]))),
  ge: define(2, 2, (a: unknown, b: unknown) => !less(a, b)),
};

function textOf(args: readonly unknown[]): string {
  return args.length === 1 && typeof args[0] === 'string' ? args[0] : sprint(...args);
}

function indexOf(value: unknown, length: number, inclusive: boolean): number {
  if (kindOf(value) === 'nil' || kindOf(value) === 'invalid') throw new Error('cannot index slice/array with nil');
  if (typeof value !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(value)}`);
  const at = Number(value);
  if (at < 0 || (inclusive ? at > length : at >= length)) throw new Error(`index out of range: ${at}`);
  return at;
}

function index(item: unknown, ...keys: unknown[]): unknown {
  if (kindOf(item) === 'invalid' || kindOf(item) === 'nil') throw new Error('index of untyped nil');
  let current = item;
  for (const key of keys) {
    switch (kindOf(current)) {
      case 'slice': {
        const list = current as readonly unknown[];
        current = list[indexOf(key, list.length, false)];
        break;
      }
      case 'string': {
        const bytes = encoder.encode(current as string);
        current = BigInt(bytes[indexOf(key, bytes.length, false)]!);
        break;
      }
      case 'map':
        if (kindOf(key) === 'nil' || kindOf(key) === 'invalid')
          throw new Error('value is nil; should be of type string');
        if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`);
        current = entry(current as Record<string, unknown>, key) ?? null;
        break;
      case 'nil':
      case 'invalid':
        throw new Error('index of nil pointer');
      default:
        throw new Error(`can't index item of type ${typeName(current)}`);
    }
  }
  return current;
}

function slice(item: unknown, ...indexes: unknown[]): unknown {
  const kind = kindOf(item);
  if (kind === 'invalid' || kind === 'nil') throw new Error('slice of untyped nil');
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  if (kind !== 'string' && kind !== 'slice') throw new Error(`can't slice item of type ${typeName(item)}`);
  if (kind === 'string' && indexes.length === 3) throw new Error('cannot 3-index slice a string');
  const whole = kind === 'string' ? encoder.encode(item as string) : (item as readonly unknown[]);
  const [from = 0, to = whole.length] = indexes.map((i) => indexOf(i, whole.length, true));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return whole instanceof Uint8Array ? decoder.decode(whole.slice(from, to)) : whole.slice(from, to);
}

function length(value: unknown): bigint {
  switch (kindOf(value)) {
    case 'string':
      return BigInt(encoder.encode(value as string).length);
    case 'slice':
      return BigInt((value as readonly unknown[]).length);
    case 'map':
      return BigInt(Object.keys(value as object).length);
    case 'nil':
      throw new Error('len of nil pointer');
    case 'invalid':
      throw new Error('reflect: call of reflect.Value.Type on zero Value');
    default:
      throw new Error(`len of type ${typeName(value)}`);
  }
}

function equal(first: unknown, rest: readonly unknown[]): boolean {
  if (rest.length === 0) throw new Error('missing argument for comparison');
  const kind = kindOf(first);
  const absent = (k: string) => k === 'nil' || k === 'invalid';
  for (const other of rest) {
    const otherKind = kindOf(other);
    if (absent(kind) || absent(otherKind)) {
      if (absent(kind) && absent(otherKind)) return true;
      continue;
    }
    if (kind !== otherKind)
      throw new Error(`incompatible types for comparison: ${typeName(first)} and ${typeName(other)}`);
    if (kind === 'map' || kind === 'slice') throw new Error(`non-comparable type ${sprint(first)}: ${typeName(first)}`);
    if (first === other) return true;
  }
  return false;
}

function less(a: unknown, b: unknown): boolean {
  const kinds = [kindOf(a), kindOf(b)];
  if (kinds.some((k) => !['bool', 'int', 'float', 'string'].includes(k)))
    throw new Error('invalid type for comparison');
  if (kinds[0] !== kinds[1]) throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  if (kinds[0] === 'bool') throw new Error('invalid type for comparison');
  if (typeof a === 'string') return compareStrings(a, b as string) < 0;
  return (a as number | bigint) < (b as number | bigint);
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '\0': '\ufffd',
    '"': '&#34;',
    "'": '&#39;',
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
  };
  return [...text].map((c) => entities[c] ?? c).join('');
}

function escapeJs(text: string): string {
  const escapes: Record<string, string> = {
    '\\': '\\\\',
    "'": "\\'",
    '"': '\\"',
    '<': '\\u003C',
    '>': '\\u003E',
    '&': '\\u0026',
    '=': '\\u003D',
  };
  return [...text]
    .map((c) => {
      const known = escapes[c];
      if (known) return known;
      const code = c.codePointAt(0)!;
      if (code < 0x20 || code === 0x7f) return '\\u' + code.toString(16).toUpperCase().padStart(4, '0');
      return code < 0x80 || quote(c) === `"${c}"` ? c : '\\u' + code.toString(16).toUpperCase().padStart(4, '0');
    })
    .join('');
}

/** url.QueryEscape. */
function queryEscape(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) {
    const c = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(c)) out += c;
    else out += c === ' ' ? '+' : '%' + byte.toString(16).toUpperCase().padStart(2, '0');
  }
  return out;
}
