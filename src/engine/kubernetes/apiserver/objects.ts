/** Plain-data helpers for API objects: copying, freezing, comparing. All know JSON values only. */

import { isRecord } from '../apimachinery/json.ts';

export { deepCopy, deepEqual, isRecord } from '../apimachinery/json.ts';

/**
 * Freezes a value all the way down and returns it. Stops at parts that are frozen already, so a write costs what is new
 * in it.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else for (const key in value) deepFreeze(value[key]);
  return Object.freeze(value);
}

/**
 * A frozen value with the same content, for keeping. Objects that grew member by member take up to twice the memory of
 * those made at once, and most objects are much like the one before: what is equal in `sample` is taken from there.
 * Parts that are frozen already stay what they are.
 * @param sample frozen
 */
export function compactFrozen<T>(value: T, sample?: unknown): T {
  // Of two equal strings the older one is kept.
  if (value === sample) return sample as T;
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return compactList(value as unknown[], Array.isArray(sample) ? sample : undefined) as T;
  return compactRecord(value as Fields, isRecord(sample) ? sample : undefined) as T;
}

type Fields = Record<string, unknown>;

function compactList(list: readonly unknown[], sample: readonly unknown[] | undefined): readonly unknown[] {
  let same = sample?.length === list.length;
  const copy = list.map((item, i) => {
    const before = sample?.[i];
    const kept = compactFrozen(item, before);
    if (kept !== before) same = false;
    return kept;
  });
  return same ? sample! : Object.freeze(copy);
}

function compactRecord(record: Fields, sample: Fields | undefined): Fields {
  const copy = { ...record };
  const names = sample && Object.keys(sample);
  let n = 0;
  let same = names !== undefined;
  for (const name in copy) {
    // Members in another order are written in another order.
    if (same && names![n++] !== name) same = false;
    const before = sample && Object.hasOwn(sample, name) ? sample[name] : undefined;
    const kept = compactFrozen(copy[name], before);
    if (name !== '__proto__') copy[name] = kept;
    if (kept !== before) same = false;
  }
  return same && n === names!.length ? sample! : Object.freeze(copy);
}
