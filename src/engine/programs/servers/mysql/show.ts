import { mayUse } from '../../sql/access.ts';
import type { Column, Database, Table } from '../../sql/database.ts';
import { SqlError, notSimulated } from '../../sql/error.ts';
import { like } from '../../sql/evaluate.ts';
import { resultOf, type Result } from '../../sql/result.ts';
import type { Relation } from '../../sql/select.ts';
import type { SqlSession } from '../../sql/session.ts';
import type { Expression, Statement, TypeName, Value } from '../../sql/syntax.ts';
import { formatTimestamp } from '../../sql/values.ts';

/** SHOW, DESCRIBE and information_schema. */

const text: TypeName = { name: 'text', args: [] };
const number: TypeName = { name: 'bigint', args: [] };

function relation(
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  numeric: readonly string[] = [],
): Relation {
  return { columns: columns.map((name) => ({ name, type: numeric.includes(name) ? number : text })), rows };
}

/** `varchar(20)`, `int`: 8.0 no longer shows the display width of integers. */
export function typeText(type: TypeName, old: boolean): string {
  const widths: Record<string, number> = { tinyint: 4, smallint: 6, mediumint: 9, int: 11, bigint: 20 };
  const width = widths[type.name];
  let args = type.args.length > 0 ? `(${type.args.map((a) => (typeof a === 'string' ? `'${a}'` : a)).join(',')})` : '';
  if (type.name === 'decimal' && type.args.length < 2) args = `(${type.args[0] ?? 10},0)`;
  if (width !== undefined)
    args = old
      ? `(${type.args[0] ?? (type.unsigned ? width - 1 : width)})`
      : type.name === 'tinyint' && type.args[0] === 1
        ? '(1)'
        : '';
  if (type.name === 'char' && args === '') args = '(1)';
  return `${type.name}${args}${type.unsigned ? ' unsigned' : ''}`;
}

function defaultText(e: Expression | undefined): string | null {
  if (!e) return null;
  if (e.kind === 'literal') return e.value === null ? null : String(e.value);
  if (e.kind === 'call') return e.name === 'NOW' ? 'CURRENT_TIMESTAMP' : e.name;
  return e.kind === 'unary' && e.operand.kind === 'literal' ? `${e.op}${e.operand.value}` : '';
}

function keyMark(table: Table, column: Column): string {
  if (table.primary?.columns.includes(column.name)) return 'PRI';
  const key = table.keys.find((k) => k.columns[0] === column.name);
  return key ? (key.kind === 'unique' && key.columns.length === 1 ? 'UNI' : 'MUL') : '';
}

function extra(column: Column, old: boolean): string {
  const now = column.default?.kind === 'call' && !old ? 'DEFAULT_GENERATED' : '';
  return [column.autoIncrement ? 'auto_increment' : '', now, column.onUpdateNow ? 'on update CURRENT_TIMESTAMP' : '']
    .filter(Boolean)
    .join(' ');
}

function columnsOf(table: Table, old: boolean): Relation {
  return relation(
    ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'],
    table.columns.map((c) => [
      c.name,
      typeText(c.type, old),
      c.notNull ? 'NO' : 'YES',
      keyMark(table, c),
      defaultText(c.default),
      extra(c, old),
    ]),
  );
}

/** The statement that makes a table, as SHOW CREATE TABLE and mysqldump write it. */
export function createTableText(table: Table, old: boolean): string {
  const names = (columns: readonly string[]) => columns.map((c) => `\`${c}\``).join(',');
  const lines = table.columns.map((c) => {
    const value = defaultText(c.default);
    const shown =
      value !== null
        ? ` DEFAULT ${c.default?.kind === 'call' ? value : `'${value}'`}`
        : c.notNull || /text|blob|json/.test(c.type.name)
          ? ''
          : ' DEFAULT NULL';
    const stamp = c.type.name === 'timestamp' && !c.notNull ? ' NULL' : '';
    return `  \`${c.name}\` ${typeText(c.type, old)}${c.notNull ? ' NOT NULL' : stamp}${shown}${c.onUpdateNow ? ' ON UPDATE CURRENT_TIMESTAMP' : ''}${c.autoIncrement ? ' AUTO_INCREMENT' : ''}${c.comment ? ` COMMENT '${c.comment}'` : ''}`;
  });
  for (const key of table.keys) {
    const word = { primary: 'PRIMARY KEY', unique: `UNIQUE KEY \`${key.name}\``, index: `KEY \`${key.name}\`` }[
      key.kind
    ];
    lines.push(`  ${word} (${names(key.columns)})`);
  }
  for (const f of table.foreignKeys)
    lines.push(
      `  CONSTRAINT \`${f.name}\` FOREIGN KEY (${names(f.columns)}) REFERENCES \`${f.target.table}\` (${names(f.target.columns)})${f.target.onDelete === 'RESTRICT' ? '' : ` ON DELETE ${f.target.onDelete}`}`,
    );
  const counter =
    table.columns.some((c) => c.autoIncrement) && table.nextValue > 1 ? ` AUTO_INCREMENT=${table.nextValue}` : '';
  const charset = old ? 'latin1' : 'utf8mb4 COLLATE=utf8mb4_0900_ai_ci';
  return `CREATE TABLE \`${table.name}\` (\n${lines.join(',\n')}\n) ENGINE=InnoDB${counter} DEFAULT CHARSET=${charset}`;
}

const systemDatabases = ['information_schema', 'mysql', 'performance_schema', 'sys'];

function databaseNames(session: SqlSession): string[] {
  const { account, server } = session;
  const all = account.grants.get('*.*')?.has('ALL') ?? false;
  const own = [...server.catalog.databases.keys()].filter((name) => mayUse(account, name));
  return [...new Set([...(all ? systemDatabases : ['information_schema', 'performance_schema']), ...own])].sort();
}

export interface ShowContext {
  /** Before 8.0. */
  old: boolean;
  variables: ReadonlyMap<string, Value>;
  connections: readonly { id: number; user: string; host: string; database: string | undefined; since: number }[];
  upSeconds: number;
  queries: number;
}

/** @throws SqlError */
export function show(
  statement: Statement & { kind: 'show' | 'describe' },
  session: SqlSession,
  context: ShowContext,
): Result {
  const done = (r: Relation) => resultOf(r, 'SHOW', 'mysql');
  if (statement.kind === 'describe') return done(columnsOf(session.table(statement.table).table, context.old));
  const { words, from, subject } = statement;
  const pattern = statement.like;
  const matching = (name: string) => pattern === undefined || like(name, pattern, true);
  const database = (): Database => session.databaseOf(from);
  const table = () => session.table({ ...(from ? { database: from } : undefined), name: subject ?? '', at: 0 }).table;
  const what = words.filter((w) => !/^(GLOBAL|SESSION)$/.test(w)).join(' ');
  switch (what) {
    case 'DATABASES':
    case 'SCHEMAS':
      return done(
        relation(
          [pattern === undefined ? 'Database' : `Database (${pattern})`],
          databaseNames(session)
            .filter(matching)
            .map((n) => [n]),
        ),
      );
    case 'TABLES': {
      if (from !== undefined && systemDatabases.includes(from))
        return done(relation([`Tables_in_${from}`], from === 'mysql' ? [['db'], ['tables_priv'], ['user']] : []));
      const of = database();
      const heading = `Tables_in_${of.name}${pattern === undefined ? '' : ` (${pattern})`}`;
      const names = [...of.tables.keys()].filter(matching).sort();
      return done(
        statement.full
          ? relation(
              [heading, 'Table_type'],
              names.map((n) => [n, 'BASE TABLE']),
            )
          : relation(
              [heading],
              names.map((n) => [n]),
            ),
      );
    }
    case 'COLUMNS':
    case 'FIELDS':
      return done(columnsOf(table(), context.old));
    case 'INDEX':
    case 'INDEXES':
    case 'KEYS': {
      const t = table();
      return done(
        relation(
          ['Table', 'Non_unique', 'Key_name', 'Seq_in_index', 'Column_name', 'Index_type'],
          t.keys.flatMap((k) =>
            k.columns.map((c, i) => [t.name, k.kind === 'index' ? 1 : 0, k.name, i + 1, c, 'BTREE']),
          ),
          ['Non_unique', 'Seq_in_index'],
        ),
      );
    }
    case 'CREATE TABLE': {
      const t = table();
      return done(relation(['Table', 'Create Table'], [[t.name, createTableText(t, context.old)]]));
    }
    case 'CREATE DATABASE': {
      const name = subject ?? '';
      session.databaseOf(name);
      const set = context.old ? 'latin1' : 'utf8mb4';
      return done(
        relation(
          ['Database', 'Create Database'],
          [
            [
              name,
              `CREATE DATABASE \`${name}\` /*!40100 DEFAULT CHARACTER SET ${set}${context.old ? '' : ' COLLATE utf8mb4_0900_ai_ci'} */${context.old ? '' : " /*!80016 DEFAULT ENCRYPTION='N' */"}`,
            ],
          ],
        ),
      );
    }
    case 'VARIABLES':
      return done(
        relation(
          ['Variable_name', 'Value'],
          [...context.variables]
            .filter(([n]) => matching(n))
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([n, v]) => [n, String(v)]),
        ),
      );
    case 'STATUS': {
      const status: [string, number][] = [['Connections', session.connection + 1], ['Questions', context.queries], ['Threads_connected', context.connections.length], ['Threads_running', 1], ['Uptime', context.upSeconds]]; // prettier-ignore
      return done(
        relation(
          ['Variable_name', 'Value'],
          status.filter(([n]) => matching(n)).map(([n, v]) => [n, String(v)]),
        ),
      );
    }
    case 'PROCESSLIST':
      return done(
        relation(
          ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info'],
          context.connections.map((c) => [
            c.id,
            c.user,
            c.host,
            c.database ?? null,
            c.id === session.connection ? 'Query' : 'Sleep',
            c.since,
            c.id === session.connection ? 'init' : '',
            c.id === session.connection ? 'SHOW PROCESSLIST' : null,
          ]),
          ['Id', 'Time'],
        ),
      );
    case 'WARNINGS':
    case 'ERRORS':
      return done(relation(['Level', 'Code', 'Message'], [], ['Code']));
    case 'ENGINES':
      return done(
        relation(
          ['Engine', 'Support', 'Comment'],
          [['InnoDB', 'DEFAULT', 'Supports transactions, row-level locking, and foreign keys']],
        ),
      );
    case 'GRANTS': {
      const name = subject ?? session.account.name;
      const account =
        subject === undefined
          ? session.account
          : session.server.catalog.accounts.find((a) => a.name === name && (from === undefined || a.host === from));
      if (!account)
        throw new SqlError(1141, '42000', `There is no such grant defined for user '${name}' on host '${from ?? '%'}'`);
      const rows = [...account.grants].map(([scope, privileges]): string[] => {
        const on = scope
          .split('.')
          .map((part) => (part === '*' ? '*' : `\`${part}\``))
          .join('.');
        const option = account.name === 'root' && scope === '*.*' ? ' WITH GRANT OPTION' : '';
        return [
          `GRANT ${[...privileges].map((p) => (p === 'ALL' ? 'ALL PRIVILEGES' : p)).join(', ')} ON ${on} TO \`${account.name}\`@\`${account.host}\`${option}`,
        ];
      });
      return done(relation([`Grants for ${account.name}@${account.host}`], rows));
    }
    default:
      throw notSimulated(`SHOW ${what}`);
  }
}

/** Tables of information_schema and mysql. */
export function systemTable(
  database: string | undefined,
  name: string,
  session: SqlSession,
  old: boolean,
): Relation | undefined {
  const schema = (database ?? '').toLowerCase();
  const visible = [...session.server.catalog.databases.values()].filter((d) => mayUse(session.account, d.name));
  const upper = name.toUpperCase();
  if (schema === 'mysql' && upper === 'USER') {
    if (!session.account.grants.get('*.*')?.has('ALL'))
      throw session.server.dialect.errors.denied({
        command: 'SELECT',
        user: session.account.name,
        host: session.user.split('@')[1] ?? '',
        object: 'user',
        database: false,
      });
    return relation(
      ['Host', 'User', 'plugin'],
      session.server.catalog.accounts.map((a) => [
        a.host,
        a.name,
        old ? 'mysql_native_password' : 'caching_sha2_password',
      ]),
    );
  }
  if (schema !== 'information_schema') return undefined;
  if (upper === 'SCHEMATA')
    return relation(
      ['CATALOG_NAME', 'SCHEMA_NAME'],
      databaseNames(session).map((n) => ['def', n]),
    );
  if (upper === 'TABLES')
    return relation(
      ['TABLE_CATALOG', 'TABLE_SCHEMA', 'TABLE_NAME', 'TABLE_TYPE', 'ENGINE', 'TABLE_ROWS', 'CREATE_TIME'],
      visible.flatMap((d) =>
        [...d.tables.values()].map((t) => [
          'def',
          d.name,
          t.name,
          'BASE TABLE',
          'InnoDB',
          t.rows.size,
          formatTimestamp(t.created),
        ]),
      ),
      ['TABLE_ROWS'],
    );
  if (upper === 'COLUMNS')
    return relation(
      [
        'TABLE_SCHEMA',
        'TABLE_NAME',
        'COLUMN_NAME',
        'ORDINAL_POSITION',
        'COLUMN_DEFAULT',
        'IS_NULLABLE',
        'DATA_TYPE',
        'COLUMN_TYPE',
        'COLUMN_KEY',
      ],
      visible.flatMap((d) =>
        [...d.tables.values()].flatMap((t) =>
          t.columns.map((c, i) => [
            d.name,
            t.name,
            c.name,
            i + 1,
            defaultText(c.default),
            c.notNull ? 'NO' : 'YES',
            c.type.name,
            typeText(c.type, old),
            keyMark(t, c),
          ]),
        ),
      ),
      ['ORDINAL_POSITION'],
    );
  throw notSimulated(`information_schema.${name}`);
}
