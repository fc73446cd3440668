import { own, setOwn } from '../../world/index.ts';
import { isObject } from './decode.ts';
import {
  byMergeKey,
  deleteFromPrimitiveList,
  equal,
  fieldOf,
  inOrder,
  patchDirective,
  retainKeysDirective,
  setElementOrder,
  type Json,
} from './strategic-lists.ts';
import { mergePatches } from './strategic-merge.ts';
import type { StructType } from './structure.ts';

/** Creates strategic merge patches, as kubectl does for apply, edit, set and the like (strategicpatch). */

interface DiffOptions {
  ignoreDeletions: boolean;
  ignoreChangesAndAdditions: boolean;
}

/** The patch that turns `original` into `modified`; empty if they are equal (`CreateTwoWayMergePatch`). */
export function twoWayMergePatch(original: Json, modified: Json, schema: StructType | undefined): Json {
  return diffMaps(original, modified, schema, { ignoreDeletions: false, ignoreChangesAndAdditions: false }, false);
}

/**
 * The patch that `kubectl apply` sends (`CreateThreeWayMergePatch` with overwrite): what `modified` adds to or changes in
 * `current`, and what it no longer has but `original`, the last applied, had.
 */
export function threeWayMergePatch(
  original: Json,
  modified: Json,
  current: Json,
  schema: StructType | undefined,
): Json {
  const delta = diffMaps(current, modified, schema, { ignoreDeletions: true, ignoreChangesAndAdditions: false }, false);
  const deletions = diffMaps(
    original,
    modified,
    schema,
    { ignoreDeletions: false, ignoreChangesAndAdditions: true },
    false,
  );
  return mergePatches(deletions, delta, schema);
}

/** The same with JSON merge patch semantics, for custom resources (`jsonmergepatch.CreateThreeWayJSONMergePatch`). */
export function threeWayJsonMergePatch(original: Json, modified: Json, current: Json): Json {
  return threeWayMergePatch(original, modified, current, undefined);
}

function diffMaps(
  original: Json,
  modified: Json,
  schema: StructType | undefined,
  options: DiffOptions,
  retainKeys: boolean,
): Json {
  const patch: Json = {};
  for (const [key, value] of Object.entries(modified)) {
    if (value === undefined) continue;
    const before = own(original, key);
    const field = fieldOf(schema, key);
    if (isObject(before) && isObject(value)) {
      const struct = field?.type.kind === 'struct' ? field.type.struct : undefined;
      const changes = diffMaps(before, value, struct, options, field?.retainKeys ?? false);
      if (Object.keys(changes).length > 0) setOwn(patch, key, changes);
    } else if (Array.isArray(before) && Array.isArray(value) && field?.patchMergeKey !== undefined) {
      diffLists(patch, key, before, value, schema, options);
    } else if (!options.ignoreChangesAndAdditions && !equal(before, value)) {
      setOwn(patch, key, value);
    }
  }
  if (!options.ignoreDeletions) {
    for (const [key, before] of Object.entries(original)) {
      if (before !== undefined && own(modified, key) === undefined) setOwn(patch, key, null);
    }
  }
  if (retainKeys && Object.keys(patch).length > 0) {
    const kept = Object.keys(modified).filter((key) => modified[key] !== undefined && modified[key] !== null);
    if (kept.length > 0) patch[retainKeysDirective] = kept.sort();
  }
  return patch;
}

function diffLists(
  patch: Json,
  key: string,
  original: unknown[],
  modified: unknown[],
  schema: StructType | undefined,
  options: DiffOptions,
): void {
  const field = fieldOf(schema, key)!;
  const mergeKey = field.patchMergeKey!;
  if (original.length === 0) {
    if (modified.length > 0 && !options.ignoreChangesAndAdditions) patch[key] = modified;
    return;
  }
  if (mergeKey === '') {
    const added = options.ignoreChangesAndAdditions ? [] : modified.filter((item) => !original.includes(item));
    const removed = options.ignoreDeletions ? [] : original.filter((item) => !modified.includes(item));
    if (added.length > 0) patch[key] = added;
    if (removed.length > 0) patch[deleteFromPrimitiveList + key] = removed;
    if (added.length > 0 || removed.length > 0 || !equal(original, modified)) patch[setElementOrder + key] = modified;
    return;
  }
  const same = byMergeKey(mergeKey);
  const items = field.type.kind === 'list' && field.type.items.kind === 'struct' ? field.type.items.struct : undefined;
  const changes: Json[] = [];
  for (const item of modified as Json[]) {
    const before = original.find((other) => same(item, other)) as Json | undefined;
    if (!before) {
      if (!options.ignoreChangesAndAdditions) changes.push(item);
      continue;
    }
    const difference = diffMaps(before, item, items, options, field.retainKeys);
    if (Object.keys(difference).length > 0) changes.push({ ...difference, [mergeKey]: item[mergeKey] });
  }
  const removed = options.ignoreDeletions
    ? []
    : original.filter((item) => !modified.some((other) => same(item, other)));
  const deletions = (removed as Json[]).map((item) => ({ [patchDirective]: 'delete', [mergeKey]: item[mergeKey] }));
  const list = [...inOrder(changes, modified, same), ...deletions];
  if (list.length > 0) patch[key] = list;
  if (list.length > 0 || !sameOrder(original, modified, same)) {
    patch[setElementOrder + key] = (modified as Json[]).map((item) => ({ [mergeKey]: item[mergeKey] }));
  }
}

/** Do the items that both lists have come in the same order? */
function sameOrder(
  original: readonly unknown[],
  modified: readonly unknown[],
  same: (a: unknown, b: unknown) => boolean,
): boolean {
  const common = original.filter((item) => modified.some((other) => same(item, other)));
  const others = modified.filter((item) => original.some((other) => same(item, other)));
  return common.every((item, i) => same(item, others[i]));
}
