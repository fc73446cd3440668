import { parseExpression, parseType } from './parse-expression.ts';
import { parseSelect } from './parse-select.ts';
import { notSimulated } from './error.ts';
import type { Alteration, ColumnDefinition, ForeignKeyTarget, Statement, TableConstraint } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

/** CREATE, DROP and ALTER of what is in databases. */
export function parseCreate(s: TokenStream): Statement {
  if (s.oneOf('DATABASE', 'SCHEMA')) {
    const ifNotExists = s.accept('IF', 'NOT', 'EXISTS');
    const name = s.name();
    let owner: string | undefined;
    while (s.current.kind === 'word') {
      const option = s.take().upper;
      if (option === 'OWNER') {
        s.accept('=');
        owner = s.name();
      } else if (option === 'CHARACTER') s.expect('SET');
      else if (!/^(WITH|DEFAULT|CHARSET|COLLATE|ENCODING|TEMPLATE|LC_COLLATE|LC_CTYPE)$/.test(option)) throw s.wrong();
      if (option === 'OWNER' || option === 'WITH' || option === 'DEFAULT') continue;
      s.accept('=');
      s.take();
    }
    return { kind: 'create-database', name, ifNotExists, ...(owner ? { owner } : undefined) };
  }
  const unique = s.accept('UNIQUE');
  if (s.accept('INDEX')) {
    s.accept('CONCURRENTLY');
    const ifNotExists = s.accept('IF', 'NOT', 'EXISTS');
    const name = s.is('ON') ? '' : s.name();
    s.expect('ON');
    const table = s.qualified();
    if (s.accept('USING')) s.take();
    return { kind: 'create-index', name, table, columns: s.names(), unique, ifNotExists };
  }
  if (s.oneOf('TEMPORARY', 'TEMP')) throw notSimulated('a temporary table');
  if (s.accept('TABLE')) return parseCreateTable(s);
  const what = s.current;
  if (what.kind !== 'word') throw s.wrong();
  if (!/^(VIEW|OR|FUNCTION|PROCEDURE|TRIGGER|SEQUENCE|TYPE|EXTENSION|EVENT|MATERIALIZED|POLICY)$/.test(what.upper))
    throw s.wrong();
  throw notSimulated(`CREATE ${what.upper}`);
}

function parseCreateTable(s: TokenStream): Statement {
  const ifNotExists = s.accept('IF', 'NOT', 'EXISTS');
  const table = s.qualified();
  if (s.accept('LIKE'))
    return { kind: 'create-table', table, ifNotExists, columns: [], constraints: [], like: s.qualified() };
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  if (!s.is('AS') && !s.is('SELECT')) {
    s.expect('(');
    do {
      const constraint = parseConstraint(s);
      if (constraint) constraints.push(constraint);
      else columns.push(parseColumn(s));
    } while (s.accept(','));
    s.expect(')');
  }
  while (s.current.kind === 'word' && !s.is('AS') && !s.is('SELECT')) {
    // ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 …: one engine and one character set is all there is.
    if (s.oneOf('DEFAULT')) continue;
    if (!/^(ENGINE|CHARSET|CHARACTER|COLLATE|COMMENT|AUTO_INCREMENT|ROW_FORMAT)$/.test(s.current.upper))
      throw s.wrong();
    if (s.take().upper === 'CHARACTER') s.expect('SET');
    s.accept('=');
    s.take();
    s.accept(',');
  }
  s.accept('AS');
  const query = s.is('SELECT') || s.is('WITH') ? parseSelect(s) : undefined;
  return { kind: 'create-table', table, ifNotExists, columns, constraints, ...(query ? { query } : undefined) };
}

function parseConstraint(s: TokenStream): TableConstraint | undefined {
  let name: string | undefined;
  if (s.accept('CONSTRAINT')) name = s.name();
  const named = name === undefined ? undefined : { name };
  if (s.accept('PRIMARY')) {
    s.expect('KEY');
    return { kind: 'primary', columns: s.names(), ...named };
  }
  if (s.is('UNIQUE') || ((s.is('KEY') || s.is('INDEX')) && s.dialect.name === 'mysql')) {
    const unique = s.accept('UNIQUE');
    s.oneOf('KEY', 'INDEX');
    const own = s.is('(') ? undefined : { name: s.name() };
    return { kind: unique ? 'unique' : 'index', columns: s.names(), ...named, ...own };
  }
  if (s.accept('FOREIGN')) {
    s.expect('KEY');
    if (!s.is('(')) s.name();
    const columns = s.names();
    s.expect('REFERENCES');
    return { kind: 'foreign', columns, target: parseTarget(s), ...named };
  }
  if (s.accept('CHECK')) {
    s.expect('(');
    const check = parseExpression(s);
    s.expect(')');
    return { kind: 'check', check, ...named };
  }
  if (name !== undefined) throw s.wrong();
  return undefined;
}

function parseTarget(s: TokenStream): ForeignKeyTarget {
  const { name } = s.qualified();
  const columns = s.is('(') ? s.names() : [];
  let onDelete: ForeignKeyTarget['onDelete'] = 'RESTRICT';
  while (s.accept('ON')) {
    const event = s.take().upper;
    const action = s.accept('SET', 'NULL')
      ? 'SET NULL'
      : s.accept('NO', 'ACTION')
        ? 'RESTRICT'
        : (s.oneOf('CASCADE', 'RESTRICT') as 'CASCADE' | undefined);
    if (!action) throw s.wrong();
    if (event === 'DELETE') onDelete = action;
    else if (action !== 'RESTRICT') throw notSimulated(`ON UPDATE ${action}`);
  }
  return { table: name, columns, onDelete };
}

const serials: Readonly<Record<string, string>> = {
  SERIAL: 'int', BIGSERIAL: 'bigint', SMALLSERIAL: 'smallint', SERIAL4: 'int', SERIAL8: 'bigint',
}; // prettier-ignore

export function parseColumn(s: TokenStream): ColumnDefinition {
  const name = s.name();
  const serial = s.dialect.name === 'postgres' ? serials[s.current.upper] : undefined;
  if (serial) s.take();
  const column: ColumnDefinition = {
    name,
    type: serial ? { name: s.dialect.typeName(serial)!, args: [] } : parseType(s),
    notNull: serial !== undefined,
    autoIncrement: serial !== undefined,
    primaryKey: false,
    unique: false,
    onUpdateNow: false,
  };
  for (;;) {
    if (s.accept('NOT', 'NULL')) column.notNull = true;
    else if (s.accept('NULL')) column.notNull = false;
    else if (s.accept('DEFAULT')) column.default = parseDefault(s);
    else if (s.accept('AUTO_INCREMENT')) column.autoIncrement = true;
    else if (s.accept('PRIMARY')) {
      s.expect('KEY');
      column.primaryKey = true;
      column.notNull = true;
    } else if (s.accept('UNIQUE')) {
      s.accept('KEY');
      column.unique = true;
    } else if (s.accept('ON', 'UPDATE')) {
      s.expect('CURRENT_TIMESTAMP');
      if (s.accept('(')) {
        s.take();
        s.accept(')');
      }
      column.onUpdateNow = true;
    } else if (s.accept('REFERENCES')) column.references = parseTarget(s);
    else if (s.accept('CHECK')) {
      s.expect('(');
      column.check = parseExpression(s);
      s.expect(')');
    } else if (s.accept('COMMENT')) column.comment = s.string();
    else if (s.accept('GENERATED')) {
      if (!s.accept('ALWAYS')) s.expect('BY', 'DEFAULT');
      s.expect('AS');
      if (!s.accept('IDENTITY')) throw notSimulated('a generated column');
      column.autoIncrement = true;
      column.notNull = true;
    } else if (s.accept('CONSTRAINT')) s.name();
    else return column;
  }
}

function parseDefault(s: TokenStream): ColumnDefinition['default'] {
  if (s.is('-') || s.current.kind === 'number') return parseExpression(s);
  return parseExpression(s);
}

export function parseDrop(s: TokenStream): Statement {
  if (s.oneOf('DATABASE', 'SCHEMA')) {
    const ifExists = s.accept('IF', 'EXISTS');
    return { kind: 'drop-database', name: s.name(), ifExists };
  }
  if (s.accept('TABLE')) {
    const ifExists = s.accept('IF', 'EXISTS');
    const tables = [s.qualified()];
    while (s.accept(',')) tables.push(s.qualified());
    s.oneOf('CASCADE', 'RESTRICT');
    return { kind: 'drop-table', tables, ifExists };
  }
  if (s.accept('INDEX')) {
    const ifExists = s.accept('IF', 'EXISTS');
    const name = s.name();
    return { kind: 'drop-index', name, ifExists, ...(s.accept('ON') ? { table: s.qualified() } : undefined) };
  }
  if (/^(VIEW|FUNCTION|PROCEDURE|TRIGGER|SEQUENCE|TYPE|EXTENSION|EVENT)$/.test(s.current.upper))
    throw notSimulated(`DROP ${s.current.upper}`);
  throw s.wrong();
}

export function parseAlterTable(s: TokenStream): Statement {
  s.accept('IF', 'EXISTS');
  s.accept('ONLY');
  const table = s.qualified();
  const alterations: Alteration[] = [];
  do alterations.push(parseAlteration(s));
  while (s.accept(','));
  return { kind: 'alter-table', table, alterations };
}

function parseAlteration(s: TokenStream): Alteration {
  if (s.accept('ADD')) {
    const constraint = parseConstraint(s);
    if (constraint) return { kind: 'add-constraint', constraint };
    s.accept('COLUMN');
    const ifNotExists = s.accept('IF', 'NOT', 'EXISTS');
    const column = parseColumn(s);
    if (s.accept('FIRST')) return { kind: 'add-column', column, ifNotExists, first: true };
    if (s.accept('AFTER')) return { kind: 'add-column', column, ifNotExists, after: s.name() };
    return { kind: 'add-column', column, ifNotExists };
  }
  if (s.accept('DROP')) {
    if (s.accept('PRIMARY')) {
      s.expect('KEY');
      return { kind: 'drop-constraint', name: 'PRIMARY' };
    }
    if (s.accept('FOREIGN')) {
      s.expect('KEY');
      return { kind: 'drop-constraint', name: s.name() };
    }
    if (s.oneOf('CONSTRAINT', 'INDEX', 'KEY')) return { kind: 'drop-constraint', name: s.name() };
    s.accept('COLUMN');
    const ifExists = s.accept('IF', 'EXISTS');
    const name = s.name();
    s.oneOf('CASCADE', 'RESTRICT');
    return { kind: 'drop-column', name, ifExists };
  }
  if (s.accept('MODIFY')) {
    s.accept('COLUMN');
    const column = parseColumn(s);
    return { kind: 'change-column', name: column.name, column };
  }
  if (s.accept('CHANGE')) {
    s.accept('COLUMN');
    const name = s.name();
    return { kind: 'change-column', name, column: parseColumn(s) };
  }
  if (s.accept('RENAME')) {
    if (s.oneOf('TO', 'AS')) return { kind: 'rename', to: s.name() };
    s.accept('COLUMN');
    const name = s.name();
    s.expect('TO');
    return { kind: 'rename-column', name, to: s.name() };
  }
  if (s.accept('ALTER')) {
    s.accept('COLUMN');
    const name = s.name();
    if (s.accept('SET', 'DEFAULT')) return { kind: 'set-default', name, value: parseExpression(s) };
    if (s.accept('DROP', 'DEFAULT')) return { kind: 'set-default', name };
    if (s.accept('SET', 'NOT', 'NULL')) return { kind: 'set-not-null', name, notNull: true };
    if (s.accept('DROP', 'NOT', 'NULL')) return { kind: 'set-not-null', name, notNull: false };
    s.accept('SET', 'DATA');
    s.expect('TYPE');
    return { kind: 'set-type', name, type: parseType(s) };
  }
  throw s.wrong();
}
