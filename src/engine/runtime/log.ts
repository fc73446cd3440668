import { concatBytes, toBytes, type TimedText } from '../world/index.ts';

type StreamName = 'stdout' | 'stderr';

export interface LogLine {
  readonly time: number;
  readonly stream: StreamName;
  /** With its newline, if it has one. */
  readonly data: Uint8Array;
}

/** Bytes (characters of what was written as text) after which a log file is rotated (kubelet's containerLogMaxSize). */
const rotateAfter = 10 << 20;

/** Files of a log that are kept, the one that is written to included (containerLogMaxFiles). */
const maxFiles = 5;

/** What a container wrote: complete lines with the time they were completed, as containerd's log files have them. */
export class ContainerLog {
  // Entries, as columns: thousands of containers write a line for every probe.
  /** Unix ms. */
  #times: number[] = [];
  #streams: StreamName[] = [];
  /**
   * Whole lines with their newlines; only the last entry of a stream may lack one, when the program ended so. Text stays
   * text until somebody reads it.
   */
  #data: (Uint8Array | string | TimedText)[] = [];
  #size = 0;
  /** Bytes of the files before, compressed ones as they are. */
  #rotated: number[] = [];
  /** Entries that rotation has removed. */
  #dropped = 0;
  #pending: Map<StreamName, Uint8Array> | undefined;
  #listeners: Set<() => void> | undefined;
  #closed = false;

  append(stream: StreamName, data: Uint8Array | string | TimedText, time: number): void {
    if (!(data instanceof Uint8Array) && !this.#pending?.has(stream)) {
      if (typeof data !== 'string' || data.endsWith('\n')) return this.#push(time, stream, data);
    }
    let bytes = bytesOf(data, time);
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
    this.#push(time, stream, bytes);
  }

  /** The program has ended: what was left without a newline is written as it is. */
  close(time: number): void {
    this.#closed = true;
    for (const [stream, data] of this.#pending ?? []) this.#push(time, stream, data);
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
    return this.#dropped + this.#times.length;
  }

  /** The lines from entry `position` on. */
  lines(position = 0): LogLine[] {
    const lines: LogLine[] = [];
    for (let i = Math.max(0, position - this.#dropped); i < this.#times.length; i++) {
      const [time, stream] = [this.#times[i]!, this.#streams[i]!];
      const data = bytesOf(this.#data[i]!, time);
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

  #push(time: number, stream: StreamName, data: Uint8Array | string | TimedText): void {
    if (this.#size > rotateAfter) {
      // All but the newest of the old files are compressed; who reads the log sees the current file.
      this.#rotated = [this.#size, ...this.#rotated.map((size, i) => (i === 0 ? Math.round(size / 12) : size))];
      this.#rotated.length = Math.min(this.#rotated.length, maxFiles - 1);
      this.#dropped += this.#times.length;
      this.#times = [];
      this.#streams = [];
      this.#data = [];
      this.#size = 0;
    }
    this.#times = extended(this.#times, time);
    this.#streams = extended(this.#streams, stream);
    this.#data = extended(this.#data, data);
    this.#size += data.length;
    this.#tell();
  }

  #tell(): void {
    if (this.#listeners) for (const listener of [...this.#listeners]) listener();
  }

  snapshot(): unknown {
    const entries = this.#times.map((time, i) => {
      const data = this.#data[i]!;
      return [time, this.#streams[i], data instanceof Uint8Array ? data : textOf(data, time)];
    });
    return [this.#dropped, entries, [...(this.#pending ?? [])]];
  }
}

/** The list with one more item. Lists that grow in place take room for many more; most logs have a handful of lines. */
function extended<T>(list: T[], item: T): T[] {
  if (list.length < 8) return [...list, item];
  list.push(item);
  return list;
}

function textOf(data: string | TimedText, time: number): string {
  return typeof data === 'string' ? data : data.at(time);
}

function bytesOf(data: Uint8Array | string | TimedText, time: number): Uint8Array {
  return data instanceof Uint8Array ? data : toBytes(textOf(data, time));
}
