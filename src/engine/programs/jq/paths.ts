import { compare, isObject, JqError, typeOf, type JsonObject } from './values.ts';

/** Reading and writing below a path: keys of objects, indices and slices of arrays. */

export function indexValue(value: unknown, key: unknown): unknown {
  if (typeof key === 'string') {
    if (value === null || value === undefined) return null;
    if (!isObject(value)) throw new JqError(`Cannot index ${typeOf(value)} with "${key}"`);
    return Object.hasOwn(value, key) ? value[key] : null;
  }
  if (typeof key === 'number') {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) throw new JqError(`Cannot index ${typeOf(value)} with number`);
    const i = Math.floor(key);
    return (value as unknown[])[i < 0 ? value.length + i : i] ?? null;
  }
  if (isObject(key)) return sliceOf(value, key.start, key.end);
  if (Array.isArray(key) && Array.isArray(value)) return indicesOf(value, key);
  if (value === null && key === null) return null;
  throw new JqError(`Cannot index ${typeOf(value)} with ${typeOf(key)}`);
}

export function indicesOf(value: readonly unknown[], wanted: readonly unknown[]): number[] {
  const found: number[] = [];
  if (wanted.length > 0)
    for (let i = 0; i + wanted.length <= value.length; i++)
      if (wanted.every((w, j) => compare(value[i + j], w) === 0)) found.push(i);
  return found;
}

export function sliceOf(value: unknown, from: unknown, to: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string' && !Array.isArray(value))
    throw new JqError(`Cannot index ${typeOf(value)} with object`);
  for (const bound of [from, to])
    if (bound !== null && bound !== undefined && typeof bound !== 'number')
      throw new JqError('Start and end indices of an array slice must be numbers');
  const items: readonly unknown[] = typeof value === 'string' ? [...value] : value;
  const start = Math.floor((from as number | null) ?? 0);
  const end = Math.ceil((to as number | null | undefined) ?? items.length);
  const part = items.slice(start, end);
  return typeof value === 'string' ? part.join('') : part;
}

export function getPath(value: unknown, path: readonly unknown[]): unknown {
  let current = value;
  for (const key of path) {
    if (current === null || current === undefined) return null;
    current = indexValue(current, key);
  }
  return current;
}

/** Arrays may grow to this length by assignment. */
const arrayLimit = 10_000_000;

export function setPath(value: unknown, path: readonly unknown[], to: unknown): unknown {
  if (path.length === 0) return to;
  const [key, ...rest] = path;
  if (typeof key === 'string') {
    if (value !== null && value !== undefined && !isObject(value))
      throw new JqError(`Cannot index ${typeOf(value)} with "${key}"`);
    const object = (value ?? {}) as JsonObject;
    return { ...object, [key]: setPath(Object.hasOwn(object, key) ? object[key] : null, rest, to) };
  }
  if (typeof key === 'number') {
    if (value !== null && value !== undefined && !Array.isArray(value))
      throw new JqError(`Cannot index ${typeOf(value)} with number`);
    const array: unknown[] = [...((value ?? []) as unknown[])];
    const i = key < 0 ? array.length + key : key;
    if (i < 0) throw new JqError('Out of bounds negative array index');
    if (i > arrayLimit) throw new JqError('Array index too large');
    while (array.length < i) array.push(null);
    array[i] = setPath(array[i] ?? null, rest, to);
    return array;
  }
  if (isObject(key)) {
    const array = (value ?? []) as unknown[];
    if (!Array.isArray(array)) throw new JqError(`Cannot update field at object index of ${typeOf(value)}`);
    const next = setPath(sliceOf(array, key.start, key.end), rest, to);
    if (!Array.isArray(next)) throw new JqError('A slice of an array can only be assigned another array');
    const bound = (n: unknown, otherwise: number) =>
      typeof n !== 'number' ? otherwise : n < 0 ? Math.max(0, array.length + n) : Math.min(n, array.length);
    const start = bound(key.start, 0);
    const end = Math.max(start, bound(key.end, array.length));
    return [...array.slice(0, start), ...(next as unknown[]), ...array.slice(end)];
  }
  throw new JqError(`Invalid path component ${typeOf(key)}`);
}

export function deletePaths(value: unknown, paths: readonly (readonly unknown[])[]): unknown {
  let result = value;
  // From the last to the first, so that indices stay what they were.
  for (const path of [...paths].sort((a, b) => compare(b, a))) result = deletePath(result, path);
  return result;
}

function deletePath(value: unknown, path: readonly unknown[]): unknown {
  if (path.length === 0 || value === null || value === undefined) return null;
  const [key, ...rest] = path;
  if (rest.length > 0) {
    const child = indexValue(value, key);
    return child === null ? value : setPath(value, [key], deletePath(child, rest));
  }
  if (isObject(value) && typeof key === 'string') {
    const { [key]: _removed, ...others } = value;
    return others;
  }
  if (Array.isArray(value) && typeof key === 'number') {
    const i = key < 0 ? value.length + key : key;
    return value.filter((_, n) => n !== i);
  }
  if (Array.isArray(value) && isObject(key)) return setPath(value, [key], []);
  throw new JqError(`Cannot delete field at ${typeof key === 'string' ? 'object' : 'array'} index of ${typeOf(value)}`);
}
