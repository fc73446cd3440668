import { baseName } from '../../world/index.ts';
import { escapeRegExp } from '../../shell/pattern.ts';
import { compilePattern } from '../../shell/pattern.ts';
import { LinearRegex, perlRegex } from '../../regex/linear.ts';
import { posixRegex, RegexError, surround } from '../../regex/posix.ts';
import { parseOptions, type Options } from '../lib/options.ts';
import { defineTool, Lines, ToolError, type Tool } from '../lib/tool.ts';
import { openInput } from '../../process/index.ts';
import { FsError, resolvePath, type ByteReader } from '../../world/index.ts';

interface Search {
  matches(line: string): boolean;
  /** All matches in a line, as [start, end). */
  spans(line: string): [number, number][];
}

const usage = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.";

function grepTool(mode: 'G' | 'E' | 'F') {
  return defineTool(async (tool) => {
    const options = parseOptions(tool, {
      short: 'A:B:C:D:EFGHILPRTUVZabcd:e:f:hilm:noqrsvwxyz',
      long: {
        'extended-regexp': 'E', 'fixed-strings': 'F', 'basic-regexp': 'G', 'perl-regexp': 'P', 'regexp=': 'e', 'file=': 'f', 'ignore-case': 'i',
        'no-ignore-case': 'y', 'invert-match': 'v', 'word-regexp': 'w', 'line-regexp': 'x', count: 'c', 'color=?': 'color', 'colour=?': 'color',
        'files-without-match': 'L', 'files-with-matches': 'l', 'max-count=': 'm', 'only-matching': 'o', quiet: 'q', silent: 'q', 'no-messages': 's',
        'byte-offset': 'b', 'with-filename': 'H', 'no-filename': 'h', 'line-number': 'n', 'after-context=': 'A', 'before-context=': 'B', 'context=': 'C',
        text: 'a', recursive: 'r', 'dereference-recursive': 'R', 'include=': 'include', 'exclude=': 'exclude', 'exclude-dir=': 'exclude-dir',
        'null-data': 'z', null: 'Z', 'line-buffered': 'line-buffered',
      },
      digits: 'C',
      status: 2,
      hint: usage,
    }); // prettier-ignore
    const files = [...options.operands];
    const patterns: string[] = [];
    for (const [name, value] of options.given) {
      if (name === 'e') patterns.push(...value.split('\n'));
      if (name === 'f') patterns.push(...(await readPatterns(tool, value)));
    }
    if (!options.has('e', 'f')) {
      const first = files.shift();
      if (first === undefined) throw new ToolError('', { status: 2, hint: usage });
      patterns.push(...first.split('\n'));
    }
    const kind = (options.last('E', 'F', 'G', 'P') as 'E' | 'F' | 'G' | 'P' | undefined) ?? mode;
    return new Grep(tool, options, makeSearch(patterns, kind, options)).run(files);
  });
}

async function readPatterns(tool: Tool, file: string): Promise<string[]> {
  for await (const { reader } of tool.inputs([file], { status: 2 })) return new Lines(tool, reader).all();
  throw new ToolError('', { status: 2 });
}

function makeSearch(patterns: readonly string[], kind: 'E' | 'F' | 'G' | 'P', options: Options): Search {
  const ignoreCase = options.has('i');
  const within = options.has('x') ? 'text' : options.has('w') ? 'word' : undefined;
  const regexes = patterns.map((pattern) => {
    try {
      if (kind === 'P') return perlRegex(surround(pattern, within), { ignoreCase });
      if (kind === 'F') return new LinearRegex(surround(escapeRegExp(pattern), within), { ignoreCase });
      return posixRegex(pattern, { extended: kind === 'E', ignoreCase, within });
    } catch (error) {
      const text = error instanceof RegexError ? error.message : 'Invalid regular expression';
      throw new ToolError(text, { status: 2 });
    }
  });
  const matches = (line: string) => regexes.some((regex) => regex.test(line));
  const spans = (line: string) => {
    const found: [number, number][] = [];
    for (let at = 0; at <= line.length;) {
      let best: [number, number] | undefined;
      for (const regex of regexes) {
        regex.lastIndex = at;
        const match = regex.exec(line);
        if (!match) continue;
        const end = match.index + match[0].length;
        if (!best || match.index < best[0] || (match.index === best[0] && end > best[1])) best = [match.index, end];
      }
      if (!best) break;
      if (best[1] > best[0]) found.push(best);
      at = best[1] > best[0] ? best[1] : best[1] + 1;
    }
    return found;
  };
  return { matches, spans };
}

class Grep {
  readonly #tool: Tool;
  readonly #options: Options;
  readonly #search: Search;
  readonly #before: number;
  readonly #after: number;
  readonly #limit: number;
  readonly #color: boolean;
  #withNames = false;
  #anyMatch = false;
  #printedAny = false;

  constructor(tool: Tool, options: Options, search: Search) {
    this.#tool = tool;
    this.#options = options;
    this.#search = search;
    this.#after = this.#context('A');
    this.#before = this.#context('B');
    const limit = options.value('m');
    if (limit !== undefined && !/^\d+$/.test(limit)) throw new ToolError('invalid max count', { status: 2 });
    this.#limit = limit === undefined ? Infinity : Number(limit);
    const color = options.value('color');
    this.#color = color === 'always' || ((color === 'auto' || color === '') && tool.process.isatty.stdout);
  }

  #context(letter: 'A' | 'B'): number {
    const text = this.#options.value(letter) ?? this.#options.value('C') ?? '0';
    if (!/^\d+$/.test(text)) throw new ToolError(`${text}: invalid context length argument`, { status: 2 });
    return Number(text);
  }

  async run(files: readonly string[]): Promise<number> {
    const recursive = this.#options.has('r', 'R');
    const operands = files.length > 0 ? files : recursive ? ['.'] : ['-'];
    this.#withNames = this.#options.has('H') || (!this.#options.has('h') && (operands.length > 1 || recursive));
    for (const file of operands) {
      await this.#file(file, recursive, files.length === 0 && recursive);
      if (this.#anyMatch && this.#options.has('q')) return 0;
    }
    await this.#tool.flush();
    if (this.#tool.status === 2) return 2;
    return this.#anyMatch ? 0 : 1;
  }

  async #file(file: string, recursive: boolean, implied: boolean): Promise<void> {
    const { process, fs } = this.#tool;
    if (file === '-') return this.#stream(process.stdin, '(standard input)');
    const path = resolvePath(process.cwd, file);
    const isDirectory = fs.lookup(path)?.type === 'directory';
    if (isDirectory && recursive) {
      for (const name of fs.readdir(path)) {
        const child = implied && file === '.' ? name : `${file.replace(/\/$/, '')}/${name}`;
        const node = fs.lookup(resolvePath(process.cwd, child), this.#options.has('R'));
        if (node?.type === 'symlink' || node?.type === 'device') continue;
        if (node?.type === 'directory' ? this.#excluded(name, ['exclude-dir']) : !this.#included(name)) continue;
        await this.#file(child, true, false);
      }
      return;
    }
    if (isDirectory) return this.#tool.complain(`${file}: Is a directory`, this.#tool.status);
    let reader: ByteReader;
    try {
      reader = openInput(process, file);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (!this.#options.has('s')) await this.#tool.complain(`${file}: ${error.message}`, 2);
      this.#tool.status = 2;
      return;
    }
    await this.#stream(reader, file);
    reader.close();
  }

  #excluded(name: string, options: string[]): boolean {
    return options.some((o) => this.#options.values(o).some((p) => compilePattern(p).test(name)));
  }

  #included(name: string): boolean {
    const include = this.#options.values('include');
    return (
      (include.length === 0 || include.some((p) => compilePattern(p).test(baseName(name)))) &&
      !this.#excluded(name, ['exclude'])
    );
  }

  async #stream(reader: ByteReader, name: string): Promise<void> {
    const options = this.#options;
    const lines = new Lines(this.#tool, reader, options.has('z') ? '\0' : '\n');
    const invert = options.has('v');
    const quiet = options.has('q', 'l', 'L', 'c');
    let number = 0;
    let count = 0;
    let afterLeft = 0;
    let lastPrinted = 0;
    const held: [number, string][] = [];
    read: for (let batch = await lines.batch(); batch; batch = await lines.batch()) {
      for (const line of batch) {
        number++;
        const hit = count < this.#limit && this.#search.matches(line) !== invert;
        if (hit) {
          count++;
          this.#anyMatch = true;
          if (options.has('q') || options.has('l')) break read;
          if (options.has('L')) break read;
        }
        if (!quiet) {
          if (hit) {
            if ((this.#before || this.#after) && this.#printedAny && (held[0]?.[0] ?? number) > lastPrinted + 1)
              this.#tool.put('--\n');
            for (const [n, text] of held.splice(0)) this.#line(name, n, text, '-');
            this.#line(name, number, line, ':');
            this.#printedAny = true;
            lastPrinted = number;
            afterLeft = this.#after;
          } else if (afterLeft > 0) {
            afterLeft--;
            this.#line(name, number, line, '-');
            lastPrinted = number;
          } else if (this.#before > 0) {
            held.push([number, line]);
            if (held.length > this.#before) held.shift();
          }
        }
        if (count >= this.#limit && afterLeft === 0) break read;
      }
      await this.#tool.flush();
    }
    if (options.has('c')) this.#tool.put(`${this.#withNames ? name + ':' : ''}${count}\n`);
    else if (options.has('l') ? count > 0 : options.has('L') && count === 0) this.#tool.put(`${name}\n`);
    if (options.has('L')) this.#anyMatch = count === 0 || this.#anyMatch;
    await this.#tool.flush();
  }

  #line(name: string, number: number, line: string, mark: ':' | '-'): void {
    const options = this.#options;
    const paint = (code: string, text: string) => (this.#color ? `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K` : text);
    const separator = paint('36', mark);
    const prefix =
      (this.#withNames ? paint('35', name) + separator : '') +
      (options.has('n') ? paint('32', String(number)) + separator : '');
    const end = options.has('z') ? '\0' : '\n';
    if (options.has('o')) {
      if (mark === '-' || options.has('v')) return;
      for (const [from, to] of this.#search.spans(line))
        this.#tool.put(`${prefix}${paint('01;31', line.slice(from, to))}${end}`);
      return;
    }
    this.#tool.put(
      `${prefix}${this.#color && mark === ':' && !options.has('v') ? this.#painted(line, paint) : line}${end}`,
    );
  }

  #painted(line: string, paint: (code: string, text: string) => string): string {
    let out = '';
    let at = 0;
    for (const [from, to] of this.#search.spans(line)) {
      out += line.slice(at, from) + paint('01;31', line.slice(from, to));
      at = to;
    }
    return out + line.slice(at);
  }
}

export const grep = grepTool('G');
export const egrep = grepTool('E');
export const fgrep = grepTool('F');
