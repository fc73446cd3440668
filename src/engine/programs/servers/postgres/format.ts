import type { SourceColumn } from '../../sql/evaluate.ts';
import { isNumeric } from '../../sql/values.ts';
import { textWidth } from '../lib/width.ts';

type Rows = readonly (readonly (string | null)[])[];

/** psql's aligned tables: headings in the middle, numbers to the right, cells of several lines marked with `+`. */
export function alignedText(
  names: readonly string[],
  right: readonly boolean[],
  rows: Rows,
  {
    title,
    footer = true,
    tuplesOnly = false,
    nullText = '',
  }: { title?: string; footer?: boolean; tuplesOnly?: boolean; nullText?: string } = {},
): string {
  const cells = rows.map((row) => row.map((value) => (value ?? nullText).split('\n')));
  const widths = names.map((name, i) =>
    Math.max(tuplesOnly ? 0 : textWidth(name), ...cells.map((row) => Math.max(...row[i]!.map(textWidth)))),
  );
  const total = widths.reduce((n, w) => n + w + 3, -1);
  const out: string[] = [];
  if (title !== undefined && !tuplesOnly)
    out.push(`${' '.repeat(Math.max(0, Math.floor((total - textWidth(title)) / 2)))}${title}`);
  if (!tuplesOnly) {
    out.push(
      names
        .map((name, i) => {
          const free = widths[i]! - textWidth(name);
          return ` ${' '.repeat(Math.floor(free / 2))}${name}${' '.repeat(Math.ceil(free / 2))} `;
        })
        .join('|'),
    );
    out.push(widths.map((w) => '-'.repeat(w + 2)).join('+'));
  }
  for (const row of cells) {
    const height = Math.max(1, ...row.map((c) => c.length));
    for (let line = 0; line < height; line++)
      out.push(
        row
          .map((cell, i) => {
            const text = cell[line] ?? '';
            const fill = ' '.repeat(widths[i]! - textWidth(text));
            const more = line < cell.length - 1;
            const last = i === row.length - 1;
            return ` ${right[i] ? fill + text : last && !more ? text : text + fill}${more ? '+' : last ? '' : ' '}`;
          })
          .join('|'),
      );
  }
  if (footer && !tuplesOnly) out.push(`(${rows.length} row${rows.length === 1 ? '' : 's'})`);
  return `${out.join('\n')}\n`;
}

export function unalignedText(names: readonly string[], rows: Rows, separator: string, tuplesOnly: boolean): string {
  const lines = rows.map((row) => row.map((v) => v ?? '').join(separator));
  return [...(tuplesOnly ? [] : [names.join(separator)]), ...lines, ...(tuplesOnly ? [] : [`(${rows.length} row${rows.length === 1 ? '' : 's'})`])].map((line) => `${line}\n`).join(''); // prettier-ignore
}

/** `\x`: one line for each value. */
export function expandedText(names: readonly string[], rows: Rows): string {
  if (rows.length === 0) return '(0 rows)\n';
  const width = Math.max(...names.map(textWidth));
  const values = Math.max(...rows.flatMap((row) => row.map((v) => Math.max(...(v ?? '').split('\n').map(textWidth)))));
  return rows
    .map((row, n) => {
      const head = `-[ RECORD ${n + 1} ]`;
      const rule =
        head.length < width + 1
          ? `${head}${'-'.repeat(width + 1 - head.length)}+${'-'.repeat(values + 1)}`
          : `${head}${'-'.repeat(Math.max(0, width + values + 3 - head.length))}`;
      return `${rule}\n${names.map((name, i) => `${name.padEnd(width)} | ${row[i] ?? ''}\n`).join('')}`;
    })
    .join('');
}

export function alignments(columns: readonly SourceColumn[]): boolean[] {
  return columns.map((c) => isNumeric(c.type));
}
