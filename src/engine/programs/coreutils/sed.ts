import { openInput, openOutput } from '../../process/index.ts';
import { FsError, type ByteReader, type ByteWriter } from '../../world/index.ts';
import { posixRegex, RegexError } from '../../shell/regex.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, Lines, ToolError, type Tool } from '../lib/tool.ts';

/** GNU sed: its script language without the commands that run programs. */

type Address =
  | { kind: 'line'; line: number }
  | { kind: 'last' }
  | { kind: 'regex'; regex: RegExp | undefined }
  | { kind: 'step'; first: number; step: number }
  | { kind: 'plus'; count: number }
  | { kind: 'multiple'; of: number };

interface Command {
  from?: Address;
  to?: Address;
  negated: boolean;
  name: string;
  text: string;
  regex?: RegExp;
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

type ReplacementPart = { text: string } | { group: number } | { convert: 'U' | 'L' | 'u' | 'l' | 'E' };

class ScriptError extends ToolError {
  constructor(expression: number, at: number, message: string) {
    super(`-e expression #${expression}, char ${at}: ${message}`, { status: 1 });
  }
}

class ScriptParser {
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

  #regex(pattern: string, ignoreCase: boolean, flags = ''): RegExp | undefined {
    if (pattern === '') return undefined;
    try {
      return posixRegex(pattern, { extended: this.#extended, ignoreCase, flags: 'g' + flags });
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
    let multiline = '';
    for (;;) {
      const c = this.#source[this.#at];
      if (c === 'g') command.global = true;
      else if (c === 'p') command.print = true;
      else if (c === 'i' || c === 'I') ignoreCase = true;
      else if (c === 'm' || c === 'M') multiline = 'm';
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

/** Lines of the files, one after the other, with a look ahead for `$`. */
class SedInput {
  readonly #tool: Tool;
  #files: string[];
  #lines: Lines | undefined;
  #reader: ByteReader | undefined;
  #queue: string[] = [];
  file = '-';
  number = 0;
  /** The line read last had no newline. */
  unterminated = false;

  constructor(tool: Tool, files: readonly string[]) {
    this.#tool = tool;
    this.#files = [...files];
  }

  async #fill(): Promise<boolean> {
    while (this.#queue.length === 0) {
      const batch = await this.#lines?.batch();
      if (batch) {
        this.#queue = batch;
        break;
      }
      this.#lines = undefined;
      if (this.file !== '-') this.#reader?.close();
      const next = this.#files.shift();
      if (next === undefined) return false;
      try {
        this.#reader = next === '-' ? this.#tool.process.stdin : openInput(this.#tool.process, next);
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        await this.#tool.complain(
          error.code === 'EISDIR'
            ? `couldn't edit ${next}: not a regular file`
            : `can't read ${next}: ${error.message}`,
          2,
        );
        continue;
      }
      this.file = next;
      this.#lines = new Lines(this.#tool, this.#reader);
    }
    return true;
  }

  async next(): Promise<string | undefined> {
    if (this.#queue.length === 0) {
      await this.#tool.flush();
      if (!(await this.#fill())) return undefined;
    }
    this.number++;
    const line = this.#queue.shift()!;
    this.unterminated = this.#queue.length === 0 && (this.#lines?.unterminated ?? false);
    return line;
  }

  async isLast(): Promise<boolean> {
    return !(await this.#fill());
  }
}

class Sed {
  readonly #tool: Tool;
  readonly #commands: Command[];
  readonly #quiet: boolean;
  readonly #lastMatters: boolean;
  #input: SedInput;
  #pattern = '';
  #hold = '';
  #appended: string[] = [];
  #substituted = false;
  #lastRegex: RegExp | undefined;
  #put: (text: string) => void;
  readonly #writers = new Map<string, ByteWriter>();

  constructor(tool: Tool, commands: Command[], quiet: boolean, files: readonly string[], put?: (text: string) => void) {
    this.#tool = tool;
    this.#commands = commands;
    this.#quiet = quiet;
    this.#lastMatters = commands.some((c) => c.from?.kind === 'last' || c.to?.kind === 'last' || 'nN'.includes(c.name));
    this.#input = new SedInput(tool, files);
    this.#put = put ?? ((text) => void tool.put(text));
  }

  /** @returns the exit status */
  async run(): Promise<number> {
    let restart = false;
    for (;;) {
      if (!restart) {
        const line = await this.#input.next();
        if (line === undefined) return this.#tool.status;
        this.#pattern = line;
      }
      restart = false;
      this.#substituted = false;
      const outcome = await this.#cycle();
      if (outcome === 'restart') {
        await this.#appendices();
        restart = true;
        continue;
      }
      if (outcome !== 'delete' && outcome !== 'quit-silently' && !this.#quiet) this.#line(this.#pattern);
      await this.#appendices();
      if (outcome === 'quit' || outcome === 'quit-silently') return this.#exitStatus;
    }
  }

  #exitStatus = 0;

  #line(text: string): void {
    this.#put(this.#input.unterminated && this.#appended.length === 0 ? text : text + '\n');
  }

  async #appendices(): Promise<void> {
    for (const text of this.#appended.splice(0)) this.#put(text);
  }

  async #matches(address: Address): Promise<boolean> {
    switch (address.kind) {
      case 'line':
        return this.#input.number === address.line;
      case 'last':
        return this.#input.isLast();
      case 'step':
        return address.step === 0
          ? this.#input.number === address.first
          : this.#input.number >= address.first && (this.#input.number - address.first) % address.step === 0;
      case 'regex':
        return this.#regexOf(address.regex).test(this.#pattern);
      default:
        return false;
    }
  }

  #regexOf(regex: RegExp | undefined): RegExp {
    const used = regex ?? this.#lastRegex;
    if (!used) throw new ToolError('-e expression #1, char 0: no previous regular expression');
    this.#lastRegex = used;
    used.lastIndex = 0;
    return used;
  }

  async #selected(command: Command): Promise<boolean> {
    if (!command.from) return !command.negated;
    if (!command.to) return (await this.#matches(command.from)) !== command.negated;
    return (await this.#inRange(command)) !== command.negated;
  }

  async #inRange(command: Command): Promise<boolean> {
    const { from, to } = command as { from: Address; to: Address };
    const line = this.#input.number;
    if (command.active) {
      if (to.kind === 'line' || command.end !== undefined) {
        const end = command.end ?? (to as { line: number }).line;
        if (line >= end) command.active = false;
        return line <= end;
      }
      if (await this.#matches(to)) command.active = false;
      return true;
    }
    // `0,/re/` can end on the first line.
    const fromZero = from.kind === 'line' && from.line === 0 && command.end === undefined && line === 1;
    if (fromZero) {
      command.end = -1;
      command.active = !(await this.#matches(to));
      command.end = undefined;
      return true;
    }
    if (!(await this.#matches(from))) return false;
    command.end = undefined;
    if (to.kind === 'plus') command.end = line + to.count;
    else if (to.kind === 'multiple') command.end = to.of === 0 ? line : Math.ceil(line / to.of) * to.of;
    if (command.end !== undefined) command.active = command.end > line;
    else if (to.kind === 'line') command.active = to.line > line;
    else command.active = !(to.kind === 'last' && (await this.#input.isLast()));
    return true;
  }

  async #cycle(): Promise<'end' | 'delete' | 'restart' | 'quit' | 'quit-silently'> {
    let steps = 0;
    for (let i = 0; i < this.#commands.length; i++) {
      if (++steps % 1000 === 0) await this.#tool.process.cpu(0.1);
      const command = this.#commands[i]!;
      if (!(await this.#selected(command))) {
        if (command.name === '{') i = command.target! - 1;
        continue;
      }
      switch (command.name) {
        case '=':
          this.#put(`${this.#input.number}\n`);
          break;
        case 'a':
          this.#appended.push(command.text);
          break;
        case 'i':
          this.#put(command.text);
          break;
        case 'c':
          if (!command.to || command.negated || !command.active) this.#put(command.text);
          return 'delete';
        case 'd':
          return 'delete';
        case 'D': {
          const newline = this.#pattern.indexOf('\n');
          if (newline < 0) return 'delete';
          this.#pattern = this.#pattern.slice(newline + 1);
          return 'restart';
        }
        case 'g':
          this.#pattern = this.#hold;
          break;
        case 'G':
          this.#pattern += '\n' + this.#hold;
          break;
        case 'h':
          this.#hold = this.#pattern;
          break;
        case 'H':
          this.#hold += '\n' + this.#pattern;
          break;
        case 'x':
          [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
          break;
        case 'z':
          this.#pattern = '';
          break;
        case 'F':
          this.#put(`${this.#input.file}\n`);
          break;
        case 'l':
          this.#put(this.#pattern.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n') + '$\n');
          break;
        case 'n':
          if (!this.#quiet) {
            if (await this.#input.isLast()) return 'end';
            this.#line(this.#pattern);
          }
          await this.#appendices();
          if (!(await this.#nextLine())) return this.#quiet ? 'delete' : 'end';
          break;
        case 'N': {
          if (await this.#input.isLast()) return 'end';
          const before = this.#pattern;
          await this.#appendices();
          if (!(await this.#nextLine())) return 'end';
          this.#pattern = `${before}\n${this.#pattern}`;
          break;
        }
        case 'p':
          this.#put(this.#pattern + '\n');
          break;
        case 'P':
          this.#put(this.#pattern.split('\n', 1)[0]! + '\n');
          break;
        case 'q':
        case 'Q':
          this.#exitStatus = Number(command.text || 0);
          return command.name === 'q' ? 'quit' : 'quit-silently';
        case 's':
          await this.#substitute(command);
          break;
        case 'y':
          this.#pattern = [...this.#pattern].map((c) => command.map!.get(c) ?? c).join('');
          break;
        case 'b':
          i = command.target! - 1;
          break;
        case 't':
          if (this.#substituted) i = command.target! - 1;
          this.#substituted = false;
          break;
        case 'T':
          if (!this.#substituted) i = command.target! - 1;
          this.#substituted = false;
          break;
        case 'r':
          await this.#readFile(command.text);
          break;
        case 'w':
          await this.#writeFile(command.text, this.#pattern + '\n');
          break;
        default:
          break;
      }
    }
    return 'end';
  }

  async #nextLine(): Promise<boolean> {
    const line = await this.#input.next();
    if (line === undefined) return false;
    this.#pattern = line;
    return true;
  }

  async #readFile(file: string): Promise<void> {
    try {
      const text = await this.#tool.readText(
        file === '/dev/stdin' ? this.#tool.process.stdin : openInput(this.#tool.process, file),
      );
      if (text) this.#appended.push(text.endsWith('\n') ? text : text + '\n');
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }

  async #writeFile(file: string, text: string): Promise<void> {
    if (file === '/dev/stdout') return this.#put(text);
    let writer = this.#writers.get(file);
    if (!writer) this.#writers.set(file, (writer = openOutput(this.#tool.process, file)));
    await writer.write(text);
  }

  async #substitute(command: Command): Promise<void> {
    const regex = this.#regexOf(command.regex);
    const text = this.#pattern;
    let out = '';
    let at = 0;
    let n = 0;
    let changed = false;
    for (let match = regex.exec(text); match; match = regex.exec(text)) {
      n++;
      if (match[0] === '') regex.lastIndex += (text.codePointAt(regex.lastIndex) ?? 0) > 0xffff ? 2 : 1;
      // An empty match right after a match is none.
      if (match[0] === '' && n > 1 && match.index === at && changed && at > 0) {
        n--;
        continue;
      }
      if (n >= (command.nth ?? 1)) {
        out += text.slice(at, match.index) + expand(command.replacement!, match);
        at = match.index + match[0].length;
        changed = true;
        if (!command.global) break;
      }
    }
    if (!changed) return;
    this.#pattern = out + text.slice(at);
    this.#substituted = true;
    if (command.print) this.#put(this.#pattern + '\n');
    if (command.text) await this.#writeFile(command.text, this.#pattern + '\n');
  }

  get needsLast(): boolean {
    return this.#lastMatters;
  }
}

function expand(parts: readonly ReplacementPart[], match: RegExpExecArray): string {
  let out = '';
  let mode: 'U' | 'L' | 'E' = 'E';
  let once: 'u' | 'l' | undefined;
  for (const part of parts) {
    if ('convert' in part) {
      if (part.convert === 'u' || part.convert === 'l') once = part.convert;
      else mode = part.convert;
      continue;
    }
    let text = 'text' in part ? part.text : (match[part.group] ?? '');
    if (mode !== 'E') text = mode === 'U' ? text.toUpperCase() : text.toLowerCase();
    if (once && text) {
      text = (once === 'u' ? text[0]!.toUpperCase() : text[0]!.toLowerCase()) + text.slice(1);
      once = undefined;
    }
    out += text;
  }
  return out;
}

export const sed = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'e:Ef:i::l:nrsuz',
    long: {
      'expression=': 'e',
      'regexp-extended': 'E',
      'file=': 'f',
      'in-place=?': 'i',
      quiet: 'n',
      silent: 'n',
      separate: 's',
      unbuffered: 'u',
    },
    hint: 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...',
  });
  const files = [...options.operands];
  const scripts: string[] = [];
  for (const [name, value] of options.given) {
    if (name === 'e') scripts.push(value);
    if (name === 'f') scripts.push(await tool.readText(openInput(tool.process, value)));
  }
  if (scripts.length === 0) {
    const first = files.shift();
    if (first === undefined)
      throw new ToolError('', { hint: 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...' });
    scripts.push(first);
  }
  const extended = options.has('E', 'r');
  const quiet = options.has('n') || scripts[0]!.startsWith('#n\n');
  const parse = () => new ScriptParser(scripts.join('\n'), 1, extended).parse();
  parse();
  if (!options.has('i')) return new Sed(tool, parse(), quiet, files.length > 0 ? files : ['-']).run();
  if (files.length === 0) throw new ToolError('no input files', { status: 4 });
  return editInPlace(tool, files, parse, quiet, options.value('i') ?? '');
});

async function editInPlace(
  tool: Tool,
  files: readonly string[],
  parse: () => Command[],
  quiet: boolean,
  suffix: string,
): Promise<number> {
  let status = 0;
  for (const file of files) {
    const path = tool.path(file);
    const node = tool.fs.lookup(path);
    if (node?.type !== 'file') {
      await tool.complain(
        node ? `couldn't edit ${file}: not a regular file` : `can't read ${file}: No such file or directory`,
        node ? 4 : 2,
      );
      continue;
    }
    let out = '';
    status = await new Sed(tool, parse(), quiet, [file], (text) => void (out += text)).run();
    if (suffix) tool.fs.putNode(suffix.includes('*') ? tool.path(suffix.replaceAll('*', file)) : path + suffix, node);
    await openOutput(tool.process, file).write(out);
    if (out === '') openOutput(tool.process, file);
  }
  return tool.status || status;
}
