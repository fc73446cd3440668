import { FsError, type FileSystem } from '../../../world/index.ts';
import { Catalog, Table, type Account, type Database, type StoredTable } from '../../sql/database.ts';

/** A database server's files: one for each table, one that lists databases and accounts. Written as soon as they change. */

export interface Layout {
  /** The list of databases and accounts. */
  catalog: string;
  table(database: Database, table: string): string;
  directory(database: Database): string;
  /** Databases that have no files. */
  virtual?: readonly string[];
}

interface StoredCatalog {
  databases: { name: string; owner: string; tables: string[] }[];
  accounts: (Omit<Account, 'grants'> & { grants: [string, string[]][] })[];
}

export class DatabaseFiles {
  readonly #fs: FileSystem;
  readonly #layout: Layout;
  readonly #owner: { uid: number; gid: number };

  constructor(fs: FileSystem, layout: Layout, owner: { uid: number; gid: number }) {
    this.#fs = fs;
    this.#layout = layout;
    this.#owner = owner;
  }

  /** What was kept; undefined if nothing was, or it can't be read. */
  load(): Catalog | undefined {
    const stored = this.#read<StoredCatalog>(this.#layout.catalog);
    if (!stored) return undefined;
    const catalog = new Catalog();
    for (const { name, owner, tables } of stored.databases) {
      const database: Database = { name, owner, tables: new Map() };
      catalog.databases.set(name, database);
      for (const table of tables) {
        const parts = this.#read<StoredTable>(this.#layout.table(database, table));
        if (parts) database.tables.set(table, new Table(parts));
      }
    }
    for (const account of stored.accounts)
      catalog.accounts.push({
        ...account,
        grants: new Map(account.grants.map(([scope, list]) => [scope, new Set(list)])),
      });
    return catalog;
  }

  #read<T>(path: string): T | undefined {
    try {
      return JSON.parse(this.#fs.readText(path)) as T;
    } catch (error) {
      if (error instanceof FsError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** Keeps the list and removes the files of what is no longer on it. @throws FsError */
  saveCatalog(catalog: Catalog): void {
    const before = this.#read<StoredCatalog>(this.#layout.catalog);
    const stored: StoredCatalog = {
      databases: this.#real(catalog).map((d) => ({ name: d.name, owner: d.owner, tables: [...d.tables.keys()] })),
      accounts: catalog.accounts.map((a) => ({ ...a, grants: [...a.grants].map(([s, set]) => [s, [...set]]) })),
    };
    for (const old of before?.databases ?? []) {
      const now = catalog.databases.get(old.name);
      const shell: Database = { name: old.name, owner: old.owner, tables: new Map() };
      if (!now) this.#remove(this.#layout.directory(shell), true);
      else for (const table of old.tables) if (!now.tables.has(table)) this.#remove(this.#layout.table(now, table));
    }
    for (const database of this.#real(catalog)) {
      const directory = this.#layout.directory(database);
      if (!this.#fs.exists(directory)) this.#fs.mkdir(directory, { recursive: true, mode: 0o750, ...this.#owner });
      for (const table of database.tables.values())
        if (!this.#fs.exists(this.#layout.table(database, table.name))) this.saveTable(database, table);
    }
    this.#write(this.#layout.catalog, stored);
  }

  #real(catalog: Catalog): Database[] {
    return [...catalog.databases.values()].filter((d) => !this.#layout.virtual?.includes(d.name));
  }

  /** @throws FsError */
  saveTable(database: Database, table: Table): void {
    this.#write(this.#layout.table(database, table.name), table.stored());
  }

  #write(path: string, value: unknown): void {
    this.#fs.writeFile(path, `${JSON.stringify(value)}\n`, { mode: 0o640, ...this.#owner });
  }

  #remove(path: string, recursive = false): void {
    if (this.#fs.exists(path)) this.#fs.remove(path, { recursive });
  }
}
