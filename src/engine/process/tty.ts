import { Channel, type ByteReader, type ByteWriter, type Cancellation, type World, toBytes } from '../world/index.ts';
import type { Machine, SignalName } from './process.ts';

/** A program on the terminal asks for a file to be edited. */
export interface TtyEditRequest {
  machine: Machine;
  /** Absolute. */
  path: string;
  /** As it was called: `vi`. */
  program: string;
  cancel: Cancellation;
}

/**
 * A terminal with its line discipline, as in termios(3). Keys come in through `input`; what programs write goes to
 * `onOutput`, with `\n` turned into `\r\n`. Cooked mode edits and echoes a line; raw mode hands keys through.
 */
export class Tty {
  readonly name: string;
  rows = 24;
  columns = 80;
  echo = true;
  /** Process group that keys signal. */
  foregroundGroup: number | undefined;
  /** Delivers signals made by keys and by resizing to the foreground group. */
  onSignal: (group: number, signal: SignalName) => void = () => {};
  readonly reader: ByteReader;
  readonly writer: ByteWriter;
  /**
   * Opens a file in the editor pane and resolves when that has saved or closed it; undefined for a machine whose files
   * it can't show. Set by the page; the promise must be settled through the run queue. Without it there is no pane.
   */
  editor: ((request: TtyEditRequest) => Promise<void> | undefined) | undefined;
  #raw = false;
  readonly #lines: Channel<Uint8Array | 'eof'>;
  readonly #output: (bytes: Uint8Array) => void;
  #line = '';
  #decoder = new TextDecoder();

  constructor(world: World, name: string, output: (bytes: Uint8Array) => void) {
    this.name = name;
    this.#output = output;
    this.#lines = new Channel(world.queue);
    this.reader = {
      read: async (cancel) => {
        const item = await this.#lines.receive(cancel);
        return item === 'eof' ? undefined : item;
      },
      close: () => {},
    };
    this.writer = {
      write: (data) => {
        this.#write(toBytes(data));
        return Promise.resolve();
      },
      close: () => {},
    };
  }

  /** Raw: no line editing, no signals from keys, no echo. What was typed of a line becomes readable. */
  get raw(): boolean {
    return this.#raw;
  }

  set raw(on: boolean) {
    this.#raw = on;
    if (on) this.#flush('');
  }

  /** Keys pressed or text pasted. */
  input(data: string | Uint8Array): void {
    const text = typeof data === 'string' ? data : this.#decoder.decode(data, { stream: true });
    if (this.raw) {
      this.#lines.send(toBytes(text));
      return;
    }
    this.#echoed = '';
    for (const key of text) this.#cookedKey(key);
    if (this.#echoed) this.#write(toBytes(this.#echoed));
  }

  /** Echo of the keys of one `input`, written at once. */
  #echoed = '';

  /** Switches between raw and cooked mode; a line begun in cooked mode goes to the raw reader. */
  setRaw(raw: boolean): void {
    if (raw && !this.raw) this.#flush('');
    this.raw = raw;
  }

  /** Back to line editing and echo, as a shell does it after a program that died in raw mode. */
  restoreModes(): void {
    this.raw = false;
    this.echo = true;
  }

  resize(rows: number, columns: number): void {
    this.rows = rows;
    this.columns = columns;
    if (this.foregroundGroup !== undefined) this.onSignal(this.foregroundGroup, 'SIGWINCH');
  }

  #cookedKey(key: string): void {
    switch (key) {
      case '\x03':
        return this.#signalKey('SIGINT', '^C');
      case '\x1a':
        return this.#signalKey('SIGTSTP', '^Z');
      case '\x1c':
        return this.#signalKey('SIGQUIT', '^\\');
      case '\x04':
        if (this.#line === '') this.#lines.send('eof');
        else this.#flush('');
        return;
      case '\x7f':
      case '\b': {
        if (this.#line === '') return;
        const glyphs = [...this.#line];
        const removed = glyphs.pop()!;
        this.#line = glyphs.join('');
        if (this.echo) this.#echoed += '\b \b'.repeat(isWide(removed) ? 2 : 1);
        return;
      }
      case '\x15':
        if (this.echo) this.#echoed += '\b \b'.repeat([...this.#line].reduce((n, c) => n + (isWide(c) ? 2 : 1), 0));
        this.#line = '';
        return;
      case '\r':
      case '\n':
        if (this.echo) this.#echoed += '\n';
        this.#flush('\n');
        return;
      default:
        // N_TTY's limit of a line; more rings the bell.
        if (this.#line.length >= 4095) {
          if (!this.#echoed.endsWith('\x07')) this.#echoed += '\x07';
          return;
        }
        this.#line += key;
        if (this.echo)
          this.#echoed += key < ' ' && key !== '\t' ? '^' + String.fromCharCode(key.charCodeAt(0) + 64) : key;
    }
  }

  #signalKey(signal: SignalName, shown: string): void {
    this.#line = '';
    if (this.echo) this.#echoed += shown;
    if (this.foregroundGroup !== undefined) this.onSignal(this.foregroundGroup, signal);
  }

  #flush(end: string): void {
    const line = this.#line + end;
    this.#line = '';
    if (line !== '') this.#lines.send(toBytes(line));
  }

  #write(bytes: Uint8Array): void {
    if (this.raw || !bytes.includes(10)) return this.#output(bytes);
    const out: number[] = [];
    for (const byte of bytes) {
      if (byte === 10) out.push(13);
      out.push(byte);
    }
    this.#output(Uint8Array.from(out));
  }
}

/** Takes two columns on a terminal (East Asian wide and full-width ranges, emoji). */
export function isWide(glyph: string): boolean {
  const c = glyph.codePointAt(0)!;
  return (
    c >= 0x1100 &&
    (c <= 0x115f ||
      (c >= 0x2e80 && c <= 0xa4cf && c !== 0x303f) ||
      (c >= 0xac00 && c <= 0xd7a3) ||
      (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xfe30 && c <= 0xfe6f) ||
      (c >= 0xff00 && c <= 0xff60) ||
      (c >= 0xffe0 && c <= 0xffe6) ||
      (c >= 0x1f300 && c <= 0x1faff) ||
      (c >= 0x20000 && c <= 0x3fffd))
  );
}
