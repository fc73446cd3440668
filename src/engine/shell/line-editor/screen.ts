import { isWide } from '../../process/index.ts';

/** A place on the terminal relative to where the prompt began. */
interface Place {
  row: number;
  column: number;
}

/**
 * Draws prompt and line on a terminal, over as many rows as they need, and keeps the cursor where it belongs. It writes
 * only what changed: a character typed at the end costs one character.
 */
export class LineScreen {
  /** What stands on the terminal. */
  #prompt = '';
  #glyphs: readonly string[] = [];
  #cursor: Place = { row: 0, column: 0 };
  #columns = 80;
  #drawn = false;

  /** Forgets what was drawn: the next `draw` begins where the cursor is. */
  reset(): void {
    this.#drawn = false;
    this.#cursor = { row: 0, column: 0 };
    this.#glyphs = [];
  }

  /** @returns what to write so that `prompt` and `glyphs` stand there with the cursor before glyph `cursor` */
  draw(prompt: string, glyphs: readonly string[], cursor: number, columns: number): string {
    const appends =
      this.#drawn &&
      prompt === this.#prompt &&
      columns === this.#columns &&
      cursor === glyphs.length &&
      glyphs.length === this.#glyphs.length + 1 &&
      startsWith(glyphs, this.#glyphs);
    const start = promptEnd(prompt, columns);
    const end = advance(start, glyphs, columns);
    const target = cursor === glyphs.length ? end : advance(start, glyphs.slice(0, cursor), columns);
    let out: string;
    const simple = appends && this.#cursor.row === end.row && end.column > this.#cursor.column;
    if (simple) out = shown(glyphs.at(-1)!);
    else {
      out = this.#drawn ? `\r${up(this.#cursor.row)}\x1b[J` : '';
      out += visible(prompt) + glyphs.map((g) => (g === '\n' ? '\x1b[K\r\n' : shown(g))).join('');
      // A full last row leaves the cursor hanging behind it: bring it to the next one.
      if (end.column === 0 && end.row > 0 && glyphs.at(-1) !== '\n') out += '\r\n';
      if (target !== end) out += up(end.row - target.row) + '\r' + right(target.column);
    }
    this.#prompt = prompt;
    this.#glyphs = glyphs;
    this.#columns = columns;
    this.#cursor = target;
    this.#drawn = true;
    return out;
  }

  /** @returns what to write to leave the cursor on a fresh row below the line */
  finish(): string {
    const end = advance(promptEnd(this.#prompt, this.#columns), this.#glyphs, this.#columns);
    const down = end.row - this.#cursor.row;
    this.reset();
    return `${down > 0 ? `\x1b[${down}B` : ''}\r\n`;
  }
}

function startsWith(long: readonly string[], short: readonly string[]): boolean {
  // Typing makes a new array from the old glyphs, so the last few tell.
  for (let i = short.length - 1; i >= 0 && i >= short.length - 4; i--) if (long[i] !== short[i]) return false;
  return long.length >= short.length;
}

function advance(from: Place, glyphs: readonly string[], columns: number): Place {
  let { row, column } = from;
  for (const glyph of glyphs) {
    if (glyph === '\n') {
      row++;
      column = 0;
      continue;
    }
    const width = widthOf(glyph);
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
    if (column === columns) {
      row++;
      column = 0;
    }
  }
  return { row, column };
}

function promptEnd(prompt: string, columns: number): Place {
  const plain = prompt.replace(/\x01[^\x02]*\x02/g, '').replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g, '');
  return advance({ row: 0, column: 0 }, [...plain.replace(/\r/g, '')], columns);
}

/** Without the marks around what takes no room. */
function visible(prompt: string): string {
  return prompt.replace(/[\x01\x02]/g, '').replace(/\n/g, '\r\n');
}

/** Control characters show as `^X`. */
function shown(glyph: string): string {
  return glyph < ' ' || glyph === '\x7f' ? '^' + String.fromCharCode(glyph.charCodeAt(0) ^ 64) : glyph;
}

function widthOf(glyph: string): number {
  if (glyph < ' ' || glyph === '\x7f') return 2;
  if (/\p{M}|\u200d|\ufe0f/u.test(glyph)) return 0;
  return isWide(glyph) ? 2 : 1;
}

const up = (rows: number) => (rows > 0 ? `\x1b[${rows}A` : '');
const right = (columns: number) => (columns > 0 ? `\x1b[${columns}C` : '');
