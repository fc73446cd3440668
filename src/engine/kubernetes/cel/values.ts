import { rfc3339 } from '../../world/index.ts';

/** JSON values as CEL sees them. */

const converted = new WeakMap<object, unknown>();

/**
 * An API object for CEL: whole numbers are ints. Frozen objects are converted once.
 */
export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  const known = converted.get(value);
  if (known !== undefined) return known;
  const result = Array.isArray(value) ? value.map(toCel) : record(value);
  if (Object.isFrozen(value)) converted.set(value, result);
  return result;
}

function record(value: object): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) if (field !== undefined) result[name] = toCel(field);
  return result;
}

/** What an expression resulted in as JSON. */
export function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return rfc3339(value.getTime());
  if (Array.isArray(value)) return value.map(fromCel);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([name, member]) => [String(name), fromCel(member)]));
}
