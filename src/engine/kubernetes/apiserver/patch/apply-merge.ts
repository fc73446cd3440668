import { own, setOwn } from '../../../world/index.ts';
import { byKeys, shapeOf, type Schema } from '../field-ownership.ts';
import { contains, type FieldSet, type Path } from '../field-set.ts';
import { isRecord } from '../objects.ts';
import type { Field, FieldType } from '../../schema/index.ts';

/** Merging and pruning for server-side apply. Nothing is changed in place. */

type Fields = Readonly<Record<string, unknown>>;

/** The live object with the applied configuration laid over it. */
export function applyMerge(live: object, config: object, schema: Schema): object {
  return mergeStruct(live as Fields, config as Fields, schema);
}

function mergeStruct(live: Fields, config: Fields, type: Schema, items?: FieldType): Fields {
  const result: Record<string, unknown> = { ...live };
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue;
    const field = type?.fields.get(name);
    const before = own(live, name);
    setOwn(result, name, before === undefined ? value : mergeValue(before, value, items ?? field?.type, field));
  }
  return result;
}

function mergeValue(live: unknown, config: unknown, type: FieldType | undefined, field: Field | undefined): unknown {
  const shape = shapeOf(config, type, field);
  switch (shape.kind) {
    case 'struct':
      return isRecord(live) ? mergeStruct(live, config as Fields, shape.type) : config;
    case 'map':
      return isRecord(live) ? mergeStruct(live, config as Fields, undefined, shape.items) : config;
    case 'keyed': {
      const before = byKeys(Array.isArray(live) ? live : [], shape.keys);
      const after = byKeys(config as unknown[], shape.keys);
      const merged = new Map(
        [...after].map(([key, item]) => [
          key,
          before.has(key) ? mergeValue(before.get(key), item, shape.items, undefined) : item,
        ]),
      );
      return interleave([...before.keys()], [...after.keys()]).map((key) => merged.get(key) ?? before.get(key));
    }
    case 'set': {
      const text = (item: unknown) => JSON.stringify(item);
      const before = new Map((Array.isArray(live) ? live : []).map((item) => [text(item), item as unknown]));
      const after = new Map((config as unknown[]).map((item) => [text(item), item]));
      return interleave([...before.keys()], [...after.keys()]).map((key) => after.get(key) ?? before.get(key));
    }
    case 'leaf':
      return config;
  }
}

/** Both lists in one: what is applied in its order, the rest where it stood. */
function interleave(live: readonly string[], applied: readonly string[]): string[] {
  const inApplied = new Set(applied);
  const inLive = new Set(live);
  const result: string[] = [];
  let next = 0;
  for (const key of live) {
    if (!inApplied.has(key)) {
      result.push(key);
      continue;
    }
    const at = applied.indexOf(key, next);
    if (at < 0) continue;
    for (; next <= at; next++) if (!result.includes(applied[next]!)) result.push(applied[next]!);
  }
  for (; next < applied.length; next++) if (!result.includes(applied[next]!)) result.push(applied[next]!);
  // An applied item that stands earlier than its turn in the live list was passed over: it comes where it is applied.
  for (const key of applied) if (inLive.has(key) && !result.includes(key)) result.push(key);
  return result;
}

/** Takes away the given paths, and list items that keep nothing that somebody owns. */
export function prune(object: object, gone: readonly Path[], owned: FieldSet, schema: Schema): object {
  let result: unknown = object;
  // Deepest first, so that an emptied parent is judged by what is left of it.
  for (const path of [...gone].sort((a, b) => b.length - a.length))
    result = remove(result, path, [], owned, schema, undefined);
  return result as object;
}

function remove(
  value: unknown,
  path: Path,
  at: Path,
  owned: FieldSet,
  type: Schema,
  field: Field | undefined,
): unknown {
  const [element, ...rest] = path;
  if (element === undefined) return undefined;
  const below = [...at, element];
  if (element.startsWith('f:')) {
    if (!isRecord(value)) return value;
    const name = element.slice(2);
    if (!Object.hasOwn(value, name)) return value;
    const own = type?.fields.get(name);
    const inner = innerType(own?.type ?? field?.type);
    const next =
      rest.length === 0 ? drop(value[name], below, owned) : remove(value[name], rest, below, owned, inner, own);
    const { [name]: _old, ...others } = value;
    return next === undefined ? others : { ...value, [name]: next };
  }
  if (!Array.isArray(value)) return value;
  const keep = value.flatMap((item: unknown) => {
    const matches = element.startsWith('v:')
      ? `v:${JSON.stringify(item)}` === element
      : element.startsWith('k:') && keyMatches(item, element);
    if (!matches) return [item];
    if (rest.length === 0) return contains(owned, below) || hasOwned(owned, below) ? [item] : [];
    return [remove(item, rest, below, owned, type, undefined)];
  });
  return keep;
}

/** A field goes unless something in it belongs to somebody. */
function drop(value: unknown, path: Path, owned: FieldSet): unknown {
  return hasOwned(owned, path) ? value : undefined;
}

function hasOwned(owned: FieldSet, path: Path): boolean {
  let at: FieldSet | undefined = owned;
  for (const element of path) at = at?.children.get(element);
  return at !== undefined && (at.member || at.children.size > 0);
}

function keyMatches(item: unknown, element: string): boolean {
  if (!isRecord(item)) return false;
  const keys = JSON.parse(element.slice(2)) as Record<string, unknown>;
  return byKeys([item], Object.keys(keys)).has(element);
}

function innerType(type: FieldType | undefined): Schema {
  if (type?.kind === 'struct') return type.struct;
  if ((type?.kind === 'list' || type?.kind === 'map') && type.items.kind === 'struct') return type.items.struct;
  return undefined;
}
