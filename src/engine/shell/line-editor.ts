import type { Tty } from '../process/index.ts';
import type { Cancellation } from '../world/index.ts';
import { KeyDecoder, type Key } from './keys.ts';
import { visible, layout, previous, next, listing } from './line-layout.ts';

/** What came of editing a line. */
export type LineResult = { kind: 'line'; text: string } | { kind: 'interrupt' } | { kind: 'eof' };

export interface LineEditorOptions {
  history: readonly string[];
  /** Completes the word before the cursor. */
  complete(text: string, cursor: number): Promise<CompletionResult>;
  /** Written as it is when the line is taken: the shell shows the text of a huge paste this way. */
  onRefuse(message: string): void;
}

export interface CompletionResult {
  /** Where the word that is completed begins. */
  start: number;
  /** What to put there: the part that all candidates share, or the one candidate. */
  replacement: string;
  /** Shown when the word could not be made longer. */
  candidates: readonly string[];
}

/** A paste of more characters is refused: it is a file, not a command. */
const pasteLimit = 256 << 10;

/** Edits lines on a terminal in raw mode, with the keys of Emacs as readline has them. One editor serves one shell. */
export class LineEditor {
  readonly #tty: Tty;
  readonly #bracketed: boolean;
  readonly #asksPosition: boolean;
  readonly #keys = new KeyDecoder();
  /** Keys that came after the line was ended. */
  #waiting: Key[] = [];
  #killed = '';
  #prompt = '';
  #text = '';
  #cursor = 0;
  /** Row of the cursor on the screen, from the first row of the prompt. */
  #row = 0;
  #lastKey = '';
  #undo: { text: string; cursor: number }[] = [];
  /** The input was at its end. */
  #ended = false;
  #out = '';

  /**
   * @param bracketed asks the terminal to mark what is pasted, as readline does
   * @param asksPosition asks it where the cursor stands, as busybox does
   */
  constructor(tty: Tty, bracketed = true, asksPosition = false) {
    this.#tty = tty;
    this.#bracketed = bracketed;
    this.#asksPosition = asksPosition;
  }

  /** Reads a line; afterwards the terminal is in line mode again. */
  async read(prompt: string, options: LineEditorOptions, cancel: Cancellation): Promise<LineResult> {
    const tty = this.#tty;
    tty.raw = true;
    this.#ended = false;
    this.#out = this.#bracketed ? '\x1b[?2004h' : '';
    this.#begin(prompt);
    if (this.#asksPosition && this.#waiting.length === 0) this.#out += '\x1b[6n';
    try {
      return await this.#edit(options, cancel);
    } finally {
      if (this.#bracketed) this.#out += '\x1b[?2004l\r';
      if (this.#ended) this.#out += '\r\n';
      await this.#flush();
      tty.restoreModes();
    }
  }

  #begin(prompt: string): void {
    // Only the last line of the prompt is redrawn.
    const lines = prompt.split('\n');
    this.#prompt = lines.pop()!;
    for (const line of lines) this.#out += visible(line) + '\r\n';
    this.#text = '';
    this.#cursor = 0;
    this.#undo = [];
    // As in bash it stands behind output that did not end its line.
    this.#out += visible(this.#prompt);
    this.#row = layout(this.#prompt, '', this.#tty.columns, 0).row;
  }

  async #edit(options: LineEditorOptions, cancel: Cancellation): Promise<LineResult> {
    const walk = { at: options.history.length, draft: '', edited: new Map<number, string>() };
    for (;;) {
      const key = await this.#nextKey(cancel);
      const result = await this.#handle(key, options, walk, cancel);
      if (result) return result;
    }
  }

  async #nextKey(cancel: Cancellation): Promise<Key> {
    while (this.#waiting.length === 0) {
      await this.#flush();
      const chunk = await this.#tty.reader.read(cancel);
      if (!chunk) return { name: 'eof' };
      this.#waiting = this.#keys.decode(chunk);
    }
    return this.#waiting.shift()!;
  }

  async #flush(): Promise<void> {
    const out = this.#out;
    this.#out = '';
    if (out) await this.#tty.writer.write(out);
  }

  async #handle(
    key: Key,
    options: LineEditorOptions,
    walk: HistoryWalk,
    cancel: Cancellation,
  ): Promise<LineResult | undefined> {
    if ('paste' in key) {
      if (key.paste.length > pasteLimit)
        options.onRefuse(
          `slipway: a paste of ${key.paste.length} characters is too long for the command line (limit ${pasteLimit}); save it as a file instead`,
        );
      else
        this.#insert(
          key.paste
            .replace(/\r\n?/g, '\n')
            .replace(/\n+$/, (n) => (n.length > 0 ? '\n' : ''))
            .replace(/\n$/, ''),
        );
      if (key.paste.length > pasteLimit) {
        this.#row = 0;
        this.#redraw();
      }
      return undefined;
    }
    if ('text' in key) {
      if (key.text.length > pasteLimit)
        options.onRefuse(
          `slipway: input of ${key.text.length} characters is too long for the command line (limit ${pasteLimit})`,
        );
      else this.#insert(key.text);
      this.#lastKey = 'text';
      return undefined;
    }
    const before = this.#lastKey;
    this.#lastKey = key.name;
    switch (key.name) {
      case 'enter':
        this.#moveTo(this.#text.length);
        this.#out += '\r\n';
        return { kind: 'line', text: this.#text };
      case 'interrupt':
        this.#moveTo(this.#text.length);
        this.#out += '^C\r\n';
        return { kind: 'interrupt' };
      case 'eof':
        if (this.#text === '') {
          this.#ended = true;
          return { kind: 'eof' };
        }
        this.#delete(this.#cursor, next(this.#text, this.#cursor));
        return undefined;
      case 'search':
        return this.#search(options, walk, cancel);
      case 'tab':
        await this.#complete(options, before === 'tab');
        return undefined;
      default:
        this.#edited(key.name, options, walk);
        return undefined;
    }
  }

  #edited(name: string, options: LineEditorOptions, walk: HistoryWalk): void {
    const { history } = options;
    switch (name) {
      case 'left':
        return this.#moveTo(previous(this.#text, this.#cursor));
      case 'right':
        return this.#moveTo(next(this.#text, this.#cursor));
      case 'home':
        return this.#moveTo(0);
      case 'end':
        return this.#moveTo(this.#text.length);
      case 'word-left':
        return this.#moveTo(this.#wordStart());
      case 'word-right':
        return this.#moveTo(this.#wordEnd());
      case 'backspace':
        return this.#delete(previous(this.#text, this.#cursor), this.#cursor);
      case 'delete':
        return this.#delete(this.#cursor, next(this.#text, this.#cursor));
      case 'kill-line':
        return this.#kill(this.#cursor, this.#text.length);
      case 'kill-to-start':
        return this.#kill(0, this.#cursor);
      case 'kill-word':
        return this.#kill(this.#cursor, this.#wordEnd());
      case 'backward-kill-word':
        return this.#kill(this.#wordStart(), this.#cursor);
      case 'kill-word-back':
        return this.#kill(this.#blankWordStart(), this.#cursor);
      case 'yank':
        return this.#insert(this.#killed);
      case 'transpose': {
        if (this.#cursor === 0 || this.#text.length < 2) return;
        const at = this.#cursor === this.#text.length ? previous(this.#text, this.#cursor) : this.#cursor;
        const start = previous(this.#text, at);
        const end = next(this.#text, at);
        return this.#replace(start, end, this.#text.slice(at, end) + this.#text.slice(start, at), end);
      }
      case 'upcase':
      case 'downcase':
      case 'capitalize': {
        const end = this.#wordEnd();
        const word = this.#text.slice(this.#cursor, end);
        const changed =
          name === 'upcase'
            ? word.toUpperCase()
            : name === 'downcase'
              ? word.toLowerCase()
              : word.toLowerCase().replace(/\p{L}/u, (c) => c.toUpperCase());
        return this.#replace(this.#cursor, end, changed, end);
      }
      case 'undo': {
        const state = this.#undo.pop();
        if (!state) return;
        this.#text = state.text;
        this.#cursor = state.cursor;
        return this.#redraw();
      }
      case 'clear':
        this.#out += '\x1b[H\x1b[2J';
        this.#row = 0;
        return this.#redraw();
      case 'up':
      case 'down':
        return this.#walk(history, walk, walk.at + (name === 'up' ? -1 : 1));
      case 'history-first':
        return this.#walk(history, walk, 0);
      case 'history-last':
        return this.#walk(history, walk, history.length);
      case 'last-argument': {
        const argument = history.at(-1)?.trim().split(/\s+/).at(-1);
        return argument ? this.#insert(argument) : undefined;
      }
      default:
    }
  }

  #walk(history: readonly string[], walk: HistoryWalk, to: number): void {
    if (to < 0 || to > history.length) {
      this.#out += '\x07';
      return;
    }
    // A line of the history that was changed keeps the change until a line is taken.
    walk.edited.set(walk.at, this.#text);
    walk.at = to;
    this.#set(walk.edited.get(to) ?? history[to] ?? '');
  }

  #set(text: string): void {
    this.#text = text;
    this.#cursor = text.length;
    this.#redraw();
  }

  /** Ctrl-R. */
  async #search(options: LineEditorOptions, walk: HistoryWalk, cancel: Cancellation): Promise<LineResult | undefined> {
    const { history } = options;
    const saved = { text: this.#text, cursor: this.#cursor, prompt: this.#prompt };
    let query = '';
    let at = history.length;
    let failed = false;
    const find = (from: number) => {
      for (let i = from; i >= 0; i--)
        if (history[i]?.includes(query)) {
          at = i;
          failed = false;
          this.#text = history[i]!;
          this.#cursor = history[i]!.lastIndexOf(query);
          return;
        }
      failed = true;
    };
    const show = () => {
      this.#prompt = `(${failed ? 'failed ' : ''}reverse-i-search)\`${query}': `;
      this.#redraw();
    };
    const leave = () => {
      this.#prompt = saved.prompt;
      walk.at = at;
      this.#redraw();
    };
    show();
    for (;;) {
      const key = await this.#nextKey(cancel);
      if ('text' in key || 'paste' in key) {
        query += 'text' in key ? key.text : key.paste.slice(0, 200);
        find(Math.min(at, history.length - 1));
      } else if (key.name === 'backspace') {
        query = [...query].slice(0, -1).join('');
        if (query) find(history.length - 1);
      } else if (key.name === 'search') find(at - 1);
      else if (key.name === 'forward-search') {
        const later = history.findIndex((entry, i) => i > at && entry.includes(query));
        if (later >= 0) {
          at = later;
          this.#text = history[later]!;
          this.#cursor = this.#text.lastIndexOf(query);
        }
      } else if (key.name === 'abort' || key.name === 'interrupt') {
        this.#text = saved.text;
        this.#cursor = saved.cursor;
        this.#prompt = saved.prompt;
        this.#redraw();
        return key.name === 'interrupt' ? this.#handle(key, options, walk, cancel) : undefined;
      } else {
        leave();
        return this.#handle(key, options, walk, cancel);
      }
      show();
    }
  }

  async #complete(options: LineEditorOptions, again: boolean): Promise<void> {
    const result = await options.complete(this.#text, this.#cursor);
    if (result.candidates.length === 0) {
      this.#out += '\x07';
      return;
    }
    const current = this.#text.slice(result.start, this.#cursor);
    if (result.replacement !== current && result.replacement.length >= current.length) {
      this.#replace(result.start, this.#cursor, result.replacement, result.start + result.replacement.length);
      if (result.candidates.length === 1) return;
      if (!again) return;
    }
    if (result.candidates.length === 1) return;
    if (!again) {
      this.#out += '\x07';
      return;
    }
    const cursor = this.#cursor;
    this.#moveTo(this.#text.length);
    this.#out += '\r\n' + listing(result.candidates, this.#tty.columns);
    this.#cursor = cursor;
    this.#row = 0;
    this.#redraw();
  }

  // Editing

  #insert(text: string): void {
    this.#replace(this.#cursor, this.#cursor, text, this.#cursor + text.length);
  }

  #delete(from: number, to: number): void {
    if (from !== to) this.#replace(from, to, '', from);
  }

  #kill(from: number, to: number): void {
    if (from === to) return;
    this.#killed = this.#text.slice(from, to);
    this.#replace(from, to, '', from);
  }

  #replace(from: number, to: number, text: string, cursor: number): void {
    this.#undo.push({ text: this.#text, cursor: this.#cursor });
    if (this.#undo.length > 200) this.#undo.shift();
    const atEnd = from === this.#text.length && this.#cursor === from && !/[\n\t]/.test(text);
    this.#text = this.#text.slice(0, from) + text + this.#text.slice(to);
    this.#cursor = cursor;
    const columns = this.#tty.columns;
    // Typing at the end of a line that does not wrap needs no redraw.
    if (atEnd && text !== '' && layout(this.#prompt, this.#text, columns, this.#text.length).rows === 0) {
      this.#out += text;
      return;
    }
    this.#redraw();
  }

  #moveTo(cursor: number): void {
    if (cursor === this.#cursor) return;
    this.#cursor = cursor;
    this.#place(layout(this.#prompt, this.#text, this.#tty.columns, cursor));
  }

  #wordStart(): number {
    let at = this.#cursor;
    while (at > 0 && !/[\p{L}\p{N}_]/u.test(this.#text[at - 1]!)) at--;
    while (at > 0 && /[\p{L}\p{N}_]/u.test(this.#text[at - 1]!)) at--;
    return at;
  }

  #wordEnd(): number {
    let at = this.#cursor;
    while (at < this.#text.length && !/[\p{L}\p{N}_]/u.test(this.#text[at]!)) at++;
    while (at < this.#text.length && /[\p{L}\p{N}_]/u.test(this.#text[at]!)) at++;
    return at;
  }

  #blankWordStart(): number {
    let at = this.#cursor;
    while (at > 0 && /\s/.test(this.#text[at - 1]!)) at--;
    while (at > 0 && !/\s/.test(this.#text[at - 1]!)) at--;
    return at;
  }

  // Drawing

  #redraw(): void {
    if (this.#row > 0) this.#out += `\x1b[${this.#row}A`;
    this.#out += '\r\x1b[J' + visible(this.#prompt) + this.#text.replaceAll('\n', '\r\n');
    const end = layout(this.#prompt, this.#text, this.#tty.columns, this.#text.length);
    // At the right edge terminals wait with wrapping until the next character.
    if (end.column === 0 && end.row > 0 && !this.#text.endsWith('\n')) this.#out += ' \r';
    this.#row = end.row;
    this.#place(layout(this.#prompt, this.#text, this.#tty.columns, this.#cursor));
  }

  #place(to: { row: number; column: number }): void {
    if (to.row < this.#row) this.#out += `\x1b[${this.#row - to.row}A`;
    else if (to.row > this.#row) this.#out += `\x1b[${to.row - this.#row}B`;
    this.#out += '\r' + (to.column > 0 ? `\x1b[${to.column}C` : '');
    this.#row = to.row;
  }

  /** The window changed its size: what wraps where is not known any more. */
  resized(): void {
    this.#row = 0;
    if (!this.#asksPosition || this.#cursor < this.#text.length) this.#redraw();
    else this.#out += `\r${visible(this.#prompt)}${this.#text}\x1b[J`;
    void this.#flush();
  }
}

interface HistoryWalk {
  at: number;
  draft: string;
  edited: Map<number, string>;
}
