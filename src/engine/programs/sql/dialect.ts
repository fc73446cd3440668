import type { SqlError } from './error.ts';
import type { Expression, TypeName } from './syntax.ts';

/** In what MySQL and PostgreSQL differ as far as the shared engine is concerned. */
export interface Dialect {
  readonly name: 'mysql' | 'postgres';
  readonly errors: ErrorTexts;
  /** Heading of a column without an alias. @param text as it stands in the statement */
  columnName(expression: Expression, text: string): string;
  /** The canonical type of a name in SQL; undefined if there is none. */
  typeName(words: string): TypeName['name'] | undefined;
}

export interface ErrorTexts {
  syntax(sql: string, at: number, end: number): SqlError;
  unterminated(quote: string, at: number, sql?: string): SqlError;
  noTable(database: string, name: string, at?: number): SqlError;
  tableExists(name: string): SqlError;
  noColumn(name: string, clause: string, at?: number): SqlError;
  noSuchColumnOf(name: string, table: string): SqlError;
  columnExists(name: string, table: string): SqlError;
  ambiguous(name: string, clause: string, at?: number): SqlError;
  noDatabase(name: string): SqlError;
  databaseExists(name: string): SqlError;
  noDatabaseSelected(): SqlError;
  duplicateKey(table: string, key: string, columns: readonly string[], values: readonly string[]): SqlError;
  notNull(column: string, table: string, row: string): SqlError;
  noDefault(column: string, table: string, row: string): SqlError;
  tooLong(column: string, length: number, type: string, row: number): SqlError;
  outOfRange(column: string, type: string, row: number): SqlError;
  badValue(type: string, value: string, column: string, row: number): SqlError;
  columnCount(row: number, more: boolean): SqlError;
  noFunction(name: string, types: string, database: string, at: number): SqlError;
  divisionByZero(): SqlError;
  noType(name: string, at: number): SqlError;
  userExists(name: string, host: string): SqlError;
  noUser(name: string, host: string, what: string): SqlError;
  foreignKey(table: string, name: string, columns: readonly string[], target: string, targetColumns: readonly string[], values: readonly string[]): SqlError; // prettier-ignore
  referenced(table: string, name: string, child: string, columns: readonly string[], values: readonly string[], own: readonly string[]): SqlError; // prettier-ignore
  check(name: string, table: string, row: string): SqlError;
  denied(what: { command: string; user: string; host: string; object: string; database: boolean }): SqlError;
  scalarSubquery(): SqlError;
  notGrouped(column: string, item: number): SqlError;
  noIndex(name: string, table: string): SqlError;
}
