import type { Mark } from './error.ts';

/** A text with a position in it. */
export class TextReader {
  readonly #text: string;
  at = 0;
  line = 0;
  column = 0;

  constructor(text: string) {
    this.#text = text;
  }

  mark(): Mark {
    return { line: this.line, column: this.column };
  }

  /** '' at the end. */
  peek(offset = 0): string {
    return this.#text[this.at + offset] ?? '';
  }

  startsWith(part: string): boolean {
    return this.#text.startsWith(part, this.at);
  }

  skip(count: number): void {
    this.at += count;
    this.column += count;
  }

  take(): string {
    const c = this.peek();
    this.skip(1);
    return c;
  }

  breakAt(offset: number): boolean {
    const c = this.peek(offset);
    return c === '\n' || c === '\r' || c === '\u0085' || c === '\u2028' || c === '\u2029';
  }

  /** Blank, line break or end. */
  blankAt(offset: number): boolean {
    const c = this.peek(offset);
    return c === '' || c === ' ' || c === '\t' || this.breakAt(offset);
  }

  /** Passes a line break, and gives it as the value sees it. */
  skipLine(): string {
    const c = this.peek();
    this.at += c === '\r' && this.peek(1) === '\n' ? 2 : 1;
    this.line++;
    this.column = 0;
    return c === '\u2028' || c === '\u2029' ? c : '\n';
  }
}
