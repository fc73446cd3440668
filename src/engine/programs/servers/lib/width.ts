import { isWide } from '../../../process/index.ts';

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const glyph of text) width += isWide(glyph) ? 2 : 1;
  return width;
}
