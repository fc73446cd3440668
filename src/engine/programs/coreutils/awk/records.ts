import { openInput } from '../../../process/index.ts';
import { splitBy } from '../../../regex/linear.ts';
import { FsError, type ByteReader } from '../../../world/index.ts';
import { captureCommand } from '../../lib/subprocess.ts';
import { Lines, type Tool } from '../../lib/tool.ts';
import { splitParagraphs, WholeInput } from './input.ts';
import type { AwkState } from './state.ts';
import { unescapeValue } from './text.ts';
import { fromInput, toNumber, type AwkArray, type Value } from './values.ts';

/** Where records come from: the arguments' files one after the other, and what `getline` reads by name. */
export class Records {
  readonly #tool: Tool;
  readonly #state: AwkState;
  readonly #fail: () => void;
  readonly #named = new Map<string, { lines: Lines; queue: string[]; close: () => void }>();
  #lines: Lines | undefined;
  #reader: ByteReader | undefined;
  #queue: string[] = [];
  #argument = 1;
  #usedFile = false;
  #ended = false;

  /** @param fail called when a file can't be read */
  constructor(tool: Tool, state: AwkState, fail: () => void) {
    this.#tool = tool;
    this.#state = state;
    this.#fail = fail;
  }

  /** The next record of the main input. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (this.#queue.length > 0) {
        this.#state.count('NR');
        this.#state.count('FNR');
        return this.#queue.shift()!;
      }
      await this.#tool.flush();
      const batch = await this.#lines?.batch();
      if (batch) {
        this.#queue = this.#state.setting('RS') === '' ? splitParagraphs(batch) : batch;
        continue;
      }
      this.#reader?.close();
      this.#reader = this.#lines = undefined;
      if (this.#ended || !(await this.#openNext())) {
        this.#ended = true;
        return undefined;
      }
    }
  }

  skipFile(): void {
    this.#lines = undefined;
    this.#queue = [];
  }

  /**
   * The next record of a file or of a command's output.
   * @returns undefined at its end
   * @throws FsError when it can't be opened
   */
  async nextOf(name: string, isCommand: boolean): Promise<string | undefined> {
    let input = this.#named.get(name);
    if (!input) {
      await this.#tool.flush();
      const { process } = this.#tool;
      const reader = isCommand
        ? captureCommand(process, name)
        : name === '-'
          ? process.stdin
          : openInput(process, name);
      input = { lines: this.#linesOf(reader), queue: [], close: () => reader.close() };
      this.#named.set(name, input);
    }
    if (input.queue.length === 0) input.queue = (await input.lines.batch()) ?? [];
    const line = input.queue.shift();
    if (isCommand && line !== undefined) this.#state.count('NR');
    return line;
  }

  /** False if nothing of that name is open. */
  close(name: string): boolean {
    this.#named.get(name)?.close();
    return this.#named.delete(name);
  }

  async #openNext(): Promise<boolean> {
    const argv = this.#state.globals.get('ARGV') as AwkArray;
    const argc = toNumber(this.#state.globals.get('ARGC') as Value);
    for (; this.#argument < argc; this.#argument++) {
      const argument = this.#state.text(argv.get(String(this.#argument)));
      if (argument === '') continue;
      const assignment = /^([A-Za-z_]\w*)=([^]*)$/.exec(argument);
      if (assignment) {
        this.#state.globals.set(assignment[1]!, fromInput(unescapeValue(assignment[2]!)));
        continue;
      }
      this.#argument++;
      this.#usedFile = true;
      return this.#open(argument);
    }
    if (this.#usedFile) return false;
    this.#usedFile = true;
    return this.#open('-');
  }

  async #open(file: string): Promise<boolean> {
    try {
      this.#reader = file === '-' ? this.#tool.process.stdin : openInput(this.#tool.process, file);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await this.#tool.complain(`cannot open ${file} (${error.message})`, 2);
      this.#fail();
      return this.#openNext();
    }
    this.#state.globals.set('FILENAME', file === '-' ? '' : file);
    this.#state.globals.set('FNR', 0);
    this.#lines = this.#linesOf(this.#reader);
    return true;
  }

  #linesOf(reader: ByteReader): Lines {
    const separator = this.#state.setting('RS');
    if (separator === '') return new WholeInput(this.#tool, reader, (text) => splitParagraphs([text]));
    if (separator.length === 1) return new Lines(this.#tool, reader, separator);
    const regex = this.#state.regex(separator);
    return new WholeInput(this.#tool, reader, (text) => {
      const parts = splitBy(text, regex);
      if (parts.at(-1) === '' || parts.at(-1) === '\n') parts.pop();
      return parts;
    });
  }
}
