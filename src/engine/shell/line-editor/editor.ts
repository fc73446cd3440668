import type { Tty } from '../../process/index.ts';
import type { Cancellation } from '../../world/index.ts';
import type { Shell } from '../shell.ts';
import { LineBuffer } from './buffer.ts';
import { commonPrefix, complete, listing, quoteWord, type Candidate } from './complete.ts';
import { KeyDecoder, type Key } from './keys.ts';
import { LineScreen } from './screen.ts';
import { HistorySearch } from './search.ts';
import { completionTarget } from './words.ts';

/** Characters one line may have: more is a file, not a command. */
export const lineLimit = 1 << 20;
/** Candidates that are listed without asking. */
const listLimit = 100;

/** How reading a line ended: with a line, Ctrl-C, or Ctrl-D on an empty line (or the terminal's end). */
export type ReadResult = { line: string } | 'interrupt' | 'end';

/**
 * Reads lines from a terminal in raw mode, with readline's emacs keys, history, incremental search, completion and
 * bracketed paste.
 */
export class LineEditor {
  readonly #shell: Shell;
  readonly #tty: Tty;
  readonly #screen = new LineScreen();
  readonly #keys = new KeyDecoder(lineLimit);
  readonly #queue: Key[] = [];
  #buffer = new LineBuffer();
  #prompt = '';
  /** Lines of the history as edited in this read; the last one is the new line. */
  #lines: string[] = [];
  #at = 0;
  #search: HistorySearch | undefined;
  #lastTab = false;
  #lastArgument = 0;

  constructor(shell: Shell, tty: Tty) {
    this.#shell = shell;
    this.#tty = tty;
  }

  /** @param prompt decoded, invisible parts between \x01 and \x02 */
  async readLine(prompt: string, cancel: Cancellation): Promise<ReadResult> {
    const tty = this.#tty;
    const last = prompt.lastIndexOf('\n');
    this.#prompt = prompt.slice(last + 1);
    this.#buffer = new LineBuffer();
    this.#lines = [...this.#shell.history.entries, ''];
    this.#at = this.#lines.length - 1;
    this.#search = undefined;
    tty.setRaw(true);
    this.#screen.reset();
    this.#write(`\x1b[?2004h${prompt.slice(0, last + 1).replace(/\n/g, '\r\n')}`);
    this.#draw();
    const forget = this.#shell.process.onSignal('SIGWINCH', () => this.#redraw());
    try {
      for (;;) {
        const key = this.#queue.shift();
        if (!key) {
          const chunk = await tty.reader.read(cancel);
          if (!chunk) return 'end';
          this.#queue.push(...this.#keys.decode(new TextDecoder().decode(chunk)));
          continue;
        }
        const result = await this.#key(key);
        if (result !== undefined) return result;
        // Draw once for all keys that came together.
        if (this.#queue.length === 0) this.#draw();
      }
    } finally {
      forget();
      this.#write('\x1b[?2004l');
      tty.setRaw(false);
      this.#giveBack();
    }
  }

  /** What was typed ahead belongs to whoever reads the terminal next. */
  #giveBack(): void {
    const rest = this.#queue.splice(0);
    for (const key of rest) {
      if (key.type !== 'key') this.#tty.input(key.text);
      else if (key.name === 'enter') this.#tty.input('\r');
      else if (key.name === 'tab') this.#tty.input('\t');
      else if (/^ctrl-[a-z]$/.test(key.name)) this.#tty.input(String.fromCharCode(key.name.charCodeAt(5) - 96));
    }
  }

  #write(text: string): void {
    void this.#tty.writer.write(text);
  }

  #draw(): void {
    const { text, cursor, prompt } = this.#search?.view() ?? { text: undefined, cursor: 0, prompt: this.#prompt };
    const glyphs = text === undefined ? this.#buffer.glyphs : [...text];
    this.#write(
      this.#screen.draw(prompt, glyphs, text === undefined ? this.#buffer.cursor : cursor, this.#tty.columns),
    );
  }

  #redraw(): void {
    this.#write('\r\x1b[J');
    this.#screen.reset();
    this.#draw();
  }

  async #key(key: Key): Promise<ReadResult | undefined> {
    if (this.#search) {
      const outcome = this.#search.key(key);
      if (outcome.state === 'searching') return undefined;
      this.#search = undefined;
      if (outcome.state === 'abandoned') return undefined;
      this.#buffer.set(outcome.line, outcome.cursor);
      if (outcome.state === 'taken') return undefined;
    }
    const wasTab = this.#lastTab;
    this.#lastTab = false;
    if (key.type !== 'key') {
      this.#insert(key.text, key.type === 'paste');
      return undefined;
    }
    if (key.name !== 'alt-.') this.#lastArgument = 0;
    switch (key.name) {
      case 'enter':
        return this.#accept();
      case 'ctrl-c':
        this.#buffer.moveTo(this.#buffer.glyphs.length);
        this.#draw();
        this.#write(`^C${this.#screen.finish()}`);
        this.#queue.length = 0;
        return 'interrupt';
      case 'ctrl-d':
        if (this.#buffer.glyphs.length > 0) this.#edit('delete');
        else return 'end';
        return undefined;
      case 'tab':
        await this.#complete(wasTab);
        this.#lastTab = true;
        return undefined;
      case 'ctrl-r':
        this.#search = new HistorySearch(this.#shell.history.entries, this.#buffer.text);
        return undefined;
      case 'ctrl-l':
        this.#write('\x1b[H\x1b[2J');
        this.#screen.reset();
        return undefined;
      case 'up':
      case 'ctrl-p':
        this.#history(-1);
        return undefined;
      case 'down':
      case 'ctrl-n':
        this.#history(1);
        return undefined;
      case 'alt-.':
        this.#insertLastArgument();
        return undefined;
      case 'alt-<':
        this.#history(-this.#at);
        return undefined;
      case 'alt->':
        this.#history(this.#lines.length - 1 - this.#at);
        return undefined;
      default:
        this.#edit(key.name);
        return undefined;
    }
  }

  #insert(text: string, pasted: boolean): void {
    const clean = pasted
      ? text
          .replace(/\r\n?/g, '\n')
          .replace(/\n+$/, (end) => (end.length > 0 && text.trim().includes('\n') ? '\n' : ''))
      : text;
    if (this.#buffer.glyphs.length + clean.length > lineLimit) {
      this.#buffer.moveTo(this.#buffer.glyphs.length);
      this.#draw();
      const mib = lineLimit >> 20;
      this.#write(
        `${this.#screen.finish()}slipway: a command line takes ${mib} MiB at most: save a text of this size as a file instead\r\n`,
      );
      return;
    }
    this.#buffer.insert(clean.replace(/\t/g, pasted ? '\t' : ''));
  }

  #accept(): ReadResult {
    this.#buffer.moveTo(this.#buffer.glyphs.length);
    this.#draw();
    this.#write(this.#screen.finish());
    return { line: this.#buffer.text };
  }

  /** Keys that only change the line or the cursor. */
  #edit(name: string): void {
    const buffer = this.#buffer;
    const { cursor } = buffer;
    const end = buffer.glyphs.length;
    switch (name) {
      case 'backspace':
        return buffer.remove(cursor - 1, cursor);
      case 'delete':
        return buffer.remove(cursor, cursor + 1);
      case 'left':
      case 'ctrl-b':
        return buffer.moveTo(cursor - 1);
      case 'right':
      case 'ctrl-f':
        return buffer.moveTo(cursor + 1);
      case 'home':
      case 'ctrl-a':
        return buffer.moveTo(0);
      case 'end':
      case 'ctrl-e':
        return buffer.moveTo(end);
      case 'word-left':
      case 'alt-b':
        return buffer.moveTo(buffer.wordLeft());
      case 'word-right':
      case 'alt-f':
        return buffer.moveTo(buffer.wordRight());
      case 'ctrl-k':
        return buffer.remove(cursor, end, true);
      case 'ctrl-u':
        return buffer.remove(0, cursor, true);
      case 'ctrl-w':
        return buffer.remove(buffer.blankWordLeft(), cursor, true);
      case 'alt-backspace':
        return buffer.remove(buffer.wordLeft(), cursor, true);
      case 'alt-d':
        return buffer.remove(cursor, buffer.wordRight(), true);
      case 'ctrl-y':
        return buffer.yank();
      case 'ctrl-t':
        return buffer.transpose();
      case 'undo':
        return buffer.undo();
    }
  }

  #history(step: number): void {
    const next = this.#at + step;
    if (next < 0 || next >= this.#lines.length) return this.#write('\x07');
    this.#lines[this.#at] = this.#buffer.text;
    this.#at = next;
    this.#buffer.set(this.#lines[next]!);
  }

  /** Alt-.: the last word of the previous command, of the one before it at the next press. */
  #insertLastArgument(): void {
    const { entries } = this.#shell.history;
    const argument = (back: number) => entries.at(-back)?.trim().split(/\s+/).at(-1);
    const word = argument(this.#lastArgument + 1);
    if (word === undefined) return this.#write('\x07');
    const previous = this.#lastArgument > 0 ? argument(this.#lastArgument) : undefined;
    if (previous) this.#buffer.remove(this.#buffer.cursor - [...previous].length, this.#buffer.cursor);
    this.#buffer.insert(word);
    this.#lastArgument++;
  }

  async #complete(again: boolean): Promise<void> {
    const before = this.#buffer.beforeCursor();
    const target = completionTarget(before);
    const candidates = await complete(this.#shell, target);
    if (candidates.length === 0) return this.#write('\x07');
    const current = target.words.at(-1)!;
    const common = commonPrefix(candidates.map(({ value }) => value));
    const only = candidates.length === 1 ? candidates[0]! : undefined;
    if (only || common.length > current.length) {
      let text = quoteWord(only?.value ?? common, target.quote);
      if (only) text += only.suffix === ' ' ? `${target.quote} ` : only.value.endsWith('/') ? '' : only.suffix;
      const from = [...before.slice(0, target.start)].length;
      this.#buffer.remove(from, this.#buffer.cursor);
      this.#buffer.insert(text);
      return;
    }
    if (!again) return this.#write('\x07');
    await this.#list(candidates);
  }

  async #list(candidates: readonly Candidate[]): Promise<void> {
    const { cursor } = this.#buffer;
    this.#buffer.moveTo(this.#buffer.glyphs.length);
    this.#draw();
    this.#write(this.#screen.finish());
    this.#buffer.moveTo(cursor);
    if (candidates.length > listLimit) {
      this.#write(`Display all ${candidates.length} possibilities? (y or n)`);
      const yes = await this.#confirm();
      this.#write('\r\n');
      if (!yes) return;
    }
    this.#write(listing(candidates, this.#tty.columns));
  }

  async #confirm(): Promise<boolean> {
    for (;;) {
      const key = this.#queue.shift();
      if (key) {
        const text = key.type === 'key' ? key.name : key.text[0]!;
        if (/^[yY ]$/.test(text) || text === 'tab') return true;
        if (/^[nN]$/.test(text) || /^(backspace|ctrl-c|enter)$/.test(text)) return false;
        continue;
      }
      const chunk = await this.#tty.reader.read(this.#shell.interrupt);
      if (!chunk) return false;
      this.#queue.push(...this.#keys.decode(new TextDecoder().decode(chunk)));
    }
  }
}
