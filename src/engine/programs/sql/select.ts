import { aggregate, children, hasAggregate, isAggregate, type AggregateCall } from './aggregate.ts';
import type { Row } from './database.ts';
import { checkNames, compareIn, evaluate, inferType, type Environment, type Scope, type Source, type SourceColumn } from './evaluate.ts'; // prettier-ignore
import type { Expression, Join, OrderItem, SelectItem, SelectStatement, TableReference, Value } from './syntax.ts';
import { toNumber, toTruth } from './values.ts';

/** Rows with the names and types of their columns. */
export interface Relation {
  columns: readonly SourceColumn[];
  rows: readonly Row[];
}

/** Where SELECT finds tables. */
export interface Tables {
  /** @throws SqlError if there is no such table, or it may not be read */
  read(database: string | undefined, name: string, at: number): Relation;
}

type Named = ReadonlyMap<string, Relation>;

/** More combinations of rows than this are no lesson's query. */
const combinationLimit = 4_000_000;

/** Runs a query. @throws SqlError */
export function select(
  query: SelectStatement,
  tables: Tables,
  environment: Environment,
  outer?: Scope,
  named: Named = new Map(),
): Relation {
  for (const { name, query: inner, columns } of query.with) {
    const relation = select(inner, tables, environment, outer, named);
    const renamed = relation.columns.map((c, i) => ({ ...c, name: columns?.[i] ?? c.name }));
    named = new Map([...named, [name, { ...relation, columns: renamed }]]);
  }
  if (query.unions.length === 0) return selectCore(query, tables, environment, outer, named);
  let relation = selectCore({ ...query, orderBy: [], unions: [] }, tables, environment, outer, named);
  for (const { all, query: inner } of query.unions) {
    const more = selectCore(inner, tables, environment, outer, named);
    const rows = [...relation.rows, ...more.rows];
    relation = { columns: relation.columns, rows: all ? rows : distinctRows(rows) };
  }
  const source: Source = { alias: '', columns: relation.columns, row: undefined };
  const scope: Scope = { sources: [source], outer };
  const keyed = relation.rows.map((row) => {
    source.row = row;
    return { row, keys: query.orderBy.map((o) => orderKey(o, row, scope, environment)) };
  });
  const rows = sorted(keyed, query.orderBy, environment);
  return { columns: relation.columns, rows: limited(rows, query, environment) };
}

function readSource(
  reference: TableReference,
  tables: Tables,
  environment: Environment,
  outer: Scope | undefined,
  named: Named,
): Source & { rows: readonly Row[] } {
  const common = reference.kind === 'table' && reference.database === undefined ? named.get(reference.name) : undefined;
  const relation =
    common ??
    (reference.kind === 'query'
      ? select(reference.query, tables, environment, outer, named)
      : tables.read(reference.database, reference.name, reference.at));
  return { alias: reference.alias, columns: relation.columns, rows: relation.rows, row: undefined };
}

/** All combinations of rows that the joins let through, as one row for each source. */
function joinRows(
  sources: readonly (Source & { rows: readonly Row[] })[],
  joins: readonly Join[],
  scope: Scope,
  environment: Environment,
): (Row | undefined)[][] {
  let combined: (Row | undefined)[][] = (sources[0]?.rows ?? []).map((row) => [row]);
  let work = 0;
  joins.forEach((join, n) => {
    const right = sources[n + 1]!;
    const next: (Row | undefined)[][] = [];
    const matchedRight = new Set<Row>();
    const condition = join.on ?? usingCondition(join, sources.slice(0, n + 1), right);
    for (const left of combined) {
      let matched = false;
      left.forEach((row, i) => (sources[i]!.row = row));
      for (const row of right.rows) {
        if (++work > combinationLimit) throw new RangeError('too many combinations of rows');
        right.row = row;
        if (condition && toTruth(evaluate(condition, scope, environment)) !== true) continue;
        matched = true;
        matchedRight.add(row);
        next.push([...left, row]);
      }
      if (!matched && (join.kind === 'left' || join.kind === 'full')) next.push([...left, undefined]);
    }
    if (join.kind === 'right' || join.kind === 'full')
      for (const row of right.rows)
        if (!matchedRight.has(row)) next.push([...sources.slice(0, n + 1).map(() => undefined), row]);
    combined = next;
  });
  return combined;
}

function usingCondition(join: Join, before: readonly Source[], right: Source): Expression | undefined {
  let condition: Expression | undefined;
  for (const name of join.using ?? []) {
    const left = before.find((s) => s.columns.some((c) => c.name === name));
    const equal: Expression = {
      kind: 'binary',
      op: '=',
      left: { kind: 'column', table: left?.alias ?? '', name, at: 0 },
      right: { kind: 'column', table: right.alias, name, at: 0 },
    };
    condition = condition ? { kind: 'binary', op: 'AND', left: condition, right: equal } : equal;
  }
  return condition;
}

function selectCore(
  query: SelectStatement,
  tables: Tables,
  environment: Environment,
  outer: Scope | undefined,
  named: Named,
): Relation {
  const sources = query.from
    ? [query.from, ...query.joins.map((j) => j.table)].map((t) => readSource(t, tables, environment, outer, named))
    : [];
  const scope: Scope = { sources, outer };
  const inner: Environment = {
    ...environment,
    now: () => environment.now(),
    variable: (name) => environment.variable(name),
    query: (q, from) => {
      const relation = select(q, tables, environment, from, named);
      return { rows: relation.rows, width: relation.columns.length };
    },
  };
  const items = expandStars(query.items, sources, environment);
  for (const join of query.joins) if (join.on) checkNames(join.on, scope, inner, 'on clause');
  for (const item of items) checkNames(item.expression, scope, inner, 'field list');
  if (query.where) checkNames(query.where, scope, inner, 'where clause');
  const groupBy = query.groupBy.map((g) => ordinalOrAlias(g, items, scope, inner, 'group statement'));
  const orderBy = query.orderBy.map((o) => ({ ...o, expression: ordinalOrAlias(o.expression, items, scope, inner, 'order clause') })); // prettier-ignore
  const having = query.having && (sources.length > 0 ? withAliases(query.having, items, scope) : query.having);
  if (having) checkNames(having, scope, inner, 'having clause');
  const columns = items.map(({ name, expression }) => ({
    name,
    type: inferType(expression, scope, inner)?.type ?? { name: 'text', args: [] },
  }));
  let combined: (Row | undefined)[][] = sources.length > 0 ? joinRows(sources, query.joins, scope, inner) : [[]];
  const enter = (rows: readonly (Row | undefined)[]) => sources.forEach((source, i) => (source.row = rows[i]));
  if (query.where) {
    const { where } = query;
    combined = combined.filter((rows) => (enter(rows), toTruth(evaluate(where, scope, inner)) === true));
  }
  const expressions = [
    ...items.map((i) => i.expression),
    ...orderBy.map((o) => o.expression),
    ...(having ? [having] : []),
  ];
  const grouped = groupBy.length > 0 || expressions.some(hasAggregate);
  const keyed: { row: Row; keys: readonly Value[] }[] = [];
  const emit = (from: Scope) =>
    keyed.push({
      row: items.map((i) => evaluate(i.expression, from, inner)),
      keys: orderBy.map((o) => evaluate(o.expression, from, inner)),
    });
  if (!grouped) {
    for (const rows of combined) {
      enter(rows);
      if (!having || toTruth(evaluate(having, scope, inner)) === true) emit(scope);
    }
  } else {
    checkGrouping(items, groupBy, environment, sources);
    for (const group of groups(combined, groupBy, scope, inner, enter)) {
      const aggregates = new Map<AggregateCall, Value>();
      for (const call of expressions.flatMap(aggregatesOf)) {
        const argument = call.args[0];
        const values =
          argument === undefined || argument.kind === 'star'
            ? []
            : group.map((rows) => (enter(rows), evaluate(argument, scope, inner)));
        const separator = call.separator ?? (call.args[1] ? String(evaluate(call.args[1], scope, inner)) : ',');
        aggregates.set(call, aggregate(call, values, group.length, separator));
      }
      enter(group[0] ?? []);
      const within: Scope = { ...scope, aggregates };
      if (!having || toTruth(evaluate(having, within, inner)) === true) emit(within);
    }
  }
  let rows = sorted(keyed, orderBy, inner);
  if (query.distinct) rows = distinctRows(rows);
  return { columns, rows: limited(rows, query, inner) };
}

function expandStars(items: readonly SelectItem[], sources: readonly Source[], environment: Environment): SelectItem[] {
  return items.flatMap((item) => {
    const { expression } = item;
    if (expression.kind !== 'star') return [item];
    const chosen = sources.filter((s) => expression.table === undefined || s.alias === expression.table);
    if (chosen.length === 0)
      throw expression.table === undefined
        ? environment.dialect.errors.syntax('', 0, 0)
        : environment.dialect.errors.noTable(environment.database ?? '', expression.table);
    return chosen.flatMap((source) =>
      source.columns.map((c): SelectItem => ({
        name: c.name,
        expression: { kind: 'column', table: source.alias, name: c.name, at: 0 },
      })),
    );
  });
}

/** ORDER BY and GROUP BY may name an item by its number or alias. */
function ordinalOrAlias(
  e: Expression,
  items: readonly SelectItem[],
  scope: Scope,
  environment: Environment,
  clause: string,
): Expression {
  if (e.kind === 'literal' && typeof e.value === 'number') {
    const item = items[e.value - 1];
    if (!item) throw environment.dialect.errors.noColumn(String(e.value), clause);
    return item.expression;
  }
  const replaced = withAliases(e, items, scope, clause === 'order clause');
  checkNames(replaced, scope, environment, clause);
  return replaced;
}

/** The expression with aliases of items in the place of names that are no columns. */
function withAliases(e: Expression, items: readonly SelectItem[], scope: Scope, aliasFirst = false): Expression {
  if (e.kind === 'column' && e.table === undefined) {
    const item = items.find((i) => i.name.toLowerCase() === e.name.toLowerCase());
    const isColumn = scope.sources.some((s) => s.columns.some((c) => c.name.toLowerCase() === e.name.toLowerCase()));
    return item && (aliasFirst || !isColumn) ? item.expression : e;
  }
  if (e.kind === 'binary')
    return { ...e, left: withAliases(e.left, items, scope), right: withAliases(e.right, items, scope) };
  if (e.kind === 'unary') return { ...e, operand: withAliases(e.operand, items, scope) };
  return e;
}

function aggregatesOf(e: Expression): AggregateCall[] {
  return isAggregate(e) ? [e] : children(e).flatMap(aggregatesOf);
}

/** Every column of an item must be one of the group's. */
function checkGrouping(
  items: readonly SelectItem[],
  groupBy: readonly Expression[],
  environment: Environment,
  sources: readonly Source[],
): void {
  const names = new Set(groupBy.flatMap((g) => (g.kind === 'column' ? [g.name.toLowerCase()] : [])));
  const texts = new Set(groupBy.map((g) => JSON.stringify(g)));
  // What depends on a primary key is fixed with it; a column called id is one, nearly always.
  if (names.has('id')) return;
  const loose = (e: Expression): string | undefined => {
    if (isAggregate(e) || texts.has(JSON.stringify(e)) || (e.kind === 'call' && e.name === 'ANY_VALUE'))
      return undefined;
    if (e.kind === 'column' && !names.has(e.name.toLowerCase())) {
      const source = sources.find((s) => (e.table ? s.alias === e.table : s.columns.some((c) => c.name === e.name)));
      return source ? `${source.alias}.${e.name}` : undefined;
    }
    return children(e).map(loose).find(Boolean);
  };
  items.forEach((item, i) => {
    const column = loose(item.expression);
    if (column) throw environment.dialect.errors.notGrouped(column, i + 1);
  });
}

function groups(
  combined: readonly (Row | undefined)[][],
  groupBy: readonly Expression[],
  scope: Scope,
  environment: Environment,
  enter: (rows: readonly (Row | undefined)[]) => void,
): (Row | undefined)[][][] {
  if (groupBy.length === 0) return [[...combined]];
  const found = new Map<string, (Row | undefined)[][]>();
  for (const rows of combined) {
    enter(rows);
    const key = JSON.stringify(groupBy.map((g) => evaluate(g, scope, environment)));
    const group = found.get(key);
    if (group) group.push(rows);
    else found.set(key, [rows]);
  }
  return [...found.values()];
}

function orderKey(o: OrderItem, row: Row, scope: Scope, environment: Environment): Value {
  const { expression: e } = o;
  return e.kind === 'literal' && typeof e.value === 'number'
    ? (row[e.value - 1] ?? null)
    : evaluate(e, scope, environment);
}

function sorted(
  keyed: { row: Row; keys: readonly Value[] }[],
  orderBy: readonly OrderItem[],
  environment: Environment,
): Row[] {
  if (orderBy.length === 0) return keyed.map((k) => k.row);
  const mysql = environment.dialect.name === 'mysql';
  return keyed
    .sort((x, y) => {
      for (const [i, o] of orderBy.entries()) {
        const [a = null, b = null] = [x.keys[i], y.keys[i]];
        if (a === null && b === null) continue;
        const nullsFirst = o.nullsFirst ?? (mysql ? !o.descending : o.descending);
        if (a === null) return nullsFirst ? -1 : 1;
        if (b === null) return nullsFirst ? 1 : -1;
        const order = compareIn(environment, a, b) ?? 0;
        if (order !== 0) return o.descending ? -order : order;
      }
      return 0;
    })
    .map((k) => k.row);
}

function distinctRows(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = JSON.stringify(row);
    return !seen.has(key) && seen.add(key);
  });
}

function limited(rows: readonly Row[], query: SelectStatement, environment: Environment): readonly Row[] {
  const at = (e: Expression | undefined) => (e ? toNumber(evaluate(e, undefined, environment)) : undefined);
  const offset = at(query.offset) ?? 0;
  const limit = at(query.limit);
  return query.limit || query.offset ? rows.slice(offset, limit === undefined ? undefined : offset + limit) : rows;
}
