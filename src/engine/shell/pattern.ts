import { own } from '../world/index.ts';
/**
 * Shell patterns (bash's "Pattern Matching"): `*`, `?`, `[…]` with ranges and classes, and the extended
 * `?(…) *(…) +(…) @(…) !(…)`. Backslash quotes a character.
 */
export interface Pattern {
  test(text: string): boolean;
}

type Token =
  | { kind: 'char'; char: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; test: (char: string) => boolean };

const classes: Record<string, RegExp> = {
  alnum: /^[\p{L}\p{N}]$/u,
  alpha: /^\p{L}$/u,
  ascii: /^[\0-\x7f]$/,
  blank: /^[ \t]$/,
  cntrl: /^[\0-\x1f\x7f]$/,
  digit: /^[0-9]$/,
  graph: /^[^\s\0-\x1f\x7f]$/u,
  lower: /^\p{Ll}$/u,
  print: /^[^\0-\x1f\x7f]$/u,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^\s$/,
  upper: /^\p{Lu}$/u,
  word: /^[\p{L}\p{N}_]$/u,
  xdigit: /^[0-9A-Fa-f]$/,
};

/** A pattern that can match more than itself. */
export function hasGlob(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '\\') i++;
    else if (c === '*' || c === '?') return true;
    else if (c === '[' && bracketEnd(pattern, i) > 0) return true;
    else if ('+@!'.includes(c!) && pattern[i + 1] === '(') return true;
  }
  return false;
}

/** The text that a pattern without wildcards stands for. */
export function unescapePattern(pattern: string): string {
  return pattern.replace(/\\([^])/g, '$1');
}

/** `text` as a pattern that matches only itself. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]()|!+@-]/g, '\\$&');
}

const cache = new Map<string, Pattern>();

/** @param ignoreCase as with `shopt -s nocasematch`. */
export function compilePattern(source: string, ignoreCase = false): Pattern {
  const key = (ignoreCase ? 'i' : 'c') + source;
  let pattern = cache.get(key);
  if (!pattern) {
    pattern = /[?*+@!]\(/.test(source) ? extendedPattern(source, ignoreCase) : plainPattern(source, ignoreCase);
    if (cache.size > 500) cache.clear();
    cache.set(key, pattern);
  }
  return pattern;
}

function plainPattern(source: string, ignoreCase: boolean): Pattern {
  const tokens = tokenize(ignoreCase ? source.toLowerCase() : source);
  if (tokens.every((t) => t.kind === 'char')) {
    const literal = tokens.map((t) => (t as { char: string }).char).join('');
    return { test: (text) => (ignoreCase ? text.toLowerCase() : text) === literal };
  }
  return { test: (text) => matchTokens(tokens, [...(ignoreCase ? text.toLowerCase() : text)]) };
}

/** Greedy with one point of return, so the time is O(text × pattern) whatever the pattern. */
function matchTokens(tokens: Token[], text: string[]): boolean {
  let t = 0;
  let s = 0;
  let starToken = -1;
  let starText = 0;
  while (s < text.length) {
    const token = tokens[t];
    if (token?.kind === 'star') {
      starToken = t++;
      starText = s;
    } else if (token && matchesOne(token, text[s]!)) {
      t++;
      s++;
    } else if (starToken >= 0) {
      t = starToken + 1;
      s = ++starText;
    } else return false;
  }
  while (tokens[t]?.kind === 'star') t++;
  return t === tokens.length;
}

function matchesOne(token: Token, char: string): boolean {
  switch (token.kind) {
    case 'char':
      return token.char === char;
    case 'any':
      return true;
    case 'set':
      return token.test(char);
    case 'star':
      return false;
  }
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < source.length;) {
    const char = String.fromCodePoint(source.codePointAt(i)!);
    if (char === '\\' && i + 1 < source.length) {
      const next = String.fromCodePoint(source.codePointAt(i + 1)!);
      tokens.push({ kind: 'char', char: next });
      i += 1 + next.length;
    } else if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
      i++;
    } else if (char === '?') {
      tokens.push({ kind: 'any' });
      i++;
    } else if (char === '[' && bracketEnd(source, i) > 0) {
      const end = bracketEnd(source, i);
      tokens.push({ kind: 'set', test: bracketTest(source.slice(i + 1, end)) });
      i = end + 1;
    } else {
      tokens.push({ kind: 'char', char });
      i += char.length;
    }
  }
  return tokens;
}

/** Index of the `]` that closes the bracket expression at `start`, or -1. */
function bracketEnd(source: string, start: number): number {
  let i = start + 1;
  if (source[i] === '!' || source[i] === '^') i++;
  if (source[i] === ']') i++;
  for (; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[' && ':.='.includes(source[i + 1] ?? ' ')) {
      const close = source.indexOf(source[i + 1]! + ']', i + 2);
      if (close > 0) i = close + 1;
    } else if (source[i] === ']') return i;
  }
  return -1;
}

function bracketTest(body: string): (char: string) => boolean {
  const negated = body[0] === '!' || body[0] === '^';
  let i = negated ? 1 : 0;
  const tests: ((char: string) => boolean)[] = [];
  while (i < body.length) {
    if (body[i] === '[' && body[i + 1] === ':') {
      const close = body.indexOf(':]', i + 2);
      const named = close > 0 ? classes[body.slice(i + 2, close)] : undefined;
      if (named) tests.push((c) => named.test(c));
      if (close > 0) {
        i = close + 2;
        continue;
      }
    }
    let low = String.fromCodePoint(body.codePointAt(i)!);
    i += low.length;
    if (low === '\\' && i < body.length) {
      low = String.fromCodePoint(body.codePointAt(i)!);
      i += low.length;
    }
    if (body[i] === '-' && i + 1 < body.length) {
      let high = String.fromCodePoint(body.codePointAt(i + 1)!);
      i += 1 + high.length;
      if (high === '\\' && i < body.length) {
        high = String.fromCodePoint(body.codePointAt(i)!);
        i += high.length;
      }
      const from = low.codePointAt(0)!;
      const to = high.codePointAt(0)!;
      tests.push((c) => c.codePointAt(0)! >= from && c.codePointAt(0)! <= to);
    } else tests.push((c) => c === low);
  }
  return (char) => tests.some((test) => test(char)) !== negated;
}

/** Extended patterns become a regular expression. */
function extendedPattern(source: string, ignoreCase: boolean): Pattern {
  try {
    const regexp = new RegExp(`^(?:${translate(source)})$`, ignoreCase ? 'isu' : 'su');
    return { test: (text) => regexp.test(text) };
  } catch {
    return plainPattern(source, ignoreCase);
  }
}

function translate(source: string): string {
  let out = '';
  for (let i = 0; i < source.length;) {
    const char = source[i]!;
    if ('?*+@!'.includes(char) && source[i + 1] === '(') {
      const end = closingParen(source, i + 1);
      if (end > 0) {
        const inner = alternatives(source.slice(i + 2, end))
          .map(translate)
          .join('|');
        const rest = source.slice(end + 1);
        if (char === '!') return `${out}(?!(?:${inner})${translate(rest)}$)[^]*?${translate(rest)}`;
        out += `(?:${inner})${char === '@' ? '' : char}`;
        i = end + 1;
        continue;
      }
    }
    if (char === '\\' && i + 1 < source.length) {
      const next = String.fromCodePoint(source.codePointAt(i + 1)!);
      out += escapeRegExp(next);
      i += 1 + next.length;
    } else if (char === '*') {
      out += '[^]*';
      i++;
    } else if (char === '?') {
      out += '[^]';
      i++;
    } else if (char === '[' && bracketEnd(source, i) > 0) {
      const end = bracketEnd(source, i);
      out += bracketRegExp(source.slice(i + 1, end));
      i = end + 1;
    } else {
      const whole = String.fromCodePoint(source.codePointAt(i)!);
      out += escapeRegExp(whole);
      i += whole.length;
    }
  }
  return out;
}

function bracketRegExp(body: string): string {
  const negated = body[0] === '!' || body[0] === '^';
  const rest = (negated ? body.slice(1) : body)
    .replace(/\[:(\w+):\]/g, (_, name: string) => (own(classes, name)?.source ?? '').replace(/^\^\[?|\]?\$$/g, ''))
    .replace(/[[\]^]/g, '\\$&');
  return `[${negated ? '^' : ''}${rest}]`;
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function closingParen(source: string, open: number): number {
  let depth = 0;
  for (let i = open; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '(') depth++;
    else if (source[i] === ')' && --depth === 0) return i;
  }
  return -1;
}

function alternatives(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < body.length; i++) {
    if (body[i] === '\\') i++;
    else if (body[i] === '(') depth++;
    else if (body[i] === ')') depth--;
    else if (body[i] === '|' && depth === 0) {
      parts.push(body.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(body.slice(start));
  return parts;
}
