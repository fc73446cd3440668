/**
 * Breaks lines at blanks so that they have at most `limit` characters where words allow it; line breaks of the text stay.
 * A word of `limit` characters or more is put on a line of its own if it doesn't begin one (as go-wordwrap does).
 */
export function wrapWords(text: string, limit: number): string {
  let out = '';
  let column = 0;
  let space = '';
  let word = '';
  const settle = () => {
    column += space.length + word.length;
    out += space + word;
    space = '';
    word = '';
  };
  for (const char of text) {
    if (char === '\n') {
      if (word !== '' || column + space.length <= limit) settle();
      out += '\n';
      space = '';
      column = 0;
    } else if (/\s/.test(char) && char !== '\u00a0') {
      if (space === '' || word !== '') settle();
      space += char;
    } else {
      word += char;
      if (column + word.length + space.length > limit && word.length < limit) {
        out += '\n';
        column = 0;
        space = '';
      }
    }
  }
  if (word !== '' || column + space.length <= limit) out += space + word;
  return out;
}

/** Blanks before each line, empty ones included. */
export function indent(text: string, amount: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(amount) + line)
    .join('\n');
}
