/** Go's text/tabwriter as Docker uses it: cells end in tabs, columns are 10 wide at least, three blanks apart. */
export function alignColumns(text: string, minimum = 10, padding = 3): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((cells) => new Array<number>(cells.length - 1));
  const length = (cell: string) => [...cell].length;
  const fill = (from: number, to: number, column: number): void => {
    let start = from;
    while (start < to) {
      if (lines[start]!.length - 1 <= column) {
        start++;
        continue;
      }
      let end = start;
      let width = minimum;
      while (end < to && lines[end]!.length - 1 > column)
        width = Math.max(width, length(lines[end++]![column]!) + padding);
      for (let i = start; i < end; i++) widths[i]![column] = width;
      fill(start, end, column + 1);
      start = end;
    }
  };
  fill(0, lines.length, 0);
  return lines
    .map((cells, i) =>
      cells
        .map((cell, column) =>
          column < cells.length - 1 ? cell + ' '.repeat(widths[i]![column]! - length(cell)) : cell,
        )
        .join(''),
    )
    .join('\n');
}
