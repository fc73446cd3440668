import type { Dialect } from '../../sql/dialect.ts';
import { SqlError } from '../../sql/error.ts';

/** MySQL's and MariaDB's words. */

const types: Readonly<Record<string, string>> = {
  tinyint: 'tinyint', bool: 'tinyint', boolean: 'tinyint', smallint: 'smallint', mediumint: 'mediumint', int: 'int', integer: 'int', bigint: 'bigint',
  signed: 'bigint', unsigned: 'bigint', bit: 'tinyint', decimal: 'decimal', dec: 'decimal', numeric: 'decimal', float: 'float', double: 'double', 'double precision': 'double', real: 'double',
  char: 'char', varchar: 'varchar', 'character varying': 'varchar', text: 'text', tinytext: 'tinytext', mediumtext: 'mediumtext', longtext: 'longtext', enum: 'enum',
  set: 'set', json: 'json', blob: 'blob', longblob: 'longblob', mediumblob: 'longblob', varbinary: 'varbinary', binary: 'varbinary',
  date: 'date', time: 'time', datetime: 'datetime', timestamp: 'timestamp', year: 'year',
}; // prettier-ignore

const quote = (text: string): string => `'${text}'`;

export function mysqlDialect(product: 'MySQL' | 'MariaDB', version: string): Dialect {
  const major = Number(version.split('.')[0]);
  return {
    name: 'mysql',
    columnName: (expression, text) =>
      expression.kind === 'column'
        ? expression.name
        : expression.kind === 'literal' && typeof expression.value === 'string'
          ? expression.value
          : text.trim(),
    typeName: (words) => (Object.hasOwn(types, words) ? types[words] : undefined),
    errors: {
      syntax: (sql, at) => {
        const line = sql.slice(0, at).split('\n').length;
        return new SqlError(
          1064,
          '42000',
          `You have an error in your SQL syntax; check the manual that corresponds to your ${product} server version for the right syntax to use near '${sql.slice(at, at + 80)}' at line ${line}`,
        );
      },
      unterminated: (_, at, sql = '') =>
        new SqlError(
          1064,
          '42000',
          `You have an error in your SQL syntax; check the manual that corresponds to your ${product} server version for the right syntax to use near '${sql.slice(at, at + 80)}' at line 1`,
        ),
      noTable: (database, name) => new SqlError(1146, '42S02', `Table '${database}.${name}' doesn't exist`),
      tableExists: (name) => new SqlError(1050, '42S01', `Table '${name}' already exists`),
      noColumn: (name, clause) =>
        new SqlError(
          1054,
          '42S22',
          `Unknown column '${name}' in '${product === 'MariaDB' ? clause.replace('field list', 'SELECT').replace('where clause', 'WHERE') : clause}'`,
        ),
      noSuchColumnOf: (name, table) => new SqlError(1054, '42S22', `Unknown column '${name}' in '${table}'`),
      columnExists: (name) => new SqlError(1060, '42S21', `Duplicate column name '${name}'`),
      ambiguous: (name, clause) => new SqlError(1052, '23000', `Column '${name}' in ${clause} is ambiguous`),
      noDatabase: (name) => new SqlError(1049, '42000', `Unknown database '${name}'`),
      databaseExists: (name) => new SqlError(1007, 'HY000', `Can't create database '${name}'; database exists`),
      noDatabaseSelected: () => new SqlError(1046, '3D000', 'No database selected'),
      duplicateKey: (table, key, _, values) =>
        new SqlError(
          1062,
          '23000',
          `Duplicate entry '${values.join('-')}' for key '${major >= 8 && product === 'MySQL' ? `${table}.` : ''}${key}'`,
        ),
      notNull: (column) => new SqlError(1048, '23000', `Column '${column}' cannot be null`),
      noDefault: (column) => new SqlError(1364, 'HY000', `Field '${column}' doesn't have a default value`),
      tooLong: (column, _, __, row) =>
        new SqlError(1406, '22001', `Data too long for column '${column}' at row ${row}`),
      outOfRange: (column, _, row) =>
        new SqlError(1264, '22003', `Out of range value for column '${column}' at row ${row}`),
      badValue: (type, value, column, row) => {
        if (type === 'enum') return new SqlError(1265, '01000', `Data truncated for column '${column}' at row ${row}`);
        if (type === 'json')
          return new SqlError(
            3140,
            '22032',
            `Invalid JSON text: "Invalid value." at position 0 in value for column '${column}'.`,
          );
        const kind = /int/.test(type) ? 'integer' : type === 'timestamp' ? 'datetime' : type;
        return new SqlError(
          /date|time/.test(type) ? 1292 : 1366,
          /date|time/.test(type) ? '22007' : 'HY000',
          `Incorrect ${kind} value: '${value}' for column '${column}' at row ${row}`,
        );
      },
      columnCount: (row) => new SqlError(1136, '21S01', `Column count doesn't match value count at row ${row}`),
      noFunction: (name, _, database) =>
        new SqlError(1305, '42000', `FUNCTION ${database === '' ? '' : `${database}.`}${name} does not exist`),
      divisionByZero: () => new SqlError(1365, '22012', 'Division by 0'),
      noType: (name) =>
        new SqlError(
          1064,
          '42000',
          `You have an error in your SQL syntax; check the manual that corresponds to your ${product} server version for the right syntax to use near '${name}' at line 1`,
        ),
      userExists: (name, host) => new SqlError(1396, 'HY000', `Operation CREATE USER failed for '${name}'@'${host}'`),
      noUser: (name, host, what) =>
        /GRANT|REVOKE/.test(what)
          ? new SqlError(1410, '42000', 'You are not allowed to create a user with GRANT')
          : new SqlError(1396, 'HY000', `Operation ${what} failed for '${name}'@'${host}'`),
      foreignKey: (table, name, columns, target, targetColumns) =>
        new SqlError(
          1452,
          '23000',
          `Cannot add or update a child row: a foreign key constraint fails (\`${table}\`, CONSTRAINT \`${name}\` FOREIGN KEY (${columns.map((c) => `\`${c}\``).join(', ')}) REFERENCES \`${target}\` (${targetColumns.map((c) => `\`${c}\``).join(', ')}))`,
        ),
      referenced: (table, name, child, columns, _, own) =>
        new SqlError(
          1451,
          '23000',
          `Cannot delete or update a parent row: a foreign key constraint fails (\`${child}\`, CONSTRAINT \`${name}\` FOREIGN KEY (${columns.map((c) => `\`${c}\``).join(', ')}) REFERENCES \`${table}\` (${own.map((c) => `\`${c}\``).join(', ')}))`,
        ),
      check: (name) => new SqlError(3819, 'HY000', `Check constraint '${name}' is violated.`),
      denied: ({ command, user, host, object, database }) =>
        database
          ? new SqlError(
              1044,
              '42000',
              `Access denied for user ${quote(user)}@${quote(host)} to database ${quote(object)}`,
            )
          : new SqlError(
              1142,
              '42000',
              `${command} command denied to user ${quote(user)}@${quote(host)} for table ${quote(object)}`,
            ),
      scalarSubquery: () => new SqlError(1242, '21000', 'Subquery returns more than 1 row'),
      notGrouped: (column, item) =>
        new SqlError(
          1055,
          '42000',
          `Expression #${item} of SELECT list is not in GROUP BY clause and contains nonaggregated column '${column}' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by`,
        ),
      noIndex: (name) => new SqlError(1091, '42000', `Can't DROP '${name}'; check that column/key exists`),
    },
  };
}
