/** Plain-data helpers for API objects: copying, freezing, comparing. All know JSON values only. */

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
