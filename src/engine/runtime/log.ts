import { concatBytes, toBytes } from '../world/index.ts';

export interface LogEntry {
  /** Unix ms. */
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  /**
   * Whole lines with their newlines; only the last entry of a stream may lack one, when the program ended so. Text stays
   * text until somebody reads it.
   */
  readonly data: Uint8Array | string;
}

export interface LogLine {
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  /** With its newline, if it has one. */
  readonly data: Uint8Array;
}

/** Bytes (characters of what was written as text) after which a log file is rotated (kubelet's containerLogMaxSize). */
const rotateAfter = 10 << 20;

/** Files of a log that are kept, the one that is written to included (containerLogMaxFiles). */
const maxFiles = 5;

/** What a container wrote: complete lines with the time they were completed, as containerd's log files have them. */
export class ContainerLog {
  #entries: LogEntry[] = [];
  #size = 0;
  /** Bytes of the files before, compressed ones as they are. */
  #rotated: number[] = [];
  /** Entries that rotation has removed. */
  #dropped = 0;
  #pending: Map<'stdout' | 'stderr', Uint8Array> | undefined;
  #listeners: Set<() => void> | undefined;
  #closed = false;

  append(stream: 'stdout' | 'stderr', data: Uint8Array | string, time: number): void {
    if (typeof data === 'string' && data.endsWith('\n') && !this.#pending?.has(stream))
      return this.#push({ time, stream, data });
    let bytes = toBytes(data);
    const pending = (this.#pending ??= new Map());
    const before = pending.get(stream);
    const end = bytes.lastIndexOf(10) + 1;
    if (end === 0) {
      pending.set(stream, before ? concatBytes([before, bytes]) : bytes);
      return;
    }
    const rest = bytes.subarray(end);
    bytes = before ? concatBytes([before, bytes.subarray(0, end)]) : bytes.subarray(0, end);
    if (rest.length > 0) pending.set(stream, rest);
    else pending.delete(stream);
    this.#push({ time, stream, data: bytes });
  }

  /** The program has ended: what was left without a newline is written as it is. */
  close(time: number): void {
    this.#closed = true;
    for (const [stream, data] of this.#pending ?? []) this.#push({ time, stream, data });
    this.#pending = undefined;
    this.#tell();
  }

  /** The container starts once more; what it writes is added. */
  reopen(): void {
    this.#closed = false;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that the log's files have on disk. */
  get bytes(): number {
    return this.#rotated.reduce((sum, size) => sum + size, this.#size);
  }

  /** Number of entries so far, those that rotation removed included: a position to read on from. */
  get end(): number {
    return this.#dropped + this.#entries.length;
  }

  /** The lines from entry `position` on. */
  lines(position = 0): LogLine[] {
    const lines: LogLine[] = [];
    for (const { time, stream, data: content } of this.#entries.slice(Math.max(0, position - this.#dropped))) {
      const data = toBytes(content);
      let start = 0;
      while (start < data.length) {
        const newline = data.indexOf(10, start);
        const end = newline < 0 ? data.length : newline + 1;
        lines.push({ time, stream, data: data.subarray(start, end) });
        start = end;
      }
    }
    return lines;
  }

  /** Calls `listener` whenever there is more to read, or the log has ended. Returns an undo. */
  onChange(listener: () => void): () => void {
    (this.#listeners ??= new Set()).add(listener);
    return () => void this.#listeners?.delete(listener);
  }

  #push(entry: LogEntry): void {
    if (this.#size > rotateAfter) {
      // All but the newest of the old files are compressed; who reads the log sees the current file.
      this.#rotated = [this.#size, ...this.#rotated.map((size, i) => (i === 0 ? Math.round(size / 12) : size))];
      this.#rotated.length = Math.min(this.#rotated.length, maxFiles - 1);
      this.#dropped += this.#entries.length;
      this.#entries = [];
      this.#size = 0;
    }
    this.#entries.push(entry);
    this.#size += entry.data.length;
    this.#tell();
  }

  #tell(): void {
    if (this.#listeners) for (const listener of [...this.#listeners]) listener();
  }

  snapshot(): unknown {
    return [this.#dropped, this.#entries.map((e) => [e.time, e.stream, e.data]), [...(this.#pending ?? [])]];
  }
}
