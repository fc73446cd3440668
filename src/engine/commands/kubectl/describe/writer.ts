import { alignColumns } from '../printers/tabwriter.ts';

/**
 * Collects a description: lines indented by level (two blanks each), cells parted by tabs and aligned at the end. Control
 * characters of data can't reach the terminal.
 */
export class DescriptionWriter {
  readonly #base: number;
  readonly #parts: string[];

  constructor(base = 0, parts: string[] = []) {
    this.#base = base;
    this.#parts = parts;
  }

  /** Writes text as it is, after the level's indentation. */
  write(level: number, text: string): void {
    this.#parts.push('  '.repeat(this.#base + level), escapeControls(text));
  }

  line(level: number, text = ''): void {
    this.write(level, `${text}\n`);
  }

  /** `Name:\tvalue`. */
  field(level: number, name: string, value: unknown): void {
    this.line(level, `${name}:\t${String(value)}`);
  }

  row(level: number, ...cells: readonly unknown[]): void {
    this.line(level, cells.join('\t'));
  }

  /** A header, its underlining with as many dashes, and rows. */
  table(level: number, header: readonly string[], rows: readonly (readonly unknown[])[]): void {
    this.row(level, ...header);
    this.row(level, ...header.map((title) => '-'.repeat(title.length)));
    for (const cells of rows) this.row(level, ...cells);
  }

  /** A value for each line, the first beside the name: `Labels:\ta=b\n\tc=d`. */
  lines(level: number, name: string, values: readonly string[]): void {
    if (values.length === 0) this.field(level, name, '<none>');
    values.forEach((value, i) => this.line(i === 0 ? level : 0, i === 0 ? `${name}:\t${value}` : `\t${value}`));
  }

  /** A writer into the same description whose level 0 is this one's `level`. */
  nested(level: number): DescriptionWriter {
    return new DescriptionWriter(this.#base + level, this.#parts);
  }

  /** What was written, with tabs in it (`rollout history` shows it that way). */
  raw(): string {
    return this.#parts.join('');
  }

  toString(): string {
    return alignColumns(this.raw());
  }
}

function escapeControls(text: string): string {
  return text.replaceAll('\x1b', '^[').replaceAll('\r', '\\r');
}
