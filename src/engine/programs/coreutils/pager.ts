import { openInput, isWide } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import { matchesOf, type Regex } from '../../regex/linear.ts';
import { posixRegex } from '../../regex/posix.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** less and more: a pager on a terminal, cat elsewhere. */

export const pager = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: '?dEeFfGgiIJKLMmNnQqRrSsUuVWwX+p:P:j:x:z:',
    long: {
      'quit-if-one-screen': 'F',
      'no-init': 'X',
      'raw-control-chars': 'R',
      'chop-long-lines': 'S',
      'line-numbers': 'N',
    },
  });
  const files = options.operands.filter((o) => !o.startsWith('+'));
  if (files.length === 0 && tool.process.isatty.stdin)
    throw new ToolError('', { hint: `Missing filename ("${tool.name} --help" for help)` });
  const texts: string[] = [];
  for (const file of files.length > 0 ? files : ['-']) {
    try {
      texts.push(await tool.readText(file === '-' ? tool.process.stdin : openInput(tool.process, file)));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await tool.process.printError(`${file}: ${error.message}\n`);
      tool.status = 1;
    }
  }
  if (texts.length === 0) return;
  const text = texts.join('');
  const screen = tool.process.isatty.stdout ? tool.process.tty : undefined;
  if (!screen) {
    await tool.write(text);
    return;
  }
  await new Pager(tool, text, files.length === 1 ? files[0]! : '', options.has('N')).run(options.has('F'));
});

class Pager {
  readonly #tool: Tool;
  readonly #name: string;
  readonly #source: string[];
  readonly #numbers: boolean;
  #lines: string[] = [];
  #top = 0;
  #message = '';
  #pattern: Regex | undefined;
  #backwards = false;
  #typed = '';

  constructor(tool: Tool, text: string, name: string, numbers: boolean) {
    this.#tool = tool;
    this.#name = name;
    this.#numbers = numbers;
    this.#source = text.replace(/\n$/, '').split('\n');
  }

  get #tty() {
    return this.#tool.process.tty!;
  }

  get #height(): number {
    return Math.max(1, this.#tty.rows - 1);
  }

  #wrap(): void {
    const { columns } = this.#tty;
    this.#lines = this.#source.flatMap((line, i) =>
      wrap((this.#numbers ? `${String(i + 1).padStart(7)} ` : '') + line.replaceAll('\t', '        '), columns),
    );
  }

  async run(quitIfOneScreen: boolean): Promise<void> {
    this.#wrap();
    const { process } = this.#tool;
    if (quitIfOneScreen && this.#lines.length <= this.#height) {
      await process.print(this.#lines.join('\n') + '\n');
      return;
    }
    const forget = process.onSignal('SIGWINCH', () => {
      this.#wrap();
      void process.tty!.writer.write(this.#screen());
    });
    this.#tty.raw = true;
    await process.print('\x1b[?1049h' + this.#screen());
    try {
      for (;;) {
        const key = await this.#nextKey();
        if (key === undefined || !(await this.#key(key))) return;
        if (this.#typed === '') await process.print(this.#screen());
      }
    } finally {
      forget();
      this.#tty.restoreModes();
      void this.#tty.writer.write('\x1b[?1049l');
    }
  }

  #screen(): string {
    const last = Math.max(0, this.#lines.length - this.#height);
    this.#top = Math.max(0, Math.min(this.#top, last));
    const shown = this.#lines.slice(this.#top, this.#top + this.#height);
    while (shown.length < this.#height) shown.push('~');
    const atEnd = this.#top >= last;
    const status = this.#message || (atEnd ? '(END)' : this.#name && this.#top === 0 ? this.#name : ':');
    this.#message = '';
    const painted = this.#pattern ? shown.map((line) => highlight(line, this.#pattern!)) : shown;
    return `\x1b[H\x1b[2J${painted.join('\r\n')}\r\n${status === ':' ? ':' : `\x1b[7m${status}\x1b[27m`}`;
  }

  /** A character or an escape sequence; undefined at the end of input. */
  async #nextKey(): Promise<string | undefined> {
    if (this.#typed === '') {
      const chunk = await this.#tty.reader.read(this.#tool.process.cancel);
      if (!chunk) return undefined;
      this.#typed = new TextDecoder().decode(chunk);
    }

    const key = /^(?:\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[^])/u.exec(this.#typed)![0];
    this.#typed = this.#typed.slice(key.length);
    return key;
  }

  /** False when the pager is left. */
  async #key(key: string): Promise<boolean> {
    const page = this.#height;
    switch (key) {
      case 'q':
      case 'Q':
        return false;
      case ' ':
      case 'f':
      case '\x06':
      case '\x1b[6~':
        this.#top += page;
        break;
      case 'b':
      case '\x02':
      case '\x1b[5~':
        this.#top -= page;
        break;
      case 'd':
      case '\x04':
        this.#top += page >> 1;
        break;
      case 'u':
      case '\x15':
        this.#top -= page >> 1;
        break;
      case 'j':
      case '\r':
      case 'e':
      case '\x1b[B':
      case '\x1bOB':
        this.#top++;
        break;
      case 'k':
      case 'y':
      case '\x1b[A':
      case '\x1bOA':
        this.#top--;
        break;
      case 'g':
      case '<':
      case '\x1b[H':
        this.#top = 0;
        break;
      case 'G':
      case '>':
      case '\x1b[F':
        this.#top = this.#lines.length;
        break;
      case '/':
      case '?':
        return this.#ask(key);
      case 'n':
        this.#find(this.#backwards);
        break;
      case 'N':
        this.#find(!this.#backwards);
        break;
      case 'h':
        this.#message = 'q quit  SPACE/b page  j/k line  g/G ends  /text search  n/N next';
        break;
      default:
    }
    return true;
  }

  async #ask(prompt: string): Promise<boolean> {
    const { process } = this.#tool;
    let text = '';
    for (;;) {
      await process.print(`\r\x1b[K${prompt}${text}`);
      const c = await this.#nextKey();
      if (c === undefined) return false;
      if (c === '\r' || c === '\n') {
        this.#backwards = prompt === '?';
        try {
          if (text) this.#pattern = posixRegex(text, { extended: true });
          this.#find(this.#backwards);
        } catch {
          this.#message = 'Invalid pattern';
        }
        return true;
      }
      if (c.startsWith('\x1b') || c === '\x03') return true;
      if (c === '\x7f') text = [...text].slice(0, -1).join('');
      else text += c;
    }
  }

  #find(backwards: boolean): void {
    if (!this.#pattern) {
      this.#message = 'No previous regular expression';
      return;
    }
    const step = backwards ? -1 : 1;
    for (let i = this.#top + step; i >= 0 && i < this.#lines.length; i += step)
      if (this.#pattern.test(this.#lines[i]!)) {
        this.#top = i;
        return;
      }
    this.#message = 'Pattern not found';
  }
}

function highlight(line: string, pattern: Regex): string {
  let out = '';
  let at = 0;
  for (const { 0: text, index } of matchesOf(line, pattern)) {
    if (text === '') continue;
    out += `${line.slice(at, index)}\x1b[7m${text}\x1b[27m`;
    at = index + text.length;
  }
  return out + line.slice(at);
}

function wrap(line: string, columns: number): string[] {
  const out: string[] = [];
  let current = '';
  let width = 0;

  for (const piece of line.match(/\x1b\[[0-9;]*m|[^]/gu) ?? []) {
    const w = piece.length > 1 && piece[0] === '\x1b' ? 0 : isWide(piece) ? 2 : 1;
    if (width + w > columns) {
      out.push(current);
      current = '';
      width = 0;
    }
    current += piece;
    width += w;
  }
  out.push(current);
  return out;
}
