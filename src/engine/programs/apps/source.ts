/**
 * How a program of the lessons is recognised. Its source is written with marks: `«name:value»` inside a literal is a place
 * that a learner may change. Spaces and comments do not count; any other difference makes it another program.
 */

interface Piece {
  kind: 'code' | 'literal';
  text: string;
}

/** The source without its marks: as the learner gets it. */
export function plainSource(marked: string): string {
  return marked.replace(/«(\w+):([^»]*)»/g, '$2');
}

const patterns = {
  go: /\/\/[^\n]*|\/\*[^]*?\*\/|(«\w+:[^»]*»|"(?:[^"\\\n]|\\.)*"|`[^`]*`|\b\d+(?:\.\d+)?\b)|[\p{L}_][\p{L}\p{N}_]*|\S/gu,
  node: /\/\/[^\n]*|\/\*[^]*?\*\/|(«\w+:[^»]*»|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|\b\d+(?:\.\d+)?\b)|[\p{L}_$][\p{L}\p{N}_$]*|\S/gu,
  python:
    /#[^\n]*|(«\w+:[^»]*»|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\b\d+(?:\.\d+)?\b)|[\p{L}_][\p{L}\p{N}_]*|\n[ \t]*(?=\S)|\S/gu,
} as const;

export type Language = keyof typeof patterns;

function pieces(source: string, language: Language): Piece[] {
  const found: Piece[] = [];
  for (const match of source.replaceAll('\r\n', '\n').matchAll(patterns[language])) {
    const text = match[0];
    if (match[1] !== undefined)
      found.push({ kind: 'literal', text: language === 'node' ? text.replace(/^'([^"]*)'$/, '"$1"') : text.replace(/^'([^"]*)'$/, '"$1"') }); // prettier-ignore
    else if (!/^(\/\/|\/\*|#)/.test(text))
      found.push({ kind: 'code', text: text.startsWith('\n') ? indentation(text) : text });
  }
  // Semicolons at the ends of lines are a matter of taste in JavaScript, and blank lines in Python.
  return found.filter(
    (p, i) =>
      !(language === 'node' && p.text === ';') &&
      !(language === 'python' && p.text.startsWith('\n') && (i === 0 || found[i + 1] === undefined)),
  );
}

/** In Python the depth of a line is part of the program. */
function indentation(text: string): string {
  return `\n${' '.repeat(text.slice(1).replaceAll('\t', '    ').length)}`;
}

/** The values at the marked places; undefined if the source is another program. */
export function matchSource(marked: string, source: string, language: Language): Map<string, string> | undefined {
  // Marks are taken out of literals first: their signs are no part of any language.
  const expected = pieces(marked, language);
  const actual = pieces(source, language);
  if (expected.length !== actual.length) return undefined;
  const values = new Map<string, string>();
  for (const [i, want] of expected.entries()) {
    const have = actual[i]!;
    if (want.kind !== have.kind) return undefined;
    if (!want.text.includes('«')) {
      if (want.text !== have.text) return undefined;
      continue;
    }
    const names: string[] = [];
    const pattern = want.text
      .split(/«\w+:[^»]*»/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('([^]*)');
    for (const [, name] of want.text.matchAll(/«(\w+):/g)) names.push(name!);
    const found = new RegExp(`^${pattern}$`).exec(have.text);
    if (!found) return undefined;
    names.forEach((name, n) => values.set(name, unescape(found[n + 1]!)));
  }
  return values;
}

function unescape(text: string): string {
  return text.replace(/\\(n|t|"|'|\\)/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c);
}
