import type { Column, Database, Key, Row, Table } from './database.ts';
import type { Dialect } from './dialect.ts';
import { evaluate, type Environment, type Scope, type Source } from './evaluate.ts';
import type { Assignment, Expression, Value } from './syntax.ts';
import { compare, fit, toNumber, toText, toTruth } from './values.ts';

/** Changes of one table in one statement; the session decides what becomes of them. */
export interface TableWriter {
  readonly table: Table;
  put(id: number, row: Row): void;
  remove(id: number): void;
  newRow(): number;
  /** The table's own counter. */
  nextValue(atLeast?: number): number;
}

export interface ChangeContext {
  readonly environment: Environment;
  readonly database: Database;
  writer(table: string): TableWriter;
  warn(): void;
}

/** A row's values as they may be stored. `given` has undefined for columns that were not named. @throws SqlError */
export function completeRow(
  context: ChangeContext,
  writer: TableWriter,
  given: readonly (Value | undefined)[],
  number: number,
  ignore = false,
): { row: Row; generated: number | undefined } {
  const { environment } = context;
  const { errors, name: dialect } = environment.dialect;
  const { table } = writer;
  let generated: number | undefined;
  const row = table.columns.map((column, i): Value => {
    let value = given[i];
    const automatic =
      column.autoIncrement && (value === undefined || (dialect === 'mysql' && (value === null || value === 0)));
    if (automatic) {
      generated = writer.nextValue();
      return generated;
    }
    if (value === undefined) {
      if (column.default) value = evaluate(column.default, undefined, environment);
      else if (column.notNull && dialect === 'mysql' && !ignore)
        throw errors.noDefault(column.name, table.name, rowText(context, table, given));
      else value = null;
    }
    const stored = store(context, column, value, number, ignore);
    if (column.autoIncrement && stored !== null) writer.nextValue(toNumber(stored) + 1);
    return stored;
  });
  checkRow(context, table, row, number);
  return { row, generated };
}

function rowText(context: ChangeContext, table: Table, row: readonly (Value | undefined)[]): string {
  return table.columns.map((_, i) => (row[i] === null || row[i] === undefined ? 'null' : toText(row[i]))).join(', ');
}

/** The value as the column keeps it. @throws SqlError */
export function store(context: ChangeContext, column: Column, value: Value, number: number, ignore = false): Value {
  const { errors, name } = context.environment.dialect;
  const fitted = fit(value, column.type, name === 'mysql');
  if ('value' in fitted) return fitted.value;
  if (ignore) {
    context.warn();
    if (fitted.misfit === 'too-long') return toText(value).slice(0, Number(column.type.args[0] ?? 1));
  }
  if (fitted.misfit === 'too-long')
    throw errors.tooLong(column.name, Number(column.type.args[0] ?? 1), column.type.name, number);
  if (fitted.misfit === 'out-of-range') throw errors.outOfRange(column.name, column.type.name, number);
  throw errors.badValue(column.type.name, toText(value), column.name, number);
}

/** NOT NULL, CHECK and foreign keys. @throws SqlError */
export function checkRow(context: ChangeContext, table: Table, row: Row, _number: number): void {
  const { errors } = context.environment.dialect;
  table.columns.forEach((column, i) => {
    if (row[i] === null && (column.notNull || table.primary?.columns.includes(column.name)))
      throw errors.notNull(column.name, table.name, rowText(context, table, row));
  });
  if (table.checks.length > 0) {
    const source: Source = { alias: table.name, columns: table.columns, row };
    for (const { name, check } of table.checks)
      if (toTruth(evaluate(check, { sources: [source], outer: undefined }, context.environment)) === false)
        throw errors.check(name, table.name, rowText(context, table, row));
  }
  for (const foreign of table.foreignKeys) {
    const values = foreign.columns.map((c) => row[table.index(c)] ?? null);
    if (values.includes(null)) continue;
    const target = context.writer(foreign.target.table).table;
    const columns = targetColumns(foreign.target.columns, target);
    const positions = columns.map((c) => target.index(c));
    const own = target === table && positions.every((p, i) => compare(row[p] ?? null, values[i]!, false) === 0);
    if (
      own ||
      [...target.rows.values()].some((r) => positions.every((p, i) => compare(r[p] ?? null, values[i]!, false) === 0))
    )
      continue;
    throw errors.foreignKey(table.name, foreign.name, foreign.columns, target.name, columns, values.map(toText));
  }
}

function targetColumns(columns: readonly string[], target: Table): readonly string[] {
  return columns.length > 0 ? columns : (target.primary?.columns ?? []);
}

/** The unique key that a row would be in twice, and who has it. */
export function conflictOf(table: Table, row: Row, own?: number): { key: Key; id: number } | undefined {
  for (const key of table.keys) {
    if (key.kind === 'index') continue;
    const id = table.lookup(key, row);
    if (id !== undefined && id !== own) return { key, id };
  }
  return undefined;
}

export function duplicate(dialect: Dialect, table: Table, key: Key, row: Row): Error {
  const values = key.columns.map((c) => toText(row[table.index(c)] ?? null));
  return dialect.errors.duplicateKey(table.name, key.name, key.columns, values);
}

/** New values for a row. @throws SqlError */
export function assign(
  context: ChangeContext,
  table: Table,
  row: Row,
  set: readonly Assignment[],
  scope: Scope,
  number: number,
): Row {
  const { environment } = context;
  const next = [...row];
  for (const [name, expression] of set) {
    const index = table.index(name);
    if (index < 0) throw environment.dialect.errors.noColumn(name, 'field list');
    const column = table.columns[index]!;
    const value: Value =
      expression.kind === 'default'
        ? column.default
          ? evaluate(column.default, undefined, environment)
          : null
        : evaluate(expression, scope, environment);
    next[index] = store(context, column, value, number);
    // MySQL's assignments see those before them.
    if (environment.dialect.name === 'mysql') {
      const source = scope.sources[0];
      if (source) source.row = [...next];
    }
  }
  if (next.some((v, i) => v !== row[i]))
    table.columns.forEach((column, i) => {
      if (column.onUpdateNow && !set.some(([name]) => table.index(name) === i)) next[i] = store(context, column, environment.now(), number); // prettier-ignore
    });
  checkRow(context, table, next, number);
  return next;
}

/** Rows of other tables that point at one that goes: they go too, lose the value, or forbid it. @throws SqlError */
export function onRemoved(context: ChangeContext, table: Table, row: Row): void {
  const { errors } = context.environment.dialect;
  for (const name of context.database.tables.keys()) {
    const child = context.writer(name);
    for (const foreign of child.table.foreignKeys) {
      if (foreign.target.table !== table.name) continue;
      const columns = targetColumns(foreign.target.columns, table);
      const values = columns.map((c) => row[table.index(c)] ?? null);
      const positions = foreign.columns.map((c) => child.table.index(c));
      const matching = [...child.table.rows].filter(([, r]) => positions.every((p, i) => compare(r[p] ?? null, values[i] ?? null, false) === 0)); // prettier-ignore
      for (const [id, r] of matching) {
        if (foreign.target.onDelete === 'CASCADE') {
          child.remove(id);
          onRemoved(context, child.table, r);
        } else if (foreign.target.onDelete === 'SET NULL')
          child.put(
            id,
            r.map((v, i) => (positions.includes(i) ? null : v)),
          );
        else
          throw errors.referenced(
            table.name,
            foreign.name,
            child.table.name,
            foreign.columns,
            values.map(toText),
            columns,
          );
      }
    }
  }
}

/** Whether an expression is `DEFAULT`. */
export function isDefault(e: Expression): boolean {
  return e.kind === 'default';
}
