import type { Table } from '../../sql/database.ts';
import { notSimulated } from '../../sql/error.ts';
import type { Relation } from '../../sql/select.ts';
import type { SqlSession } from '../../sql/session.ts';
import type { Expression, TypeName, Value } from '../../sql/syntax.ts';
import { typeText } from './dialect.ts';

/** Views of the server itself, and what `\d` shows. */

const named = (name: string): TypeName => ({ name, args: [] });

function relation(columns: readonly [string, string][], rows: readonly (readonly Value[])[]): Relation {
  return { columns: columns.map(([name, type]) => ({ name, type: named(type) })), rows };
}

export function systemTable(schema: string | undefined, name: string, session: SqlSession): Relation | undefined {
  const { catalog } = session.server;
  const tables = [...(session.database?.tables.values() ?? [])];
  switch (schema === undefined || schema === 'pg_catalog' ? name : `${schema}.${name}`) {
    case 'pg_database':
      return relation([['datname', 'text'], ['datdba', 'int'], ['encoding', 'int']], [...catalog.databases.keys(), 'template1', 'template0'].map((n) => [n, 10, 6])); // prettier-ignore
    case 'pg_tables':
      return relation([['schemaname', 'text'], ['tablename', 'text'], ['tableowner', 'text']], tables.map((t) => ['public', t.name, session.database!.owner])); // prettier-ignore
    case 'pg_roles':
    case 'pg_user':
      return relation([['rolname', 'text'], ['usename', 'text'], ['rolsuper', 'boolean'], ['rolcanlogin', 'boolean']], catalog.accounts.map((a) => [a.name, a.name, a.attributes.includes('SUPERUSER'), a.attributes.includes('LOGIN')])); // prettier-ignore
    case 'information_schema.tables':
      return relation([['table_catalog', 'text'], ['table_schema', 'text'], ['table_name', 'text'], ['table_type', 'text']], tables.map((t) => [session.database!.name, 'public', t.name, 'BASE TABLE'])); // prettier-ignore
    case 'information_schema.columns':
      return relation(
        [['table_schema', 'text'], ['table_name', 'text'], ['column_name', 'text'], ['ordinal_position', 'int'], ['column_default', 'text'], ['is_nullable', 'text'], ['data_type', 'text']],
        tables.flatMap((t) => t.columns.map((c, i) => ['public', t.name, c.name, i + 1, defaultText(t, c.name), c.notNull ? 'NO' : 'YES', typeText({ ...c.type, args: [] })])),
      ); // prettier-ignore
    default:
      if (
        schema === 'information_schema' ||
        schema === 'pg_catalog' ||
        (schema === undefined && name.startsWith('pg_'))
      )
        throw notSimulated(`${schema ?? 'pg_catalog'}.${name}`);
      return undefined;
  }
}

function expressionText(e: Expression): string {
  switch (e.kind) {
    case 'literal':
      return typeof e.value === 'string' ? `'${e.value}'` : String(e.value);
    case 'column':
      return e.name;
    case 'call':
      return e.name === 'CURRENT_TIMESTAMP' || e.name === 'CURRENT_DATE'
        ? e.name
        : `${e.name.toLowerCase()}(${e.args.map(expressionText).join(', ')})`;
    case 'binary':
      return `${expressionText(e.left)} ${e.op} ${expressionText(e.right)}`;
    case 'unary':
      return `${e.op}${e.op === 'NOT' ? ' ' : ''}${expressionText(e.operand)}`;
    case 'cast':
      return `${expressionText(e.operand)}::${typeText(e.type)}`;
    default:
      return '…';
  }
}

function defaultText(table: Table, name: string): string | null {
  const column = table.columns[table.index(name)]!;
  if (column.autoIncrement) return `nextval('${table.name}_${column.name}_seq'::regclass)`;
  if (!column.default) return null;
  const text = expressionText(column.default);
  return column.default.kind === 'literal' && typeof column.default.value === 'string'
    ? `${text}::${typeText({ ...column.type, args: [] })}`
    : text;
}

/** What `\d TABLE` shows: columns, and the lines below. */
export function describeTable(
  session: SqlSession,
  name: string,
): { rows: (string | null)[][]; lines: string[] } | undefined {
  const table = session.database?.tables.get(name);
  if (!table) return undefined;
  const lines: string[] = [];
  if (table.keys.length > 0) {
    lines.push('Indexes:');
    for (const key of [...table.keys].sort((a, b) =>
      a.kind === 'primary' ? -1 : b.kind === 'primary' ? 1 : a.name < b.name ? -1 : 1,
    ))
      lines.push(
        `    "${key.name}" ${key.kind === 'primary' ? 'PRIMARY KEY, ' : key.kind === 'unique' ? 'UNIQUE CONSTRAINT, ' : ''}btree (${key.columns.join(', ')})`,
      );
  }
  if (table.checks.length > 0)
    lines.push('Check constraints:', ...table.checks.map((c) => `    "${c.name}" CHECK (${expressionText(c.check)})`));
  const target = (f: Table['foreignKeys'][number]) =>
    `FOREIGN KEY (${f.columns.join(', ')}) REFERENCES ${f.target.table}(${(f.target.columns.length > 0 ? f.target.columns : (session.database!.tables.get(f.target.table)?.primary?.columns ?? [])).join(', ')})${f.target.onDelete === 'RESTRICT' ? '' : ` ON DELETE ${f.target.onDelete}`}`;
  if (table.foreignKeys.length > 0)
    lines.push('Foreign-key constraints:', ...table.foreignKeys.map((f) => `    "${f.name}" ${target(f)}`));
  const pointing = [...session.database!.tables.values()].flatMap((t) =>
    t.foreignKeys
      .filter((f) => f.target.table === name)
      .map((f) => `    TABLE "${t.name}" CONSTRAINT "${f.name}" ${target(f)}`),
  );
  if (pointing.length > 0) lines.push('Referenced by:', ...pointing);
  return {
    rows: table.columns.map((c) => [
      c.name,
      typeText(c.type),
      null,
      c.notNull || table.primary?.columns.includes(c.name) ? 'not null' : null,
      defaultText(table, c.name),
    ]),
    lines,
  };
}
