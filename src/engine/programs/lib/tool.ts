import type { Process, Program } from '../../process/index.ts';
import { openInput } from '../../process/index.ts';
import { baseName, FsError, latency, type ByteReader } from '../../world/index.ts';
import { busyboxMessage, busyboxUsage, isBusybox, isUsageError } from './busybox.ts';

/** Frame of the small tools: options, messages, buffered output. */

/** Ends a tool with a message: `grep: MESSAGE`. */
export class ToolError extends Error {
  override name = 'ToolError';
  readonly status: number;
  /** More lines for stderr, without the tool's name. */
  readonly hint: string;
  constructor(message: string, { status = 1, hint = '' }: { status?: number; hint?: string } = {}) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** Output collects until it is flushed: at the end of a chunk of input, so that nothing waits for more to come. */
const flushSize = 32_768;

export class Tool {
  readonly process: Process;
  /** The name it was called by. */
  readonly name: string;
  status = 0;
  #pending: (string | Uint8Array)[] = [];
  #size = 0;

  constructor(process: Process) {
    this.process = process;
    this.name = baseName(process.argv[0] ?? 'tool');
  }

  get args(): readonly string[] {
    return this.process.argv.slice(1);
  }

  get fs() {
    return this.process.machine.fs;
  }

  /** Whether it is an applet of busybox: the messages of `complain` and `ToolError` then are that one's. */
  get busybox(): boolean {
    return (this.#busybox ??= isBusybox(this.process.machine));
  }

  #busybox: boolean | undefined;

  path(path: string): string {
    return this.process.path(path);
  }

  /** Adds to the output; true if it is time to flush. */
  put(data: string | Uint8Array): boolean {
    this.#pending.push(data);
    this.#size += data.length;
    return this.#size >= flushSize;
  }

  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    this.#size = 0;
    if (pending.every((p) => typeof p === 'string')) return this.process.print(pending.join(''));
    for (const piece of pending) await this.process.stdout.write(piece, this.process.cancel);
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.put(data)) await this.flush();
  }

  /** Writes `NAME: message` to stderr and makes the exit status at least `status`. */
  async complain(message: string, status = 1): Promise<void> {
    await this.flush();
    const text = this.busybox ? busyboxMessage(this.name, message) : message;
    await this.process.printError(`${this.name}: ${text}\n`);
    this.status = Math.max(this.status, this.busybox ? 1 : status);
  }

  /**
   * The files named, one after the other (`-` is stdin; none means stdin). What can't be opened is complained about.
   * @param format of the message about a file
   */
  async *inputs(
    files: readonly string[],
    {
      status = 1,
      format = (file: string, message: string) => `${file}: ${message}`,
    }: { status?: number; format?: (file: string, message: string) => string } = {},
  ): AsyncGenerator<{ name: string; reader: ByteReader }> {
    for (const name of files.length > 0 ? files : ['-']) {
      let reader: ByteReader;
      try {
        reader = name === '-' ? this.process.stdin : openInput(this.process, name);
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        await this.complain(format(name, error.message), status);
        continue;
      }
      yield { name, reader };
      if (name !== '-') reader.close();
    }
  }

  /** It keeps so many bytes of its input. */
  holds(bytes: number): void {
    if (bytes > 1 << 20) this.process.memory.set(bytes + (1 << 20));
  }

  /** Reads all of a stream as bytes. */
  async readAll(reader: ByteReader): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const chunk = await reader.read(this.process.cancel);
      if (!chunk) break;
      size += chunk.length;
      if (size > memoryLimit) throw new ToolError('memory exhausted', { status: 2 });
      chunks.push(chunk);
      this.holds(size);
    }
    const all = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  async readText(reader: ByteReader): Promise<string> {
    return new TextDecoder().decode(await this.readAll(reader));
  }
}

/** What a tool that must see all of its input may hold. */
const memoryLimit = 128 << 20;

/** A small tool as a program. `run` gives the exit status, or leaves it to `tool.status`. */
export function defineTool(run: (tool: Tool) => Promise<number | void>): Program {
  const program = async (process: Process): Promise<number> => {
    const tool = new Tool(process);
    try {
      const status = await run(tool);
      await tool.flush();
      return status ?? tool.status;
    } catch (error) {
      if (error instanceof FsError) {
        await tool.complain(
          error.code === 'ENOSPC' ? `write error: ${error.message}` : `${error.path}: ${error.message}`,
        );
        return tool.status;
      }
      if (!(error instanceof ToolError)) throw error;
      await tool.flush();
      if (tool.busybox) return busyboxFailure(tool, error);
      if (error.message) await process.printError(`${tool.name}: ${error.message}\n`);
      if (error.hint) await process.printError(`${error.hint.replaceAll('NAME', tool.name)}\n`);
      return error.status;
    }
  };
  return Object.assign(program, { startup: latency.toolStart });
}

/** Applets show their usage where GNU's tools point to `--help`. */
async function busyboxFailure({ name, process }: Tool, { message, hint, status }: ToolError): Promise<number> {
  const { machine } = process;
  if (isUsageError(message)) await process.printError(busyboxUsage(machine, name));
  else {
    if (message) await process.printError(`${name}: ${busyboxMessage(name, message)}\n`);
    if (hint) await process.printError(busyboxUsage(machine, name));
  }
  return name === 'grep' ? status : 1;
}

/** Reads lines in batches: all that a chunk of input completes. */
export class Lines {
  readonly #reader: ByteReader;
  readonly #tool: Tool;
  readonly #separator: string;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = '';
  #ended = false;
  /** The input's last line had no newline. */
  unterminated = false;

  constructor(tool: Tool, reader: ByteReader, separator = '\n') {
    this.#tool = tool;
    this.#reader = reader;
    this.#separator = separator;
  }

  /** The next lines without their newlines; undefined at the end. Never empty. */
  async batch(): Promise<string[] | undefined> {
    while (!this.#ended) {
      const chunk = await this.#reader.read(this.#tool.process.cancel);
      if (!chunk) {
        this.#ended = true;
        this.#rest += this.#decoder.decode();
        if (this.#rest === '') return undefined;
        this.unterminated = true;
        return [this.#rest];
      }
      const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
      if (text.length > memoryLimit) throw new ToolError('memory exhausted', { status: 2 });
      const lines = text.split(this.#separator);
      this.#rest = lines.pop()!;
      if (lines.length > 0) return lines;
    }
    return undefined;
  }

  /** Every line, one by one. */
  async *each(): AsyncGenerator<string> {
    for (;;) {
      const lines = await this.batch();
      if (!lines) return;
      yield* lines;
    }
  }

  /** All lines at once. */
  async all(): Promise<string[]> {
    const out: string[] = [];
    for (let lines = await this.batch(); lines; lines = await this.batch()) for (const line of lines) out.push(line);
    return out;
  }
}
