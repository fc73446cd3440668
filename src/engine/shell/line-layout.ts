import { isWide } from '../process/index.ts';

/** Where the characters of an edited line stand on the screen, and where the words of its text end. */

/** The prompt without the marks around its invisible parts. */
export function visible(prompt: string): string {
  return prompt.replace(/[\x01\x02]/g, '');
}

function shownText(prompt: string): string {
  return prompt.replace(/\x01[^\x02]*\x02/g, '').replace(/\x1b\[[0-9;]*[A-Za-z]/g, '');
}

/** Where the cursor stands on the screen when it is at `cursor` in `text`. */
export function layout(
  prompt: string,
  text: string,
  columns: number,
  cursor: number,
): { row: number; column: number; rows: number } {
  let row = 0;
  let column = 0;
  const put = (c: string) => {
    if (c === '\n') {
      row++;
      column = 0;
      return;
    }
    const width = c === '\t' ? 8 - (column % 8) : isWide(c) ? 2 : 1;
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
    if (column === columns) {
      row++;
      column = 0;
    }
  };
  for (const c of shownText(prompt)) put(c);
  for (const c of text.slice(0, cursor)) put(c);
  return { row, column, rows: row };
}

export function previous(text: string, at: number): number {
  if (at === 0) return 0;
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && at > 1 ? at - 2 : at - 1;
}

export function next(text: string, at: number): number {
  if (at >= text.length) return text.length;
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/** Candidates in columns, downwards; at most a screenful is worth showing. */
export function listing(candidates: readonly string[], columns: number): string {
  const shown = candidates.slice(0, 200);
  const width = Math.max(...shown.map((c) => [...c].reduce((n, g) => n + (isWide(g) ? 2 : 1), 0))) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(shown.length / perRow);
  let out = '';
  for (let r = 0; r < rows; r++) {
    let line = '';
    for (let c = 0; c * rows + r < shown.length && c < perRow; c++) {
      const text = shown[c * rows + r]!;
      line += text + ' '.repeat(Math.max(0, width - [...text].reduce((n, g) => n + (isWide(g) ? 2 : 1), 0)));
    }
    out += line.trimEnd() + '\r\n';
  }
  if (candidates.length > shown.length) out += `… and ${candidates.length - shown.length} more\r\n`;
  return out;
}
