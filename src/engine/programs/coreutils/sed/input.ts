import { openInput } from '../../../process/index.ts';
import { FsError, type ByteReader } from '../../../world/index.ts';
import { Lines, type Tool } from '../../lib/tool.ts';

/** Lines of the files, one after the other, with a look ahead for `$`. */
export class SedInput {
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
