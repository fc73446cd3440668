import type { Dialect } from './dialect.ts';
import { notSimulated } from './error.ts';
import { parseGrant, parseUserStatement } from './parse-access.ts';
import { parseAlterTable, parseCreate, parseDrop } from './parse-definition.ts';
import { parseExpression, parseList } from './parse-expression.ts';
import { parseItems, parseLimit, parseOrderBy, parseSelect, parseTable } from './parse-select.ts';
import type { Assignment, Expression, Statement, TableReference } from './syntax.ts';
import { TokenStream } from './token-stream.ts';

/** Parses one statement; undefined for an empty one. @throws SqlError */
export function parseStatement(sql: string, dialect: Dialect): Statement | undefined {
  const s = new TokenStream(sql, dialect);
  if (s.current.kind === 'end') return undefined;
  const statement = parse(s);
  s.end();
  return statement;
}

function parse(s: TokenStream): Statement {
  if (s.is('SELECT') || s.is('WITH') || s.is('(')) return parseSelect(s);
  const mysql = s.dialect.name === 'mysql';
  const first = s.current;
  if (first.kind !== 'word') throw s.wrong();
  switch (s.take().upper) {
    case 'INSERT':
      return parseInsert(s, false);
    case 'REPLACE':
      if (!mysql) break;
      return parseInsert(s, true);
    case 'UPDATE':
      return parseUpdate(s);
    case 'DELETE':
      return parseDelete(s);
    case 'TRUNCATE':
      s.accept('TABLE');
      return { kind: 'truncate', table: s.qualified() };
    case 'CREATE':
    case 'ALTER':
    case 'DROP': {
      const verb = first.upper as 'CREATE';
      if (s.is('USER') || s.is('ROLE') || s.is('GROUP')) return parseUserStatement(s, verb, s.take().upper !== 'USER');
      if (first.upper === 'CREATE') return parseCreate(s);
      if (first.upper === 'DROP') return parseDrop(s);
      if (s.accept('TABLE')) return parseAlterTable(s);
      if (s.accept('DATABASE')) throw notSimulated('ALTER DATABASE');
      throw s.wrong();
    }
    case 'GRANT':
      return parseGrant(s, 'grant');
    case 'REVOKE':
      return parseGrant(s, 'revoke');
    case 'USE':
      if (!mysql) break;
      return { kind: 'use', name: s.name() };
    case 'BEGIN':
      s.oneOf('WORK', 'TRANSACTION');
      return { kind: 'begin', word: 'BEGIN' };
    case 'START':
      s.expect('TRANSACTION');
      return { kind: 'begin', word: 'START TRANSACTION' };
    case 'COMMIT':
    case 'END':
      s.oneOf('WORK', 'TRANSACTION');
      return { kind: 'commit', word: 'COMMIT' };
    case 'ROLLBACK':
    case 'ABORT':
      if (s.is('TO')) throw notSimulated('a savepoint');
      s.oneOf('WORK', 'TRANSACTION');
      return { kind: 'rollback', word: 'ROLLBACK' };
    case 'SAVEPOINT':
      throw notSimulated('a savepoint');
    case 'SET':
      return parseSet(s);
    case 'SHOW':
      return parseShow(s);
    case 'DESCRIBE':
    case 'DESC':
      if (!mysql) break;
      return { kind: 'describe', table: s.qualified() };
    case 'FLUSH':
      s.take();
      return { kind: 'nothing', tag: 'FLUSH' };
    case 'LOCK':
    case 'UNLOCK':
      // Statements have their turns one after the other, so a dump's locks of tables change nothing.
      if (!mysql) throw notSimulated('LOCK TABLE');
      while (s.current.kind !== 'end') s.take();
      return { kind: 'nothing', tag: first.upper };
    case 'EXPLAIN':
      if (mysql && s.current.kind !== 'end' && !s.is('SELECT')) return { kind: 'describe', table: s.qualified() };
      throw notSimulated('EXPLAIN');
    case 'ANALYZE':
    case 'VACUUM':
    case 'CALL':
    case 'COPY':
    case 'PREPARE':
    case 'EXECUTE':
    case 'DECLARE':
    case 'LISTEN':
    case 'NOTIFY':
    case 'MERGE':
    case 'COMMENT':
    case 'DO':
    case 'LOAD':
    case 'OPTIMIZE':
    case 'KILL':
      throw notSimulated(first.upper);
  }
  throw s.dialect.errors.syntax(s.sql, first.at, first.end);
}

function parseAssignments(s: TokenStream): Assignment[] {
  const set: Assignment[] = [];
  do {
    let column = s.name();
    if (s.accept('.')) column = s.name();
    s.expect('=');
    set.push([column, parseExpression(s)]);
  } while (s.accept(','));
  return set;
}

function parseReturning(s: TokenStream) {
  return s.accept('RETURNING') ? { returning: parseItems(s) } : undefined;
}

function parseInsert(s: TokenStream, replace: boolean): Statement {
  const ignore = s.accept('IGNORE');
  if (!s.accept('INTO') && s.dialect.name === 'postgres') throw s.wrong();
  const table = s.qualified();
  if (s.accept('SET')) {
    const set = parseAssignments(s);
    return { kind: 'insert', table, columns: set.map(([c]) => c), rows: [set.map(([, e]) => e)], ignore, replace };
  }
  const columns =
    s.is('(') && s.peek().upper !== 'SELECT'
      ? s.peek().upper === ')'
        ? (s.take(), s.take(), [])
        : s.names()
      : undefined;
  const into = {
    kind: 'insert' as const,
    table,
    ignore,
    replace,
    ...(columns && columns.length > 0 ? { columns } : undefined),
  };
  if (s.is('SELECT') || s.is('WITH') || s.is('(')) return { ...into, query: parseSelect(s), ...parseReturning(s) };
  if (s.accept('DEFAULT', 'VALUES')) return { ...into, rows: [[]], ...parseReturning(s) };
  if (!s.oneOf('VALUES', 'VALUE')) throw s.wrong();
  const rows: Expression[][] = [];
  do {
    s.expect('(');
    rows.push(s.is(')') ? [] : parseList(s));
    s.expect(')');
  } while (s.accept(','));
  return { ...into, rows, ...parseConflict(s), ...parseReturning(s) };
}

function parseConflict(s: TokenStream): { onConflict?: { update?: Assignment[] } } | undefined {
  if (s.accept('ON', 'DUPLICATE', 'KEY')) {
    s.expect('UPDATE');
    return { onConflict: { update: parseAssignments(s) } };
  }
  if (!s.accept('ON', 'CONFLICT')) return undefined;
  if (s.is('(')) s.names();
  else if (s.accept('ON')) {
    s.expect('CONSTRAINT');
    s.name();
  }
  s.expect('DO');
  if (s.accept('NOTHING')) return { onConflict: {} };
  s.expect('UPDATE', 'SET');
  return { onConflict: { update: parseAssignments(s) } };
}

function tableOnly(s: TokenStream): TableReference & { kind: 'table' } {
  const table = parseTable(s);
  if (table.kind !== 'table') throw s.wrong();
  return table;
}

function parseUpdate(s: TokenStream): Statement {
  const table = tableOnly(s);
  if (s.is(',') || s.is('JOIN')) throw notSimulated('UPDATE of several tables');
  s.expect('SET');
  const set = parseAssignments(s);
  if (s.is('FROM')) throw notSimulated('UPDATE … FROM');
  return { kind: 'update', table, set, ...parseRest(s) };
}

function parseDelete(s: TokenStream): Statement {
  s.expect('FROM');
  const table = tableOnly(s);
  if (s.is('USING')) throw notSimulated('DELETE … USING');
  return { kind: 'delete', table, ...parseRest(s) };
}

function parseRest(s: TokenStream) {
  const where = s.accept('WHERE') ? { where: parseExpression(s) } : undefined;
  const mysql = s.dialect.name === 'mysql';
  const orderBy = mysql ? parseOrderBy(s) : [];
  const { limit } = mysql ? parseLimit(s) : {};
  return { ...where, orderBy, ...(limit ? { limit } : undefined), ...parseReturning(s) };
}

function parseSet(s: TokenStream): Statement {
  const assignments: [string, Expression][] = [];
  if (s.accept('NAMES') || s.accept('CHARACTER', 'SET')) {
    const value = s.take().text;
    if (s.accept('COLLATE')) s.take();
    return { kind: 'set', assignments: [['names', { kind: 'literal', value }]] };
  }
  do {
    const scope = s.oneOf('GLOBAL', 'SESSION', 'LOCAL', 'PERSIST');
    let name = s.current.kind === 'variable' ? s.take().text : s.name();
    while (s.accept('.')) name += `.${s.name()}`;
    if (scope) name = `@@${scope.toLowerCase()}.${name}`;
    if (name.toUpperCase() === 'TRANSACTION' || name.toUpperCase() === 'TIME') throw notSimulated(`SET ${name}`);
    if (!s.oneOf('=', ':=', 'TO')) throw s.wrong();
    const word = s.current.kind === 'word' && /^(ON|OFF|DEFAULT)$/.test(s.current.upper) ? s.take() : undefined;
    assignments.push([name, word ? { kind: 'literal', value: word.text } : parseExpression(s)]);
  } while (s.accept(','));
  return { kind: 'set', assignments };
}

function parseShow(s: TokenStream): Statement {
  const full = s.accept('FULL');
  const words: string[] = [];
  const found: { like?: string; from?: string; subject?: string } = {};
  while (s.current.kind !== 'end') {
    if (s.accept('LIKE')) found.like = s.string();
    else if ((s.is('FROM') || s.is('IN')) && s.take()) {
      const name = s.name();
      if (found.subject === undefined && /^(COLUMNS|FIELDS|INDEX|INDEXES|KEYS)$/.test(words[0] ?? ''))
        found.subject = name;
      else found.from = name;
    } else if (s.is('WHERE')) throw notSimulated('SHOW … WHERE');
    else if (words[0] === 'CREATE' && words.length === 2) {
      const { database, name } = s.qualified();
      found.subject = name;
      if (database) found.from = database;
    } else if (words[0] === 'GRANTS' && s.accept('FOR')) {
      found.subject = s.current.kind === 'string' ? s.string() : s.take().text;
      if (s.current.kind === 'variable' && s.take().text === '@') found.from = s.take().text;
    } else words.push(s.take().upper);
  }
  return { kind: 'show', words, full, ...found };
}
