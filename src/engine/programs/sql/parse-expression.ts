import { notSimulated } from './error.ts';
import { parseSelect } from './parse-select.ts';
import type { Expression, TypeName } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

/** Expressions, by precedence: OR, AND, NOT, comparison, bits and concatenation, sums, products, signs, casts. */
export function parseExpression(s: TokenStream): Expression {
  return parseOr(s);
}

function binary(op: string, left: Expression, right: Expression): Expression {
  return { kind: 'binary', op, left, right };
}

function parseOr(s: TokenStream): Expression {
  let left = parseAnd(s);
  for (;;) {
    if (s.accept('OR') || (s.dialect.name === 'mysql' && s.accept('||'))) left = binary('OR', left, parseAnd(s));
    else if (s.accept('XOR')) left = binary('XOR', left, parseAnd(s));
    else return left;
  }
}

function parseAnd(s: TokenStream): Expression {
  let left = parseNot(s);
  while (s.accept('AND') || s.accept('&&')) left = binary('AND', left, parseNot(s));
  return left;
}

function parseNot(s: TokenStream): Expression {
  if (s.accept('NOT')) return { kind: 'unary', op: 'NOT', operand: parseNot(s) };
  return parseComparison(s);
}

function parseComparison(s: TokenStream): Expression {
  let left = parseConcat(s);
  for (;;) {
    const op = s.oneOf('=', '<=>', '<>', '!=', '<=', '>=', '<', '>', '~', '~*', '!~', '!~*');
    if (op !== undefined) {
      if (s.is('ANY') || s.is('ALL') || s.is('SOME')) throw notSimulated(`${op} ${s.current.upper}`);
      left = binary(op === '!=' ? '<>' : op, left, parseConcat(s));
      continue;
    }
    if (s.accept('IS')) {
      const not = s.accept('NOT');
      const what = s.oneOf('NULL', 'TRUE', 'FALSE');
      if (!what) throw s.wrong();
      left = { kind: 'is', operand: left, what: what as 'NULL', not };
      continue;
    }
    const not = s.is('NOT') && /^(IN|LIKE|ILIKE|BETWEEN|REGEXP|RLIKE)$/.test(s.peek().upper) && s.accept('NOT');
    if (s.accept('IN')) {
      s.expect('(');
      const list = s.is('SELECT') || s.is('WITH') ? parseSelect(s) : parseList(s);
      s.expect(')');
      left = { kind: 'in', operand: left, list, not };
    } else if (s.accept('BETWEEN')) {
      const low = parseConcat(s);
      s.expect('AND');
      left = { kind: 'between', operand: left, low, high: parseConcat(s), not };
    } else if (s.is('LIKE') || s.is('ILIKE')) {
      const insensitive = s.take().upper === 'ILIKE' || s.dialect.name === 'mysql';
      left = { kind: 'like', operand: left, pattern: parseConcat(s), not, insensitive };
    } else if (s.accept('REGEXP') || s.accept('RLIKE')) {
      const match = binary('~*', left, parseConcat(s));
      left = not ? { kind: 'unary', op: 'NOT', operand: match } : match;
    } else return left;
  }
}

function parseConcat(s: TokenStream): Expression {
  let left = parseSum(s);
  for (;;) {
    const op = s.oneOf('->>', '->', '|', '&') ?? (s.dialect.name === 'postgres' ? s.oneOf('||') : undefined);
    if (op === undefined) return left;
    if (op !== '||' && op !== '|' && op !== '&') throw notSimulated(`the operator ${op}`);
    left = binary(op, left, parseSum(s));
  }
}

function parseSum(s: TokenStream): Expression {
  let left = parseProduct(s);
  for (let op = s.oneOf('+', '-'); op; op = s.oneOf('+', '-')) left = binary(op, left, parseProduct(s));
  return left;
}

function parseProduct(s: TokenStream): Expression {
  let left = parseUnary(s);
  for (;;) {
    const op = s.oneOf('*', '/', '%', 'DIV', 'MOD', '^');
    if (op === undefined) return left;
    left = binary(op === 'MOD' ? '%' : op, left, parseUnary(s));
  }
}

function parseUnary(s: TokenStream): Expression {
  const op = s.oneOf('-', '+', '!');
  if (op === '!') return { kind: 'unary', op: 'NOT', operand: parseUnary(s) };
  if (op) return { kind: 'unary', op: op as '-', operand: parseUnary(s) };
  let operand = parsePrimary(s);
  for (;;) {
    if (s.accept('::')) operand = { kind: 'cast', operand, type: parseType(s) };
    else if (s.accept('COLLATE')) s.take();
    else return operand;
  }
}

export function parseList(s: TokenStream): Expression[] {
  const list = [parseExpression(s)];
  while (s.accept(',')) list.push(parseExpression(s));
  return list;
}

function parsePrimary(s: TokenStream): Expression {
  const token = s.current;
  switch (token.kind) {
    case 'number': {
      s.take();
      const dot = token.text.indexOf('.');
      return {
        kind: 'literal',
        value: Number(token.text),
        ...(dot >= 0 ? { decimals: token.text.length - dot - 1 } : undefined),
      };
    }
    case 'string': {
      let value = s.take().text;
      while (s.current.kind === 'string') value += s.take().text;
      return { kind: 'literal', value };
    }
    case 'variable':
      return { kind: 'variable', name: s.take().text };
    case 'op':
      if (s.accept('(')) {
        if (s.is('SELECT') || s.is('WITH')) {
          const query = parseSelect(s);
          s.expect(')');
          return { kind: 'subquery', query };
        }
        const inner = parseExpression(s);
        if (s.is(',')) throw notSimulated('a row of values in an expression');
        s.expect(')');
        return inner;
      }
      if (s.accept('*')) return { kind: 'star' };
      throw s.wrong();
    case 'end':
      throw s.wrong();
    default:
      return token.kind === 'word' ? parseWord(s) : parseColumn(s);
  }
}

function parseWord(s: TokenStream): Expression {
  if (s.accept('NULL')) return { kind: 'literal', value: null };
  if (s.accept('TRUE')) return { kind: 'literal', value: s.dialect.name === 'mysql' ? 1 : true };
  if (s.accept('FALSE')) return { kind: 'literal', value: s.dialect.name === 'mysql' ? 0 : false };
  if (s.accept('DEFAULT')) return { kind: 'default' };
  if (s.accept('CASE')) return parseCase(s);
  if (s.accept('EXISTS')) {
    s.expect('(');
    const query = parseSelect(s);
    s.expect(')');
    return { kind: 'exists', query };
  }
  if (s.is('CAST') && s.peek().upper === '(') {
    s.take();
    s.take();
    const operand = parseExpression(s);
    s.expect('AS');
    const type = parseType(s);
    s.expect(')');
    return { kind: 'cast', operand, type };
  }
  if (s.accept('INTERVAL')) {
    if (s.current.kind === 'string') {
      const match = /^(-?\d+)\s+([a-z]+?)s?$/i.exec(s.current.text);
      if (match && !/^[A-Z]+$/.test(s.peek().upper)) {
        s.take();
        return {
          kind: 'interval',
          amount: { kind: 'literal', value: Number(match[1]) },
          unit: match[2]!.toUpperCase(),
        };
      }
    }
    return { kind: 'interval', amount: parseExpression(s), unit: s.take().upper };
  }
  // Functions that are called without parentheses, and typed literals: DATE '2026-01-01'.
  if (bareFunctions.has(s.current.upper) && s.peek().upper !== '(') {
    const at = s.position;
    return { kind: 'call', name: s.take().upper, args: [], distinct: false, at };
  }
  if (/^(DATE|TIME|TIMESTAMP|TIMESTAMPTZ)$/.test(s.current.upper) && s.peek().kind === 'string') {
    const type = parseType(s);
    return { kind: 'cast', operand: { kind: 'literal', value: s.string() }, type };
  }
  if (s.current.upper === 'BINARY' && s.peek().upper !== '(') {
    s.take();
    return parseUnary(s);
  }
  if (s.peek().upper === '(' && s.peek().kind === 'op') return parseCall(s);
  return parseColumn(s);
}

const bareFunctions = new Set([
  'CURRENT_TIMESTAMP', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_USER', 'SESSION_USER', 'LOCALTIMESTAMP', 'USER',
]); // prettier-ignore

function parseCase(s: TokenStream): Expression {
  const operand = s.is('WHEN') ? undefined : parseExpression(s);
  const whens: [Expression, Expression][] = [];
  while (s.accept('WHEN')) {
    const when = parseExpression(s);
    s.expect('THEN');
    whens.push([when, parseExpression(s)]);
  }
  const otherwise = s.accept('ELSE') ? parseExpression(s) : undefined;
  s.expect('END');
  return { kind: 'case', ...(operand ? { operand } : undefined), whens, ...(otherwise ? { otherwise } : undefined) };
}

function parseCall(s: TokenStream): Expression {
  const at = s.position;
  const name = s.take().upper;
  s.expect('(');
  const distinct = s.accept('DISTINCT');
  const args: Expression[] = [];
  let separator: string | undefined;
  if (!s.is(')')) {
    if (name === 'EXTRACT') {
      args.push({ kind: 'literal', value: s.take().text.toLowerCase() });
      s.expect('FROM');
      args.push(parseExpression(s));
    } else {
      args.push(...parseList(s));
      if (name === 'SUBSTRING' && s.accept('FROM')) args.push(parseExpression(s));
      if (name === 'SUBSTRING' && s.accept('FOR')) args.push(parseExpression(s));
      if (s.is('ORDER')) throw notSimulated(`ORDER BY in ${name}()`);
      if (s.accept('SEPARATOR')) separator = s.string();
    }
  }
  s.expect(')');
  if (s.is('OVER')) throw notSimulated('a window function');
  if (s.is('FILTER')) throw notSimulated('FILTER of an aggregate');
  return { kind: 'call', name, args, distinct, at, ...(separator !== undefined ? { separator } : undefined) };
}

function parseColumn(s: TokenStream): Expression {
  const at = s.position;
  const first = s.name();
  if (!s.accept('.')) return { kind: 'column', name: first, at };
  if (s.accept('*')) return { kind: 'star', table: first };
  const second = s.name();
  if (!s.accept('.')) return { kind: 'column', table: first, name: second, at };
  return { kind: 'column', table: second, name: s.name(), at };
}

const wordsAfterType = [
  ['DOUBLE', 'PRECISION'],
  ['CHARACTER', 'VARYING'],
] as const;

/** A type with its arguments. @throws SqlError for a name that is no type */
export function parseType(s: TokenStream): TypeName {
  const at = s.position;
  const first = s.take();
  let words = first.upper.toLowerCase();
  for (const [one, two] of wordsAfterType)
    if (first.upper === one && s.accept(two)) words = `${words} ${two.toLowerCase()}`;
  const args: (number | string)[] = [];
  if (s.accept('(')) {
    do args.push(s.current.kind === 'number' ? Number(s.take().text) : s.string());
    while (s.accept(','));
    s.expect(')');
  }
  if (/^time(stamp)?$/.test(words)) {
    if (s.accept('WITH', 'TIME', 'ZONE')) words += 'tz';
    else s.accept('WITHOUT', 'TIME', 'ZONE');
  }
  const unsigned = s.accept('UNSIGNED');
  if (words === 'signed' || words === 'unsigned') s.accept('INTEGER');
  s.oneOf('SIGNED', 'ZEROFILL');
  if (s.accept('CHARACTER', 'SET') || s.accept('CHARSET')) s.take();
  if (s.accept('COLLATE')) s.take();
  if (s.is('[')) throw notSimulated('an array type');
  const name = s.dialect.typeName(words);
  if (first.kind !== 'word' && first.kind !== 'name') throw s.dialect.errors.syntax(s.sql, at, first.end);
  if (name === undefined) throw s.dialect.errors.noType(first.text, at);
  return { name, args, ...(unsigned || words === 'unsigned' ? { unsigned: true } : undefined) };
}
