import type { Dialect } from '../../sql/dialect.ts';
import { SqlError } from '../../sql/error.ts';
import type { Expression, TypeName } from '../../sql/syntax.ts';

/** PostgreSQL's words. */

const types: Readonly<Record<string, string>> = {
  smallint: 'smallint', int2: 'smallint', int: 'int', integer: 'int', int4: 'int', bigint: 'bigint', int8: 'bigint',
  numeric: 'decimal', decimal: 'decimal', real: 'real', float4: 'real', float: 'double', float8: 'double', 'double precision': 'double',
  char: 'char', character: 'char', varchar: 'varchar', 'character varying': 'varchar', text: 'text', name: 'text', boolean: 'boolean', bool: 'boolean',
  date: 'date', time: 'time', timetz: 'time', timestamp: 'timestamp', timestamptz: 'timestamptz', json: 'json', jsonb: 'jsonb', uuid: 'uuid', bytea: 'bytea', inet: 'inet',
}; // prettier-ignore

const shown: Readonly<Record<string, string>> = {
  int: 'integer', decimal: 'numeric', double: 'double precision', varchar: 'character varying', char: 'character',
  timestamp: 'timestamp without time zone', timestamptz: 'timestamp with time zone', time: 'time without time zone',
}; // prettier-ignore

/** A type as `\d` and messages have it: `character varying(20)`. */
export function typeText({ name, args }: TypeName): string {
  const text = shown[name] ?? name;
  return args.length > 0 && Number(args[0]) < 65 + 1_000_000 ? `${text}(${args.join(',')})` : text;
}

function columnName(e: Expression): string {
  switch (e.kind) {
    case 'column':
      return e.name;
    case 'call':
      return e.name.toLowerCase();
    case 'cast':
      return e.operand.kind === 'column' ? e.operand.name : (shown[e.type.name] ?? e.type.name);
    case 'case':
      return 'case';
    case 'exists':
      return 'exists';
    default:
      return '?column?';
  }
}

const list = (columns: readonly string[]) => columns.join(', ');

export const postgresDialect: Dialect = {
  name: 'postgres',
  columnName: (e) => columnName(e),
  typeName: (words) => (Object.hasOwn(types, words) ? types[words] : undefined),
  errors: {
    syntax: (sql, at, end) =>
      at >= sql.trimEnd().length
        ? new SqlError(0, '42601', 'syntax error at end of input', { position: sql.trimEnd().length })
        : new SqlError(0, '42601', `syntax error at or near "${sql.slice(at, end)}"`, { position: at }),
    unterminated: (quote, at, sql = '') =>
      new SqlError(
        0,
        '42601',
        `unterminated ${quote === '"' ? 'quoted identifier' : quote.startsWith('$') ? 'dollar-quoted string' : 'quoted string'} at or near "${sql.slice(at)}"`,
        { position: at },
      ),
    noTable: (_, name, at) => new SqlError(0, '42P01', `relation "${name}" does not exist`, { position: at }),
    tableExists: (name) => new SqlError(0, '42P07', `relation "${name}" already exists`),
    noColumn: (name, clause, at) =>
      clause === 'order clause' && /^\d+$/.test(name)
        ? new SqlError(0, '42P10', `ORDER BY position ${name} is not in select list`)
        : new SqlError(0, '42703', `column ${name.includes('.') ? name : `"${name}"`} does not exist`, {
            position: at,
          }),
    noSuchColumnOf: (name, table) => new SqlError(0, '42703', `column "${name}" of relation "${table}" does not exist`),
    columnExists: (name, table) => new SqlError(0, '42701', `column "${name}" of relation "${table}" already exists`),
    ambiguous: (name, _, at) => new SqlError(0, '42702', `column reference "${name}" is ambiguous`, { position: at }),
    noDatabase: (name) => new SqlError(0, '3D000', `database "${name}" does not exist`),
    databaseExists: (name) => new SqlError(0, '42P04', `database "${name}" already exists`),
    noDatabaseSelected: () => new SqlError(0, '3D000', 'no database selected'),
    duplicateKey: (_, key, columns, values) =>
      new SqlError(0, '23505', `duplicate key value violates unique constraint "${key}"`, {
        detail: `Key (${list(columns)})=(${list(values)}) already exists.`,
      }),
    notNull: (column, table, row) =>
      new SqlError(
        0,
        '23502',
        `null value in column "${column}" of relation "${table}" violates not-null constraint`,
        row === '' ? {} : { detail: `Failing row contains (${row}).` },
      ),
    noDefault: (column, table, row) =>
      new SqlError(0, '23502', `null value in column "${column}" of relation "${table}" violates not-null constraint`, {
        detail: `Failing row contains (${row}).`,
      }),
    tooLong: (_, length, type) => new SqlError(0, '22001', `value too long for type ${shown[type] ?? type}(${length})`),
    outOfRange: (_, type) =>
      type === 'decimal'
        ? new SqlError(0, '22003', 'numeric field overflow')
        : new SqlError(0, '22003', `${shown[type] ?? type} out of range`),
    badValue: (type, value) =>
      /date|time/.test(type) && /^\d/.test(value)
        ? new SqlError(0, '22008', `date/time field value out of range: "${value}"`)
        : new SqlError(
            0,
            '22P02',
            `invalid input ${type === 'enum' ? 'value for enum' : 'syntax for type'} ${shown[type] ?? type}: "${value}"`,
          ),
    columnCount: (_, more) =>
      new SqlError(
        0,
        '42601',
        `INSERT has more ${more ? 'expressions than target columns' : 'target columns than expressions'}`,
      ),
    noFunction: (name, types_, _, at) =>
      new SqlError(0, '42883', `function ${name.toLowerCase()}(${types_}) does not exist`, {
        position: at,
        hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
      }),
    divisionByZero: () => new SqlError(0, '22012', 'division by zero'),
    noType: (name, at) => new SqlError(0, '42704', `type "${name.toLowerCase()}" does not exist`, { position: at }),
    userExists: (name) => new SqlError(0, '42710', `role "${name}" already exists`),
    noUser: (name) => new SqlError(0, '42704', `role "${name}" does not exist`),
    foreignKey: (table, name, columns, target, _, values) =>
      new SqlError(0, '23503', `insert or update on table "${table}" violates foreign key constraint "${name}"`, {
        detail: `Key (${list(columns)})=(${list(values)}) is not present in table "${target}".`,
      }),
    referenced: (table, name, child, _, values, own) =>
      new SqlError(
        0,
        '23503',
        `update or delete on table "${table}" violates foreign key constraint "${name}" on table "${child}"`,
        { detail: `Key (${list(own)})=(${list(values)}) is still referenced from table "${child}".` },
      ),
    check: (name, table, row) =>
      new SqlError(0, '23514', `new row for relation "${table}" violates check constraint "${name}"`, {
        detail: `Failing row contains (${row}).`,
      }),
    denied: ({ object, database }) =>
      new SqlError(0, '42501', `permission denied for ${database ? 'schema public' : `table ${object}`}`),
    scalarSubquery: () => new SqlError(0, '21000', 'more than one row returned by a subquery used as an expression'),
    notGrouped: (column) =>
      new SqlError(
        0,
        '42803',
        `column "${column}" must appear in the GROUP BY clause or be used in an aggregate function`,
      ),
    noIndex: (name, table) =>
      table === ''
        ? new SqlError(0, '42704', `index "${name}" does not exist`)
        : new SqlError(0, '42704', `constraint "${name}" of relation "${table}" does not exist`),
  },
};
