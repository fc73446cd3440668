export class AwkSyntaxError extends Error {
  override name = 'AwkSyntaxError';
}

type TokenKind =
  'number' | 'string' | 'regex' | 'name' | 'function' | 'keyword' | 'builtin' | 'operator' | 'newline' | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  line: number;
  /** No blank stands before it: `f(` is a call of a function. */
  glued: boolean;
}

const keywords = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
]);
const builtins = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
  'gensub',
  'mktime',
  'and',
  'or',
  'xor',
  'lshift',
  'rshift',
  'compl',
]);
const operators = [
  '**=',
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '!~',
  '>>',
  '**',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  '>',
  '<',
  '|',
  '?',
  ':',
  '~',
  '$',
  '=',
];

const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const push = (kind: TokenKind, text: string, glued = false) => tokens.push({ kind, text, line, glued });
  const regexAllowed = () => {
    const last = tokens.at(-1);
    if (!last || last.kind === 'newline' || last.kind === 'keyword') return true;
    return last.kind === 'operator' && ![')', ']', '$', '++', '--'].includes(last.text);
  };
  while (at < source.length) {
    const c = source[at]!;
    const glued = at > 0 && !/\s/.test(source[at - 1]!);
    if (c === '\\' && source[at + 1] === '\n') {
      at += 2;
      line++;
    } else if (c === '\n') {
      push('newline', c);
      line++;
      at++;
    } else if (/\s/.test(c)) at++;
    else if (c === '#') while (at < source.length && source[at] !== '\n') at++;
    else if (c === '"') {
      let text = '';
      for (at++; source[at] !== '"'; at++) {
        if (at >= source.length || source[at] === '\n')
          throw new AwkSyntaxError(`line ${line}: runaway string constant "${text} ...`);
        if (source[at] !== '\\') {
          text += source[at];
          continue;
        }
        const next = source[++at] ?? '';
        const octal = /^[0-7]{1,3}/.exec(source.slice(at));
        if (octal) {
          text += String.fromCharCode(parseInt(octal[0], 8));
          at += octal[0].length - 1;
        } else if (next !== '\n') text += escapes[next] ?? `\\${next}`;
      }
      at++;
      push('string', text);
    } else if (c === '/' && regexAllowed()) {
      let text = '';
      let bracket = false;
      for (at++; bracket || source[at] !== '/'; at++) {
        if (at >= source.length || source[at] === '\n')
          throw new AwkSyntaxError(`line ${line}: runaway regular expression /${text} ...`);
        if (source[at] === '[' && !bracket) bracket = /^\[\^?\]?[^\]\n]*\]/.test(source.slice(at));
        else if (source[at] === ']') bracket = false;
        if (source[at] === '\\') {
          text += source[at + 1] === '/' ? '/' : source[at]! + (source[at + 1] ?? '');
          at++;
        } else text += source[at];
      }
      at++;
      push('regex', text);
    } else if (/[0-9]/.test(c) || (c === '.' && /[0-9]/.test(source[at + 1] ?? ''))) {
      const text = /^(?:0[xX][0-9a-fA-F]+|\d*\.?\d*(?:[eE][+-]?\d+)?)/.exec(source.slice(at))![0];
      push('number', text);
      at += text.length;
    } else if (/[A-Za-z_]/.test(c)) {
      const text = /^\w+/.exec(source.slice(at))![0];
      at += text.length;
      push(
        keywords.has(text) ? 'keyword' : builtins.has(text) ? 'builtin' : source[at] === '(' ? 'function' : 'name',
        text,
      );
    } else {
      const operator = operators.find((o) => source.startsWith(o, at));
      if (!operator) throw new AwkSyntaxError(`line ${line}: unexpected character '${c}'`);
      push('operator', operator === '**' ? '^' : operator === '**=' ? '^=' : operator, glued);
      at += operator.length;
    }
  }
  push('newline', '\n');
  push('end', '');
  return tokens;
}
