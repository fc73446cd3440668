/** What SQL text means, before anything is looked up. */

export type Value = null | number | string | boolean;

export interface TypeName {
  /** Canonical, lower case: `int`, `varchar`, `timestamp`, … */
  name: string;
  /** Length or precision, and scale; the values of an ENUM. */
  args: readonly (number | string)[];
  unsigned?: boolean;
}

export type Expression =
  | { kind: 'literal'; value: Value; decimals?: number }
  | { kind: 'column'; table?: string; name: string; at: number }
  | { kind: 'star'; table?: string }
  | { kind: 'variable'; name: string }
  | { kind: 'default' }
  | { kind: 'unary'; op: '-' | '+' | 'NOT'; operand: Expression }
  | { kind: 'binary'; op: string; left: Expression; right: Expression }
  | { kind: 'is'; operand: Expression; what: 'NULL' | 'TRUE' | 'FALSE'; not: boolean }
  | { kind: 'in'; operand: Expression; list: readonly Expression[] | SelectStatement; not: boolean }
  | { kind: 'between'; operand: Expression; low: Expression; high: Expression; not: boolean }
  | { kind: 'like'; operand: Expression; pattern: Expression; not: boolean; insensitive: boolean }
  | { kind: 'case'; operand?: Expression; whens: readonly [Expression, Expression][]; otherwise?: Expression }
  | { kind: 'call'; name: string; args: readonly Expression[]; distinct: boolean; separator?: string; at: number }
  | { kind: 'cast'; operand: Expression; type: TypeName }
  | { kind: 'interval'; amount: Expression; unit: string }
  | { kind: 'exists'; query: SelectStatement }
  | { kind: 'subquery'; query: SelectStatement };

export interface SelectItem {
  expression: Expression;
  /** Alias, or what the dialect calls the column. */
  name: string;
}

export type TableReference = { alias: string; at: number } & (
  { kind: 'table'; database?: string; name: string } | { kind: 'query'; query: SelectStatement }
);

export interface Join {
  kind: 'inner' | 'left' | 'right' | 'full' | 'cross';
  table: TableReference;
  on?: Expression;
  using?: readonly string[];
}

export interface OrderItem {
  expression: Expression;
  descending: boolean;
  nullsFirst?: boolean;
}

export interface SelectStatement {
  kind: 'select';
  distinct: boolean;
  items: readonly SelectItem[];
  from?: TableReference;
  joins: readonly Join[];
  where?: Expression;
  groupBy: readonly Expression[];
  having?: Expression;
  orderBy: readonly OrderItem[];
  limit?: Expression;
  offset?: Expression;
  unions: readonly { all: boolean; query: SelectStatement }[];
  with: readonly { name: string; query: SelectStatement; columns?: readonly string[] }[];
}

export interface ColumnDefinition {
  name: string;
  type: TypeName;
  notNull: boolean;
  default?: Expression;
  autoIncrement: boolean;
  primaryKey: boolean;
  unique: boolean;
  /** `ON UPDATE CURRENT_TIMESTAMP`. */
  onUpdateNow: boolean;
  references?: ForeignKeyTarget;
  check?: Expression;
  comment?: string;
}

export interface ForeignKeyTarget {
  table: string;
  columns: readonly string[];
  onDelete: 'RESTRICT' | 'CASCADE' | 'SET NULL';
}

export type TableConstraint =
  | { kind: 'primary'; columns: readonly string[]; name?: string }
  | { kind: 'unique' | 'index'; columns: readonly string[]; name?: string }
  | { kind: 'foreign'; columns: readonly string[]; target: ForeignKeyTarget; name?: string }
  | { kind: 'check'; check: Expression; name?: string };

export type Alteration =
  | { kind: 'add-column'; column: ColumnDefinition; ifNotExists: boolean; after?: string; first?: boolean }
  | { kind: 'drop-column'; name: string; ifExists: boolean }
  | { kind: 'change-column'; name: string; column: ColumnDefinition }
  | { kind: 'rename-column'; name: string; to: string }
  | { kind: 'rename'; to: string }
  | { kind: 'add-constraint'; constraint: TableConstraint }
  | { kind: 'drop-constraint'; name: string }
  | { kind: 'set-default'; name: string; value?: Expression }
  | { kind: 'set-type'; name: string; type: TypeName }
  | { kind: 'set-not-null'; name: string; notNull: boolean };

export interface TableName {
  database?: string;
  name: string;
  at: number;
}

export type Assignment = readonly [column: string, value: Expression];

export type Statement =
  | SelectStatement
  | {
      kind: 'insert';
      table: TableName;
      columns?: readonly string[];
      rows?: readonly (readonly Expression[])[];
      query?: SelectStatement;
      ignore: boolean;
      replace: boolean;
      /** On a duplicate key: nothing or assignments. */
      onConflict?: { update?: readonly Assignment[] };
      returning?: readonly SelectItem[];
    }
  | {
      kind: 'update';
      table: TableReference & { kind: 'table' };
      set: readonly Assignment[];
      where?: Expression;
      orderBy: readonly OrderItem[];
      limit?: Expression;
      returning?: readonly SelectItem[];
    }
  | {
      kind: 'delete';
      table: TableReference & { kind: 'table' };
      where?: Expression;
      orderBy: readonly OrderItem[];
      limit?: Expression;
      returning?: readonly SelectItem[];
    }
  | { kind: 'truncate'; table: TableName }
  | { kind: 'create-database'; name: string; ifNotExists: boolean; owner?: string }
  | { kind: 'drop-database'; name: string; ifExists: boolean }
  | {
      kind: 'create-table';
      table: TableName;
      ifNotExists: boolean;
      columns: readonly ColumnDefinition[];
      constraints: readonly TableConstraint[];
      query?: SelectStatement;
      like?: TableName;
    }
  | { kind: 'drop-table'; tables: readonly TableName[]; ifExists: boolean }
  | { kind: 'create-index'; name: string; table: TableName; columns: readonly string[]; unique: boolean; ifNotExists: boolean } // prettier-ignore
  | { kind: 'drop-index'; name: string; table?: TableName; ifExists: boolean }
  | { kind: 'alter-table'; table: TableName; alterations: readonly Alteration[] }
  | { kind: 'create-user'; name: string; host: string; password?: string; ifNotExists: boolean; attributes: readonly string[] } // prettier-ignore
  | { kind: 'alter-user'; name: string; host: string; password?: string; attributes: readonly string[] }
  | { kind: 'drop-user'; users: readonly { name: string; host: string }[]; ifExists: boolean }
  | { kind: 'grant' | 'revoke'; privileges: readonly string[]; on: { database: string; table: string }; users: readonly { name: string; host: string }[] } // prettier-ignore
  | { kind: 'use'; name: string }
  | { kind: 'begin' | 'commit' | 'rollback'; word: string }
  | { kind: 'set'; assignments: readonly (readonly [name: string, value: Expression])[] }
  | { kind: 'show'; words: readonly string[]; like?: string; from?: string; subject?: string; full: boolean }
  | { kind: 'describe'; table: TableName }
  | { kind: 'nothing'; tag: string };
