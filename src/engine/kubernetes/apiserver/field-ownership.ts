import type { Field, FieldType, StructType } from '../schema/index.ts';
import type { KubeObject, ManagedFieldsEntry } from '../types.ts';
import {
  difference,
  emptySet,
  equalSets,
  fromFieldsV1,
  insert,
  isEmptySet,
  toFieldsV1,
  union,
  type FieldSet,
} from './field-set.ts';
import type { Writer } from './managed-fields.ts';
import { deepEqual, deepFreeze, isRecord } from './objects.ts';

export type Schema = StructType | undefined;

type Fields = Readonly<Record<string, unknown>>;

/** Parts of an object that nobody owns. */
const notOwned = new Set([
  'f:apiVersion',
  'f:kind',
  'f:metadata/f:name',
  'f:metadata/f:generateName',
  'f:metadata/f:namespace',
  'f:metadata/f:creationTimestamp',
  'f:metadata/f:selfLink',
  'f:metadata/f:uid',
  'f:metadata/f:generation',
  'f:metadata/f:managedFields',
  'f:metadata/f:resourceVersion',
  'f:metadata/f:deletionTimestamp',
  'f:metadata/f:deletionGracePeriodSeconds',
]);

/** Go fields that are structs, not pointers: they exist even in an empty object, so nobody creates them. */
export const embeddedStructs: ReadonlySet<string> = new Set(
  (
    'metadata spec status template strategy updateStrategy jobTemplate loadBalancer resources involvedObject regarding ' +
    'source deprecatedSource nodeInfo daemonEndpoints kubeletEndpoint roleRef'
  ).split(' '),
);
/** Custom resources are maps but for their metadata; the types of built-in kinds are named by group and version. */
function isEmbedded(name: string, type: Schema): boolean {
  if (!embeddedStructs.has(name)) return false;
  return name === 'metadata' || type === undefined || type.name.includes('/');
}

/** Lists that an empty object has as null. */
const embeddedLists = new Set(['containers']);

/** The managers after one more write (structured-merge-diff's Updater.Update). */
export function fieldsOf(
  before: readonly ManagedFieldsEntry[],
  old: KubeObject | undefined,
  object: KubeObject,
  writer: Writer,
  time: string,
  schema: Schema,
): readonly ManagedFieldsEntry[] {
  const { changed, removed } = compare(old ?? {}, object, schema, ignoredParts(writer.subresource, schema));
  if (isEmptySet(changed) && isEmptySet(removed)) return before;
  const result: ManagedFieldsEntry[] = [];
  let own: ManagedFieldsEntry | undefined;
  for (const entry of before) {
    if (isWriters(entry, writer)) own = entry;
    else {
      const rest = without(entry, changed, removed);
      if (rest) result.push(rest);
    }
  }
  const had = own ? fromFieldsV1(own.fieldsV1) : emptySet();
  const has = difference(union(had, changed), removed);
  if (own && equalSets(had, has)) result.push(own);
  else if (!isEmptySet(has)) result.push(managedEntry(writer, has, time));
  return sortEntries(result);
}

export function managedEntry(
  { manager, operation, apiVersion, subresource }: Writer,
  set: FieldSet,
  time: string,
): ManagedFieldsEntry {
  return deepFreeze({
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(set),
    ...(subresource !== undefined && { subresource }),
  });
}

export function isWriters(entry: ManagedFieldsEntry, writer: Writer): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === writer.operation &&
    entry.subresource === writer.subresource &&
    // A manager that applies does so in one version at a time.
    (entry.apiVersion === writer.apiVersion || writer.operation === 'Apply')
  );
}

/** A manager that others took fields from; undefined if nothing is left. */
export function without(entry: ManagedFieldsEntry, ...taken: readonly FieldSet[]): ManagedFieldsEntry | undefined {
  const had = fromFieldsV1(entry.fieldsV1);
  const has = taken.reduce((set, fields) => difference(set, fields), had);
  if (has === had) return entry;
  return isEmptySet(has) ? undefined : deepFreeze({ ...entry, fieldsV1: toFieldsV1(has) });
}

/** Appliers first, then by time and name, as the server writes them. */
export function sortEntries(entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
  const key = (e: ManagedFieldsEntry) =>
    [e.operation, e.time ?? '', e.manager, e.apiVersion, e.subresource ?? ''].join('\n');
  return [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Parts that a write through this endpoint can't change: status by the main one, the rest by status. */
export function ignoredParts(subresource: string | undefined, schema: Schema): ReadonlySet<string> {
  const hasStatus = schema?.fields.has('status') && schema.fields.has('spec');
  if (subresource === 'status') return new Set(['f:spec']);
  return hasStatus ? new Set(['f:status']) : new Set();
}

export interface Comparison {
  /** Added or modified. */
  changed: FieldSet;
  removed: FieldSet;
}

/** What differs between two versions of an object. */
export function compare(
  old: object,
  object: object,
  schema: Schema,
  ignored: ReadonlySet<string> = new Set(),
): Comparison {
  const walker = new Comparer(ignored);
  walker.struct(old as Fields, object as Fields, schema, []);
  return { changed: walker.changed, removed: walker.removed };
}

/** The fields that an applied configuration sets (typed.ToFieldSet). */
export function fieldSetOf(object: object, schema: Schema, ignored: ReadonlySet<string> = new Set()): FieldSet {
  const set = emptySet();
  collectStruct(object as Fields, schema, [], set, ignored);
  return set;
}

function skipped(path: readonly string[], ignored: ReadonlySet<string>): boolean {
  if (path.length > 2) return false;
  const text = path.join('/');
  return notOwned.has(text) || ignored.has(text);
}

class Comparer {
  readonly changed = emptySet();
  readonly removed = emptySet();
  readonly #ignored: ReadonlySet<string>;

  constructor(ignored: ReadonlySet<string>) {
    this.#ignored = ignored;
  }

  /** Compares the members of two structs or maps; either may be missing. */
  struct(
    old: Fields | undefined,
    object: Fields | undefined,
    type: Schema,
    path: readonly string[],
    items?: FieldType,
  ): void {
    for (const name in object) this.#member(name, old?.[name], object[name], old !== undefined, type, path, items);
    for (const name in old) {
      if (object?.[name] === undefined) this.#member(name, old[name], undefined, true, type, path, items);
    }
  }

  #member(
    name: string,
    old: unknown,
    value: unknown,
    parentExists: boolean,
    type: Schema,
    path: readonly string[],
    items?: FieldType,
  ): void {
    if (old === value) return;
    const below = [...path, `f:${name}`];
    if (skipped(below, this.#ignored)) return;
    const field = type?.fields.get(name);
    let before = old;
    if (before === undefined && parentExists && !items) {
      if (isEmbedded(name, type) && isRecord(value)) before = {};
      else if (embeddedLists.has(name) && Array.isArray(value)) before = [];
    }
    this.#value(before, value, items ?? field?.type, field, below);
  }

  #value(
    old: unknown,
    value: unknown,
    type: FieldType | undefined,
    field: Field | undefined,
    path: readonly string[],
  ): void {
    const shape = shapeOf(value ?? old, type, field);
    switch (shape.kind) {
      case 'struct':
      case 'map':
        this.struct(
          isRecord(old) ? old : undefined,
          isRecord(value) ? value : undefined,
          shape.kind === 'struct' ? shape.type : undefined,
          path,
          shape.kind === 'map' ? shape.items : undefined,
        );
        break;
      case 'keyed':
        this.#keyed(asList(old), asList(value), shape.keys, shape.items, path);
        break;
      case 'set':
        this.#set(asList(old) ?? [], asList(value) ?? [], path);
        break;
      case 'leaf':
        if (value === undefined || value === null) insert(this.removed, path);
        else if (!deepEqual(old, value)) insert(this.changed, path);
        return;
    }
    if (old === undefined && value !== undefined) insert(this.changed, path);
    else if (value === undefined && old !== undefined) insert(this.removed, path);
  }

  #keyed(
    old: readonly unknown[] | undefined,
    value: readonly unknown[] | undefined,
    keys: readonly string[],
    items: FieldType,
    path: readonly string[],
  ): void {
    const before = byKeys(old ?? [], keys);
    const after = byKeys(value ?? [], keys);
    for (const [element, item] of after) this.#item(before.get(element), item, items, [...path, element]);
    for (const [element, item] of before)
      if (!after.has(element)) this.#item(item, undefined, items, [...path, element]);
  }

  #item(old: unknown, value: unknown, items: FieldType, path: readonly string[]): void {
    if (old === value) return;
    this.#value(old, value, items, undefined, path);
  }

  #set(old: readonly unknown[], value: readonly unknown[], path: readonly string[]): void {
    const before = new Set(old.map((item) => `v:${JSON.stringify(item)}`));
    const after = new Set(value.map((item) => `v:${JSON.stringify(item)}`));
    for (const element of after) if (!before.has(element)) insert(this.changed, [...path, element]);
    for (const element of before) if (!after.has(element)) insert(this.removed, [...path, element]);
  }
}

function collectStruct(
  object: Fields,
  type: Schema,
  path: readonly string[],
  set: FieldSet,
  ignored: ReadonlySet<string>,
  items?: FieldType,
): void {
  for (const name in object) {
    const value = object[name];
    if (value === undefined) continue;
    const below = [...path, `f:${name}`];
    if (skipped(below, ignored)) continue;
    const field = type?.fields.get(name);
    collect(value, items ?? field?.type, field, below, set, ignored);
    const empty = value === null || (isRecord(value) && Object.keys(value).length === 0);
    if (empty || (!field && type !== undefined) || items) insert(set, below);
  }
}

function collect(
  value: unknown,
  type: FieldType | undefined,
  field: Field | undefined,
  path: readonly string[],
  set: FieldSet,
  ignored: ReadonlySet<string>,
): void {
  const shape = shapeOf(value, type, field);
  switch (shape.kind) {
    case 'struct':
      return collectStruct(value as Fields, shape.type, path, set, ignored);
    case 'map':
      return collectStruct(value as Fields, undefined, path, set, ignored, shape.items);
    case 'keyed':
      for (const [element, item] of byKeys(asList(value) ?? [], shape.keys)) {
        collect(item, shape.items, undefined, [...path, element], set, ignored);
        insert(set, [...path, element]);
      }
      return;
    case 'set':
      for (const item of asList(value) ?? []) insert(set, [...path, `v:${JSON.stringify(item)}`]);
      return;
    case 'leaf':
      insert(set, path);
  }
}

/** How a value merges, after its schema or, without one, its looks. */
export type Shape =
  | { kind: 'struct'; type: Schema }
  | { kind: 'map'; items: FieldType }
  | { kind: 'keyed'; keys: readonly string[]; items: FieldType }
  | { kind: 'set' }
  | { kind: 'leaf' };

const leaf: Shape = { kind: 'leaf' };

export function shapeOf(value: unknown, type: FieldType | undefined, field: Field | undefined): Shape {
  if (!type) return isRecord(value) ? { kind: 'struct', type: undefined } : leaf;
  switch (type.kind) {
    case 'struct':
      return type.struct.atomic || field?.merge === 'atomic' || !isRecord(value)
        ? leaf
        : { kind: 'struct', type: type.struct };
    case 'map':
      return field?.merge === 'atomic' || !isRecord(value) ? leaf : { kind: 'map', items: type.items };
    case 'list':
      if (!Array.isArray(value)) return leaf;
      if (field?.merge === 'set') return { kind: 'set' };
      return field?.merge === 'map' && field.listKeys
        ? { kind: 'keyed', keys: field.listKeys, items: type.items }
        : leaf;
    default:
      return leaf;
  }
}

/** What a list key is when an item leaves it out. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** List items by their path element. */
export function byKeys(list: readonly unknown[], keys: readonly string[]): Map<string, unknown> {
  const sorted = [...keys].sort();
  const items = new Map<string, unknown>();
  for (const item of list) {
    if (!isRecord(item)) continue;
    const own: Record<string, unknown> = {};
    for (const key of sorted) {
      const value = item[key] ?? keyDefaults[key];
      if (value !== undefined) own[key] = value;
    }
    items.set(`k:${JSON.stringify(own)}`, item);
  }
  return items;
}

function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
