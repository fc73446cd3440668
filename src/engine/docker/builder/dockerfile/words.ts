/** How BuildKit reads words of a Dockerfile: quotes, escapes and variables (frontend/dockerfile/shell). */

export class WordError extends Error {
  override name = 'WordError';
}

export interface WordOptions {
  escape?: string;
  /** Leaves quotes and escapes as they are: for showing a command. */
  raw?: boolean;
  /** Leaves variables that nobody set as they are. */
  keepUnset?: boolean;
  /** Is told of each variable that nobody set. */
  onUnset?: (name: string) => void;
  /** Is told of each variable. */
  onUse?: (name: string) => void;
}

type Environment = ReadonlyMap<string, string>;

const nameStart = /[a-zA-Z_]/;
const namePart = /[a-zA-Z0-9_]/;

class Lexer {
  readonly #text: string;
  readonly #env: Environment;
  readonly #options: WordOptions;
  readonly #escape: string;
  #at = 0;
  /** With `split`: the words so far. */
  words: string[] = [];
  #inWord = false;

  constructor(text: string, env: Environment, options: WordOptions) {
    this.#text = text;
    this.#env = env;
    this.#options = options;
    this.#escape = options.escape ?? '\\';
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  run(stop: string, split = false): string {
    let out = '';
    let word = '';
    const add = (text: string) => {
      out += text;
      word += text;
      if (text !== '') this.#inWord = true;
    };
    const flush = () => {
      if (this.#inWord) this.words.push(word);
      word = '';
      this.#inWord = false;
    };
    while (this.#at < this.#text.length) {
      const c = this.#peek();
      if (stop !== '' && stop.includes(c)) {
        this.#at++;
        return out;
      }
      if (c === "'") {
        add(this.#single());
        this.#inWord = true;
      } else if (c === '"') {
        add(this.#double());
        this.#inWord = true;
      } else if (c === '$') {
        const value = this.#dollar();
        if (split) {
          // A variable's blanks separate words, as in a shell.
          const parts = value.split(/[ \t\n]+/);
          if (/^[ \t\n]/.test(value)) flush();
          parts.forEach((part, i) => {
            if (i > 0) flush();
            add(part);
          });
        } else add(value);
      } else if (c === this.#escape && c !== '') {
        this.#at++;
        const next = this.#peek();
        if (this.#options.raw) add(c);
        if (next !== '') {
          this.#at++;
          add(next);
        }
      } else if (split && /\s/.test(c)) {
        this.#at++;
        flush();
        out += c;
      } else {
        this.#at++;
        add(c);
      }
    }
    if (stop !== '') throw new WordError(`unexpected end of statement while looking for matching ${stop}`);
    if (split) flush();
    return out;
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw new WordError('unexpected end of statement while looking for matching single-quote');
    const inner = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return this.#options.raw ? `'${inner}'` : inner;
  }

  #double(): string {
    this.#at++;
    let out = this.#options.raw ? '"' : '';
    for (;;) {
      const c = this.#peek();
      if (c === '') throw new WordError('unexpected end of statement while looking for matching double-quote');
      if (c === '"') {
        this.#at++;
        return this.#options.raw ? `${out}"` : out;
      }
      if (c === '$') out += this.#dollar();
      else if (c === this.#escape) {
        this.#at++;
        const next = this.#peek();
        if (next === '') throw new WordError('unexpected end of statement while looking for matching double-quote');
        this.#at++;
        out += this.#options.raw || !['"', '$', this.#escape].includes(next) ? c + next : next;
      } else {
        this.#at++;
        out += c;
      }
    }
  }

  #name(): string {
    const special = this.#peek();
    if (/[0-9@*#!?-]/.test(special)) {
      this.#at++;
      return special;
    }
    let name = '';
    if (!nameStart.test(this.#peek())) return '';
    while (namePart.test(this.#peek())) name += this.#text[this.#at++];
    return name;
  }

  #dollar(): string {
    const start = this.#at++;
    if (this.#peek() !== '{') {
      if (!nameStart.test(this.#peek()) && !/[0-9@*#!?]/.test(this.#peek())) return '$';
      return this.#value(this.#name(), start);
    }
    this.#at++;
    if (this.#peek() === '}' || this.#peek() === ':') throw new WordError('syntax error: bad substitution');
    const name = this.#name();
    const c = this.#peek();
    this.#at++;
    if (c === '}') return this.#value(name, start);
    if (c === '') throw new WordError("syntax error: missing '}'");
    let colon = false;
    let modifier = c;
    if (c === ':') {
      colon = true;
      modifier = this.#peek();
      this.#at++;
    }
    if ('+-?'.includes(modifier) && modifier !== '') {
      const raw = this.#options.raw;
      const word = this.#until('}');
      const value = this.#env.get(name);
      const set = value !== undefined && !(colon && value === '');
      this.#options.onUse?.(name);
      if (raw && this.#options.keepUnset && value === undefined && modifier !== '-')
        return this.#text.slice(start, this.#at);
      if (modifier === '+') return set ? word : '';
      if (modifier === '-') return set ? value : word;
      if (!set) {
        const message = word === '' ? (colon ? 'not allowed to be empty' : 'is not allowed to be unset') : word;
        throw new WordError(`${name}: ${message}`);
      }
      return value;
    }
    if (!colon && '#%/'.includes(modifier) && modifier !== '') {
      let all = false;
      if (this.#peek() === modifier) {
        all = true;
        this.#at++;
      }
      if (modifier === '/') {
        const pattern = this.#until('/');
        const replacement = this.#until('}');
        return this.#value(name, start).replace(globPattern(pattern, all ? 'g' : '', true), () => replacement);
      }
      const pattern = this.#until('}');
      return strip(this.#value(name, start), pattern, modifier, all);
    }
    throw new WordError(`unsupported modifier (${colon ? ':' : ''}${modifier}) in substitution`);
  }

  #until(stop: string): string {
    return this.run(stop);
  }

  #value(name: string, start: number): string {
    this.#options.onUse?.(name);
    const value = this.#env.get(name);
    if (value !== undefined) return value;
    this.#options.onUnset?.(name);
    return this.#options.keepUnset ? this.#text.slice(start, this.#at) : '';
  }
}

function globSource(pattern: string, greedy: boolean): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '*') source += greedy ? '[\\s\\S]*' : '[\\s\\S]*?';
    else if (c === '?') source += '[\\s\\S]';
    else if (c === '\\' && i + 1 < pattern.length) source += pattern[++i]!.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    else source += c.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
  return source;
}

function globPattern(pattern: string, flags: string, greedy: boolean): RegExp {
  return new RegExp(globSource(pattern, greedy), flags);
}

function strip(value: string, pattern: string, modifier: string, longest: boolean): string {
  if (modifier === '#') return value.replace(new RegExp(`^(?:${globSource(pattern, longest)})`), '');
  for (let i = longest ? 0 : value.length; longest ? i <= value.length : i >= 0; i += longest ? 1 : -1)
    if (new RegExp(`^(?:${globSource(pattern, true)})$`).test(value.slice(i))) return value.slice(0, i);
  return value;
}

/** One word with its variables put in and quotes gone. @throws WordError */
export function expandWord(text: string, env: Environment, options: WordOptions = {}): string {
  return new Lexer(text, env, options).run('');
}

/** The words that a text expands to: blanks of variables separate. @throws WordError */
export function expandWords(text: string, env: Environment, options: WordOptions = {}): string[] {
  const lexer = new Lexer(text, env, options);
  lexer.run('', true);
  return lexer.words;
}

/** Words separated by blanks that are not quoted; quotes and escapes stay (parser.parseWords). */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote) {
      word += c;
      if (c === escape && quote === '"' && i + 1 < text.length) word += text[++i];
      else if (c === quote) quote = '';
    } else if (/\s/.test(c)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      word += c;
      if (c === escape && i + 1 < text.length) word += text[++i];
      else if (c === '"' || c === "'") quote = c;
    }
  }
  if (word !== '') words.push(word);
  return words;
}
