import { BrokenPipe, type ByteReader, type ByteWriter, type Cancellation, type TimedText } from '../world/index.ts';
import type { Tty } from './tty.ts';

/** What several descriptors may share: an open file description, as in open(2). */
interface OpenFile {
  readonly reader: ByteReader | undefined;
  readonly writer: ByteWriter | undefined;
  readonly tty: Tty | undefined;
  references: number;
  /** Bytes read and given back. */
  rest: Uint8Array | undefined;
}

/**
 * A file descriptor: one reference to an open file. Duplicates share the file and its position; the file is closed when
 * the last of them is. A process closes the descriptors it was started with when it ends, so a pipe's reader sees
 * the end of file when the last writer is gone, however many processes had the writing end.
 */
export class Descriptor implements ByteReader, ByteWriter {
  readonly #file: OpenFile;
  #closed = false;

  private constructor(file: OpenFile) {
    this.#file = file;
  }

  static of(ends: { reader?: ByteReader; writer?: ByteWriter; tty?: Tty }): Descriptor {
    return new Descriptor({ reader: ends.reader, writer: ends.writer, tty: ends.tty, references: 1, rest: undefined });
  }

  static ofTty(tty: Tty): Descriptor {
    return Descriptor.of({ reader: tty.reader, writer: tty.writer, tty });
  }

  /** A descriptor for a stream that somebody else owns: closing it leaves the stream open. */
  static borrow(ends: { reader?: ByteReader; writer?: ByteWriter; tty?: Tty }): Descriptor {
    const { reader, writer } = ends;
    return Descriptor.of({
      reader: reader && { read: (cancel) => reader.read(cancel), close: () => {} },
      writer: writer && {
        write: (data, cancel) => writer.write(data, cancel),
        writeTimed: (text) => writer.writeTimed?.(text) === true,
        close: () => {},
      },
      tty: ends.tty,
    });
  }

  get tty(): Tty | undefined {
    return this.#file.tty;
  }

  get readable(): boolean {
    return this.#file.reader !== undefined && !this.#closed;
  }

  get writable(): boolean {
    return this.#file.writer !== undefined && !this.#closed;
  }

  dup(): Descriptor {
    this.#file.references++;
    return new Descriptor(this.#file);
  }

  async read(cancel?: Cancellation): Promise<Uint8Array | undefined> {
    const { rest } = this.#file;
    if (rest) {
      this.#file.rest = undefined;
      return rest;
    }
    return this.#closed ? undefined : this.#file.reader?.read(cancel);
  }

  /** Puts back bytes that were read too many, for whoever reads next. */
  unread(data: Uint8Array): void {
    if (data.length === 0) return;
    const { rest } = this.#file;
    if (!rest) {
      this.#file.rest = data;
      return;
    }
    const joined = new Uint8Array(data.length + rest.length);
    joined.set(data);
    joined.set(rest, data.length);
    this.#file.rest = joined;
  }

  async write(data: Uint8Array | string, cancel?: Cancellation): Promise<void> {
    if (this.#closed || !this.#file.writer) throw new BrokenPipe();
    await this.#file.writer.write(data, cancel);
  }

  writeTimed(text: TimedText): boolean {
    return !this.#closed && this.#file.writer?.writeTimed?.(text) === true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (--this.#file.references > 0) return;
    this.#file.reader?.close();
    if ((this.#file.writer as unknown) !== this.#file.reader) this.#file.writer?.close();
  }
}

/** Gives back bytes to a stream that can take them; others lose them, as pipes do. */
export function unread(reader: ByteReader, data: Uint8Array): void {
  if (reader instanceof Descriptor) reader.unread(data);
}
