import { parserError, YamlError, type Mark } from './error.ts';
import { resolveCore, resolvePlain, type Resolved } from './resolve.ts';
import { Scanner, type Token } from './scanner.ts';

export { YamlError };

/** What differs between the two libraries that kubectl contains. */
export interface Dialect {
  /** The value of a plain scalar. */
  readonly resolve: (text: string) => Resolved;
  /** Told when a mapping has a key again. Lines count from 1. */
  readonly onDuplicate?: (key: string, line: number, first: number) => void;
}

const usual: Dialect = { resolve: resolvePlain };

/** The first document of a text as JSON data; undefined if there is none. @throws YamlError */
export function loadYaml(text: string): unknown {
  return new Composer(text, usual).document();
}

/** Like `loadYaml`, as version 3 of the library decodes (kustomize reads resources with it). @throws YamlError */
export function loadYamlCore(text: string, onDuplicate?: Dialect['onDuplicate']): unknown {
  return new Composer(text, { resolve: resolveCore, ...(onDuplicate ? { onDuplicate } : {}) }).document();
}

/** All documents of a text. @throws YamlError */
export function loadYamlDocuments(text: string): unknown[] {
  const composer = new Composer(text, usual);
  const documents: unknown[] = [];
  for (;;) {
    const value = composer.document();
    if (value === undefined) return documents;
    documents.push(value);
  }
}

interface Anchor {
  value: unknown;
  /** Values that an alias stands for. */
  size: number;
  open: boolean;
}

/** Nesting beyond this is refused. */
const maximalDepth = 10_000;

/** Builds values from tokens: libyaml's grammar, and the decoding rules of kubectl's library on top. */
class Composer {
  readonly #scanner: Scanner;
  readonly #dialect: Dialect;
  #anchors = new Map<string, Anchor>();
  #decoded = 0;
  #aliased = 0;
  #depth = 0;
  #first = true;
  #begun = false;

  constructor(text: string, dialect: Dialect) {
    this.#dialect = dialect;
    if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/.test(text))
      throw new YamlError('control characters are not allowed');
    this.#scanner = new Scanner(text);
  }

  document(): unknown {
    const s = this.#scanner;
    while (this.#begun && s.peek().type === 'document-end') s.next();
    this.#begun = true;
    if (s.peek().type === 'stream-end') return undefined;
    if (s.peek().type === 'document-end') throw parserError('did not find expected node content', s.peek().start);
    let explicit = false;
    while (s.peek().type === 'directive') {
      explicit = true;
      const { value, start } = s.next();
      const version = /^%YAML\s+(\d+)\.(\d+)/.exec(value);
      if (version && version[1] !== '1') throw parserError('found incompatible YAML document', start);
    }
    if (s.peek().type === 'document-start') s.next();
    else if (explicit || !this.#first) throw parserError('did not find expected <document start>', s.peek().start);
    this.#first = false;
    this.#anchors = new Map();
    if (['document-start', 'document-end', 'stream-end'].includes(s.peek().type)) return null;
    const value = this.#node(true, false);
    if (s.peek().type === 'document-end') this.#first = true;
    return value;
  }

  /** @param indentless a sequence may begin without indentation, as it may below a key */
  #node(block: boolean, indentless: boolean): unknown {
    const s = this.#scanner;
    const start = s.peek().start;
    this.#count(1);
    if (s.peek().type === 'alias') return this.#alias(s.next());
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      const { type } = s.peek();
      if (type === 'anchor' && anchor === undefined) anchor = s.next().value;
      else if (type === 'tag' && tag === undefined) tag = s.next().value;
      else break;
    }
    if (++this.#depth > maximalDepth) throw new YamlError('exceeded max depth of 10000');
    const known: Anchor | undefined = anchor === undefined ? undefined : { value: undefined, size: 0, open: true };
    if (anchor !== undefined && known) this.#anchors.set(anchor, known);
    const before = this.#decoded;
    const value = this.#content(block, indentless, tag, start, anchor !== undefined || tag !== undefined);
    this.#depth--;
    if (known) {
      known.value = value;
      known.size = this.#decoded - before + 1;
      known.open = false;
    }
    return value;
  }

  #content(block: boolean, indentless: boolean, tag: string | undefined, start: Mark, hasProperties: boolean): unknown {
    const s = this.#scanner;
    const token = s.peek();
    if (indentless && token.type === 'block-entry') return this.#indentlessSequence();
    switch (token.type) {
      case 'scalar':
        s.next();
        return scalarValue(token, tag, this.#dialect.resolve);
      case 'flow-sequence-start':
        return this.#flowSequence();
      case 'flow-mapping-start':
        return this.#flowMapping();
      case 'block-sequence-start':
        if (block) return this.#blockSequence();
        break;
      case 'block-mapping-start':
        if (block) return this.#blockMapping();
        break;
    }
    // An anchor or tag alone stands for an empty value.
    if (hasProperties) return tag === '!!str' || tag === '!' ? '' : null;
    throw parserError('did not find expected node content', token.start);
  }

  #alias(token: Token): unknown {
    const anchor = this.#anchors.get(token.value);
    if (!anchor) throw new YamlError(`unknown anchor '${token.value}' referenced`);
    if (anchor.open) throw new YamlError(`anchor '${token.value}' value contains itself`);
    this.#aliased += anchor.size;
    this.#count(anchor.size);
    return anchor.value;
  }

  /** Counts values as if aliases were written out: small texts must not stand for huge data. */
  #count(values: number): void {
    this.#decoded += values;
    if (this.#aliased <= 100 || this.#decoded <= 1000) return;
    const [low, high] = [400_000, 4_000_000];
    const allowed =
      this.#decoded <= low ? 0.99 : this.#decoded >= high ? 0.1 : 0.99 - 0.89 * ((this.#decoded - low) / (high - low));
    if (this.#aliased / this.#decoded > allowed) throw new YamlError('document contains excessive aliasing');
  }

  #blockSequence(): unknown[] {
    const s = this.#scanner;
    s.next();
    const items: unknown[] = [];
    for (;;) {
      const token = s.peek();
      if (token.type === 'block-entry') {
        s.next();
        items.push(['block-entry', 'block-end'].includes(s.peek().type) ? null : this.#node(true, false));
      } else if (token.type === 'block-end') {
        s.next();
        return items;
      } else throw parserError("did not find expected '-' indicator", token.start);
    }
  }

  #indentlessSequence(): unknown[] {
    const s = this.#scanner;
    const items: unknown[] = [];
    while (s.peek().type === 'block-entry') {
      s.next();
      const empty = ['block-entry', 'key', 'value', 'block-end'].includes(s.peek().type);
      items.push(empty ? null : this.#node(true, false));
    }
    return items;
  }

  #blockMapping(): unknown {
    const s = this.#scanner;
    s.next();
    const map = new Mapping(this.#dialect);
    for (;;) {
      const token = s.peek();
      if (token.type === 'block-end') {
        s.next();
        return map.value();
      }
      if (token.type !== 'key' && token.type !== 'value') throw parserError('did not find expected key', token.start);
      let key: unknown = null;
      let plainKey = false;
      const { line } = token.start;
      if (token.type === 'key') {
        s.next();
        if (!['key', 'value', 'block-end'].includes(s.peek().type)) {
          plainKey = s.peek().plain === true;
          key = this.#node(true, true);
        }
      }
      let value: unknown = null;
      if (s.peek().type === 'value') {
        s.next();
        if (!['key', 'value', 'block-end'].includes(s.peek().type)) value = this.#node(true, true);
      }
      map.add(key, value, plainKey, line);
    }
  }

  #flowSequence(): unknown[] {
    const s = this.#scanner;
    s.next();
    const items: unknown[] = [];
    for (let first = true; s.peek().type !== 'flow-sequence-end'; first = false) {
      if (!first) {
        if (s.peek().type !== 'flow-entry') throw parserError("did not find expected ',' or ']'", s.peek().start);
        s.next();
        if (s.peek().type === 'flow-sequence-end') break;
      }
      if (s.peek().type === 'key') {
        s.next();
        const map = new Mapping(this.#dialect);
        this.#flowPair(map, 'flow-sequence-end');
        items.push(map.value());
      } else items.push(this.#node(false, false));
    }
    s.next();
    return items;
  }

  #flowMapping(): unknown {
    const s = this.#scanner;
    s.next();
    const map = new Mapping(this.#dialect);
    for (let first = true; s.peek().type !== 'flow-mapping-end'; first = false) {
      if (!first) {
        if (s.peek().type !== 'flow-entry') throw parserError("did not find expected ',' or '}'", s.peek().start);
        s.next();
        if (s.peek().type === 'flow-mapping-end') break;
      }
      if (s.peek().type === 'key') {
        s.next();
        this.#flowPair(map, 'flow-mapping-end');
      } else if (s.peek().type === 'value') this.#flowPair(map, 'flow-mapping-end');
      else map.add(this.#node(false, false), null, false, s.peek().start.line);
    }
    s.next();
    return map.value();
  }

  /** A key with its value, both possibly missing. */
  #flowPair(map: Mapping, end: Token['type']): void {
    const s = this.#scanner;
    const plainKey = s.peek().plain === true;
    const { line } = s.peek().start;
    const key = ['value', 'flow-entry', end].includes(s.peek().type) ? null : this.#node(false, false);
    let value: unknown = null;
    if (s.peek().type === 'value') {
      s.next();
      if (!['flow-entry', end].includes(s.peek().type)) value = this.#node(false, false);
    }
    map.add(key, value, plainKey, line);
  }
}

/** Members of an object; of equal keys the last one counts, merged ones (`<<`) yield to all others. */
class Mapping {
  readonly #own: [string, unknown][] = [];
  readonly #lines = new Map<string, number>();
  readonly #onDuplicate: Dialect['onDuplicate'];
  #merged: Record<string, unknown> = {};

  constructor({ onDuplicate }: Dialect) {
    this.#onDuplicate = onDuplicate;
  }

  add(key: unknown, value: unknown, plainKey: boolean, line: number): void {
    if (key === '<<' && plainKey) {
      const sources = Array.isArray(value) ? (value as unknown[]) : [value];
      for (const source of [...sources].reverse()) {
        if (source === null || typeof source !== 'object' || Array.isArray(source))
          throw new YamlError('map merge requires map or sequence of maps as the value');
        this.#merged = { ...this.#merged, ...(source as Record<string, unknown>) };
      }
      return;
    }
    const text = keyText(key, value);
    if (this.#onDuplicate) {
      const first = this.#lines.get(text);
      if (first !== undefined) this.#onDuplicate(text, line + 1, first + 1);
      else this.#lines.set(text, line);
    }
    this.#own.push([text, value]);
  }

  value(): Record<string, unknown> {
    const map: Record<string, unknown> = { ...this.#merged };
    // Not by assignment: `__proto__` is a key like any other.
    for (const [key, value] of this.#own)
      Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
    return map;
  }
}

function keyText(key: unknown, value: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean') return String(key);
  if (key === null)
    throw new UnsupportedKey(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${JSON.stringify(value)}`);
  throw new YamlError(`invalid map key: ${goLiteral(key)}`);
}

/** Keys that YAML has and JSON does not; worded without `yaml:`. */
class UnsupportedKey extends YamlError {
  constructor(message: string) {
    super('');
    this.message = message;
  }
}

function goLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goLiteral).join(', ')}}`;
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'object')
    return `map[interface {}]interface {}{${Object.entries(value)
      .map(([k, v]) => `${JSON.stringify(k)}:${goLiteral(v)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

function scalarValue(token: Token, tag: string | undefined, resolve: Dialect['resolve']): unknown {
  const { value: text } = token;
  const short = tag?.replace(/^!<tag:yaml\.org,2002:(.*)>$/, '!!$1');
  switch (short) {
    case undefined:
      break;
    case '!!str':
    case '!':
      return text;
    case '!!binary': {
      const clean = text.replace(/\s/g, '');
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean) || clean.length % 4 !== 0)
        throw new YamlError('!!binary value contains invalid base64 data');
      return text;
    }
    case '!!int':
    case '!!float':
    case '!!bool':
    case '!!null': {
      const resolved = resolve(text);
      const wanted = short.slice(2);
      if (resolved.type === wanted || (wanted === 'float' && resolved.type === 'int')) return resolved.value;
      const actual = resolved.type === 'string' ? 'str' : resolved.type;
      throw new YamlError(`cannot decode !!${actual} \`${text}\` as a ${short}`);
    }
    default:
      return text;
  }
  return token.plain ? resolve(text).value : text;
}
