import { setOwn } from '../../world/index.ts';

/**
 * Sets of field paths, in the form of FieldsV1 (sigs.k8s.io/structured-merge-diff/fieldpath). A path element is its
 * serialized form: `f:name` a field, `k:{"name":"web"}` a list item by its keys, `v:"x"` one by its value, `i:0` by index.
 */
export interface FieldSet {
  /** The path that leads here is in the set. */
  member: boolean;
  readonly children: Map<string, FieldSet>;
}

export type Path = readonly string[];

export function emptySet(): FieldSet {
  return { member: false, children: new Map() };
}

export function isEmptySet(set: FieldSet): boolean {
  if (set.member) return false;
  for (const child of set.children.values()) if (!isEmptySet(child)) return false;
  return true;
}

export function insert(set: FieldSet, path: Path): void {
  let at = set;
  for (const element of path) {
    let next = at.children.get(element);
    if (!next) at.children.set(element, (next = emptySet()));
    at = next;
  }
  at.member = true;
}

export function contains(set: FieldSet, path: Path): boolean {
  let at: FieldSet | undefined = set;
  for (const element of path) at = at?.children.get(element);
  return at?.member ?? false;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const own = children.get(element);
    children.set(element, own ? union(own, child) : child);
  }
  return { member: a.member || b.member, children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (!other) continue;
    const common = intersection(child, other);
    if (!isEmptySet(common)) children.set(element, common);
  }
  return { member: a.member && b.member, children };
}

/** What is in `a` but not in `b`; `a` itself if they have nothing in common. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let changed = a.member && b.member;
  const children = new Map<string, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    const rest = other ? difference(child, other) : child;
    if (rest !== child) changed = true;
    if (!isEmptySet(rest)) children.set(element, rest);
  }
  return changed ? { member: a.member && !b.member, children } : a;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.member !== b.member || a.children.size !== b.children.size) return false;
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (!other || !equalSets(child, other)) return false;
  }
  return true;
}

/** All paths, parents before children, in order. */
export function paths(set: FieldSet, prefix: Path = []): Path[] {
  const result: Path[] = set.member ? [prefix] : [];
  for (const element of [...set.children.keys()].sort()) {
    result.push(...paths(set.children.get(element)!, [...prefix, element]));
  }
  return result;
}

export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  if (set.children.size === 0) return nothing;
  const result: Record<string, unknown> = {};
  let id = '';
  if (set.member) {
    result['.'] = nothing;
    id = '.';
  }
  for (const element of [...set.children.keys()].sort()) {
    const below = toFieldsV1(set.children.get(element)!);
    setOwn(result, element, below);
    id += below === nothing ? `${element}\n` : `${element}${ids.get(below)}\n`;
  }
  return shared(id, result);
}

/** Objects of a kind are written by few managers: what is equal in their fields is kept once. */
const nothing: Record<string, unknown> = Object.freeze({});
const known = new Map<string, Record<string, unknown>>();
const ids = new WeakMap<object, number>();
let nextId = 0;
/** More are not remembered, so that nothing is kept for ever. */
const maxKnown = 5_000;

function shared(id: string, fields: Record<string, unknown>): Record<string, unknown> {
  const found = known.get(id);
  if (found) return found;
  if (known.size >= maxKnown) known.clear();
  ids.set(fields, nextId++);
  known.set(id, Object.freeze(fields));
  return fields;
}

export function fromFieldsV1(fields: Readonly<Record<string, unknown>>): FieldSet {
  const set = emptySet();
  for (const [element, below] of Object.entries(fields)) {
    if (element === '.') {
      set.member = true;
      continue;
    }
    const child = fromFieldsV1(below as Record<string, unknown>);
    if (child.children.size === 0) child.member = true;
    set.children.set(element, child);
  }
  return set;
}

/** A path for people: `.spec.containers[name="web"].image`. */
export function pathText(path: Path): string {
  return path
    .map((element) => {
      const rest = element.slice(2);
      switch (element[0]) {
        case 'k': {
          const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
          return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
        }
        case 'v':
          return `[=${rest}]`;
        case 'i':
          return `[${rest}]`;
        default:
          return `.${rest}`;
      }
    })
    .join('');
}
