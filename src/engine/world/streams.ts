import type { Cancellation } from './cancel.ts';
import type { RunQueue } from './queue.ts';
import { Signal } from './tasks.ts';

/** A stream of byte chunks to read from. `read` gives undefined at the end. */
export interface ByteReader {
  /** The next chunk, never an empty one; undefined at the end of the stream. */
  read(cancel?: Cancellation): Promise<Uint8Array | undefined>;
  /** Says that nobody will read any more: writers get EPIPE. */
  close(): void;
}

/** A stream of byte chunks to write to. */
export interface ByteWriter {
  /** Writes all of it; waits while the buffer is full. @throws BrokenPipe when nobody reads any more. */
  write(data: Uint8Array | string, cancel?: Cancellation): Promise<void>;
  /** Writes the text with the time of now, where that can wait until somebody reads it; false: it has to be written. */
  writeTimed?(text: TimedText): boolean;
  close(): void;
}

/** A line that is written again and again and is the same but for the time in it. */
export interface TimedText {
  /** Bytes, whatever the time. */
  readonly length: number;
  /** With its newline. */
  at(unixMs: number): string;
}

export interface Duplex {
  readonly reader: ByteReader;
  readonly writer: ByteWriter;
}

export class BrokenPipe extends Error {
  override name = 'BrokenPipe';
  readonly code = 'EPIPE';
  constructor() {
    super('broken pipe');
  }
}

const encoder = new TextEncoder();

export function toBytes(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** A pipe as in pipe(7): bytes in order, 64 KiB of room, end of file when the writing end is closed. */
export class Pipe implements Duplex {
  static readonly capacity = 65_536;
  readonly reader: ByteReader;
  readonly writer: ByteWriter;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #writeClosed = false;
  #readClosed = false;

  constructor(queue: RunQueue) {
    const readable = new Signal(queue);
    const writable = new Signal(queue);
    this.reader = {
      read: async (cancel) => {
        for (;;) {
          const chunk = this.#chunks.shift();
          if (chunk) {
            this.#size -= chunk.length;
            writable.notify();
            return chunk;
          }
          if (this.#writeClosed || this.#readClosed) return undefined;
          await readable.wait(cancel);
        }
      },
      close: () => {
        this.#readClosed = true;
        this.#chunks = [];
        this.#size = 0;
        writable.notify();
        readable.notify();
      },
    };
    this.writer = {
      write: async (data, cancel) => {
        const bytes = toBytes(data);
        if (this.#readClosed) throw new BrokenPipe();
        if (bytes.length === 0 || this.#writeClosed) return;
        while (this.#size > 0 && this.#size + bytes.length > Pipe.capacity) {
          await writable.wait(cancel);
          if (this.#readClosed) throw new BrokenPipe();
        }
        this.#chunks.push(bytes);
        this.#size += bytes.length;
        readable.notify();
      },
      close: () => {
        this.#writeClosed = true;
        readable.notify();
      },
    };
  }
}

/** A reader over bytes that are already there. */
export function readerOf(data: Uint8Array | string): ByteReader {
  let rest: Uint8Array | undefined = toBytes(data);
  return {
    read: () => {
      const chunk = rest && rest.length > 0 ? rest : undefined;
      rest = undefined;
      return Promise.resolve(chunk);
    },
    close: () => void (rest = undefined),
  };
}

/** A writer that keeps everything written to it. */
export class Collector implements ByteWriter {
  readonly #chunks: Uint8Array[] = [];

  write(data: Uint8Array | string): Promise<void> {
    const bytes = toBytes(data);
    if (bytes.length > 0) this.#chunks.push(bytes);
    return Promise.resolve();
  }

  close(): void {}

  bytes(): Uint8Array {
    return concatBytes(this.#chunks);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }
}

/** Reads to the end. `limit` (bytes) guards against endless input. @throws RangeError past the limit. */
export async function readAll(reader: ByteReader, cancel?: Cancellation, limit = 256 << 20): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const chunk = await reader.read(cancel);
    if (!chunk) return concatBytes(chunks);
    size += chunk.length;
    if (size > limit) throw new RangeError(`more than ${limit} bytes of input`);
    chunks.push(chunk);
  }
}

/** Splits a byte stream into lines of text, without their newline; undefined at the end. */
export class LineReader {
  readonly #reader: ByteReader;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #ended = false;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** The next line; the last one may have had no newline (`lastUnterminated` then is true). */
  async next(cancel?: Cancellation): Promise<string | undefined> {
    for (;;) {
      const at = this.#rest.indexOf('\n');
      if (at >= 0) {
        const line = this.#rest.slice(0, at);
        this.#rest = this.#rest.slice(at + 1);
        return line;
      }
      if (this.#ended) {
        if (this.#rest === '') return undefined;
        const line = this.#rest;
        this.#rest = '';
        this.lastUnterminated = true;
        return line;
      }
      const chunk = await this.#reader.read(cancel);
      if (chunk) this.#rest += this.#decoder.decode(chunk, { stream: true });
      else {
        this.#rest += this.#decoder.decode();
        this.#ended = true;
      }
    }
  }

  lastUnterminated = false;
}
