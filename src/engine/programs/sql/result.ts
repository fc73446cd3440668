import type { SourceColumn } from './evaluate.ts';
import type { Relation } from './select.ts';
import type { TypeName, Value } from './syntax.ts';
import { fixed, toNumber } from './values.ts';

/** What a statement gave. */
export interface Result {
  /** PostgreSQL's command tag: `INSERT 0 1`. */
  tag: string;
  columns?: readonly SourceColumn[];
  /** As texts. */
  rows?: readonly (readonly (string | null)[])[];
  /** Rows changed. */
  affected?: number;
  /** MySQL's line about an UPDATE or an INSERT of several rows. */
  info?: string;
  warnings?: number;
  notice?: string;
  /** MySQL: the database is another one now. */
  database?: string;
}

/** A relation as clients see it. */
export function resultOf(relation: Relation, tag: string, dialect: 'mysql' | 'postgres'): Result {
  const { columns } = relation;
  return {
    tag,
    columns,
    rows: relation.rows.map((row) => columns.map((c, i) => formatValue(row[i] ?? null, c.type, dialect))),
  };
}

/** A value as text, as the dialect writes values of that type. */
export function formatValue(value: Value, type: TypeName, dialect: 'mysql' | 'postgres'): string | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return dialect === 'postgres' ? (value ? 't' : 'f') : value ? '1' : '0';
  if (typeof value === 'string' && type.name !== 'decimal') return value;
  if (type.name === 'decimal' && type.args.length > 1) return fixed(toNumber(value), Number(type.args[1]));
  if (typeof value === 'string') return value;
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
  return type.name === 'float' ? String(Number(value.toPrecision(6))) : String(value);
}
