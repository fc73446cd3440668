import { resourceForKind, structType } from '../../../kubernetes/schema/index.ts';
import type { Field, FieldType, StructType } from '../../../kubernetes/schema/structure.ts';
import { toYaml } from '../../../yaml/index.ts';
import { KustomizeError } from './error.ts';
import { gvkOf } from './id.ts';
import { deepCopy, isMap, scalarText, type Json } from './json.ts';

type Directive = 'merge' | 'replace' | 'delete';

/**
 * A strategic merge as kustomize does it (kyaml's merge2). It differs from the server's: items that a patch adds come
 * first, and a list's items are found again by those of the merge keys that they have.
 * @returns the merged resource, undefined if the patch deletes it
 * @throws KustomizeError
 */
export function strategicMerge(target: Json, patch: Json): Json | undefined {
  const { group, version, kind } = gvkOf(scalarText(target['apiVersion']), scalarText(target['kind']));
  const type = resourceForKind(group, version, kind)?.type;
  const struct = type === undefined ? undefined : structType(type);
  return walk(deepCopy(target), deepCopy(patch), struct && { kind: 'struct', struct }, undefined) as Json | undefined;
}

/** Merges `patch` into `target`; undefined stands for "not said" in both, null in the patch for "remove". */
function walk(target: unknown, patch: unknown, type: FieldType | undefined, field: Field | undefined): unknown {
  const first = [target, patch].find((v) => v !== undefined && v !== null);
  if (Array.isArray(first)) {
    check('SequenceNode', target, patch);
    if (field?.patchMergeKey === undefined) return patch === undefined ? target : (patch ?? undefined);
    return walkList(target as unknown[] | undefined, patch as unknown[] | null | undefined, type, field);
  }
  if (isMap(first)) {
    check('MappingNode', target, patch);
    return walkMap(target as Json | undefined, patch as Json | null | undefined, type);
  }
  if (first === undefined) return patch === undefined ? target : undefined;
  check('ScalarNode', target, patch);
  return patch === undefined ? target : (patch ?? undefined);
}

function check(wanted: string, ...values: unknown[]): void {
  for (const value of values) {
    if (value === undefined || value === null) continue;
    const is = Array.isArray(value) ? 'SequenceNode' : isMap(value) ? 'MappingNode' : 'ScalarNode';
    if (is !== wanted)
      throw new KustomizeError(`wrong node kind: expected ${wanted} but got ${is}: node contents:\n${toYaml(value)}`);
  }
}

function walkMap(target: Json | undefined, patch: Json | null | undefined, type: FieldType | undefined): unknown {
  if (patch === null && target !== undefined && target !== null) return undefined;
  const directive = patch ? takeMapDirective(patch) : 'merge';
  if (directive === 'delete') return undefined;
  const base = target === undefined || target === null || directive === 'replace' ? (patch ?? {}) : target;
  const said = patch ?? {};
  for (const key of [...new Set([...Object.keys(base), ...Object.keys(said)])].sort()) {
    const [inner, field] = fieldType(type, key);
    const own = base === said ? said[key] : base[key];
    const merged = walk(
      own,
      Object.hasOwn(said, key) ? (base === said ? deepCopy(said[key]) : said[key]) : undefined,
      inner,
      field,
    );
    if (merged === undefined) delete base[key];
    else base[key] = merged;
  }
  return base;
}

function fieldType(type: FieldType | undefined, key: string): [FieldType | undefined, Field | undefined] {
  if (type?.kind === 'struct') {
    const field = (type.struct as StructType).fields.get(key);
    return [field?.type, field];
  }
  return type?.kind === 'map' ? [type.items, undefined] : [undefined, undefined];
}

function takeMapDirective(patch: Json): Directive {
  const directive = patch['$patch'];
  if (directive === undefined) return 'merge';
  delete patch['$patch'];
  return asDirective(directive);
}

/** `- $patch: replace` is about the whole list. */
function takeListDirective(patch: unknown[]): Directive {
  const at = patch.findIndex((item) => isMap(item) && Object.hasOwn(item, '$patch') && Object.keys(item).length === 1);
  if (at < 0) return 'merge';
  const [item] = patch.splice(at, 1);
  return asDirective((item as Json)['$patch']);
}

function asDirective(value: unknown): Directive {
  if (value === 'merge' || value === 'replace' || value === 'delete') return value;
  throw new KustomizeError(`unknown patch strategy '${scalarText(value)}'`);
}

function walkList(
  target: unknown[] | undefined | null,
  patch: unknown[] | null | undefined,
  type: FieldType | undefined,
  field: Field,
): unknown {
  if (patch === null && target) return undefined;
  let list = target ?? patch ?? [];
  if (target && patch) {
    const directive = takeListDirective(patch);
    if (directive === 'delete') return undefined;
    if (directive === 'replace') list = patch;
  }
  const keys = field.listKeys ?? (field.patchMergeKey === '' ? [''] : [field.patchMergeKey!]);
  const items = type?.kind === 'list' ? type.items : undefined;
  return mergeItems(list, patch ?? undefined, keys, items);
}

/** Both lists' items, those of the patch first, merged where their keys are the same. */
function mergeItems(
  target: unknown[],
  patch: unknown[] | undefined,
  keys: readonly string[],
  type: FieldType | undefined,
): unknown[] | undefined {
  const values = distinctValues([...(patch ?? []), ...target], keys);
  const merged: unknown[] = [];
  let used = keys;
  for (const value of values) {
    const [valid, wanted] = usedKeys(values, value, keys);
    used = valid;
    const [ownKeys, ownValues] = usedKeys([value], value, keys);
    const find = (list: unknown[]) => list.find((item) => hasValues(item, ownKeys, ownValues));
    const fromPatch = patch === undefined ? undefined : find(patch);
    const own = find(target);
    const item = walk(own, patch === target ? deepCopy(fromPatch) : fromPatch, type, undefined);
    if (item === undefined || item === null || (isMap(item) && Object.keys(item).length === 0)) {
      setItem(target, valid, wanted, undefined);
      continue;
    }
    const at = target.indexOf(own);
    if (own !== undefined && at >= 0) target[at] = item;
    setItem(merged, valid, wanted, item);
  }
  for (const item of target) {
    if (used[0] === '') {
      setItem(merged, [''], [scalarText(item)], item);
      continue;
    }
    const own: string[] = [];
    for (const key of used) {
      const value = isMap(item) ? item[key] : undefined;
      if (value === undefined) merged.push(item);
      else own.push(scalarText(value));
    }
    // An item that lacks a key was added for that; every one with the values it has goes before it is set again.
    if (used.length > 1) setItem(merged, used, own, undefined);
    setItem(merged, used, own, item);
  }
  return merged.length === 0 ? undefined : merged;
}

function distinctValues(items: readonly unknown[], keys: readonly string[]): string[][] {
  const seen = new Set<string>();
  const values: string[][] = [];
  for (const item of items) {
    const value = keys.map((key) => (key === '' ? scalarText(item) : isMap(item) ? scalarText(item[key]) : ''));
    const text = JSON.stringify(value);
    if (seen.has(text)) continue;
    seen.add(text);
    values.push(value);
  }
  return keys.length > 1 ? unify(values) : values;
}

/** Values that differ only in what one of them leaves out are the same. */
function unify(values: string[][]): string[][] {
  for (let i = 0; i < values.length; i++)
    for (let j = 0; j < values.length; j++) {
      const [a, b] = [values[i]!, values[j]!];
      const common = a.some((v, k) => v === b[k]);
      const agree = a.every((v, k) => v === b[k] || v === '' || b[k] === '');
      if (common && agree) values[i] = values[j] = a.map((v, k) => v || b[k]!);
    }
  return values;
}

/** The keys that any of the items has, with an item's values for them. */
function usedKeys(
  all: readonly (readonly string[])[],
  value: readonly string[],
  keys: readonly string[],
): [keys: readonly string[], values: readonly string[]] {
  const used = keys.filter((_, i) => all.some((v) => v[i] !== ''));
  if (used.length === 0) return [keys, value];
  return [used, value.filter((_, i) => used.includes(keys[i]!))];
}

function hasValues(item: unknown, keys: readonly string[], values: readonly string[]): boolean {
  return keys.every((key, i) => {
    if (key === '') return !isMap(item) && scalarText(item) === values[i];
    if (i >= values.length) return true;
    if (!isMap(item) || !Object.hasOwn(item, key)) return false;
    return values[i] === '' || scalarText(item[key]) === values[i];
  });
}

/** Puts `item` in the place of all items with the values, or at the end; undefined removes them. */
function setItem(list: unknown[], keys: readonly string[], values: readonly string[], item: unknown): void {
  let found = false;
  for (let i = 0; i < list.length; i++) {
    if (!hasValues(list[i], keys, values)) continue;
    found = true;
    if (item === undefined) list.splice(i--, 1);
    else list[i] = item;
  }
  if (!found && item !== undefined) list.push(item);
}
