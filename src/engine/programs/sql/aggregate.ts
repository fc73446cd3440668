import type { Expression, Value } from './syntax.ts';
import { compare, toNumber, toText, toTruth } from './values.ts';

/** Functions of many rows. */

const names = ['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'GROUP_CONCAT', 'STRING_AGG', 'BOOL_AND', 'BOOL_OR'] as const;

export type AggregateCall = Expression & { kind: 'call'; name: (typeof names)[number] };

export function isAggregate(expression: Expression): expression is AggregateCall {
  return expression.kind === 'call' && (names as readonly string[]).includes(expression.name);
}

/** Whether an expression has a function of many rows in it. */
export function hasAggregate(expression: Expression): boolean {
  return isAggregate(expression) || children(expression).some(hasAggregate);
}

/** The expressions an expression is made of; queries in it are not. */
export function children(e: Expression): Expression[] {
  switch (e.kind) {
    case 'unary':
    case 'is':
    case 'cast':
      return [e.operand];
    case 'binary':
      return [e.left, e.right];
    case 'in':
      return [e.operand, ...('kind' in e.list ? [] : e.list)];
    case 'between':
      return [e.operand, e.low, e.high];
    case 'like':
      return [e.operand, e.pattern];
    case 'case':
      return [...(e.operand ? [e.operand] : []), ...e.whens.flat(), ...(e.otherwise ? [e.otherwise] : [])];
    case 'call':
      return [...e.args];
    case 'interval':
      return [e.amount];
    default:
      return [];
  }
}

/** The value of a call for the values of its argument in a group's rows. @param rows how many there are */
export function aggregate(call: AggregateCall, values: readonly Value[], rows: number, separator: string): Value {
  if (call.name === 'COUNT' && call.args[0]?.kind === 'star') return rows;
  let present = values.filter((v) => v !== null);
  if (call.distinct) {
    const seen = new Set<string>();
    present = present.filter((v) => !seen.has(JSON.stringify(v)) && seen.add(JSON.stringify(v)));
  }
  if (call.name === 'COUNT') return present.length;
  if (present.length === 0) return null;
  switch (call.name) {
    case 'SUM':
      return sum(present);
    case 'AVG':
      return sum(present) / present.length;
    case 'MIN':
      return present.reduce((a, b) => ((compare(a, b, false) ?? 0) <= 0 ? a : b));
    case 'MAX':
      return present.reduce((a, b) => ((compare(a, b, false) ?? 0) >= 0 ? a : b));
    case 'BOOL_AND':
      return present.every((v) => toTruth(v) === true);
    case 'BOOL_OR':
      return present.some((v) => toTruth(v) === true);
    default:
      return present.map(toText).join(separator);
  }
}

/** Decimals are added as integers, as far as they have few digits. */
function sum(values: readonly Value[]): number {
  const scale = Math.max(...values.map((v) => (typeof v === 'string' ? (v.split('.')[1]?.length ?? 0) : 0)));
  if (scale === 0) return values.reduce<number>((a, v) => a + toNumber(v), 0);
  const factor = 10 ** scale;
  return values.reduce<number>((a, v) => a + Math.round(toNumber(v) * factor), 0) / factor;
}
