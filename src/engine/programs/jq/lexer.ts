import type { Node } from './parser.ts';

export class JqSyntaxError extends Error {
  override name = 'JqSyntaxError';
}

export interface Token {
  kind: 'number' | 'string' | 'name' | 'field' | 'variable' | 'format' | 'operator' | 'keyword' | 'end';
  text: string;
  at: number;
  parts?: (string | Node)[];
}

const keywords = new Set([
  'def',
  'if',
  'then',
  'elif',
  'else',
  'end',
  'as',
  'reduce',
  'foreach',
  'try',
  'catch',
  'label',
  'and',
  'or',
  'import',
  'include',
  '__loc__',
]);
const operators = [
  '?//=',
  '?//',
  '//=',
  '|=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '==',
  '!=',
  '<=',
  '>=',
  '//',
  '..',
  '|',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '<',
  '>',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ':',
  ';',
  '.',
  '?',
];

/** With the place that jq names: it knows of no other than the first line. */
export function syntaxError(source: string, message: string): JqSyntaxError {
  return new JqSyntaxError(`${message} (Unix shell quoting issues?) at <top-level>, line 1:\n${source}`);
}

/** The tokens of a program; the strings in it are parsed already. @throws JqSyntaxError */
export function tokenize(source: string, parse: (source: string) => Node): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < source.length;) {
    const rest = source.slice(at);
    const blank = /^(\s+|#[^\n]*)/.exec(rest);
    if (blank) {
      at += blank[0].length;
      continue;
    }
    if (rest[0] === '"') {
      const { parts, end } = stringParts(source, at + 1, parse);
      tokens.push({ kind: 'string', text: source.slice(at, end), at, parts });
      at = end;
      continue;
    }
    const match =
      /^(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(\.[A-Za-z_]\w*)|(\$(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*)|(@[A-Za-z0-9_]+)|((?:[A-Za-z_]\w*::)*[A-Za-z_]\w*))/.exec(
        rest,
      );
    if (match) {
      const kind = match[1]
        ? 'number'
        : match[2]
          ? 'field'
          : match[3]
            ? 'variable'
            : match[4]
              ? 'format'
              : keywords.has(match[5]!)
                ? 'keyword'
                : 'name';
      tokens.push({ kind, text: match[0], at });
      at += match[0].length;
      continue;
    }
    const operator = operators.find((o) => rest.startsWith(o));
    if (!operator) throw syntaxError(source, `syntax error, unexpected INVALID_CHARACTER`);
    tokens.push({ kind: 'operator', text: operator, at });
    at += operator.length;
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}

/** The parts of a string that begins at `at`, after its quote. */
function stringParts(
  source: string,
  at: number,
  parse: (source: string) => Node,
): { parts: (string | Node)[]; end: number } {
  const parts: (string | Node)[] = [];
  let text = '';
  for (;;) {
    const c = source[at];
    if (c === undefined)
      throw syntaxError(
        source,
        'syntax error, unexpected end of file, expecting QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END',
      );
    if (c === '"') break;
    if (c !== '\\') {
      text += c;
      at++;
      continue;
    }
    const next = source[at + 1];
    if (next === '(') {
      const end = closing(source, at + 1);
      if (end < 0) throw syntaxError(source, 'syntax error, unexpected end of file');
      if (text) parts.push(text);
      text = '';
      parts.push(parse(source.slice(at + 2, end)));
      at = end + 1;
      continue;
    }
    if (next === 'u') {
      text += String.fromCharCode(parseInt(source.slice(at + 2, at + 6), 16));
      at += 6;
      continue;
    }
    const known: Record<string, string> = {
      n: '\n',
      t: '\t',
      r: '\r',
      b: '\b',
      f: '\f',
      '/': '/',
      '\\': '\\',
      '"': '"',
    };
    if (next === undefined || known[next] === undefined)
      throw syntaxError(source, 'Invalid escape at line 1, column 4 (while parsing \'"\\' + (next ?? '') + '"\')');
    text += known[next];
    at += 2;
  }
  if (text || parts.length === 0) parts.push(text);
  return { parts, end: at + 1 };
}

/** Index of the `)` for the `(` at `open`, strings respected; -1 if there is none. */
function closing(source: string, open: number): number {
  let depth = 0;
  for (let i = open; i < source.length; i++) {
    const c = source[i];
    if (c === '"') {
      for (i++; i < source.length && source[i] !== '"'; i++)
        if (source[i] === '\\') {
          if (source[i + 1] === '(') i = closing(source, i + 1);
          else i++;
          if (i < 0) return -1;
        }
    } else if (c === '(') depth++;
    else if (c === ')' && --depth === 0) return i;
  }
  return -1;
}
