import { assign, completeRow, conflictOf, duplicate, onRemoved, type ChangeContext } from './change.ts';
import type { Row, Table } from './database.ts';
import { checkNames, compareIn, evaluate, inferType, type Scope, type Source } from './evaluate.ts';
import { resultOf, type Result } from './result.ts';
import { select, type Tables } from './select.ts';
import type { Expression, OrderItem, SelectItem, Statement, Value } from './syntax.ts';
import { toNumber, toTruth } from './values.ts';

/** INSERT, UPDATE and DELETE. */

export interface DmlContext extends ChangeContext {
  readonly tables: Tables;
  warnings: number;
  /** A row got this number by itself. */
  inserted(id: number): void;
}

export function runInsert(statement: Statement & { kind: 'insert' }, context: DmlContext): Result {
  const { environment } = context;
  const { errors, name: dialect } = environment.dialect;
  const writer = context.writer(statement.table.name);
  const { table } = writer;
  const positions = (statement.columns ?? table.columns.map((c) => c.name)).map((name) => {
    const index = table.index(name);
    if (index < 0)
      throw dialect === 'mysql' ? errors.noColumn(name, 'field list') : errors.noSuchColumnOf(name, table.name);
    return index;
  });
  const written: Row[] = [];
  let [affected, duplicates, firstId] = [0, 0, undefined as number | undefined];
  const add = (values: readonly (Value | undefined)[], number: number) => {
    const given: (Value | undefined)[] = table.columns.map(() => undefined);
    values.forEach((value, i) => (given[positions[i]!] = value));
    const { row, generated } = completeRow(context, writer, given, number, statement.ignore);
    firstId ??= generated;
    for (let conflict = conflictOf(table, row); conflict; conflict = conflictOf(table, row)) {
      duplicates++;
      const { id, key } = conflict;
      if (statement.ignore) return context.warn();
      if (statement.replace) {
        writer.remove(id);
        affected++;
        continue;
      }
      if (!statement.onConflict) throw duplicate(environment.dialect, table, key, row);
      const { update } = statement.onConflict;
      if (!update) return;
      const before = table.rows.get(id)!;
      const sources: Source[] = [
        { alias: table.name, columns: table.columns, row: before },
        { alias: 'excluded', columns: table.columns, row },
      ];
      // Names without a table mean the row that is there.
      const scope: Scope = { sources: [sources[0]!], outer: { sources: [sources[1]!], outer: undefined } };
      const after = assign(context, table, before, update, scope, number);
      if (after.some((v, i) => v !== before[i])) affected += dialect === 'mysql' ? 2 : 1;
      writer.put(id, after);
      written.push(after);
      return;
    }
    writer.put(writer.newRow(), row);
    written.push(row);
    affected++;
  };
  let count = 0;
  if (statement.query) {
    const { rows, columns } = select(statement.query, context.tables, environment);
    if (columns.length !== positions.length) throw errors.columnCount(1, columns.length > positions.length);
    for (const row of [...rows]) add(row, ++count);
  }
  for (const values of statement.rows ?? []) {
    count++;
    const implicit =
      values.length === 0 ||
      (dialect === 'postgres' && statement.columns === undefined && values.length < positions.length);
    if (values.length !== positions.length && !implicit)
      throw errors.columnCount(count, values.length > positions.length);
    const scope: Scope = { sources: [], outer: undefined };
    for (const value of values) if (value.kind !== 'default') checkNames(value, scope, environment, 'field list');
    add(
      values.map((v) => (v.kind === 'default' ? undefined : evaluate(v, scope, environment))),
      count,
    );
  }
  if (firstId !== undefined) context.inserted(firstId);
  const returned = returning(statement.returning, table, written, context, `INSERT 0 ${affected}`);
  return {
    tag: `INSERT 0 ${affected}`,
    affected,
    ...returned,
    ...(context.warnings > 0 ? { warnings: context.warnings } : undefined),
    ...(count > 1 || statement.query
      ? { info: `Records: ${count}  Duplicates: ${duplicates}  Warnings: ${context.warnings}` }
      : undefined),
  };
}

/** Ids of the rows that an UPDATE or DELETE is about, in its order. */
function chosen(
  table: Table,
  source: Source,
  {
    where,
    orderBy,
    limit,
  }: { where?: Expression | undefined; orderBy: readonly OrderItem[]; limit?: Expression | undefined },
  context: DmlContext,
): number[] {
  const { environment } = context;
  const scope: Scope = { sources: [source], outer: undefined };
  if (where) checkNames(where, scope, environment, 'where clause');
  let found: { id: number; keys: Value[] }[] = [];
  for (const [id, row] of table.rows) {
    source.row = row;
    if (where && toTruth(evaluate(where, scope, environment)) !== true) continue;
    found.push({ id, keys: orderBy.map((o) => evaluate(o.expression, scope, environment)) });
  }
  if (orderBy.length > 0)
    found.sort((a, b) => {
      for (const [i, o] of orderBy.entries()) {
        const order = compareIn(environment, a.keys[i] ?? null, b.keys[i] ?? null) ?? 0;
        if (order !== 0) return o.descending ? -order : order;
      }
      return 0;
    });
  if (limit) found = found.slice(0, toNumber(evaluate(limit, undefined, environment)));
  return found.map((f) => f.id);
}

export function runUpdate(statement: Statement & { kind: 'update' }, context: DmlContext): Result {
  const { environment } = context;
  const writer = context.writer(statement.table.name);
  const { table } = writer;
  const source: Source = { alias: statement.table.alias, columns: table.columns, row: undefined };
  const scope: Scope = { sources: [source], outer: undefined };
  for (const [name, value] of statement.set) {
    if (table.index(name) < 0)
      throw environment.dialect.name === 'mysql' ? environment.dialect.errors.noColumn(name, 'field list') : environment.dialect.errors.noSuchColumnOf(name, table.name); // prettier-ignore
    if (value.kind !== 'default') checkNames(value, scope, environment, 'field list');
  }
  const ids = chosen(table, source, statement, context);
  let changed = 0;
  const written: Row[] = [];
  ids.forEach((id, i) => {
    const before = table.rows.get(id)!;
    source.row = before;
    const after = assign(context, table, before, statement.set, scope, i + 1);
    written.push(after);
    if (after.every((v, n) => v === before[n])) return;
    const conflict = conflictOf(table, after, id);
    if (conflict) throw duplicate(environment.dialect, table, conflict.key, after);
    changed++;
    writer.put(id, after);
  });
  const tag = `UPDATE ${ids.length}`;
  return {
    tag,
    affected: environment.dialect.name === 'mysql' ? changed : ids.length,
    info: `Rows matched: ${ids.length}  Changed: ${changed}  Warnings: ${context.warnings}`,
    ...returning(statement.returning, table, written, context, tag),
  };
}

export function runDelete(statement: Statement & { kind: 'delete' }, context: DmlContext): Result {
  const writer = context.writer(statement.table.name);
  const { table } = writer;
  const source: Source = { alias: statement.table.alias, columns: table.columns, row: undefined };
  const ids = chosen(table, source, statement, context);
  const gone: Row[] = [];
  for (const id of ids) {
    const row = table.rows.get(id);
    if (!row) continue;
    writer.remove(id);
    onRemoved(context, table, row);
    gone.push(row);
  }
  const tag = `DELETE ${ids.length}`;
  return { tag, affected: ids.length, ...returning(statement.returning, table, gone, context, tag) };
}

function returning(
  items: readonly SelectItem[] | undefined,
  table: Table,
  rows: readonly Row[],
  context: DmlContext,
  tag: string,
): Partial<Result> {
  if (!items) return {};
  const { environment } = context;
  const source: Source = { alias: table.name, columns: table.columns, row: undefined };
  const scope: Scope = { sources: [source], outer: undefined };
  const all = items.flatMap((item): SelectItem[] =>
    item.expression.kind === 'star'
      ? table.columns.map((c) => ({ name: c.name, expression: { kind: 'column', name: c.name, at: 0 } }))
      : [item],
  );
  for (const item of all) checkNames(item.expression, scope, environment, 'field list');
  const relation = {
    columns: all.map((i) => ({
      name: i.name,
      type: inferType(i.expression, scope, environment)?.type ?? { name: 'text', args: [] },
    })),
    rows: rows.map((row) => ((source.row = row), all.map((i) => evaluate(i.expression, scope, environment)))),
  };
  return resultOf(relation, tag, environment.dialect.name);
}
