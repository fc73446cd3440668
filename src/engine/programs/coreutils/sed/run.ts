import { matchesOf, type Regex, type RegexMatch } from '../../../regex/linear.ts';
import { openInput, openOutput } from '../../../process/index.ts';
import { FsError, type ByteWriter } from '../../../world/index.ts';
import { ToolError, type Tool } from '../../lib/tool.ts';
import { SedInput } from './input.ts';
import type { Address, Command, ReplacementPart } from './script.ts';

/** Carrying out a script. */

export class Sed {
  readonly #tool: Tool;
  readonly #commands: Command[];
  readonly #quiet: boolean;
  #input: SedInput;
  #pattern = '';
  #hold = '';
  #appended: string[] = [];
  #substituted = false;
  #lastRegex: Regex | undefined;
  #put: (text: string) => void;
  readonly #writers = new Map<string, ByteWriter>();

  constructor(tool: Tool, commands: Command[], quiet: boolean, files: readonly string[], put?: (text: string) => void) {
    this.#tool = tool;
    this.#commands = commands;
    this.#quiet = quiet;
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

  #regexOf(regex: Regex | undefined): Regex {
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
    for (const match of matchesOf(text, regex)) {
      n++;
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
}

function expand(parts: readonly ReplacementPart[], match: RegexMatch): string {
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
