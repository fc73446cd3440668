import { selectsKind } from './id.ts';
import { isMap } from './json.ts';
import type { Resource } from './resource.ts';
import { KustomizeError } from './error.ts';

/** A field of a kind: `spec/template/metadata/labels`. Lists on the way are gone through item by item. */
export interface FieldSpec {
  readonly path: string;
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  /** Make it if it is missing. */
  readonly create?: boolean;
}

/** Gets the value of a field (undefined if it has just been made) and gives the new one; undefined removes nothing. */
export type SetField = (value: unknown) => unknown;

/** Calls `set` for each field of the resource that the spec leads to. */
export function visitField(
  resource: Resource,
  spec: FieldSpec,
  made: 'scalar' | 'map' | undefined,
  set: SetField,
): void {
  if (!selectsKind(spec, resource.gvk)) return;
  visit(resource.object, splitPath(spec.path), spec.create === true ? made : undefined, set);
}

function visit(value: unknown, path: readonly string[], made: 'scalar' | 'map' | undefined, set: SetField): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, path, made, set);
    return;
  }
  if (value === null || value === undefined) return;
  if (!isMap(value)) throw new KustomizeError('expected sequence or mapping node');
  const [head = '', ...rest] = path;
  const isList = head.endsWith('[]');
  const name = isList ? head.slice(0, -2) : head;
  const create = made !== undefined && !isList;
  if (!Object.hasOwn(value, name) && !create) return;
  if (rest.length === 0) {
    value[name] = set(value[name] ?? (create && made === 'map' ? {} : value[name]));
    return;
  }
  let next = value[name];
  if (next === null || next === undefined) {
    if (!create) return;
    next = value[name] = {};
  }
  visit(next, rest, made, set);
}

/** Parts of a path; `\/` is a slash in a name. */
export function splitPath(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    const last = parts.at(-1);
    if (last?.endsWith('\\')) parts[parts.length - 1] = `${last.slice(0, -1)}/${part}`;
    else parts.push(part);
  }
  return parts;
}

/** Specs of two lists, each once. @throws KustomizeError where they disagree about making a field */
export function mergeSpecs(first: readonly FieldSpec[], second: readonly FieldSpec[]): FieldSpec[] {
  const merged = [...first];
  for (const spec of second) {
    const same = merged.find(
      (s) =>
        s.path === spec.path &&
        (s.group ?? '') === (spec.group ?? '') &&
        (s.version ?? '') === (spec.version ?? '') &&
        (s.kind ?? '') === (spec.kind ?? ''),
    );
    if (!same) merged.push(spec);
    else if ((same.create ?? false) !== (spec.create ?? false)) throw new KustomizeError('conflicting fieldspecs');
  }
  return merged;
}
