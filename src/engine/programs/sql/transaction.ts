import type { Database, Row, Table } from './database.ts';
import type { TableWriter } from './change.ts';

/** One table as a transaction sees it: a copy, and which rows of it are different. */
interface Draft {
  database: Database;
  base: Table;
  copy: Table;
  touched: Set<number>;
}

/**
 * What a transaction has changed and nobody else sees yet. At the end its rows are put into the tables one by one, so two
 * transactions that changed different rows of a table both count.
 */
export class Transaction {
  readonly #drafts = new Map<string, Draft>();
  failed = false;

  /** The table as this transaction sees it. */
  view(database: Database, name: string): Table | undefined {
    const base = database.tables.get(name);
    const draft = this.#drafts.get(`${database.name}.${name}`);
    return draft && draft.base === base ? draft.copy : base;
  }

  draft(database: Database, name: string): Draft {
    const key = `${database.name}.${name}`;
    const base = database.tables.get(name)!;
    let draft = this.#drafts.get(key);
    if (!draft || draft.base !== base)
      this.#drafts.set(key, (draft = { database, base, copy: base.clone(), touched: new Set() }));
    return draft;
  }

  /** Makes the changes everybody's. @returns the tables that are different now */
  commit(): { database: Database; table: Table }[] {
    const changed: { database: Database; table: Table }[] = [];
    for (const { database, base, copy, touched } of this.#drafts.values()) {
      if (touched.size === 0 || database.tables.get(base.name) !== base) continue;
      for (const id of touched) {
        const row = copy.rows.get(id);
        if (row) base.put(id, row);
        else base.remove(id);
      }
      changed.push({ database, table: base });
    }
    this.#drafts.clear();
    return changed;
  }
}

/** Writes of one statement, which can be taken back together. */
export class StatementWrites {
  readonly #undo: (() => void)[] = [];
  readonly #writers = new Map<string, TableWriter>();
  readonly changed = new Map<string, { database: Database; table: Table }>();
  readonly #transaction: Transaction | undefined;

  constructor(transaction: Transaction | undefined) {
    this.#transaction = transaction;
  }

  writer(database: Database, name: string): TableWriter {
    const key = `${database.name}.${name}`;
    const known = this.#writers.get(key);
    if (known) return known;
    const base = database.tables.get(name)!;
    const draft = this.#transaction?.draft(database, name);
    const table = draft?.copy ?? base;
    const note = (id: number) => {
      const before: Row | undefined = table.rows.get(id);
      const had = draft?.touched.has(id);
      this.#undo.push(() => {
        if (before) table.put(id, before);
        else table.remove(id);
        if (draft && !had) draft.touched.delete(id);
      });
      draft?.touched.add(id);
      if (!draft) this.changed.set(key, { database, table: base });
    };
    const writer: TableWriter = {
      table,
      put: (id, row) => {
        note(id);
        table.put(id, row);
      },
      remove: (id) => {
        note(id);
        table.remove(id);
      },
      // Counters are nobody's own: a number that was given once does not come again.
      newRow: () => base.nextRow++,
      nextValue: (atLeast) => {
        if (atLeast === undefined) return base.nextValue++;
        base.nextValue = Math.max(base.nextValue, atLeast);
        return base.nextValue;
      },
    };
    this.#writers.set(key, writer);
    return writer;
  }

  undo(): void {
    for (const step of this.#undo.reverse()) step();
    this.changed.clear();
  }
}
