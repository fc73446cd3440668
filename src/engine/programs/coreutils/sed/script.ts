import type { Regex } from '../../../regex/linear.ts';
import { posixRegex, RegexError } from '../../../regex/posix.ts';
import { ToolError } from '../../lib/tool.ts';

/** sed's script language (GNU's, without the commands that run programs): parsing. */

export type Address =
  | { kind: 'line'; line: number }
  | { kind: 'last' }
  | { kind: 'regex'; regex: Regex | undefined }
  | { kind: 'step'; first: number; step: number }
  | { kind: 'plus'; count: number }
  | { kind: 'multiple'; of: number };

export interface Command {
  from?: Address;
  to?: Address;
  negated: boolean;
  name: string;
  text: string;
  regex?: Regex;
  replacement?: ReplacementPart[];
  global?: boolean;
  nth?: number;
  print?: boolean;
  map?: Map<string, string>;
  /** Index of the command after `}`; or of a label. */
  target?: number;
  /** State of a range. */
  active?: boolean;
  end?: number;
}

export type ReplacementPart = { text: string } | { group: number } | { convert: 'U' | 'L' | 'u' | 'l' | 'E' };

class ScriptError extends ToolError {
  constructor(expression: number, at: number, message: string) {
    super(`-e expression #${expression}, char ${at}: ${message}`, { status: 1 });
  }
}

export class ScriptParser {
  readonly #source: string;
  readonly #number: number;
  readonly #extended: boolean;
  #at = 0;
  readonly commands: Command[] = [];
  readonly #blocks: number[] = [];
  readonly #labels = new Map<string, number>();

  constructor(source: string, number: number, extended: boolean) {
    this.#source = source;
    this.#number = number;
    this.#extended = extended;
  }

  #fail(message: string, at = this.#at): never {
    throw new ScriptError(this.#number, at, message);
  }

  parse(): Command[] {
    for (;;) {
      this.#skip(/[\s;]/);
      if (this.#at >= this.#source.length) break;
      if (this.#source[this.#at] === '#') {
        this.#skip(/[^\n]/);
        continue;
      }
      this.#command();
    }
    if (this.#blocks.length > 0) this.#fail("unmatched `{'", 0);
    for (const command of this.commands)
      if (/[btT]/.test(command.name) && command.name.length === 1) {
        if (command.text === '') command.target = this.commands.length;
        else {
          command.target = this.#labels.get(command.text);
          if (command.target === undefined)
            throw new ToolError(
              `-e expression #${this.#number}, char ${this.#source.length}: can't find label for jump to \`${command.text}'`,
            );
        }
      }
    return this.commands;
  }

  #skip(pattern: RegExp): void {
    while (this.#at < this.#source.length && pattern.test(this.#source[this.#at]!)) this.#at++;
  }

  #command(): void {
    const command: Command = { negated: false, name: '', text: '' };
    command.from = this.#address();
    if (command.from) {
      this.#skip(/\s/);
      if (this.#source[this.#at] === ',') {
        this.#at++;
        this.#skip(/\s/);
        command.to = this.#address(true);
        if (!command.to) this.#fail("unexpected `,'", this.#at);
      }
    }
    this.#skip(/\s/);
    while (this.#source[this.#at] === '!') {
      command.negated = true;
      this.#at++;
      this.#skip(/\s/);
    }
    const name = this.#source[this.#at++];
    if (name === undefined) this.#fail('missing command');
    command.name = name;
    switch (name) {
      case '{':
        this.#blocks.push(this.commands.length);
        this.commands.push(command);
        return;
      case '}': {
        if (command.from) this.#fail("} doesn't want any addresses");
        const open = this.#blocks.pop();
        if (open === undefined) this.#fail("unexpected `}'");
        this.commands[open]!.target = this.commands.length;
        return;
      }
      case 's':
        this.#substitute(command);
        break;
      case 'y':
        this.#transliterate(command);
        break;
      case 'a':
      case 'i':
      case 'c':
        command.text = this.#text();
        this.commands.push(command);
        return;
      case ':':
        if (command.from) this.#fail(": doesn't want any addresses");
        this.#labels.set(this.#word(), this.commands.length);
        return;
      case 'b':
      case 't':
      case 'T':
        command.text = this.#word();
        break;
      case 'r':
      case 'R':
      case 'w':
      case 'W': {
        this.#skip(/[ \t]/);
        const end = this.#source.indexOf('\n', this.#at);
        command.text = this.#source.slice(this.#at, end < 0 ? undefined : end);
        if (command.text === '') this.#fail('missing filename in r/R/w/W commands');
        this.#at = end < 0 ? this.#source.length : end;
        break;
      }
      case 'q':
      case 'Q':
      case 'l':
      case 'L': {
        this.#skip(/ /);
        command.text = /^\d*/.exec(this.#source.slice(this.#at))![0];
        this.#at += command.text.length;
        break;
      }
      case 'e':
        throw new ToolError("slipway: sed's e command is not simulated");
      default:
        if (!'=dDgGhHnNpPxzF'.includes(name)) this.#fail(`unknown command: \`${name}'`);
    }
    this.commands.push(command);
    this.#skip(/[ \t]/);
    const after = this.#source[this.#at];
    if (after !== undefined && !/[;\n}#]/.test(after))
      this.#fail(name === 's' ? "unknown option to `s'" : 'extra characters after command', this.#at + 1);
  }

  #word(): string {
    this.#skip(/[ \t]/);
    const text = /^[^;\n}]*/.exec(this.#source.slice(this.#at))![0];
    this.#at += text.length;
    return text.trim();
  }

  /** The text of a, i, c: one line (GNU), or lines after `\`. */
  #text(): string {
    this.#skip(/[ \t]/);
    if (this.#source[this.#at] === '\\') {
      this.#at++;
      this.#skip(/[ \t]/);
      if (this.#source[this.#at] === '\n') this.#at++;
    } else if (this.#at >= this.#source.length || this.#source[this.#at] === '\n')
      this.#fail("expected \\ after `a', `c' or `i'");
    let out = '';
    while (this.#at < this.#source.length && this.#source[this.#at] !== '\n') {
      if (this.#source[this.#at] === '\\' && this.#at + 1 < this.#source.length) this.#at++;
      out += this.#source[this.#at++];
    }
    return out + '\n';
  }

  #address(second = false): Address | undefined {
    const rest = this.#source.slice(this.#at);
    const step = /^(\d+)~(\d+)/.exec(rest);
    if (step) {
      this.#at += step[0].length;
      return { kind: 'step', first: Number(step[1]), step: Number(step[2]) };
    }
    const number = /^\d+/.exec(rest);
    if (number) {
      this.#at += number[0].length;
      return { kind: 'line', line: Number(number[0]) };
    }
    const relative = second ? /^([+~])(\d+)/.exec(rest) : null;
    if (relative) {
      this.#at += relative[0].length;
      return relative[1] === '+'
        ? { kind: 'plus', count: Number(relative[2]) }
        : { kind: 'multiple', of: Number(relative[2]) };
    }
    if (rest[0] === '$') {
      this.#at++;
      return { kind: 'last' };
    }
    if (rest[0] === '/' || rest[0] === '\\') {
      this.#at += rest[0] === '\\' ? 1 : 0;
      const pattern = this.#delimited('unterminated address regex');
      let ignoreCase = false;
      while (/[IM]/.test(this.#source[this.#at] ?? '')) ignoreCase = this.#source[this.#at++] === 'I' || ignoreCase;
      return { kind: 'regex', regex: this.#regex(pattern, ignoreCase) };
    }
    return undefined;
  }

  /** Reads up to the delimiter that stands at the current position. Leaves the position after the closing one. */
  #delimited(problem: string): string {
    const delimiter = this.#source[this.#at++];
    const rest = this.#rest(delimiter, problem);
    return rest;
  }

  #rest(delimiter: string | undefined, problem: string): string {
    let out = '';
    let inBracket = false;
    for (;;) {
      const c = this.#source[this.#at];
      if (c === undefined || delimiter === undefined) this.#fail(problem, this.#source.length);
      this.#at++;
      if (c === '\\') {
        const next = this.#source[this.#at++];
        if (next === undefined) this.#fail(problem, this.#source.length);
        out += next === delimiter ? next : next === 'n' && !inBracket ? '\n' : `\\${next}`;
        continue;
      }
      if (c === '[' && !inBracket) inBracket = /^\[\^?\]?[^\]]*\]/.test(this.#source.slice(this.#at - 1));
      else if (c === ']') inBracket = false;
      if (c === delimiter) return out;
      out += c;
    }
  }

  #regex(pattern: string, ignoreCase: boolean, multiline = false): Regex | undefined {
    if (pattern === '') return undefined;
    try {
      return posixRegex(pattern, { extended: this.#extended, ignoreCase, multiline });
    } catch (error) {
      if (error instanceof RegexError) this.#fail(error.message);
      throw error;
    }
  }

  #substitute(command: Command): void {
    const delimiter = this.#source[this.#at];
    const problem = "unterminated `s' command";
    const pattern = this.#delimited(problem);
    const replacement = this.#replacementText(delimiter, problem);
    let ignoreCase = false;
    let multiline = false;
    for (;;) {
      const c = this.#source[this.#at];
      if (c === 'g') command.global = true;
      else if (c === 'p') command.print = true;
      else if (c === 'i' || c === 'I') ignoreCase = true;
      else if (c === 'm' || c === 'M') multiline = true;
      else if (c !== undefined && /\d/.test(c)) {
        const digits = /^\d+/.exec(this.#source.slice(this.#at))![0];
        if (Number(digits) === 0) this.#fail("number option to `s' command may not be zero", this.#at + 1);
        command.nth = Number(digits);
        this.#at += digits.length;
        continue;
      } else if (c === 'e') throw new ToolError("slipway: sed's e flag is not simulated");
      else if (c === 'w') {
        this.#at++;
        this.#skip(/[ \t]/);
        const end = this.#source.indexOf('\n', this.#at);
        command.text = this.#source.slice(this.#at, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#source.length : end;
        break;
      } else break;
      this.#at++;
    }
    command.regex = this.#regex(pattern, ignoreCase, multiline);
    command.replacement = replacement;
    const groups = (pattern.match(this.#extended ? /(?<!\\)\(/g : /\\\(/g) ?? []).length;
    const highest = Math.max(0, ...replacement.map((p) => ('group' in p ? p.group : 0)));
    if (highest > groups && pattern !== '') this.#fail(`invalid reference \\${highest} on \`s' command's RHS`);
  }

  #replacementText(delimiter: string | undefined, problem: string): ReplacementPart[] {
    const parts: ReplacementPart[] = [];
    let text = '';
    const literal = () => {
      if (text) parts.push({ text });
      text = '';
    };
    for (;;) {
      const c = this.#source[this.#at];
      if (c === undefined) this.#fail(problem, this.#source.length);
      this.#at++;
      if (c === delimiter) break;
      if (c === '&') {
        literal();
        parts.push({ group: 0 });
      } else if (c === '\\') {
        const next = this.#source[this.#at++];
        if (next === undefined) this.#fail(problem, this.#source.length);
        if (/\d/.test(next)) {
          literal();
          parts.push({ group: Number(next) });
        } else if (/[ULulE]/.test(next)) {
          literal();
          parts.push({ convert: next as 'U' });
        } else text += next === 'n' ? '\n' : next === 't' ? '\t' : next === 'r' ? '\r' : next;
      } else text += c;
    }
    literal();
    return parts;
  }

  #transliterate(command: Command): void {
    const delimiter = this.#source[this.#at];
    const problem = "unterminated `y' command";
    const unescape = (text: string) => [...text.replace(/\\([^])/g, '$1')];
    const from = unescape(this.#delimited(problem));
    const to = unescape(this.#rest(delimiter, problem));
    if (from.length !== to.length) this.#fail("strings for `y' command are different lengths");
    command.map = new Map(from.map((c, i) => [c, to[i]!]));
  }
}
