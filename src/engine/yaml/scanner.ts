import { scannerError, type Mark } from './error.ts';
import { scanBlockScalar, scanPlain, scanQuoted } from './scalars.ts';
import { TextReader } from './reader.ts';

export type TokenType =
  | 'stream-end'
  | 'directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  type: TokenType;
  start: Mark;
  value: string;
  /** Of scalars: without quotes, so that it may be a number. */
  plain?: boolean;
}

/** A place where a key may turn out to begin, once a `:` follows on the same line. */
interface SimpleKey {
  required: boolean;
  tokenNumber: number;
  at: number;
  mark: Mark;
}

/** Splits a text into the tokens of YAML 1.1 as libyaml does, so that errors are found where it finds them. */
export class Scanner {
  readonly #reader: TextReader;
  readonly #tokens: Token[] = [];
  #parsed = 0;
  #done = false;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #keyAllowed = true;
  /** One for each flow level. */
  readonly #keys: (SimpleKey | undefined)[] = [undefined];

  constructor(text: string) {
    this.#reader = new TextReader(text);
  }

  peek(): Token {
    for (;;) {
      this.#dropStaleKeys();
      const waiting = this.#keys.some((key) => key?.tokenNumber === this.#parsed);
      if (this.#tokens.length > 0 && !waiting) return this.#tokens[0]!;
      if (this.#done && this.#tokens.length > 0) return this.#tokens[0]!;
      this.#fetch();
    }
  }

  next(): Token {
    const token = this.peek();
    if (token.type !== 'stream-end') {
      this.#tokens.shift();
      this.#parsed++;
    }
    return token;
  }

  #push(type: TokenType, start: Mark, value = '', plain?: boolean): void {
    this.#tokens.push({ type, start, value, plain });
  }

  #fetch(): void {
    const r = this.#reader;
    this.#toNextToken();
    this.#dropStaleKeys();
    this.#unroll(r.column);
    const mark = r.mark();
    const c = r.peek();
    if (c === '') {
      this.#unroll(-1);
      this.#removeKey();
      this.#keyAllowed = false;
      this.#done = true;
      return this.#push('stream-end', mark);
    }
    if (r.column === 0 && c === '%') return this.#directive(mark);
    if (r.column === 0 && (r.startsWith('---') || r.startsWith('...')) && r.blankAt(3)) {
      this.#unroll(-1);
      this.#removeKey();
      this.#keyAllowed = false;
      r.skip(3);
      return this.#push(c === '-' ? 'document-start' : 'document-end', mark);
    }
    const next = r.blankAt(1);
    switch (c) {
      case '[':
      case '{':
        this.#saveKey();
        this.#keys.push(undefined);
        this.#flowLevel++;
        this.#keyAllowed = true;
        r.skip(1);
        return this.#push(c === '[' ? 'flow-sequence-start' : 'flow-mapping-start', mark);
      case ']':
      case '}':
        this.#removeKey();
        if (this.#flowLevel > 0) {
          this.#flowLevel--;
          this.#keys.pop();
        }
        this.#keyAllowed = false;
        r.skip(1);
        return this.#push(c === ']' ? 'flow-sequence-end' : 'flow-mapping-end', mark);
      case ',':
        this.#removeKey();
        this.#keyAllowed = true;
        r.skip(1);
        return this.#push('flow-entry', mark);
      case '-':
        if (next) return this.#blockEntry(mark);
        break;
      case '?':
        if (this.#flowLevel > 0 || next) return this.#key(mark);
        break;
      case ':':
        if (this.#flowLevel > 0 || next) return this.#value(mark);
        break;
      case '*':
      case '&':
        return this.#anchor(c, mark);
      case '!':
        this.#saveKey();
        this.#keyAllowed = false;
        return this.#push('tag', mark, this.#tag());
      case '|':
      case '>':
        if (this.#flowLevel === 0) {
          this.#removeKey();
          this.#keyAllowed = true;
          return this.#push('scalar', mark, scanBlockScalar(r, c === '|', this.#indent));
        }
        break;
      case "'":
      case '"':
        this.#saveKey();
        this.#keyAllowed = false;
        return this.#push('scalar', mark, scanQuoted(r, c === "'"));
    }
    const indicator = '-?:,[]{}#&*!|>\'"%@`'.includes(c);
    const startsPlain =
      !(r.blankAt(0) || indicator) ||
      (c === '-' && !next) ||
      (this.#flowLevel === 0 && (c === '?' || c === ':') && !next);
    if (!startsPlain) throw scannerError('found character that cannot start any token', mark);
    this.#saveKey();
    this.#keyAllowed = false;
    const { value, brokeLine } = scanPlain(r, this.#indent, this.#flowLevel > 0);
    if (brokeLine) this.#keyAllowed = true;
    this.#push('scalar', mark, value, true);
  }

  #toNextToken(): void {
    const r = this.#reader;
    for (;;) {
      if (r.at === 0 && r.peek() === '\uFEFF') r.skip(1);
      // Tabs may not indent block structure.
      while (r.peek() === ' ' || ((this.#flowLevel > 0 || !this.#keyAllowed) && r.peek() === '\t')) r.skip(1);
      if (r.peek() === '#') while (r.peek() !== '' && !r.breakAt(0)) r.skip(1);
      if (!r.breakAt(0)) return;
      r.skipLine();
      if (this.#flowLevel === 0) this.#keyAllowed = true;
    }
  }

  #blockEntry(mark: Mark): void {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw scannerError('block sequence entries are not allowed in this context', mark);
      this.#roll(mark.column, 'block-sequence-start', mark);
    }
    this.#removeKey();
    this.#keyAllowed = true;
    this.#reader.skip(1);
    this.#push('block-entry', mark);
  }

  #key(mark: Mark): void {
    if (this.#flowLevel === 0) {
      if (!this.#keyAllowed) throw scannerError('mapping keys are not allowed in this context', mark);
      this.#roll(mark.column, 'block-mapping-start', mark);
    }
    this.#removeKey();
    this.#keyAllowed = this.#flowLevel === 0;
    this.#reader.skip(1);
    this.#push('key', mark);
  }

  #value(mark: Mark): void {
    const key = this.#keys.at(-1);
    if (key) {
      const at = key.tokenNumber - this.#parsed;
      this.#tokens.splice(at, 0, { type: 'key', start: key.mark, value: '' });
      this.#roll(key.mark.column, 'block-mapping-start', key.mark, at);
      this.#keys[this.#keys.length - 1] = undefined;
      this.#keyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#keyAllowed) throw scannerError('mapping values are not allowed in this context', mark);
        this.#roll(mark.column, 'block-mapping-start', mark);
      }
      this.#keyAllowed = this.#flowLevel === 0;
    }
    this.#reader.skip(1);
    this.#push('value', mark);
  }

  #anchor(indicator: '*' | '&', mark: Mark): void {
    const r = this.#reader;
    this.#saveKey();
    this.#keyAllowed = false;
    r.skip(1);
    let name = '';
    while (/[0-9A-Za-z_-]/.test(r.peek())) name += r.take();
    const c = r.peek();
    if (name === '' || !(r.blankAt(0) || '?:,]}%@`'.includes(c)))
      throw scannerError('did not find expected alphabetic or numeric character', r.mark());
    this.#push(indicator === '*' ? 'alias' : 'anchor', mark, name);
  }

  #tag(): string {
    const r = this.#reader;
    let text = r.take();
    if (r.peek() === '<') {
      while (r.peek() !== '' && r.peek() !== '>' && !r.blankAt(0)) text += r.take();
      if (r.peek() !== '>') throw scannerError("did not find the expected '>'", r.mark());
      text += r.take();
    } else while (!r.blankAt(0) && !(this.#flowLevel > 0 && ',[]{}'.includes(r.peek()))) text += r.take();
    if (!r.blankAt(0) && !(this.#flowLevel > 0 && ','.includes(r.peek())))
      throw scannerError('did not find expected whitespace or line break', r.mark());
    return text;
  }

  #directive(mark: Mark): void {
    const r = this.#reader;
    this.#unroll(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    let text = '';
    while (r.peek() !== '' && !r.breakAt(0)) text += r.take();
    const [name = ''] = /^[0-9A-Za-z_-]*/.exec(text.slice(1))!;
    if (name === '') throw scannerError('could not find expected directive name', r.mark());
    if (name !== 'YAML' && name !== 'TAG') throw scannerError('found unknown directive name', r.mark());
    this.#push('directive', mark, text);
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    const { column } = this.#reader;
    this.#removeKey();
    this.#keys[this.#keys.length - 1] = {
      required: this.#flowLevel === 0 && this.#indent === column,
      tokenNumber: this.#parsed + this.#tokens.length,
      at: this.#reader.at,
      mark: this.#reader.mark(),
    };
  }

  #removeKey(): void {
    const key = this.#keys.at(-1);
    if (key?.required) throw scannerError("could not find expected ':'", this.#reader.mark());
    this.#keys[this.#keys.length - 1] = undefined;
  }

  /** A key must end on its line, within 1024 characters. */
  #dropStaleKeys(): void {
    const r = this.#reader;
    this.#keys.forEach((key, i) => {
      if (!key || (key.mark.line === r.line && r.at - key.at <= 1024)) return;
      if (key.required) throw scannerError("could not find expected ':'", r.mark());
      this.#keys[i] = undefined;
    });
  }

  #roll(column: number, type: TokenType, mark: Mark, at = this.#tokens.length): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#tokens.splice(at, 0, { type, start: mark, value: '' });
  }

  #unroll(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#push('block-end', this.#reader.mark());
      this.#indent = this.#indents.pop()!;
    }
  }
}
