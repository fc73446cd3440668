import { parseExpression, parseList } from './parse-expression.ts';
import { notSimulated } from './error.ts';
import type { Expression, Join, OrderItem, SelectItem, SelectStatement, TableReference } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

/** SELECT with its clauses, WITH and UNION. */
export function parseSelect(s: TokenStream): SelectStatement {
  const queries: { name: string; query: SelectStatement; columns?: string[] }[] = [];
  if (s.accept('WITH')) {
    if (s.is('RECURSIVE')) throw notSimulated('WITH RECURSIVE');
    do {
      const name = s.name();
      const columns = s.is('(') ? s.names() : undefined;
      s.expect('AS', '(');
      queries.push({ name, query: parseSelect(s), ...(columns ? { columns } : undefined) });
      s.expect(')');
    } while (s.accept(','));
  }
  const first = parseCore(s);
  const unions: { all: boolean; query: SelectStatement }[] = [];
  while (s.accept('UNION')) {
    const all = s.accept('ALL');
    s.accept('DISTINCT');
    unions.push({ all, query: parseCore(s) });
  }
  if (s.is('INTERSECT') || s.is('EXCEPT')) throw notSimulated(s.current.upper);
  const orderBy = parseOrderBy(s);
  const { limit, offset } = parseLimit(s);
  if (s.accept('FOR')) {
    // Locks of rows end with the statement's turn here.
    s.expect('UPDATE');
  }
  return {
    ...first,
    unions,
    orderBy,
    ...(limit ? { limit } : undefined),
    ...(offset ? { offset } : undefined),
    with: queries,
  };
}

function parseCore(s: TokenStream): SelectStatement {
  if (s.accept('(')) {
    const inner = parseSelect(s);
    s.expect(')');
    return inner;
  }
  s.expect('SELECT');
  const distinct = s.accept('DISTINCT');
  if (distinct && s.is('ON')) throw notSimulated('DISTINCT ON');
  s.accept('ALL');
  const items = parseItems(s);
  if (s.is('INTO')) throw notSimulated('SELECT … INTO');
  const joins: Join[] = [];
  let from: TableReference | undefined;
  if (s.accept('FROM') && !s.accept('DUAL')) {
    from = parseTable(s);
    for (let join = parseJoin(s); join; join = parseJoin(s)) joins.push(join);
  }
  const where = s.accept('WHERE') ? parseExpression(s) : undefined;
  const groupBy = s.accept('GROUP') ? (s.expect('BY'), parseList(s)) : [];
  const having = s.accept('HAVING') ? parseExpression(s) : undefined;
  return {
    kind: 'select',
    distinct,
    items,
    ...(from ? { from } : undefined),
    joins,
    ...(where ? { where } : undefined),
    groupBy,
    ...(having ? { having } : undefined),
    orderBy: [],
    unions: [],
    with: [],
  };
}

export function parseItems(s: TokenStream): SelectItem[] {
  const items: SelectItem[] = [];
  do {
    const start = s.position;
    const expression: Expression = parseExpression(s);
    const text = s.sql.slice(start, s.lastEnd);
    let name: string | undefined;
    if (s.accept('AS')) name = s.current.kind === 'string' ? s.string() : s.take().text;
    else if (s.current.kind === 'name' || (s.current.kind === 'word' && !afterItem.test(s.current.upper)))
      name = s.name();
    else if (s.current.kind === 'string' && s.dialect.name === 'mysql') name = s.string();
    items.push({ expression, name: name ?? s.dialect.columnName(expression, text) });
  } while (s.accept(','));
  return items;
}

const afterItem = /^(FROM|WHERE|GROUP|HAVING|ORDER|LIMIT|UNION|INTO|OFFSET|FOR|INTERSECT|EXCEPT|FETCH)$/;
const afterTable =
  /^(WHERE|GROUP|HAVING|ORDER|LIMIT|UNION|JOIN|INNER|LEFT|RIGHT|FULL|CROSS|NATURAL|ON|USING|SET|OFFSET|FOR|FETCH|RETURNING|VALUES|INTERSECT|EXCEPT)$/;

/** A table with its alias. */
export function parseTable(s: TokenStream): TableReference {
  const at = s.position;
  let reference: TableReference;
  if (s.accept('(')) {
    const query = parseSelect(s);
    s.expect(')');
    reference = { kind: 'query', query, alias: '', at };
  } else {
    const { database, name } = s.qualified();
    if (s.is('(')) throw notSimulated('a function in FROM');
    reference = { kind: 'table', ...(database !== undefined ? { database } : undefined), name, alias: name, at };
  }
  if (s.accept('AS')) reference.alias = s.name();
  else if (s.current.kind === 'name' || (s.current.kind === 'word' && !afterTable.test(s.current.upper)))
    reference.alias = s.name();
  return reference;
}

function parseJoin(s: TokenStream): Join | undefined {
  if (s.accept(',')) return { kind: 'cross', table: parseTable(s) };
  if (s.is('NATURAL')) throw notSimulated('NATURAL JOIN');
  const side = s.oneOf('LEFT', 'RIGHT', 'FULL', 'INNER', 'CROSS');
  if (side === undefined && !s.is('JOIN')) return undefined;
  s.accept('OUTER');
  s.expect('JOIN');
  const kind = (side ?? 'inner').toLowerCase() as Join['kind'];
  const table = parseTable(s);
  if (s.accept('ON')) return { kind, table, on: parseExpression(s) };
  if (s.accept('USING')) return { kind, table, using: s.names() };
  if (kind !== 'cross' && !(kind === 'inner' && s.dialect.name === 'mysql')) throw s.wrong();
  return { kind: 'cross', table };
}

export function parseOrderBy(s: TokenStream): OrderItem[] {
  if (!s.accept('ORDER')) return [];
  s.expect('BY');
  const items: OrderItem[] = [];
  do {
    const expression = parseExpression(s);
    const descending = s.oneOf('ASC', 'DESC') === 'DESC';
    const nulls = s.accept('NULLS') ? s.oneOf('FIRST', 'LAST') : undefined;
    items.push({ expression, descending, ...(nulls ? { nullsFirst: nulls === 'FIRST' } : undefined) });
  } while (s.accept(','));
  return items;
}

export function parseLimit(s: TokenStream): { limit?: Expression; offset?: Expression } {
  const found: { limit?: Expression; offset?: Expression } = {};
  for (;;) {
    if (s.accept('LIMIT')) {
      if (s.accept('ALL')) continue;
      found.limit = parseExpression(s);
      if (s.accept(',')) {
        found.offset = found.limit;
        found.limit = parseExpression(s);
      }
    } else if (s.accept('OFFSET')) {
      found.offset = parseExpression(s);
      s.oneOf('ROW', 'ROWS');
    } else return found;
  }
}
