import { quote } from './format.ts';

export type TokenType =
  | 'error'
  | 'eof'
  | 'text'
  | 'leftDelim'
  | 'rightDelim'
  | 'space'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'string'
  | 'rawString'
  | 'char'
  | 'number'
  | 'bool'
  | 'nil'
  | 'dot'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'comma'
  | 'leftParen'
  | 'rightParen'
  | 'keyword';

export interface Token {
  readonly type: TokenType;
  /** Byte-free offset into the source (UTF-16 units). */
  readonly position: number;
  readonly text: string;
  readonly line: number;
}

const keywords = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with']);

/** How the parser's complaints name a token. */
export function describeToken(token: Token): string {
  if (token.type === 'eof') return 'EOF';
  if (token.type === 'error') return token.text;
  if (token.type === 'keyword' || token.type === 'dot' || token.type === 'nil') return `<${token.text}>`;
  const chars = [...token.text];
  return chars.length > 10 ? `${quote(chars.slice(0, 10).join(''))}...` : quote(token.text);
}

const space = /[ \t\r\n]/;
const alphaNumeric = /[\p{L}\p{Nd}_]/u;

/** Splits a template into tokens; the last one is `eof` or `error`. */
export function lex(source: string, left = '{{', right = '}}'): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let parens = 0;

  const emit = (type: TokenType, end: number, text = source.slice(at, end)) => {
    tokens.push({ type, position: at, text, line });
    advance(end);
  };
  const advance = (end: number) => {
    for (; at < end; at++) if (source[at] === '\n') line++;
  };
  const fail = (message: string) => void tokens.push({ type: 'error', position: at, text: message, line });
  const charAt = (index: number) => {
    const code = source.codePointAt(index);
    return code === undefined ? '' : String.fromCodePoint(code);
  };

  for (;;) {
    // Text, up to the next action.
    const open = source.indexOf(left, at);
    if (open < 0) {
      if (at < source.length) emit('text', source.length);
      emit('eof', at, '');
      return tokens;
    }
    const trimsLeft = source[open + left.length] === '-' && space.test(source[open + left.length + 1] ?? '');
    let textEnd = open;
    if (trimsLeft) while (textEnd > at && space.test(source[textEnd - 1]!)) textEnd--;
    if (textEnd > at) emit('text', textEnd);
    advance(open);

    const inner = open + left.length + (trimsLeft ? 2 : 0);
    const afterAction = (end: number, trims: boolean) => {
      advance(end);
      if (trims) {
        let next = at;
        while (next < source.length && space.test(source[next]!)) next++;
        advance(next);
      }
    };
    if (source.startsWith('/*', inner)) {
      const close = source.indexOf('*/', inner + 2);
      if (close < 0) {
        fail('unclosed comment');
        return tokens;
      }
      const after = close + 2;
      const trims = space.test(source[after] ?? '') && source.startsWith('-' + right, after + 1);
      if (!trims && !source.startsWith(right, after)) {
        fail('comment ends before closing delimiter');
        return tokens;
      }
      afterAction(after + (trims ? 2 : 0) + right.length, trims);
      continue;
    }
    emit('leftDelim', inner, left);
    parens = 0;

    // Inside the action.
    for (let inside = true; inside;) {
      const trimsRight = space.test(source[at] ?? '') && source.startsWith('-' + right, at + 1);
      if (trimsRight || source.startsWith(right, at)) {
        if (parens > 0) {
          fail('unclosed left paren');
          return tokens;
        }
        if (trimsRight) advance(at + 2);
        tokens.push({ type: 'rightDelim', position: at, text: right, line });
        afterAction(at + right.length, trimsRight);
        inside = false;
        continue;
      }
      const c = charAt(at);
      if (c === '') {
        fail('unclosed action');
        return tokens;
      }
      const error = lexInside(c);
      if (error !== undefined) {
        fail(error);
        return tokens;
      }
    }
  }

  /** One token inside an action. Returns what is wrong, if anything is. */
  function lexInside(c: string): string | undefined {
    if (space.test(c)) {
      let end = at;
      while (space.test(source[end] ?? '')) {
        if (end > at && source.startsWith('-' + right, end + 1)) break;
        end++;
      }
      emit('space', end);
      return undefined;
    }
    switch (c) {
      case '=':
        emit('assign', at + 1);
        return undefined;
      case ':':
        if (source[at + 1] !== '=') return 'expected :=';
        emit('declare', at + 2);
        return undefined;
      case '|':
        emit('pipe', at + 1);
        return undefined;
      case ',':
        emit('comma', at + 1);
        return undefined;
      case '(':
        emit('leftParen', at + 1);
        parens++;
        return undefined;
      case ')':
        if (parens === 0) return 'unexpected right paren';
        emit('rightParen', at + 1);
        parens--;
        return undefined;
      case '"':
        return lexQuoted('"', 'string', 'unterminated quoted string');
      case "'":
        return lexQuoted("'", 'char', 'unterminated character constant');
      case '`': {
        const end = source.indexOf('`', at + 1);
        if (end < 0) return 'unterminated raw quoted string';
        emit('rawString', end + 1);
        return undefined;
      }
      case '$':
        return lexName('variable', at + 1);
      case '.':
        if (!/[0-9]/.test(source[at + 1] ?? '')) return lexName('field', at + 1);
        return lexNumber();
    }
    if (/[0-9+-]/.test(c)) return lexNumber();
    if (alphaNumeric.test(c)) return lexName('identifier', at);
    return `unrecognized character in action: ${unicode(c)}`;
  }

  function lexQuoted(quoteChar: string, type: TokenType, message: string): string | undefined {
    let end = at + 1;
    for (; source[end] !== quoteChar; end++) {
      if (source[end] === '\\') end++;
      if (source[end] === undefined || source[end] === '\n') return message;
    }
    emit(type, end + 1);
    return undefined;
  }

  function lexName(type: 'variable' | 'field' | 'identifier', start: number): string | undefined {
    let end = start;
    for (let c = charAt(end); c !== '' && alphaNumeric.test(c); c = charAt(end)) end += c.length;
    const c = charAt(end);
    const terminated = c === '' || /[\s.,|:=()]/.test(c) || source.startsWith(right, end);
    if (!terminated) return `bad character ${unicode(c)}`;
    const word = source.slice(at, end);
    if (type === 'field') emit(end === start ? 'dot' : 'field', end);
    else if (type === 'variable') emit('variable', end);
    else if (keywords.has(word)) emit('keyword', end);
    else if (word === 'true' || word === 'false') emit('bool', end);
    else if (word === 'nil') emit('nil', end);
    else emit('identifier', end);
    return undefined;
  }

  function lexNumber(): string | undefined {
    const match = /^[+-]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9_]*\.?[0-9_]*([eE][+-]?[0-9_]+)?)/.exec(
      source.slice(at, at + 100),
    )!;
    let end = at + match[0].length;
    const next = charAt(end);
    if (match[0] === '' || (next !== '' && alphaNumeric.test(next))) {
      end += next.length;
      return `bad number syntax: ${quote(source.slice(at, end))}`;
    }
    emit('number', end);
    return undefined;
  }
}

function unicode(c: string): string {
  return `U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${c}'`;
}
