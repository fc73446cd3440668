/** Aligns tab-separated cells into columns as Go's text/tabwriter does. */
export interface TabWriterOptions {
  /** Least width of a cell, padding included. */
  minWidth?: number;
  /** Blanks added to the widest cell of a column. */
  padding?: number;
  /** Columns never get narrower than they were before a flush (streaming tables). */
  rememberWidths?: boolean;
}

/**
 * A cell ends with a tab; a line's last cell belongs to no column. A column is a run of consecutive lines that have a
 * cell in it, so one line without that cell starts it anew.
 */
export class TabWriter {
  readonly #minWidth: number;
  readonly #padding: number;
  readonly #remember: boolean;
  readonly #widest: number[] = [];
  #text = '';

  constructor(options: TabWriterOptions = {}) {
    this.#minWidth = options.minWidth ?? 0;
    this.#padding = options.padding ?? 2;
    this.#remember = options.rememberWidths ?? false;
  }

  write(text: string): void {
    this.#text += text;
  }

  /** The aligned text of everything written since the last flush; columns start anew after it. */
  flush(): string {
    const lines = this.#text.split('\n').map((line) => line.split('\t'));
    this.#text = '';
    const widths: number[][] = lines.map(() => []);
    this.#measure(lines, widths, 0, 0, lines.length);
    return lines
      .map((cells, i) => cells.map((cell, j) => cell + blanks((widths[i]![j] ?? 0) - length(cell))).join(''))
      .join('\n');
  }

  /** Finds the width of column `column` in the lines from `from` to `to`, which share all columns before it. */
  #measure(lines: string[][], widths: number[][], column: number, from: number, to: number): void {
    const inColumn = (line: number) => line < to && column < lines[line]!.length - 1;
    for (let start = from; start < to; start++) {
      if (!inColumn(start)) continue;
      let end = start;
      let width = this.#minWidth;
      for (; inColumn(end); end++) width = Math.max(width, length(lines[end]![column]!) + this.#padding);
      if (this.#remember) width = this.#widest[column] = Math.max(width, this.#widest[column] ?? 0);
      for (let line = start; line < end; line++) widths[line]![column] = width;
      this.#measure(lines, widths, column + 1, start, end);
      start = end - 1;
    }
  }
}

/** Aligns a whole text at once. */
export function alignColumns(text: string, options?: TabWriterOptions): string {
  const writer = new TabWriter(options);
  writer.write(text);
  return writer.flush();
}

function length(text: string): number {
  return [...text].length;
}

function blanks(count: number): string {
  return count > 0 ? ' '.repeat(count) : '';
}
