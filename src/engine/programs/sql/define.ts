import { Table, type Column, type Database, type Key } from './database.ts';
import { store, type ChangeContext } from './change.ts';
import { evaluate, type Environment } from './evaluate.ts';
import type { Relation } from './select.ts';
import type { Alteration, ColumnDefinition, Statement, TableConstraint, Value } from './syntax.ts';

/** Definitions of tables: what CREATE, ALTER and DROP make of them. */

function columnOf(definition: ColumnDefinition): Column {
  const { name, type, notNull, autoIncrement, onUpdateNow, comment } = definition;
  return {
    name,
    type,
    notNull,
    autoIncrement,
    onUpdateNow,
    ...(definition.default ? { default: definition.default } : undefined),
    ...(comment !== undefined ? { comment } : undefined),
  };
}

function uniqueName(table: Table, wanted: string): string {
  const taken = new Set([...table.keys, ...table.foreignKeys, ...table.checks].map((k) => k.name));
  if (!taken.has(wanted)) return wanted;
  for (let n = 2; ; n++) if (!taken.has(`${wanted}_${n}`)) return `${wanted}_${n}`;
}

/** @throws SqlError for a column that isn't there */
export function addConstraint(table: Table, constraint: TableConstraint, environment: Environment): void {
  const { errors, name: dialect } = environment.dialect;
  const mysql = dialect === 'mysql';
  if (constraint.kind === 'check') {
    const name =
      constraint.name ??
      uniqueName(table, mysql ? `${table.name}_chk_${table.checks.length + 1}` : `${table.name}_check`);
    table.checks.push({ name, check: constraint.check });
    return;
  }
  const columns = constraint.columns.map((name) => {
    const column = table.columns[table.index(name)];
    if (!column) throw errors.noSuchColumnOf(name, table.name);
    return column.name;
  });
  if (constraint.kind === 'foreign') {
    const name =
      constraint.name ??
      uniqueName(
        table,
        mysql ? `${table.name}_ibfk_${table.foreignKeys.length + 1}` : `${table.name}_${columns.join('_')}_fkey`,
      );
    table.foreignKeys.push({ name, columns, target: constraint.target });
    if (mysql) table.keys.push({ name: uniqueName(table, columns[0]!), kind: 'index', columns });
    return;
  }
  const name =
    constraint.kind === 'primary'
      ? mysql
        ? 'PRIMARY'
        : (constraint.name ?? `${table.name}_pkey`)
      : (constraint.name ??
        uniqueName(
          table,
          mysql ? columns[0]! : `${table.name}_${columns.join('_')}_${constraint.kind === 'unique' ? 'key' : 'idx'}`,
        ));
  const key: Key = { name, kind: constraint.kind, columns };
  if (constraint.kind === 'primary') {
    for (const c of table.columns) if (columns.includes(c.name)) c.notNull = true;
    table.keys.unshift(key);
  } else table.keys.push(key);
  if (constraint.kind === 'index') return;
  // The rows that are there must fit.
  table.forgetIndexes();
  for (const [id, row] of table.rows) {
    const other = table.lookup(key, row);
    if (other !== undefined && other !== id)
      throw errors.duplicateKey(
        table.name,
        name,
        columns,
        columns.map((c) => String(row[table.index(c)])),
      );
  }
}

/** What a column's own words say about the table. */
function constraintsOf(column: ColumnDefinition): TableConstraint[] {
  const { name, references, check } = column;
  return [
    ...(column.primaryKey ? [{ kind: 'primary' as const, columns: [name] }] : []),
    ...(column.unique ? [{ kind: 'unique' as const, columns: [name] }] : []),
    ...(references ? [{ kind: 'foreign' as const, columns: [name], target: references }] : []),
    ...(check ? [{ kind: 'check' as const, check }] : []),
  ];
}

/** @throws SqlError */
export function createTable(
  statement: Statement & { kind: 'create-table' },
  database: Database,
  environment: Environment,
  { query, like, created }: { query?: Relation | undefined; like?: Table | undefined; created: number },
): Table {
  const { errors } = environment.dialect;
  const { name } = statement.table;
  if (like) {
    const copy = new Table({ ...like.parts(), name, nextValue: 1, rows: [] });
    copy.created = created;
    return copy;
  }
  const columns = statement.columns.map(columnOf);
  for (const c of query?.columns ?? [])
    if (!columns.some((own) => own.name === c.name))
      columns.push({ name: c.name, type: c.type, notNull: false, autoIncrement: false, onUpdateNow: false });
  const table = new Table({ name, columns, keys: [], foreignKeys: [], checks: [], nextValue: 1, rows: [] });
  table.created = created;
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column.name.toLowerCase())) throw errors.columnExists(column.name, name);
    seen.add(column.name.toLowerCase());
  }
  for (const constraint of [...statement.columns.flatMap(constraintsOf), ...statement.constraints]) {
    if (
      constraint.kind === 'foreign' &&
      constraint.target.table !== name &&
      !database.tables.has(constraint.target.table)
    )
      throw errors.noTable(database.name, constraint.target.table);
    addConstraint(table, constraint, environment);
  }
  return table;
}

/** Changes a table's definition, and its rows with it. @throws SqlError */
export function alterTable(
  table: Table,
  alteration: Alteration,
  context: ChangeContext,
  database: Database,
): { notice?: string } | undefined {
  const { environment } = context;
  const { errors } = environment.dialect;
  const find = (name: string): number => {
    const index = table.index(name);
    if (index < 0) throw errors.noSuchColumnOf(name, table.name);
    return index;
  };
  const changeRows = (change: (row: readonly Value[], number: number) => Value[]) => {
    let number = 0;
    for (const [id, row] of table.rows) table.rows.set(id, change(row, ++number));
    table.forgetIndexes();
  };
  switch (alteration.kind) {
    case 'add-column': {
      const { column, after, first } = alteration;
      if (table.index(column.name) >= 0) {
        if (alteration.ifNotExists)
          return { notice: `column "${column.name}" of relation "${table.name}" already exists, skipping` };
        throw errors.columnExists(column.name, table.name);
      }
      const at = first ? 0 : after !== undefined ? find(after) + 1 : table.columns.length;
      const added = columnOf(column);
      table.columns.splice(at, 0, added);
      changeRows((row) => {
        const implied: Value =
          added.notNull && environment.dialect.name === 'mysql'
            ? /int|decimal|float|double/.test(added.type.name)
              ? 0
              : ''
            : null;
        const value = column.autoIncrement
          ? table.nextValue++
          : column.default
            ? evaluate(column.default, undefined, environment)
            : implied;
        if (value === null && added.notNull) throw errors.notNull(added.name, table.name, '');
        return [...row.slice(0, at), value === '' ? '' : store(context, added, value, 1), ...row.slice(at)];
      });
      for (const constraint of constraintsOf(column)) addConstraint(table, constraint, environment);
      return undefined;
    }
    case 'drop-column': {
      if (alteration.ifExists && table.index(alteration.name) < 0)
        return { notice: `column "${alteration.name}" of relation "${table.name}" does not exist, skipping` };
      const at = find(alteration.name);
      const { name } = table.columns[at]!;
      table.columns.splice(at, 1);
      table.keys = table.keys.filter((k) => !k.columns.includes(name));
      table.foreignKeys = table.foreignKeys.filter((k) => !k.columns.includes(name));
      changeRows((row) => row.filter((_, i) => i !== at));
      return undefined;
    }
    case 'change-column': {
      const at = find(alteration.name);
      const before = table.columns[at]!.name;
      const column = columnOf(alteration.column);
      table.columns[at] = column;
      renameInKeys(table, before, column.name);
      changeRows((row, number) => row.map((v, i) => (i === at ? store(context, column, v, number) : v)));
      for (const constraint of constraintsOf(alteration.column)) addConstraint(table, constraint, environment);
      return undefined;
    }
    case 'rename-column': {
      const at = find(alteration.name);
      const before = table.columns[at]!.name;
      if (table.index(alteration.to) >= 0) throw errors.columnExists(alteration.to, table.name);
      table.columns[at] = { ...table.columns[at]!, name: alteration.to };
      renameInKeys(table, before, alteration.to);
      return undefined;
    }
    case 'rename':
      if (database.tables.has(alteration.to)) throw errors.tableExists(alteration.to);
      table.name = alteration.to;
      return undefined;
    case 'add-constraint':
      addConstraint(table, alteration.constraint, environment);
      return undefined;
    case 'drop-constraint': {
      const { name } = alteration;
      const lists = [table.keys, table.foreignKeys, table.checks] as { name: string }[][];
      const list = lists.find((l) => l.some((k) => k.name === name));
      if (!list) throw errors.noIndex(name, table.name);
      list.splice(
        list.findIndex((k) => k.name === name),
        1,
      );
      table.forgetIndexes();
      return undefined;
    }
    case 'set-default': {
      const at = find(alteration.name);
      const { default: _, ...rest } = table.columns[at]!;
      table.columns[at] = alteration.value ? { ...rest, default: alteration.value } : rest;
      return undefined;
    }
    case 'set-type': {
      const at = find(alteration.name);
      const column = { ...table.columns[at]!, type: alteration.type };
      table.columns[at] = column;
      changeRows((row, number) => row.map((v, i) => (i === at ? store(context, column, v, number) : v)));
      return undefined;
    }
    case 'set-not-null': {
      const at = find(alteration.name);
      if (alteration.notNull && [...table.rows.values()].some((row) => row[at] === null))
        throw errors.notNull(table.columns[at]!.name, table.name, '');
      table.columns[at] = { ...table.columns[at]!, notNull: alteration.notNull };
      return undefined;
    }
  }
}

function renameInKeys(table: Table, from: string, to: string): void {
  const rename = (columns: readonly string[]) => columns.map((c) => (c === from ? to : c));
  table.keys = table.keys.map((k) => ({ ...k, columns: rename(k.columns) }));
  table.foreignKeys = table.foreignKeys.map((k) => ({ ...k, columns: rename(k.columns) }));
}

/** Which table of a database has an index of that name. */
export function tableWithIndex(database: Database, name: string): Table | undefined {
  return [...database.tables.values()].find((t) => t.keys.some((k) => k.name === name));
}
