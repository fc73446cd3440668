import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Process } from '../../../process/index.ts';
import { FsError } from '../../../world/index.ts';
import { Catalog, type Database, type Table } from '../../sql/database.ts';
import { formatTimestamp } from '../../sql/values.ts';
import type { SqlServer } from '../../sql/session.ts';
import { SqlError } from '../../sql/error.ts';
import type { Value } from '../../sql/syntax.ts';
import { DatabaseFiles } from '../lib/database-files.ts';
import { mysqlDialect } from './dialect.ts';
import type { Flavor } from './flavor.ts';
import { show, systemTable, type ShowContext } from './show.ts';

/** The storage of a MySQL server, and what its sessions ask of it. */

export const dataDirectory = '/var/lib/mysql';

export function layoutOf(directory: string) {
  return {
    catalog: `${directory}/mysql/catalog`,
    directory: (database: { name: string }) => `${directory}/${database.name}`,
    table: (database: { name: string }, table: string) => `${directory}/${database.name}/${table}.ibd`,
    virtual: virtualDatabases,
  };
}

/** Databases whose tables are made when they are read. */
export const virtualDatabases = ['information_schema', 'mysql', 'performance_schema', 'sys'];

/** The account of the machine that owns the files. */
export const mysqlOwner = { uid: 999, gid: 999 };

/** A new data directory: the system's files and an account without a password. @throws FsError */
export function initializeData(process: Process, flavor: Flavor, directory: string): void {
  const { fs } = process.machine;
  const owner = process.user.uid === 0 ? mysqlOwner : { uid: process.user.uid, gid: process.user.gid };
  fs.mkdir(`${directory}/mysql`, { recursive: true, mode: 0o750, ...owner });
  for (const name of ['performance_schema', 'sys'])
    fs.mkdir(`${directory}/${name}`, { recursive: true, mode: 0o750, ...owner });
  const write = (name: string, text: string) => fs.writeFile(`${directory}/${name}`, text, { mode: 0o640, ...owner });
  const id = uuid(process);
  write('auto.cnf', `[auto]\nserver-uuid=${id}\n`);
  write('ibdata1', '\0'.repeat(64));
  if (!flavor.old && flavor.product === 'MySQL') write('mysql.ibd', '\0'.repeat(64));
  const catalog = new Catalog();
  catalog.accounts.push({
    name: 'root',
    host: 'localhost',
    password: '',
    attributes: [],
    grants: new Map([['*.*', new Set(['ALL'])]]),
  });
  new DatabaseFiles(fs, layoutOf(directory), owner).saveCatalog(catalog);
}

function uuid(process: Process): string {
  const hex = bytesToHex(process.world.random.stream('mysqld').bytes(16));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-11f0-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export interface MysqlEngine extends SqlServer {
  readonly connections: Map<
    number,
    { user: string; host: string; session: { database: Database | undefined }; last: number }
  >;
  queries: number;
}

/** @throws FsError if the data directory can't be read */
export function openEngine(process: Process, flavor: Flavor, directory: string): MysqlEngine {
  const { world, machine } = process;
  const owner = process.user.uid === 0 ? mysqlOwner : { uid: process.user.uid, gid: process.user.gid };
  const files = new DatabaseFiles(machine.fs, layoutOf(directory), owner);
  const catalog = files.load() ?? new Catalog();
  for (const name of virtualDatabases) catalog.databases.set(name, { name, owner: 'root', tables: new Map() });
  const started = world.clock.now();
  const random = world.random.stream('mysqld');
  const variables = new Map<string, Value>([
    ['autocommit', flavor.product === 'MariaDB' ? 1 : 'ON'],
    ['character_set_server', flavor.old ? 'latin1' : 'utf8mb4'],
    ['datadir', `${directory}/`],
    ['default_storage_engine', 'InnoDB'],
    ['hostname', machine.hostname],
    ['innodb_buffer_pool_size', 134_217_728],
    ['max_connections', 151],
    ['port', 3306],
    ['server_id', 1],
    ['socket', flavor.socket],
    ['sql_mode', 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'],
    ['time_zone', 'SYSTEM'],
    ['version', flavor.versionText],
    ['version_comment', flavor.edition],
  ]); // prettier-ignore
  const keep = (write: () => void) => {
    try {
      write();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new SqlError(
        1030,
        'HY000',
        `Got error ${error.code === 'ENOSPC' ? 28 : 1} - '${error.message}' from storage engine`,
      );
    }
  };
  const engine: MysqlEngine = {
    dialect: mysqlDialect(flavor.product, flavor.version),
    catalog,
    version: flavor.versionText,
    connections: new Map(),
    queries: 0,
    now: () => world.clock.now(),
    timestamp: () => formatTimestamp(world.clock.now()),
    random: () => random.float(),
    uuid: () => uuid(process),
    digest: (text) => bytesToHex(md5(utf8ToBytes(text))),
    changed: (database?: Database, table?: Table) =>
      keep(() => {
        if (database && table) files.saveTable(database, table);
        else files.saveCatalog(catalog);
      }),
    show: (statement, session) => {
      const context: ShowContext = {
        old: flavor.old,
        variables,
        connections: [...engine.connections].map(([id, c]) => ({ id, user: c.user, host: c.host, database: c.session.database?.name, since: Math.floor((world.clock.now() - c.last) / 1000) })),
        upSeconds: Math.floor((world.clock.now() - started) / 1000),
        queries: engine.queries,
      }; // prettier-ignore
      return show(statement, session, context);
    },
    systemTable: (database, name, session) =>
      systemTable(database ?? session.database?.name, name, session, flavor.old),
    variable: (name) => variables.get(name),
    owner: (database) => database.owner,
  };
  return engine;
}
