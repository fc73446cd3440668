import { Environment } from '@marcbachmann/cel-js';

const environment = new Environment({ unlistedVariablesAreDyn: true });
const parsed = new Map<string, (variables: Record<string, unknown>) => unknown>();

/** @throws Error that says what is wrong with the expression. */
export function parseCel(expression: string): (variables: Record<string, unknown>) => unknown {
  // The library takes has() of an index only to fail at each evaluation, which would look like a missing field.
  if (/\bhas\([^()]*\[/.test(expression))
    throw new Error('has() takes names joined by dots; use "name" in list[0] instead');
  let evaluate = parsed.get(expression);
  if (!evaluate) parsed.set(expression, (evaluate = environment.parse(expression) as never));
  return evaluate!;
}

/** True if the expression is; a missing field makes it false. */
export function celHolds(expression: string, variables: Record<string, unknown>): boolean {
  return celValue(expression, variables) === true;
}

/** The expression's value as JavaScript has it; undefined where a field is missing. */
export function celValue(expression: string, variables: Record<string, unknown>): unknown {
  try {
    const value = parseCel(expression)(variables);
    return typeof value === 'bigint' ? Number(value) : value;
  } catch {
    return undefined;
  }
}
