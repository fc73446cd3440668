import { children, isAggregate, type AggregateCall } from './aggregate.ts';
import type { Row } from './database.ts';
import type { Dialect } from './dialect.ts';
import { notSimulated } from './error.ts';
import { functionNamed } from './functions.ts';
import type { Expression, SelectStatement, TypeName, Value } from './syntax.ts';
import { compare, fit, formatTimestamp, parseTimestamp, toNumber, toText, toTruth } from './values.ts';

/** What expressions can learn of the session that they are evaluated in. */
export interface Environment {
  readonly dialect: Dialect;
  readonly version: string;
  readonly user: string;
  readonly connection: number;
  readonly database: string | undefined;
  readonly lastInsertId: number;
  readonly rowCount: number;
  /** Now, as the dialect writes time stamps. */
  now(): string;
  random(): number;
  uuid(): string;
  digest(text: string): string;
  /** The statement takes so long. */
  sleep(ms: number): void;
  variable(name: string): Value;
  query(query: SelectStatement, outer: Scope | undefined): { rows: readonly Row[]; width: number };
}

export interface SourceColumn {
  name: string;
  type: TypeName;
}

/** A table of FROM, with the row that is looked at. */
export interface Source {
  readonly alias: string;
  readonly columns: readonly SourceColumn[];
  row: Row | undefined;
}

/** Where column names are looked up. */
export interface Scope {
  readonly sources: readonly Source[];
  readonly outer: Scope | undefined;
  /** Values of the aggregates of the current group. */
  aggregates?: ReadonlyMap<AggregateCall, Value>;
}

/** @throws SqlError for an unknown or ambiguous column */
export function resolveColumn(
  e: Expression & { kind: 'column' },
  scope: Scope | undefined,
  dialect: Dialect,
  clause: string,
): { source: Source; index: number } {
  for (let s = scope; s; s = s.outer) {
    let found: { source: Source; index: number } | undefined;
    for (const source of s.sources) {
      if (e.table !== undefined && source.alias.toLowerCase() !== e.table.toLowerCase()) continue;
      const index = columnIndex(source.columns, e.name);
      if (index < 0) continue;
      if (found) throw dialect.errors.ambiguous(e.name, clause, e.at);
      found = { source, index };
    }
    if (found) return found;
  }
  throw dialect.errors.noColumn(e.table === undefined ? e.name : `${e.table}.${e.name}`, clause, e.at);
}

function columnIndex(columns: readonly SourceColumn[], name: string): number {
  const exact = columns.findIndex((c) => c.name === name);
  if (exact >= 0) return exact;
  const lower = name.toLowerCase();
  return columns.findIndex((c) => c.name.toLowerCase() === lower);
}

/** Looks every name of an expression up, before there is a row. @throws SqlError */
export function checkNames(e: Expression, scope: Scope, environment: Environment, clause: string): void {
  const { dialect } = environment;
  if (e.kind === 'column') resolveColumn(e, scope, dialect, clause);
  else if (e.kind === 'call' && !isAggregate(e) && !functionNamed(e.name, dialect.name) && !special.has(e.name))
    throw dialect.errors.noFunction(
      e.name,
      e.args.map((a) => inferType(a, scope, environment)?.type.name ?? 'unknown').join(', '),
      environment.database ?? '',
      e.at,
    );
  for (const child of children(e)) checkNames(child, scope, environment, clause);
}

/** Functions that look at their arguments themselves. */
const special = new Set(['DATE_ADD', 'DATE_SUB', 'ADDDATE', 'SUBDATE', 'VALUES', 'NEXTVAL', 'GROUPING', 'ANY_VALUE']);

export function evaluate(e: Expression, scope: Scope | undefined, environment: Environment): Value {
  const sub = (inner: Expression) => evaluate(inner, scope, environment);
  switch (e.kind) {
    case 'literal':
      return e.value;
    case 'column': {
      const { source, index } = resolveColumn(e, scope, environment.dialect, 'field list');
      return source.row?.[index] ?? null;
    }
    case 'variable':
      return environment.variable(e.name);
    case 'unary': {
      const value = sub(e.operand);
      if (value === null) return null;
      if (e.op === 'NOT') return truth(environment, !toTruth(value));
      return e.op === '-' ? -toNumber(value) : toNumber(value);
    }
    case 'binary':
      return evaluateBinary(e, scope, environment);
    case 'is': {
      const value = sub(e.operand);
      const holds = e.what === 'NULL' ? value === null : toTruth(value) === (e.what === 'TRUE');
      return truth(environment, holds !== e.not);
    }
    case 'in':
      return evaluateIn(e, scope, environment);
    case 'between': {
      const value = sub(e.operand);
      const [low, high] = [compareIn(environment, value, sub(e.low)), compareIn(environment, value, sub(e.high))];
      if (low === undefined || high === undefined) return null;
      return truth(environment, (low >= 0 && high <= 0) !== e.not);
    }
    case 'like': {
      const [value, pattern] = [sub(e.operand), sub(e.pattern)];
      if (value === null || pattern === null) return null;
      return truth(environment, like(toText(value), toText(pattern), e.insensitive) !== e.not);
    }
    case 'case': {
      const operand = e.operand && sub(e.operand);
      for (const [when, then] of e.whens) {
        const value = sub(when);
        if (e.operand ? compareIn(environment, operand!, value) === 0 : toTruth(value)) return sub(then);
      }
      return e.otherwise ? sub(e.otherwise) : null;
    }
    case 'cast': {
      const value = sub(e.operand);
      const fitted = fit(value, e.type, environment.dialect.name === 'mysql');
      if ('value' in fitted) return fitted.value;
      if (environment.dialect.name === 'mysql')
        return fit(toNumber(value), e.type, true) && /int|decimal|double/.test(e.type.name) ? toNumber(value) : null;
      throw environment.dialect.errors.badValue(e.type.name, toText(value), '', 1);
    }
    case 'call':
      return evaluateCall(e, scope, environment);
    case 'exists':
      return truth(environment, environment.query(e.query, scope).rows.length > 0);
    case 'subquery': {
      const { rows } = environment.query(e.query, scope);
      if (rows.length > 1) throw environment.dialect.errors.scalarSubquery();
      return rows[0]?.[0] ?? null;
    }
    case 'interval':
      throw notSimulated('an interval outside of an addition');
    case 'star':
    case 'default':
      throw environment.dialect.errors.syntax('*', 0, 1);
  }
}

function truth(environment: Environment, holds: boolean): Value {
  return environment.dialect.name === 'mysql' ? Number(holds) : holds;
}

/** MySQL's default collation has no case; PostgreSQL's has. */
export function compareIn(environment: Environment, a: Value, b: Value): number | undefined {
  return compare(a, b, environment.dialect.name === 'mysql');
}

function evaluateBinary(e: Expression & { kind: 'binary' }, scope: Scope | undefined, environment: Environment): Value {
  const mysql = environment.dialect.name === 'mysql';
  if (e.op === 'AND' || e.op === 'OR') {
    const left = toTruth(evaluate(e.left, scope, environment));
    if (left === (e.op === 'OR')) return truth(environment, left);
    const right = toTruth(evaluate(e.right, scope, environment));
    if (right === (e.op === 'OR')) return truth(environment, right);
    return left === null || right === null ? null : truth(environment, e.op === 'AND');
  }
  const a = evaluate(e.left, scope, environment);
  if (e.right.kind === 'interval') {
    const amount = toNumber(evaluate(e.right.amount, scope, environment));
    return addInterval(a, e.op === '-' ? -amount : amount, e.right.unit);
  }
  const b = evaluate(e.right, scope, environment);
  if (e.op === '<=>')
    return truth(environment, a === null || b === null ? a === b : compareIn(environment, a, b) === 0);
  if (a === null || b === null) return null;
  switch (e.op) {
    case '=':
      return truth(environment, compareIn(environment, a, b) === 0);
    case '<>':
      return truth(environment, compareIn(environment, a, b) !== 0);
    case '<':
      return truth(environment, compareIn(environment, a, b)! < 0);
    case '>':
      return truth(environment, compareIn(environment, a, b)! > 0);
    case '<=':
      return truth(environment, compareIn(environment, a, b)! <= 0);
    case '>=':
      return truth(environment, compareIn(environment, a, b)! >= 0);
    case 'XOR':
      return truth(environment, toTruth(a) !== toTruth(b));
    case '||':
      return toText(a) + toText(b);
    case '+':
      return toNumber(a) + toNumber(b);
    case '-':
      return toNumber(a) - toNumber(b);
    case '*':
      return toNumber(a) * toNumber(b);
    case '/': {
      if (toNumber(b) === 0) {
        if (mysql) return null;
        throw environment.dialect.errors.divisionByZero();
      }
      const quotient = toNumber(a) / toNumber(b);
      const integers = Number.isInteger(a) && Number.isInteger(b);
      return !mysql && integers ? Math.trunc(quotient) : quotient;
    }
    case 'DIV':
      return toNumber(b) === 0 ? null : Math.trunc(toNumber(a) / toNumber(b));
    case '%':
      if (toNumber(b) !== 0) return toNumber(a) % toNumber(b);
      if (mysql) return null;
      throw environment.dialect.errors.divisionByZero();
    case '^':
      return mysql ? toNumber(a) ^ toNumber(b) : toNumber(a) ** toNumber(b);
    case '&':
      return toNumber(a) & toNumber(b);
    case '|':
      return toNumber(a) | toNumber(b);
    default:
      throw notSimulated(`matching of regular expressions (${e.op})`);
  }
}

function addInterval(value: Value, amount: number, unit: string): Value {
  if (value === null || Number.isNaN(amount)) return null;
  const text = toText(value);
  const ms = parseTimestamp(text);
  if (ms === undefined) return null;
  const name = unit.replace(/S$/, '');
  const d = new Date(ms);
  const fixedUnits: Record<string, number> = {
    SECOND: 1000,
    MINUTE: 60_000,
    HOUR: 3_600_000,
    DAY: 86_400_000,
    WEEK: 604_800_000,
  };
  if (name in fixedUnits) d.setTime(ms + amount * fixedUnits[name]!);
  else if (name === 'MONTH') d.setUTCMonth(d.getUTCMonth() + amount);
  else if (name === 'QUARTER') d.setUTCMonth(d.getUTCMonth() + 3 * amount);
  else if (name === 'YEAR') d.setUTCFullYear(d.getUTCFullYear() + amount);
  else throw notSimulated(`INTERVAL of ${unit}`);
  const whole = text.length === 10 && /^(DAY|WEEK|MONTH|QUARTER|YEAR)$/.test(name);
  return whole
    ? formatTimestamp(d.getTime()).slice(0, 10)
    : formatTimestamp(d.getTime()) + (text.endsWith('+00') ? '+00' : '');
}

function evaluateIn(e: Expression & { kind: 'in' }, scope: Scope | undefined, environment: Environment): Value {
  const value = evaluate(e.operand, scope, environment);
  const list =
    'kind' in e.list
      ? environment.query(e.list, scope).rows.map((row) => row[0] ?? null)
      : e.list.map((item) => evaluate(item, scope, environment));
  if (value === null) return null;
  if (list.some((item) => compareIn(environment, value, item) === 0)) return truth(environment, !e.not);
  return list.includes(null) ? null : truth(environment, e.not);
}

/** LIKE: `%` and `_`, in linear time for each `%`. */
export function like(value: string, pattern: string, insensitive: boolean): boolean {
  const v = [...(insensitive ? value.toLowerCase() : value)];
  const p: { any: boolean; one: boolean; c: string }[] = [];
  const glyphs = [...(insensitive ? pattern.toLowerCase() : pattern)];
  for (let i = 0; i < glyphs.length; i++) {
    if (glyphs[i] === '\\' && i + 1 < glyphs.length) p.push({ any: false, one: false, c: glyphs[++i]! });
    else p.push({ any: glyphs[i] === '%', one: glyphs[i] === '_', c: glyphs[i]! });
  }
  let [i, j, star, mark] = [0, 0, -1, 0];
  while (i < v.length) {
    const at = p[j];
    if (at && !at.any && (at.one || at.c === v[i])) {
      i++;
      j++;
    } else if (at?.any) {
      star = j++;
      mark = i;
    } else if (star >= 0) {
      j = star + 1;
      i = ++mark;
    } else return false;
  }
  while (p[j]?.any) j++;
  return j === p.length;
}

function evaluateCall(e: Expression & { kind: 'call' }, scope: Scope | undefined, environment: Environment): Value {
  if (isAggregate(e)) {
    for (let s = scope; s; s = s.outer) if (s.aggregates?.has(e)) return s.aggregates.get(e)!;
    throw environment.dialect.errors.syntax(e.name, 0, e.name.length);
  }
  const args = e.args;
  if (/^(DATE_ADD|DATE_SUB|ADDDATE|SUBDATE)$/.test(e.name) && args[1]?.kind === 'interval') {
    const amount = toNumber(evaluate(args[1].amount, scope, environment));
    return addInterval(evaluate(args[0]!, scope, environment), /SUB/.test(e.name) ? -amount : amount, args[1].unit);
  }
  if (e.name === 'ANY_VALUE') return evaluate(args[0]!, scope, environment);
  if (e.name === 'VALUES' && args[0]?.kind === 'column')
    return evaluate({ ...args[0], table: 'excluded' }, scope, environment);
  const run = functionNamed(e.name, environment.dialect.name);
  if (!run) throw environment.dialect.errors.noFunction(e.name, '', environment.database ?? '', e.at);
  return run(
    args.map((a) => evaluate(a, scope, environment)),
    environment,
  );
}

const named = (name: string, args: (number | string)[] = []): TypeName => ({ name, args });

/** The type of an expression, as far as it matters for how results are written. */
export function inferType(e: Expression, scope: Scope, environment: Environment): { type: TypeName } | undefined {
  const mysql = environment.dialect.name === 'mysql';
  const of = (inner: Expression) => inferType(inner, scope, environment)?.type;
  switch (e.kind) {
    case 'literal':
      if (typeof e.value === 'number')
        return { type: e.decimals === undefined ? named(Number.isInteger(e.value) ? 'int' : 'double') : named('decimal', [65, e.decimals]) }; // prettier-ignore
      return { type: named(typeof e.value === 'boolean' ? 'boolean' : 'text') };
    case 'column': {
      const { source, index } = resolveColumn(e, scope, environment.dialect, 'field list');
      return { type: source.columns[index]!.type };
    }
    case 'cast':
      return { type: e.type };
    case 'case': {
      const first = e.whens[0] && of(e.whens[0][1]);
      return first && { type: first };
    }
    case 'is':
    case 'in':
    case 'between':
    case 'like':
    case 'exists':
      return { type: named(mysql ? 'bigint' : 'boolean') };
    case 'unary':
      if (e.op === 'NOT') return { type: named(mysql ? 'bigint' : 'boolean') };
      return inferType(e.operand, scope, environment);
    case 'call':
      return inferCall(e, of, mysql);
    case 'binary': {
      if (!/^[-+*/%]$|^DIV$/.test(e.op))
        return { type: named(e.op === '||' && !mysql ? 'text' : mysql ? 'bigint' : 'boolean') };
      const [a, b] = [of(e.left), of(e.right)];
      const float = [a, b].some((t) => t && /float|double|real/.test(t.name));
      if (e.right.kind === 'interval') return a && { type: a };
      if (float || [a, b].some((t) => t?.name === 'text')) return { type: named('double') };
      const scales = [a, b].map((t) => (t?.name === 'decimal' ? Number(t.args[1] ?? 0) : 0));
      if (e.op === '/' && mysql) return { type: named('decimal', [65, scales[0]! + 4]) };
      if (e.op === '*') return { type: named(scales.some(Boolean) ? 'decimal' : 'bigint', scales.some(Boolean) ? [65, scales[0]! + scales[1]!] : []) }; // prettier-ignore
      if (scales.some(Boolean))
        return { type: e.op === '/' ? named('double') : named('decimal', [65, Math.max(...scales)]) };
      return { type: named('bigint') };
    }
    default:
      return undefined;
  }
}

function inferCall(
  e: Expression & { kind: 'call' },
  of: (inner: Expression) => TypeName | undefined,
  mysql: boolean,
): { type: TypeName } | undefined {
  const first = e.args[0] && e.args[0].kind !== 'star' ? of(e.args[0]) : undefined;
  const scale = first?.name === 'decimal' ? Number(first.args[1] ?? 0) : 0;
  const float = first && /float|double|real/.test(first.name);
  switch (e.name) {
    case 'COUNT':
    case 'LENGTH':
    case 'CHAR_LENGTH':
    case 'YEAR':
    case 'MONTH':
    case 'DAY':
    case 'CONNECTION_ID':
    case 'LAST_INSERT_ID':
    case 'DATEDIFF':
    case 'UNIX_TIMESTAMP':
    case 'SLEEP':
      return { type: named('bigint') };
    case 'SUM':
      return { type: float ? named('double') : scale > 0 || mysql ? named('decimal', [65, scale]) : named('bigint') };
    case 'AVG':
      return { type: float ? named('double') : named('decimal', [65, mysql ? scale + 4 : 16]) };
    case 'MIN':
    case 'MAX':
    case 'COALESCE':
    case 'IFNULL':
    case 'GREATEST':
    case 'LEAST':
    case 'ABS':
    case 'NULLIF':
      return first && { type: first };
    case 'ROUND': {
      const digits = e.args[1]?.kind === 'literal' ? Number(e.args[1].value) : 0;
      return { type: named('decimal', [65, Math.max(0, digits)]) };
    }
    case 'NOW':
    case 'CURRENT_TIMESTAMP':
      return { type: named(mysql ? 'datetime' : 'timestamptz') };
    case 'SQRT':
    case 'POW':
    case 'POWER':
    case 'RAND':
    case 'RANDOM':
    case 'PI':
      return { type: named('double') };
    case 'FLOOR':
    case 'CEIL':
    case 'CEILING':
    case 'MOD':
    case 'SIGN':
      return { type: named('bigint') };
    default:
      return { type: named('text') };
  }
}
