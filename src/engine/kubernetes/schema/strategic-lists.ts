import { setOwn } from '../../world/index.ts';
import { isObject } from './decode.ts';
import type { Field, StructType } from './structure.ts';

/** What applying and creating strategic merge patches share: directives and the order of list items. */

export type Json = Record<string, unknown>;

export const patchDirective = '$patch';
export const retainKeysDirective = '$retainKeys';
export const setElementOrder = '$setElementOrder/';
export const deleteFromPrimitiveList = '$deleteFromPrimitiveList/';

export type Same = (a: unknown, b: unknown) => boolean;

/** Do two list items mean the same thing? By merge key, or by value for primitives (`''`). */
export function byMergeKey(mergeKey: string): Same {
  if (mergeKey === '') return (a, b) => a === b;
  return (a, b) => isObject(a) && isObject(b) && a[mergeKey] === b[mergeKey];
}

export function fieldOf(schema: StructType | undefined, key: string): Field | undefined {
  return schema?.fields.get(key);
}

/** The items sorted as `order` has them; items it doesn't have come last. */
export function inOrder(items: readonly unknown[], order: readonly unknown[], same: Same): unknown[] {
  const rank = (item: unknown) => {
    const at = order.findIndex((other) => same(item, other));
    return at < 0 ? order.length : at;
  };
  return items
    .map((item, i) => ({ item, rank: rank(item), i }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .map((e) => e.item);
}

/** Puts the patch's items among the server's own, which keep their place before items that followed them. */
export function interleave(
  serverOnly: readonly unknown[],
  patched: readonly unknown[],
  serverOrder: readonly unknown[],
  same: Same,
): unknown[] {
  const position = (item: unknown) => serverOrder.findIndex((other) => same(item, other));
  const left = inOrder(serverOnly, serverOrder, same);
  const result: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < patched.length) {
    if (i >= left.length) result.push(patched[j++]);
    else if (j >= patched.length) result.push(left[i++]);
    else {
      const l = position(left[i]);
      const r = position(patched[j]);
      result.push(l >= 0 && r >= 0 && l < r ? left[i++] : patched[j++]);
    }
  }
  return result;
}

export function discard(object: Json, keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** A value as it is stored when there was none before: without directives and nulls. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => !(isObject(item) && item[patchDirective] === 'delete')).map(withoutDirectives);
  }
  if (!isObject(value)) return value;
  const result: Json = {};
  for (const [key, item] of Object.entries(value)) {
    const isDirective =
      key === patchDirective ||
      key === retainKeysDirective ||
      key.startsWith(setElementOrder) ||
      key.startsWith(deleteFromPrimitiveList);
    if (!isDirective && item !== null) setOwn(result, key, withoutDirectives(item));
  }
  return result;
}

/** Deep equality of JSON values; the order of keys doesn't matter. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}
