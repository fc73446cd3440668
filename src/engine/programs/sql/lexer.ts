import type { Dialect } from './dialect.ts';

export interface Token {
  kind: 'word' | 'name' | 'string' | 'number' | 'op' | 'variable' | 'end';
  /** Without quotes. */
  text: string;
  /** Words in upper case; other tokens as they are. */
  upper: string;
  /** Offset in the source. */
  at: number;
  end: number;
}

const operators = ['<=>', '->>', '!~*', '<=', '>=', '<>', '!=', '||', '&&', '::', ':=', '->', '!~', '~*'];

/** Takes SQL apart. @throws SqlError for a string without an end */
export function tokenize(sql: string, dialect: Dialect): Token[] {
  const tokens: Token[] = [];
  const mysql = dialect.name === 'mysql';
  let i = 0;
  const push = (kind: Token['kind'], text: string, at: number, end: number) => {
    tokens.push({ kind, text, upper: kind === 'word' ? text.toUpperCase() : text, at, end });
    i = end;
  };
  while (i < sql.length) {
    const c = sql[i]!;
    if (/\s/.test(c)) i++;
    else if (c === '-' && sql[i + 1] === '-') i = endOfLine(sql, i);
    else if (c === '#' && mysql) i = endOfLine(sql, i);
    else if (c === '/' && sql[i + 1] === '*') {
      // `/*!40101 … */` is SQL for MySQL of that version or later, and a comment for others.
      const conditional = mysql ? /^\/\*!\d*/.exec(sql.slice(i, i + 12)) : null;
      if (conditional) i += conditional[0].length;
      else {
        const end = sql.indexOf('*/', i + 2);
        i = end < 0 ? sql.length : end + 2;
      }
    } else if (mysql && c === '*' && sql[i + 1] === '/') i += 2;
    else if (c === "'" || (c === '"' && mysql)) {
      const { text, end } = quoted(sql, i, c, mysql, dialect);
      push('string', text, i, end);
    } else if ((c === 'E' || c === 'e') && sql[i + 1] === "'" && !mysql) {
      const { text, end } = quoted(sql, i + 1, "'", true, dialect);
      push('string', text, i, end);
    } else if (c === '`' || c === '"') {
      const { text, end } = quoted(sql, i, c, false, dialect);
      push('name', text, i, end);
    } else if (c === '$' && !mysql && /^\$\w*\$/.test(sql.slice(i))) {
      const tag = /^\$\w*\$/.exec(sql.slice(i))![0];
      const end = sql.indexOf(tag, i + tag.length);
      if (end < 0) throw dialect.errors.unterminated(tag, i);
      push('string', sql.slice(i + tag.length, end), i, end + tag.length);
    } else if (/\d/.test(c) || (c === '.' && /\d/.test(sql[i + 1] ?? ''))) {
      const match = /^(0x[0-9a-fA-F]+|\d*\.?\d+(?:[eE][+-]?\d+)?|\d+\.)/.exec(sql.slice(i))!;
      push('number', match[0], i, i + match[0].length);
    } else if (c === '@') {
      const match = /^@@?[\w.$]*/.exec(sql.slice(i))!;
      push('variable', match[0], i, i + match[0].length);
    } else if (/[\p{L}_]/u.test(c)) {
      const match = /^[\p{L}_][\p{L}\p{N}_$]*/u.exec(sql.slice(i))!;
      push('word', match[0], i, i + match[0].length);
    } else {
      const operator = operators.find((o) => sql.startsWith(o, i)) ?? c;
      push('op', operator, i, i + operator.length);
    }
  }
  tokens.push({ kind: 'end', text: '', upper: '', at: sql.length, end: sql.length });
  return tokens;
}

function endOfLine(sql: string, from: number): number {
  const end = sql.indexOf('\n', from);
  return end < 0 ? sql.length : end;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', b: '\b', Z: '\x1a' };

function quoted(
  sql: string,
  from: number,
  quote: string,
  backslashes: boolean,
  dialect: Dialect,
): { text: string; end: number } {
  let text = '';
  for (let i = from + 1; i < sql.length; i++) {
    const c = sql[i]!;
    if (c === quote) {
      if (sql[i + 1] !== quote) return { text, end: i + 1 };
      text += quote;
      i++;
    } else if (c === '\\' && backslashes) {
      const next = sql[++i] ?? '';
      text += escapes[next] ?? (next === '%' || next === '_' ? `\\${next}` : next);
    } else text += c;
  }
  throw dialect.errors.unterminated(quote, from, sql);
}

/** A statement as a client sends it, where it ends in the text, and by what. */
export interface StatementText {
  text: string;
  end: number;
  terminator: ';' | '\\G' | '\\g';
}

/**
 * The first complete statement of a text; undefined if its end has not come yet. `open` then says what it is inside of:
 * a quote, a comment, parentheses.
 */
export function firstStatement(sql: string, mysql: boolean): StatementText | { open: string } {
  let depth = 0;
  for (let i = 0; i < sql.length; i++) {
    const c = sql[i]!;
    if (c === "'" || c === '"' || c === '`') {
      let end = i + 1;
      while (end < sql.length && sql[end] !== c) end += mysql && sql[end] === '\\' && c !== '`' ? 2 : 1;
      if (end >= sql.length) return { open: c };
      i = end;
    } else if (c === '$' && !mysql && /^\$\w*\$/.test(sql.slice(i, i + 64))) {
      const tag = /^\$\w*\$/.exec(sql.slice(i, i + 64))![0];
      const end = sql.indexOf(tag, i + tag.length);
      if (end < 0) return { open: '$' };
      i = end + tag.length - 1;
    } else if (c === '-' && sql[i + 1] === '-' && (!mysql || /\s|^$/.test(sql[i + 2] ?? ''))) i = endOfLine(sql, i);
    else if (c === '#' && mysql) i = endOfLine(sql, i);
    else if (c === '/' && sql[i + 1] === '*') {
      const end = sql.indexOf('*/', i + 2);
      if (end < 0) return { open: '*' };
      i = end + 1;
    } else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ';' && (mysql || depth <= 0)) return { text: sql.slice(0, i), end: i + 1, terminator: ';' };
    else if (mysql && c === '\\' && (sql[i + 1] === 'G' || sql[i + 1] === 'g'))
      return { text: sql.slice(0, i), end: i + 2, terminator: sql[i + 1] === 'G' ? '\\G' : '\\g' };
  }
  return { open: depth > 0 ? '(' : '' };
}
