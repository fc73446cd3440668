import type { Key } from './keys.ts';

export type SearchOutcome =
  | { state: 'searching' }
  | { state: 'abandoned' }
  /** `taken`: the key only ended the search; `run`: it is to be handled as usual, on the found line. */
  | { state: 'taken' | 'run'; line: string; cursor: number };

/** Ctrl-R: incremental search backwards through the history. */
export class HistorySearch {
  readonly #entries: readonly string[];
  readonly #original: string;
  #query = '';
  #at: number;
  #failed = false;

  constructor(entries: readonly string[], original: string) {
    this.#entries = entries;
    this.#original = original;
    this.#at = entries.length;
  }

  get #line(): string {
    return this.#entries[this.#at] ?? this.#original;
  }

  view(): { text: string; cursor: number; prompt: string } {
    const text = this.#line;
    const prompt = `(${this.#failed ? 'failed ' : ''}reverse-i-search)\`${this.#query}': `;
    return { text, cursor: this.#cursor(), prompt };
  }

  #cursor(): number {
    const at = this.#query === '' ? -1 : this.#line.lastIndexOf(this.#query);
    return [...this.#line.slice(0, Math.max(0, at))].length;
  }

  key(key: Key): SearchOutcome {
    if (key.type === 'text') {
      this.#query += key.text;
      this.#find(this.#at);
      return { state: 'searching' };
    }
    const found = { line: this.#line, cursor: this.#cursor() };
    if (key.type === 'paste') return { state: 'run', ...found };
    switch (key.name) {
      case 'ctrl-r':
        this.#find(this.#at - 1);
        return { state: 'searching' };
      case 'backspace':
        this.#query = [...this.#query].slice(0, -1).join('');
        this.#at = this.#entries.length;
        this.#find(this.#at);
        return { state: 'searching' };
      case 'ctrl-g':
      case 'ctrl-c':
        return { state: 'abandoned' };
      case 'alt-\x1b':
        return { state: 'taken', ...found };
      default:
        return { state: 'run', ...found };
    }
  }

  #find(from: number): void {
    if (this.#query === '') {
      this.#failed = false;
      return;
    }
    for (let i = Math.min(from, this.#entries.length - 1); i >= 0; i--)
      if (this.#entries[i]!.includes(this.#query)) {
        this.#at = i;
        this.#failed = false;
        return;
      }
    this.#failed = true;
  }
}
