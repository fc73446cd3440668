import { JqError, shown } from '../values.ts';

/** What built-in functions demand of their arguments. */

export function number(v: unknown, what: string): number {
  if (typeof v !== 'number') throw new JqError(`${shown(v)} ${what}`);
  return v;
}

export function string(v: unknown, what: string): string {
  if (typeof v !== 'string') throw new JqError(`${shown(v)} ${what}`);
  return v;
}

export function array(v: unknown, what: string): unknown[] {
  if (!Array.isArray(v)) throw new JqError(`${shown(v)} ${what}`);
  return v;
}
