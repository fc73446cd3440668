import type { ChildProcess } from '../../process/index.ts';
import { SpawnError } from '../../process/index.ts';
import { readerOf } from '../../world/index.ts';
import { quoteIfNeeded } from '../../shell/quoting.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** Most characters of one command line, as xargs's default. */
const lineLimit = 131_072;

export const xargs = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: '0a:d:E:e::I:i::L:l::n:P:prs:tx',
    long: {
      null: '0',
      'arg-file=': 'a',
      'delimiter=': 'd',
      'replace=?': 'I',
      'max-lines=?': 'L',
      'max-args=': 'n',
      'max-procs=': 'P',
      'no-run-if-empty': 'r',
      verbose: 't',
      interactive: 'p',
      'max-chars=': 's',
    },
    stopAtOperand: true,
  });
  const number = (letter: string) => {
    const text = options.value(letter);
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw new ToolError(`invalid number "${text}" for -${letter} option`);
    if (Number(text) < 1 && letter !== 'P') throw new ToolError(`value ${text} for -${letter} option should be >= 1`);
    return Number(text);
  };
  const command = options.operands.length > 0 ? options.operands : ['echo'];
  const replace = options.has('I', 'i') ? options.value('I') || options.value('i') || '{}' : undefined;
  const [perLine, perCommand, parallel = 1] = [number('L'), number('n'), number('P')];
  const text = await tool.readText(tool.process.stdin);
  const separator = options.has('0')
    ? '\0'
    : options.value('d')?.replace('\\n', '\n').replace('\\t', '\t').replace('\\0', '\0');
  const items = separator !== undefined ? splitBy(text, separator) : replace !== undefined ? lines(text) : words(text);
  const runner = new Runner(tool, parallel === 0 ? Infinity : parallel, options.has('t'));
  if (replace !== undefined) {
    for (const item of items) await runner.start(command.map((c) => c.replaceAll(replace, item)));
    return runner.finish();
  }
  const groups: string[][] = [];
  if (perLine !== undefined) {
    const all = lines(text);
    for (let i = 0; i < all.length; i += perLine) groups.push(words(all.slice(i, i + perLine).join('\n')));
  } else {
    let group: string[] = [];
    let length = 0;
    for (const item of items) {
      if (group.length > 0 && (group.length === perCommand || length + item.length + 1 > lineLimit)) {
        groups.push(group);
        group = [];
        length = 0;
      }
      group.push(item);
      length += item.length + 1;
    }
    if (group.length > 0 || !options.has('r')) groups.push(group);
  }
  if (items.length === 0 && options.has('r')) return 0;
  for (const group of groups) await runner.start([...command, ...group]);
  return runner.finish();
});

class Runner {
  readonly #tool: Tool;
  readonly #parallel: number;
  readonly #trace: boolean;
  #running: ChildProcess[] = [];
  #status = 0;

  constructor(tool: Tool, parallel: number, trace: boolean) {
    this.#tool = tool;
    this.#parallel = parallel;
    this.#trace = trace;
  }

  /** @throws ToolError when a command can't be run, or says 255 */
  async start(argv: string[]): Promise<void> {
    if (this.#trace) await this.#tool.process.printError(argv.map(quoteIfNeeded).join(' ') + '\n');
    if (this.#running.length >= this.#parallel) await this.#reap();
    try {
      this.#running.push(this.#tool.process.spawn(argv, { stdin: readerOf('') }));
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error;
      if (error.message.startsWith('slipway: ')) throw new ToolError('', { status: 1, hint: error.message });
      throw new ToolError(`${argv[0]}: ${error.code === 'ENOENT' ? 'No such file or directory' : error.message}`, {
        status: error.status,
      });
    }
    if (this.#parallel === 1) await this.#reap();
  }

  async #reap(): Promise<void> {
    const child = this.#running.shift();
    if (!child) return;
    const status = await child.wait(this.#tool.process.cancel);
    if (status === 255)
      throw new ToolError(
        `${this.#tool.args.find((a) => !a.startsWith('-')) ?? 'echo'}: exited with status 255; aborting`,
        { status: 124 },
      );
    if (child.signal) throw new ToolError(`command: terminated by signal ${status - 128}`, { status: 125 });
    if (status !== 0) this.#status = 123;
  }

  async finish(): Promise<number> {
    while (this.#running.length > 0) await this.#reap();
    return this.#status;
  }
}

function splitBy(text: string, separator: string): string[] {
  const parts = text.split(separator);
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((l) => l.replace(/^[ \t]+/, ''))
    .filter((l) => l !== '');
}

/** Blank-separated words with quotes and backslashes. @throws ToolError */
function words(text: string): string[] {
  const out: string[] = [];
  let current: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"' || c === "'") {
      const end = text.indexOf(c, i + 1);
      const newline = text.indexOf('\n', i + 1);
      if (end < 0 || (newline >= 0 && newline < end))
        throw new ToolError(
          `unmatched ${c === '"' ? 'double' : 'single'} quote; by default quotes are special to xargs unless you use the -0 option`,
        );
      current = (current ?? '') + text.slice(i + 1, end);
      i = end;
    } else if (c === '\\' && i + 1 < text.length) current = (current ?? '') + text[++i]!;
    else if (/\s/.test(c)) {
      if (current !== undefined) out.push(current);
      current = undefined;
    } else current = (current ?? '') + c;
  }
  if (current !== undefined) out.push(current);
  return out;
}
