import { changeAccounts, may, mayUse } from './access.ts';
import { alterTable, addConstraint, createTable, tableWithIndex } from './define.ts';
import type { Account, Catalog, Database, Table } from './database.ts';
import type { Dialect } from './dialect.ts';
import { SqlError } from './error.ts';
import { evaluate, type Environment } from './evaluate.ts';
import { runDelete, runInsert, runUpdate, type DmlContext } from './dml.ts';
import { parseStatement } from './parse-statement.ts';
import { resultOf, type Result } from './result.ts';
import { select, type Relation, type Tables } from './select.ts';
import type { Statement, TableName, Value } from './syntax.ts';
import { StatementWrites, Transaction } from './transaction.ts';

/** The server as its sessions see it. */
export interface SqlServer {
  readonly dialect: Dialect;
  readonly catalog: Catalog;
  /** What `version()` says. */
  readonly version: string;
  now(): number;
  /** Now as time stamps are written. */
  timestamp(): string;
  random(): number;
  uuid(): string;
  digest(text: string): string;
  /** Something has to be kept: one table, or with none given the list of databases, tables and accounts. */
  changed(database?: Database, table?: Table): void;
  /** SHOW and DESCRIBE. @throws SqlError */
  show(statement: Statement & { kind: 'show' | 'describe' }, session: SqlSession): Result;
  /** Tables that are views of the server itself: `information_schema.tables`, `pg_database`. */
  systemTable(database: string | undefined, name: string, session: SqlSession): Relation | undefined;
  /** The value of a system variable; undefined if there is none of that name. */
  variable(name: string): Value | undefined;
  /** PostgreSQL allows CREATE in its public schema to owners only. */
  owner(database: Database): string;
}

/** One client's conversation with a server. */
export class SqlSession {
  readonly server: SqlServer;
  readonly account: Account;
  /** How the account is written with the client's host: `root@localhost`. */
  readonly user: string;
  readonly connection: number;
  database: Database | undefined;
  lastInsertId = 0;
  rowCount = 0;
  /** Virtual ms that the last statement asked to take. */
  delay = 0;
  readonly variables = new Map<string, Value>();
  #transaction: Transaction | undefined;

  constructor(server: SqlServer, account: Account, user: string, connection: number, database: Database | undefined) {
    this.server = server;
    this.account = account;
    this.user = user;
    this.connection = connection;
    this.database = database;
  }

  /** `idle`, `transaction` or `failed`: psql's prompt shows it. */
  get state(): 'idle' | 'transaction' | 'failed' {
    return this.#transaction ? (this.#transaction.failed ? 'failed' : 'transaction') : 'idle';
  }

  /** Runs one statement; undefined for an empty one. @throws SqlError, after which nothing of it remains */
  run(sql: string): Result | undefined {
    this.delay = 0;
    const { dialect } = this.server;
    const transaction = this.#transaction;
    try {
      const statement = parseStatement(sql, dialect);
      if (!statement) return undefined;
      if (transaction?.failed && statement.kind !== 'rollback' && statement.kind !== 'commit')
        throw new SqlError(
          0,
          '25P02',
          'current transaction is aborted, commands ignored until end of transaction block',
        );
      const result = this.#execute(statement);
      this.rowCount = result.rows ? result.rows.length : (result.affected ?? 0);
      return result;
    } catch (error) {
      const known = error instanceof RangeError ? new SqlError(1104, '54000', `slipway: ${error.message}`) : error;
      if (known instanceof SqlError && transaction && dialect.name === 'postgres') transaction.failed = true;
      throw known;
    }
  }

  /** @throws SqlError for a database that isn't there, or may not be used */
  use(name: string): Database {
    const database = this.server.catalog.databases.get(name);
    const { errors } = this.server.dialect;
    if (!mayUse(this.account, name)) throw errors.denied(this.#denial('USE', name, true));
    if (!database) throw errors.noDatabase(name);
    this.database = database;
    return database;
  }

  /** The table as this session sees it. @throws SqlError */
  table({ database, name, at }: TableName): { database: Database; table: Table } {
    const owner = this.databaseOf(database);
    const table = this.#transaction ? this.#transaction.view(owner, name) : owner.tables.get(name);
    if (!table) throw this.server.dialect.errors.noTable(owner.name, name, at);
    return { database: owner, table };
  }

  /** @throws SqlError */
  databaseOf(name: string | undefined): Database {
    const { dialect, catalog } = this.server;
    // PostgreSQL's qualifier is a schema of the one database.
    if (name === undefined || (dialect.name === 'postgres' && name === 'public')) {
      if (!this.database) throw dialect.errors.noDatabaseSelected();
      return this.database;
    }
    const found = dialect.name === 'mysql' ? catalog.databases.get(name) : undefined;
    if (!found) throw dialect.errors.noDatabase(name);
    return found;
  }

  environment(): Environment {
    const { server } = this;
    const environment: Environment = {
      dialect: server.dialect,
      version: server.version,
      user: this.user,
      connection: this.connection,
      database: this.database?.name,
      lastInsertId: this.lastInsertId,
      rowCount: this.rowCount,
      now: () => server.timestamp(),
      random: () => server.random(),
      uuid: () => server.uuid(),
      digest: (text) => server.digest(text),
      sleep: (ms) => void (this.delay += Math.max(0, ms)),
      variable: (name) => this.#variable(name),
      query: (query, outer) => {
        const relation = select(query, this.#tables(), environment, outer);
        return { rows: relation.rows, width: relation.columns.length };
      },
    };
    return environment;
  }

  #variable(name: string): Value {
    const own = this.variables.get(name.toLowerCase());
    if (own !== undefined || (name.startsWith('@') && !name.startsWith('@@'))) return own ?? null;
    const plain = name.replace(/^@@(global|session|local|persist)?\.?/i, '').toLowerCase();
    const value = this.variables.get(plain) ?? this.server.variable(plain);
    if (value === undefined) throw new SqlError(1193, 'HY000', `Unknown system variable '${plain}'`);
    return value;
  }

  #tables(): Tables {
    return {
      read: (database, name, at) => {
        const system = this.server.systemTable(database, name, this);
        if (system) return system;
        const found = this.table({ ...(database === undefined ? undefined : { database }), name, at });
        this.#require('SELECT', found.database, name);
        return { columns: found.table.columns, rows: [...found.table.rows.values()] };
      },
    };
  }

  #denial(command: string, object: string, database: boolean) {
    const [user = '', host = ''] = this.user.split(/@(?=[^@]*$)/);
    return { command, user, host: database ? this.account.host : host, object, database };
  }

  /** @throws SqlError if the account may not do that */
  #require(command: string, database: Database, table?: string): void {
    if (may(this.account, command, database.name, table)) return;
    if (this.server.dialect.name === 'postgres' && this.server.owner(database) === this.account.name) return;
    throw this.server.dialect.errors.denied(this.#denial(command, table ?? database.name, table === undefined));
  }

  #execute(statement: Statement): Result {
    const { server } = this;
    const { dialect } = server;
    switch (statement.kind) {
      case 'select': {
        const relation = select(statement, this.#tables(), this.environment());
        return resultOf(relation, `SELECT ${relation.rows.length}`, dialect.name);
      }
      case 'insert':
      case 'update':
      case 'delete':
        return this.#write(statement);
      case 'begin':
        if (this.#transaction && dialect.name === 'postgres')
          return { tag: 'BEGIN', notice: 'WARNING:  there is already a transaction in progress' };
        this.#commit();
        this.#transaction = new Transaction();
        return { tag: 'BEGIN', affected: 0 };
      case 'commit':
      case 'rollback':
        return this.#end(statement.kind);
      case 'use':
        return { tag: 'USE', affected: 0, database: this.use(statement.name).name };
      case 'set':
        for (const [name, value] of statement.assignments) {
          const key = name.replace(/^@@(global|session|local|persist)?\.?/i, '').toLowerCase();
          this.variables.set(name.startsWith('@') && !name.startsWith('@@') ? name.toLowerCase() : key, evaluate(value, undefined, this.environment())); // prettier-ignore
        }
        return { tag: 'SET', affected: 0 };
      case 'show':
      case 'describe':
        return server.show(statement, this);
      case 'nothing':
        return { tag: statement.tag, affected: 0 };
      default:
        if (dialect.name === 'mysql') this.#commit();
        return this.#define(statement);
    }
  }

  #end(kind: 'commit' | 'rollback'): Result {
    const transaction = this.#transaction;
    if (!transaction)
      return this.server.dialect.name === 'postgres'
        ? { tag: kind.toUpperCase(), notice: 'WARNING:  there is no transaction in progress' }
        : { tag: kind.toUpperCase(), affected: 0 };
    if (kind === 'rollback' || transaction.failed) {
      this.#transaction = undefined;
      return { tag: 'ROLLBACK', affected: 0 };
    }
    this.#commit();
    return { tag: 'COMMIT', affected: 0 };
  }

  #commit(): void {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    for (const { database, table } of transaction?.commit() ?? []) this.server.changed(database, table);
  }

  #write(statement: Statement & { kind: 'insert' | 'update' | 'delete' }): Result {
    const { database } = this.table(statement.table);
    this.#require(statement.kind.toUpperCase(), database, statement.table.name);
    const autocommit = this.variables.get('autocommit');
    if (!this.#transaction && (autocommit === 0 || autocommit === 'OFF')) this.#transaction = new Transaction();
    const writes = new StatementWrites(this.#transaction);
    const context: DmlContext = {
      environment: this.environment(),
      database,
      tables: this.#tables(),
      warnings: 0,
      writer: (name) => writes.writer(database, name),
      warn: () => void context.warnings++,
      inserted: (id) => void (this.lastInsertId = id),
    };
    try {
      const result =
        statement.kind === 'insert'
          ? runInsert(statement, context)
          : statement.kind === 'update'
            ? runUpdate(statement, context)
            : runDelete(statement, context);
      for (const changed of writes.changed.values()) this.server.changed(changed.database, changed.table);
      return result;
    } catch (error) {
      writes.undo();
      throw error;
    }
  }

  #define(statement: Statement): Result {
    const { server } = this;
    const { dialect, catalog } = server;
    const { errors } = dialect;
    const mysql = dialect.name === 'mysql';
    const done = (tag: string, more: Partial<Result> = {}): Result => {
      server.changed();
      return { tag, affected: 0, ...more };
    };
    const skipped = (tag: string, what: string): Result => ({
      tag,
      affected: 0,
      ...(mysql ? { warnings: 1 } : { notice: `NOTICE:  ${what}, skipping` }),
    });
    switch (statement.kind) {
      case 'create-database': {
        const { name } = statement;
        if (
          mysql
            ? !may(this.account, 'CREATE', name)
            : !may(this.account, 'CREATE', '*') && !this.account.attributes.includes('CREATEDB')
        )
          throw mysql
            ? errors.denied(this.#denial('CREATE', name, true))
            : new SqlError(0, '42501', 'permission denied to create database');
        if (this.#transaction) throw new SqlError(0, '25001', 'CREATE DATABASE cannot run inside a transaction block');
        if (catalog.databases.has(name)) {
          if (statement.ifNotExists) return { ...skipped('CREATE DATABASE', ''), affected: 1 };
          throw errors.databaseExists(name);
        }
        catalog.databases.set(name, { name, owner: statement.owner ?? this.account.name, tables: new Map() });
        return done('CREATE DATABASE', { affected: 1 });
      }
      case 'drop-database': {
        const database = catalog.databases.get(statement.name);
        if (!database) {
          if (statement.ifExists) return skipped('DROP DATABASE', `database "${statement.name}" does not exist`);
          throw mysql
            ? new SqlError(1008, 'HY000', `Can't drop database '${statement.name}'; database doesn't exist`)
            : errors.noDatabase(statement.name);
        }
        this.#require('DROP', database);
        if (!mysql && this.database === database)
          throw new SqlError(0, '55006', 'cannot drop the currently open database');
        catalog.databases.delete(statement.name);
        if (this.database === database) this.database = undefined;
        return done('DROP DATABASE', { affected: database.tables.size });
      }
      case 'create-table': {
        const database = this.databaseOf(statement.table.database);
        const { name } = statement.table;
        this.#require('CREATE', database);
        if (database.tables.has(name)) {
          if (statement.ifNotExists) return skipped('CREATE TABLE', `relation "${name}" already exists`);
          throw errors.tableExists(name);
        }
        const environment = this.environment();
        const query = statement.query && select(statement.query, this.#tables(), environment);
        const like = statement.like && this.table(statement.like).table;
        const table = createTable(statement, database, environment, { query, like, created: server.now() });
        database.tables.set(name, table);
        for (const row of query?.rows ?? []) table.put(table.nextRow, row);
        if (!mysql) this.account.grants.set(`${database.name}.${name}`, new Set(['ALL']));
        server.changed(database, table);
        const count = query?.rows.length;
        return done(
          count === undefined ? 'CREATE TABLE' : `SELECT ${count}`,
          count === undefined ? {} : { affected: count },
        );
      }
      case 'drop-table': {
        for (const name of statement.tables) {
          const database = this.databaseOf(name.database);
          const table = database.tables.get(name.name);
          if (!table) {
            if (statement.ifExists) return skipped('DROP TABLE', `table "${name.name}" does not exist`);
            throw mysql
              ? new SqlError(1051, '42S02', `Unknown table '${database.name}.${name.name}'`)
              : new SqlError(0, '42P01', `table "${name.name}" does not exist`);
          }
          this.#require('DROP', database, name.name);
          const child = [...database.tables.values()].find(
            (t) => t !== table && t.foreignKeys.some((f) => f.target.table === name.name),
          );
          if (child)
            throw mysql
              ? new SqlError(3730, 'HY000', `Cannot drop table '${name.name}' referenced by a foreign key constraint '${child.foreignKeys.find((f) => f.target.table === name.name)!.name}' on table '${child.name}'.`)
              : new SqlError(0, '2BP01', `cannot drop table ${name.name} because other objects depend on it`, { detail: `constraint ${child.foreignKeys.find((f) => f.target.table === name.name)!.name} on table ${child.name} depends on table ${name.name}`, hint: 'Use DROP ... CASCADE to drop the dependent objects too.' }); // prettier-ignore
          database.tables.delete(name.name);
        }
        return done('DROP TABLE');
      }
      case 'truncate': {
        const { database, table } = this.table(statement.table);
        this.#require(mysql ? 'DROP' : 'TRUNCATE', database, table.name);
        const base = database.tables.get(table.name)!;
        base.rows = new Map();
        base.forgetIndexes();
        if (mysql) base.nextValue = 1;
        server.changed(database, base);
        return { tag: 'TRUNCATE TABLE', affected: 0 };
      }
      case 'create-index': {
        const { database, table } = this.table(statement.table);
        this.#require('INDEX', database, table.name);
        if ((mysql ? table : tableWithIndex(database, statement.name))?.keys.some((k) => k.name === statement.name)) {
          if (statement.ifNotExists) return skipped('CREATE INDEX', `relation "${statement.name}" already exists`);
          throw mysql
            ? new SqlError(1061, '42000', `Duplicate key name '${statement.name}'`)
            : errors.tableExists(statement.name);
        }
        const { name, columns, unique } = statement;
        addConstraint(
          table,
          { kind: unique ? 'unique' : 'index', columns, ...(name === '' ? undefined : { name }) },
          this.environment(),
        );
        server.changed(database, table);
        return done('CREATE INDEX');
      }
      case 'drop-index': {
        const database = this.databaseOf(statement.table?.database);
        const table = statement.table ? this.table(statement.table).table : tableWithIndex(database, statement.name);
        const at = table?.keys.findIndex((k) => k.name === statement.name) ?? -1;
        if (!table || at < 0) {
          if (statement.ifExists) return skipped('DROP INDEX', `index "${statement.name}" does not exist`);
          throw errors.noIndex(statement.name, table?.name ?? '');
        }
        table.keys.splice(at, 1);
        table.forgetIndexes();
        return done('DROP INDEX');
      }
      case 'alter-table': {
        const { database, table } = this.table(statement.table);
        this.#require('ALTER', database, table.name);
        const base = database.tables.get(table.name)!;
        const copy = base.clone();
        const context = { environment: this.environment(), database, writer: () => { throw new Error('ALTER writes rows itself'); }, warn: () => {} }; // prettier-ignore
        const notices: string[] = [];
        for (const alteration of statement.alterations) {
          const outcome = alterTable(copy, alteration, context, database);
          if (outcome?.notice) notices.push(`NOTICE:  ${outcome.notice}`);
        }
        if (copy.name !== base.name) database.tables.delete(base.name);
        database.tables.set(copy.name, copy);
        server.changed(database, copy);
        return done('ALTER TABLE', notices.length > 0 ? { notice: notices.join('\n') } : {});
      }
      case 'create-user':
      case 'alter-user':
      case 'drop-user':
      case 'grant':
      case 'revoke':
        if (!may(this.account, 'CREATE USER', '*') && !this.account.attributes.includes('CREATEROLE'))
          throw mysql
            ? new SqlError(
                1227,
                '42000',
                'Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation',
              )
            : new SqlError(0, '42501', 'permission denied to create role');
        return done(changeAccounts(statement, catalog, dialect, this.database?.name));
      default:
        return { tag: statement.kind.toUpperCase(), affected: 0 };
    }
  }
}
