import { backtracking, LinearRegex, type Regex } from './linear.ts';

/** POSIX regular expressions (regex(7)) as grep, sed, awk and `[[ =~ ]]` take them. */
export interface PosixRegexOptions {
  /** Extended syntax (ERE); otherwise basic (BRE) with GNU's `\+ \? \|`. */
  extended?: boolean;
  ignoreCase?: boolean;
  /** `^` and `$` match at line ends, too. */
  multiline?: boolean;
  /** What has to stand around a match: nothing but the text's ends, no character of a word, or the text's beginning. */
  within?: 'text' | 'word' | 'beginning';
}

/** Why a pattern is no regular expression, in glibc's words. */
export class RegexError extends Error {
  override name = 'RegexError';
}

const classBodies: Record<string, string> = {
  alnum: '\\p{L}\\p{N}', alpha: '\\p{L}', blank: ' \\t', cntrl: '\\x00-\\x1f\\x7f', digit: '0-9', graph: '!-~\\x{a1}-\\x{10ffff}',
  lower: '\\p{Ll}', print: ' -~\\x{a0}-\\x{10ffff}', punct: '!-\\/:-@\\[-`\\{-~', space: '\\s', upper: '\\p{Lu}', xdigit: '0-9A-Fa-f',
}; // prettier-ignore

/**
 * The leftmost longest match in linear time; a pattern with back references is searched by backtracking.
 * @throws RegexError
 */
export function posixRegex(source: string, options: PosixRegexOptions = {}): Regex {
  const { extended = false, ignoreCase, multiline, within } = options;
  const translated = surround(new Translator(source, extended).whole(), within);
  try {
    return new LinearRegex(translated, { ignoreCase, multiline, longest: true });
  } catch {
    // Not RE2's: a back reference, or more repetitions than it counts.
  }
  try {
    return backtracking(translated, { ignoreCase, multiline });
  } catch {
    throw new RegexError('Invalid regular expression');
  }
}

const wordCharacter = '[\\p{L}\\p{N}_]';

/** A translated pattern with conditions on what is around it. */
export function surround(pattern: string, within: PosixRegexOptions['within']): string {
  switch (within) {
    case 'text':
      return `^(?:${pattern})$`;
    case 'beginning':
      return `^(?:${pattern})`;
    case 'word':
      // No word character after it, said without looking ahead.
      return `(?<!${wordCharacter})(?:${pattern})(?:$|(?<=\\w)\\b|(?<!\\w)\\B)`;
    case undefined:
      return pattern;
  }
}

type RegexToken =
  | { kind: 'open' | 'close' | 'or' | 'anchor' | 'atom'; text: string }
  | { kind: 'repeat'; text: string; source: string };

class Translator {
  readonly #source: string;
  readonly #extended: boolean;
  #at = 0;
  #depth = 0;
  #groups = 0;

  constructor(source: string, extended: boolean) {
    this.#source = source;
    this.#extended = extended;
  }

  whole(): string {
    let out = '';
    let atomStart = -1;
    /** Where a pattern or alternative begins: `*` is literal there in basic syntax. */
    let fresh = true;
    const openings: number[] = [];
    const push = (text: string) => {
      atomStart = out.length;
      out += text;
      fresh = false;
    };
    while (this.#at < this.#source.length) {
      const token = this.#token();
      switch (token.kind) {
        case 'open':
          openings.push(out.length);
          this.#depth++;
          this.#groups++;
          out += '(';
          fresh = true;
          atomStart = -1;
          break;
        case 'close':
          if (this.#depth === 0) {
            if (!this.#extended) throw new RegexError('Unmatched ) or \\)');
            push('\\)');
            break;
          }
          this.#depth--;
          atomStart = openings.pop()!;
          out += ')';
          fresh = false;
          break;
        case 'or':
          out += '|';
          fresh = true;
          atomStart = -1;
          break;
        case 'repeat':
          if (atomStart < 0) {
            if (token.text === '*' || !this.#extended) push(escape(token.text === '*' ? '*' : token.source));
            else if (fresh) push(escape(token.source));
            break;
          }
          // A repeated repetition (`a**`, `a+?`) is one atom repeated.
          if (/[*+?}]$/.test(out) && out.length > atomStart + 1 && isRepeated(out, atomStart))
            out = `${out.slice(0, atomStart)}(?:${out.slice(atomStart)})`;
          out += token.text;
          break;
        case 'anchor':
          out += token.text;
          atomStart = -1;
          if (token.text !== '^') fresh = false;
          break;
        case 'atom':
          push(token.text);
          break;
      }
    }
    if (this.#depth > 0) throw new RegexError(this.#extended ? 'Unmatched ( or \\(' : 'Unmatched ( or \\(');
    return out;
  }

  #token(): RegexToken {
    const source = this.#source;
    const c = String.fromCodePoint(source.codePointAt(this.#at)!);
    const start = this.#at;
    this.#at += c.length;
    if (c === '\\') return this.#escaped();
    if (c === '[') return { kind: 'atom', text: this.#bracket() };
    if (c === '.') return { kind: 'atom', text: '[^\\n]' };
    if (c === '*') return { kind: 'repeat', text: '*', source: '*' };
    if (c === '^')
      return this.#extended || start === 0 || /(\\\(|\\\||\n)$/.test(source.slice(0, start))
        ? { kind: 'anchor', text: '^' }
        : { kind: 'atom', text: '\\^' };
    if (c === '$')
      return this.#extended || this.#at === source.length || /^(\\\)|\\\||\n)/.test(source.slice(this.#at))
        ? { kind: 'anchor', text: '$' }
        : { kind: 'atom', text: '\\$' };
    if (this.#extended) {
      if (c === '(') return { kind: 'open', text: c };
      if (c === ')') return { kind: 'close', text: c };
      if (c === '|') return { kind: 'or', text: c };
      if (c === '+' || c === '?') return { kind: 'repeat', text: c, source: c };
      if (c === '{') return this.#interval(start, '}') ?? { kind: 'atom', text: '\\{' };
    }
    return { kind: 'atom', text: escape(c) };
  }

  #escaped(): RegexToken {
    const c = this.#source[this.#at];
    if (c === undefined) throw new RegexError('Trailing backslash');
    const start = this.#at - 1;
    this.#at++;
    if (!this.#extended) {
      if (c === '(') return { kind: 'open', text: c };
      if (c === ')') return { kind: 'close', text: c };
      if (c === '|') return { kind: 'or', text: c };
      if (c === '+' || c === '?') return { kind: 'repeat', text: c, source: c };
      if (c === '{') {
        const interval = this.#interval(start, '\\}');
        if (!interval) throw new RegexError('Unmatched \\{');
        return interval;
      }
    }
    switch (c) {
      case 'w':
        return { kind: 'atom', text: '[\\p{L}\\p{N}_]' };
      case 'W':
        return { kind: 'atom', text: '[^\\p{L}\\p{N}_]' };
      case 's':
        return { kind: 'atom', text: '\\s' };
      case 'S':
        return { kind: 'atom', text: '\\S' };
      case 'b':
        return { kind: 'anchor', text: '\\b' };
      case 'B':
        return { kind: 'anchor', text: '\\B' };
      case '<':
        return { kind: 'anchor', text: '\\b(?<!\\w)' };
      case '>':
        return { kind: 'anchor', text: '\\b(?<=\\w)' };
      case '`':
        return { kind: 'anchor', text: '^' };
      case "'":
        return { kind: 'anchor', text: '$' };
      case 'n':
        return { kind: 'atom', text: '\\n' };
      case 't':
        return { kind: 'atom', text: '\\t' };
      case 'r':
        return { kind: 'atom', text: '\\r' };
    }
    if (/[1-9]/.test(c)) {
      if (Number(c) > this.#groups) throw new RegexError('Invalid back reference');
      return { kind: 'atom', text: `(?:\\${c})` };
    }
    return { kind: 'atom', text: escape(c) };
  }

  /** `{n,m}` that begins at `start`. */
  #interval(start: number, end: string): { kind: 'repeat'; text: string; source: string } | undefined {
    const close = this.#source.indexOf(end, this.#at);
    const body = close < 0 ? '' : this.#source.slice(this.#at, close);
    const match = /^(\d*)(,?)(\d*)$/.exec(body);
    if (!match || body === '' || (match[1] === '' && match[2] === '')) {
      if (end === '\\}' && close >= 0) throw new RegexError('Invalid content of \\{\\}');
      return undefined;
    }
    const [low, high] = [Number(match[1] || 0), match[3] ? Number(match[3]) : undefined];
    if (low > 32767 || (high ?? 0) > 32767) throw new RegexError('Regular expression too big');
    if (high !== undefined && high < low) throw new RegexError('Invalid content of \\{\\}');
    this.#at = close + end.length;
    return { kind: 'repeat', text: `{${low}${match[2]}${match[3]}}`, source: this.#source.slice(start, this.#at) };
  }

  #bracket(): string {
    const source = this.#source;
    let out = '[';
    if (source[this.#at] === '^') {
      out += '^';
      this.#at++;
    }
    const first = this.#at;
    for (;;) {
      const c = source[this.#at];
      if (c === undefined) throw new RegexError('Unmatched [, [^, [:, [., or [=');
      if (c === ']' && this.#at > first) {
        this.#at++;
        break;
      }
      if (c === '[' && source[this.#at + 1] === ':') {
        const close = source.indexOf(':]', this.#at);
        const body = classBodies[source.slice(this.#at + 2, close)];
        if (close < 0 || body === undefined) throw new RegexError('Invalid character class name');
        out += body;
        this.#at = close + 2;
        continue;
      }
      const char = String.fromCodePoint(source.codePointAt(this.#at)!);
      this.#at += char.length;
      if (char === '-' && this.#at - 1 > first && source[this.#at] !== ']') {
        const to = source.codePointAt(this.#at);
        const from = source.codePointAt(this.#at - 2);
        if (to !== undefined && from !== undefined && to < from) throw new RegexError('Invalid range end');
        out += '-';
      } else out += /[\\\]^[&~!#$%*+,.:;<=>?@`{|}()/"'-]/.test(char) ? escapeInClass(char) : char;
    }
    if (out === '[') return '[^\\x00-\\x{10ffff}]';
    return out === '[^' ? '[\\x00-\\x{10ffff}]' : `${out}]`;
  }
}

function escapeInClass(char: string): string {
  return /[\\\]^[\-]/.test(char) ? `\\${char}` : char;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Whether the atom at `start` is followed by a repetition already. */
function isRepeated(out: string, start: number): boolean {
  const atom = out.slice(start);
  return /^(\\.|\[(?:[^\]\\]|\\.)*\]|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|[^\\[(])[*+?{]/.test(atom);
}
