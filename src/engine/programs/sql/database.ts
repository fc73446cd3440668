import type { Expression, ForeignKeyTarget, TypeName, Value } from './syntax.ts';

export type Row = readonly Value[];

export interface Column {
  name: string;
  type: TypeName;
  notNull: boolean;
  default?: Expression;
  autoIncrement: boolean;
  onUpdateNow: boolean;
  comment?: string;
}

export interface Key {
  name: string;
  kind: 'primary' | 'unique' | 'index';
  columns: readonly string[];
}

export interface ForeignKey {
  name: string;
  columns: readonly string[];
  target: ForeignKeyTarget;
}

/** What is kept of a table. */
export interface StoredTable {
  name: string;
  columns: Column[];
  keys: Key[];
  foreignKeys: ForeignKey[];
  checks: { name: string; check: Expression }[];
  nextValue: number;
  rows: [number, Row][];
}

/** A table: rows by an id of their own, so that changes of two transactions can be told apart. */
export class Table {
  name: string;
  columns: Column[];
  keys: Key[];
  foreignKeys: ForeignKey[];
  checks: { name: string; check: Expression }[];
  /** What AUTO_INCREMENT or a sequence gives next. */
  nextValue: number;
  rows: Map<number, Row>;
  nextRow: number;
  /** Unix ms of its making. */
  created = 0;
  readonly #indexes = new Map<string, Map<string, number>>();

  constructor(from: Omit<StoredTable, 'rows'> & { rows: Iterable<[number, Row]> }) {
    this.name = from.name;
    this.columns = from.columns;
    this.keys = from.keys;
    this.foreignKeys = from.foreignKeys;
    this.checks = from.checks;
    this.nextValue = from.nextValue;
    this.rows = new Map(from.rows);
    this.nextRow = 1;
    for (const id of this.rows.keys()) if (id >= this.nextRow) this.nextRow = id + 1;
  }

  clone(): Table {
    const copy = new Table({ ...this.parts(), rows: this.rows });
    copy.nextRow = this.nextRow;
    copy.created = this.created;
    return copy;
  }

  parts(): Omit<StoredTable, 'rows'> {
    return {
      name: this.name,
      columns: [...this.columns],
      keys: [...this.keys],
      foreignKeys: [...this.foreignKeys],
      checks: [...this.checks],
      nextValue: this.nextValue,
    };
  }

  stored(): StoredTable {
    return { ...this.parts(), rows: [...this.rows] };
  }

  /** Position of a column, -1 if there is none. Names of columns have no case in MySQL; PostgreSQL has folded them. */
  index(name: string): number {
    const wanted = name.toLowerCase();
    return this.columns.findIndex((c) => c.name === name || c.name.toLowerCase() === wanted);
  }

  get primary(): Key | undefined {
    return this.keys.find((k) => k.kind === 'primary');
  }

  /** The row that has these values in a unique key; NULLs are never equal. */
  lookup(key: Key, row: Row): number | undefined {
    const text = this.#keyText(key, row);
    return text === undefined ? undefined : this.#indexOf(key).get(text);
  }

  put(id: number, row: Row): void {
    const before = this.rows.get(id);
    for (const key of this.keys) {
      const index = this.#indexes.get(key.name);
      if (!index) continue;
      const old = before && this.#keyText(key, before);
      if (old !== undefined && index.get(old) === id) index.delete(old);
      const text = this.#keyText(key, row);
      if (text !== undefined) index.set(text, id);
    }
    this.rows.set(id, row);
    if (id >= this.nextRow) this.nextRow = id + 1;
  }

  remove(id: number): void {
    const before = this.rows.get(id);
    if (!before) return;
    for (const key of this.keys) {
      const index = this.#indexes.get(key.name);
      const old = index && this.#keyText(key, before);
      if (old !== undefined && index!.get(old) === id) index!.delete(old);
    }
    this.rows.delete(id);
  }

  /** After a change of the definition. */
  forgetIndexes(): void {
    this.#indexes.clear();
  }

  #indexOf(key: Key): Map<string, number> {
    let index = this.#indexes.get(key.name);
    if (!index) {
      this.#indexes.set(key.name, (index = new Map()));
      for (const [id, row] of this.rows) {
        const text = this.#keyText(key, row);
        if (text !== undefined) index.set(text, id);
      }
    }
    return index;
  }

  #keyText(key: Key, row: Row): string | undefined {
    const values = key.columns.map((name) => row[this.index(name)] ?? null);
    if (values.includes(null)) return undefined;
    return JSON.stringify(values.map((v) => (typeof v === 'string' ? v.trimEnd() : v)));
  }
}

export interface Database {
  readonly name: string;
  owner: string;
  tables: Map<string, Table>;
}

export interface Account {
  name: string;
  /** `%` for every host; PostgreSQL's roles have it. */
  host: string;
  /** Undefined: none is asked for (MySQL), or none fits (PostgreSQL). */
  password: string | undefined;
  /** `SUPERUSER`, `LOGIN`, … of PostgreSQL. */
  attributes: string[];
  /** Privileges by `database.table`, `*.*` for all. */
  grants: Map<string, Set<string>>;
}

/** All that a server has; `files.ts` keeps it on a disk. */
export class Catalog {
  readonly databases = new Map<string, Database>();
  readonly accounts: Account[] = [];

  account(name: string, host: string): Account | undefined {
    return this.accounts.find((a) => a.name === name && a.host === host);
  }
}
