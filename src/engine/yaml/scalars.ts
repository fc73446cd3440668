import { scannerError } from './error.ts';
import type { TextReader } from './reader.ts';

/** Joins the words around line breaks: one break is a blank, more are one less. */
class Fold {
  text = '';
  #blanks = '';
  #firstBreak = '';
  #breaks = '';
  broke = false;

  /** Before the next character of the value. */
  flush(): void {
    if (this.broke) {
      this.text += this.#firstBreak === '\n' ? this.#breaks || ' ' : this.#firstBreak + this.#breaks;
      this.#firstBreak = this.#breaks = '';
      this.broke = false;
    } else this.text += this.#blanks;
    this.#blanks = '';
  }

  /** A blank or break between words. */
  take(r: TextReader): void {
    if (!r.breakAt(0)) {
      if (this.broke) r.skip(1);
      else this.#blanks += r.take();
    } else if (this.broke) this.#breaks += r.skipLine();
    else {
      this.#blanks = '';
      this.#firstBreak = r.skipLine();
      this.broke = true;
    }
  }
}

/** A scalar without quotes. `brokeLine`: it ended after a line break, so a key may follow. */
export function scanPlain(r: TextReader, parentIndent: number, inFlow: boolean): { value: string; brokeLine: boolean } {
  const indent = parentIndent + 1;
  const fold = new Fold();
  for (;;) {
    if (r.column === 0 && (r.startsWith('---') || r.startsWith('...')) && r.blankAt(3)) break;
    if (r.peek() === '#') break;
    while (!r.blankAt(0)) {
      const c = r.peek();
      if (c === ':' && (r.blankAt(1) || (inFlow && ',?[]{}'.includes(r.peek(1))))) break;
      if (inFlow && (',[]{}'.includes(c) || (c === '?' && r.blankAt(1)))) break;
      fold.flush();
      fold.text += r.take();
    }
    if (r.peek() === '' || !r.blankAt(0)) break;
    while (r.peek() !== '' && r.blankAt(0)) {
      if (fold.broke && r.column < indent && r.peek() === '\t')
        throw scannerError('found a tab character that violates indentation', r.mark());
      fold.take(r);
    }
    if (!inFlow && r.column < indent) break;
  }
  return { value: fold.text, brokeLine: fold.broke };
}

const escapes: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const hexLengths: Record<string, number> = { x: 2, u: 4, U: 8 };

/** A scalar in quotes. */
export function scanQuoted(r: TextReader, single: boolean): string {
  const quote = single ? "'" : '"';
  const fold = new Fold();
  r.skip(1);
  for (;;) {
    if (r.column === 0 && (r.startsWith('---') || r.startsWith('...')) && r.blankAt(3))
      throw scannerError('found unexpected document indicator', r.mark());
    if (r.peek() === '') throw scannerError('found unexpected end of stream', r.mark());
    let joined = false;
    while (!r.blankAt(0)) {
      const c = r.peek();
      if (single && c === "'" && r.peek(1) === "'") {
        fold.flush();
        fold.text += "'";
        r.skip(2);
      } else if (c === quote) break;
      else if (!single && c === '\\' && r.breakAt(1)) {
        fold.flush();
        r.skip(1);
        r.skipLine();
        joined = true;
        break;
      } else if (!single && c === '\\') {
        fold.flush();
        fold.text += scanEscape(r);
      } else {
        fold.flush();
        fold.text += r.take();
      }
    }
    if (r.peek() === quote) break;
    while (r.peek() !== '' && r.blankAt(0)) {
      // After an escaped break the next line's indentation does not count.
      if (joined && !r.breakAt(0)) r.skip(1);
      else {
        joined = false;
        fold.take(r);
      }
    }
  }
  fold.flush();
  r.skip(1);
  return fold.text;
}

function scanEscape(r: TextReader): string {
  const c = r.peek(1);
  const known = escapes[c];
  if (known !== undefined) {
    r.skip(2);
    return known;
  }
  const length = hexLengths[c];
  if (length === undefined) throw scannerError('found unknown escape character', r.mark());
  let hex = '';
  for (let i = 0; i < length; i++) hex += r.peek(2 + i);
  if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length !== length)
    throw scannerError('did not find expected hexdecimal number', r.mark());
  const code = parseInt(hex, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    throw scannerError('found invalid Unicode character escape code', r.mark());
  r.skip(2 + length);
  return String.fromCodePoint(code);
}

/** A literal (`|`) or folded (`>`) scalar. */
export function scanBlockScalar(r: TextReader, literal: boolean, parentIndent: number): string {
  r.skip(1);
  let chomp = 0;
  let increment = 0;
  for (let i = 0; i < 2; i++) {
    const c = r.peek();
    if (chomp === 0 && (c === '+' || c === '-')) chomp = r.take() === '+' ? 1 : -1;
    else if (increment === 0 && /\d/.test(c)) {
      if (c === '0') throw scannerError('found an indentation indicator equal to 0', r.mark());
      increment = Number(r.take());
    }
  }
  while (r.peek() === ' ' || r.peek() === '\t') r.skip(1);
  if (r.peek() === '#') while (r.peek() !== '' && !r.breakAt(0)) r.skip(1);
  if (r.peek() !== '' && !r.breakAt(0)) throw scannerError('did not find expected comment or line break', r.mark());
  if (r.peek() !== '') r.skipLine();
  let indent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0;
  const readBreaks = (): string => {
    let breaks = '';
    let most = 0;
    for (;;) {
      while ((indent === 0 || r.column < indent) && r.peek() === ' ') r.skip(1);
      most = Math.max(most, r.column);
      if ((indent === 0 || r.column < indent) && r.peek() === '\t')
        throw scannerError('found a tab character where an indentation space is expected', r.mark());
      if (!r.breakAt(0)) break;
      breaks += r.skipLine();
    }
    if (indent === 0) indent = Math.max(most, parentIndent + 1, 1);
    return breaks;
  };
  let text = '';
  let leadingBreak = '';
  let trailing = readBreaks();
  let leadingBlank = false;
  while (r.column === indent && r.peek() !== '') {
    const trailingBlank = r.peek() === ' ' || r.peek() === '\t';
    if (!literal && leadingBreak === '\n' && !leadingBlank && !trailingBlank) {
      if (trailing === '') text += ' ';
    } else text += leadingBreak;
    leadingBreak = '';
    text += trailing;
    trailing = '';
    leadingBlank = r.peek() === ' ' || r.peek() === '\t';
    while (r.peek() !== '' && !r.breakAt(0)) text += r.take();
    leadingBreak = r.peek() === '' ? '' : r.skipLine();
    trailing = readBreaks();
  }
  if (chomp !== -1) text += leadingBreak;
  if (chomp === 1) text += trailing;
  return text;
}
