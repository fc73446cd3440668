import { own, setOwn } from '../../world/index.ts';
import { isObject } from './decode.ts';
import {
  byMergeKey,
  deleteFromPrimitiveList,
  discard,
  fieldOf,
  inOrder,
  interleave,
  patchDirective,
  retainKeysDirective,
  setElementOrder,
  withoutDirectives,
  type Json,
} from './strategic-lists.ts';
import type { StructType } from './structure.ts';

/**
 * Applies strategic merge patches (k8s.io/apimachinery/pkg/util/strategicpatch): lists with a merge key merge item by
 * item, others are replaced; `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` direct it.
 */

interface MergeOptions {
  /** Carry out directives; false while a patch is merged into another patch. */
  directives: boolean;
  /** Nulls that match nothing vanish; false keeps them as deletions for later. */
  dropNulls: boolean;
}

/**
 * The object with the patch applied. Neither argument is changed. Without a schema lists are replaced.
 * Throws an Error for a patch that can't be carried out.
 */
export function strategicMergePatch(original: Json, patch: Json, schema: StructType | undefined): Json {
  return mergeMap(original, patch, schema, { directives: true, dropNulls: true });
}

/** One patch that does what `first` and then `second` do. */
export function mergePatches(first: Json, second: Json, schema: StructType | undefined): Json {
  return mergeMap(first, second, schema, { directives: false, dropNulls: false });
}

function mergeMap(source: Json, patch: Json, schema: StructType | undefined, options: MergeOptions): Json {
  if (options.directives && Object.hasOwn(patch, patchDirective)) {
    if (patch[patchDirective] === 'replace') return discard(patch, [patchDirective]);
    if (patch[patchDirective] === 'delete') return {};
    if (patch[patchDirective] !== 'merge') {
      throw new Error(`unknown patch type: ${String(patch[patchDirective])} in map: ${JSON.stringify(patch)}`);
    }
  }
  const original = retained(source, patch, options);
  for (const [key, value] of Object.entries(patch)) {
    if (options.directives && isHandledElsewhere(key)) continue;
    if (value === null || value === undefined) {
      if (options.dropNulls) delete original[key];
      else setOwn(original, key, null);
      continue;
    }
    const before = own(original, key);
    if (before === undefined || before === null) {
      setOwn(original, key, options.directives ? withoutDirectives(value) : value);
    } else if (isObject(before) && isObject(value)) {
      const type = fieldOf(schema, key)?.type;
      setOwn(original, key, mergeMap(before, value, type?.kind === 'struct' ? type.struct : undefined, options));
    } else if (Array.isArray(before) && Array.isArray(value)) {
      setOwn(original, key, mergeList(before, value, key, schema, options));
    } else {
      setOwn(original, key, options.directives ? withoutDirectives(value) : value);
    }
  }
  if (options.directives) applyListDirectives(original, patch, schema);
  return original;
}

function isHandledElsewhere(key: string): boolean {
  return (
    key === patchDirective ||
    key === retainKeysDirective ||
    key.startsWith(setElementOrder) ||
    key.startsWith(deleteFromPrimitiveList)
  );
}

/** A copy with only the keys that `$retainKeys` names, if the patch has it. */
function retained(source: Json, patch: Json, options: MergeOptions): Json {
  const keys = patch[retainKeysDirective];
  if (!options.directives || !Array.isArray(keys)) return { ...source };
  for (const key of Object.keys(patch)) {
    if (!isHandledElsewhere(key) && patch[key] !== null && !keys.includes(key)) {
      throw new Error(`there is conflict between $retainKeys and fields in patch: ${key}`);
    }
  }
  return Object.fromEntries(Object.entries(source).filter(([key]) => keys.includes(key)));
}

/** `$deleteFromPrimitiveList` and `$setElementOrder` of lists, after their items were merged. */
function applyListDirectives(original: Json, patch: Json, schema: StructType | undefined): void {
  for (const [directive, value] of Object.entries(patch)) {
    if (!directive.startsWith(deleteFromPrimitiveList)) continue;
    const key = directive.slice(deleteFromPrimitiveList.length);
    const list = original[key];
    if (Array.isArray(list) && Array.isArray(value)) original[key] = list.filter((item) => !value.includes(item));
  }
  for (const [directive, value] of Object.entries(patch)) {
    if (!directive.startsWith(setElementOrder) || !Array.isArray(value)) continue;
    const key = directive.slice(setElementOrder.length);
    const list = original[key];
    if (!Array.isArray(list)) continue;
    const same = byMergeKey(fieldOf(schema, key)?.patchMergeKey ?? '');
    const named = list.filter((item) => value.some((other) => same(item, other)));
    const others = list.filter((item) => !value.some((other) => same(item, other)));
    original[key] = interleave(others, inOrder(named, value, same), list, same);
  }
}

function mergeList(
  original: unknown[],
  patch: unknown[],
  key: string,
  schema: StructType | undefined,
  options: MergeOptions,
): unknown[] {
  const field = fieldOf(schema, key);
  if (key.startsWith(setElementOrder)) return patch;
  if (key.startsWith(deleteFromPrimitiveList)) return [...new Set([...original, ...patch])];
  if (field?.patchMergeKey === undefined) return options.directives ? (withoutDirectives(patch) as unknown[]) : patch;
  if (field.patchMergeKey === '') {
    const added = [...new Set(patch)];
    const others = original.filter((item) => !added.includes(item));
    return interleave([...new Set(others)], added, original, (a, b) => a === b);
  }
  const items = field.type.kind === 'list' && field.type.items.kind === 'struct' ? field.type.items.struct : undefined;
  return mergeItems(original, patch, field.patchMergeKey, items, options);
}

function mergeItems(
  original: unknown[],
  patch: unknown[],
  mergeKey: string,
  items: StructType | undefined,
  options: MergeOptions,
): unknown[] {
  const same = byMergeKey(mergeKey);
  let kept = original;
  let changes = patch;
  if (options.directives) {
    const directed = patch.filter((item) => isObject(item) && Object.hasOwn(item, patchDirective));
    changes = patch.filter((item) => !directed.includes(item));
    for (const item of directed as Json[]) {
      if (item[patchDirective] === 'replace') return changes.map((change) => withoutDirectives(change));
      if (item[patchDirective] === 'merge') throw new Error('merging list cannot yet be specified in the patch');
      if (item[patchDirective] !== 'delete') throw new Error(`unknown patch type: ${String(item[patchDirective])}`);
      requireKey(item, mergeKey);
      kept = kept.filter((other) => !same(other, item));
    }
  }
  const merged = [...kept];
  for (const change of changes) {
    requireKey(change, mergeKey);
    const at = merged.findIndex((item) => same(item, change));
    if (at < 0) merged.push(options.directives ? withoutDirectives(change) : change);
    else merged[at] = mergeMap(merged[at] as Json, change as Json, items, options);
  }
  const named = merged.filter((item) => changes.some((change) => same(item, change)));
  const others = merged.filter((item) => !changes.some((change) => same(item, change)));
  return interleave(others, inOrder(named, changes, same), original, same);
}

function requireKey(item: unknown, mergeKey: string): void {
  if (!isObject(item)) throw new Error(`invalid object type: expected map, got ${typeof item}`);
  if (item[mergeKey] === undefined || item[mergeKey] === null) {
    throw new Error(`map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
  }
}

/** A value as Go prints it with %v. */
export function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (value === null || value === undefined) return '<nil>';
  if (!isObject(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goMap(value[key])}`).join(' ')}]`;
}
