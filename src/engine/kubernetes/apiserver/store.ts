import { immutableDigest } from '../../world/index.ts';
import type { KubeObject } from '../types.ts';
import { Compactor } from './compactor.ts';
import { deepFreeze } from './objects.ts';
import type { ManagedNode } from './managed-fields.ts';

/** One version of a stored object together with who wrote it. */
export interface Entry {
  /** `namespace/name`, or the name alone for cluster-scoped kinds. */
  readonly key: string;
  readonly object: KubeObject;
  /** Revision of the write that made this version: `metadata.resourceVersion` as a number. */
  readonly revision: number;
  readonly managed: ManagedNode | undefined;
  /** Revision of the write that created the object, and how many writes there were since, that one included. */
  readonly created: number;
  readonly version: number;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** A write as watchers see it. A deletion's entry is the last version with the deletion's revision. */
export interface Change {
  readonly type: ChangeType;
  readonly entry: Entry;
  readonly previous: Entry | undefined;
}

/**
 * Objects with one global revision, as etcd keeps them. What is stored is frozen; every write makes a new object.
 * Watches continue from any revision that the change log still covers.
 */
export class Store {
  #revision: number;
  readonly #compactor: Compactor;
  readonly #resources = new Map<string, ResourceStore>();
  /** Told of resources that get a store. */
  readonly #newcomers = new Set<(resource: ResourceStore) => void>();

  /**
   * @param firstRevision where the count starts: a fresh real cluster is a few hundred writes old.
   * @param now virtual ms, for the periodic compaction
   */
  constructor(firstRevision = 1, now: () => number = () => 0) {
    this.#revision = firstRevision;
    this.#compactor = new Compactor(now);
  }

  /** The revision of the latest write. */
  get revision(): number {
    return this.#revision;
  }

  nextRevision(): number {
    this.#revision += this.#compactor.pass(this.#revision);
    return ++this.#revision;
  }

  /** Revisions before this one can no longer be listed. */
  get compactedRevision(): number {
    this.#revision += this.#compactor.pass(this.#revision);
    return this.#compactor.compacted;
  }

  /** Forgets what was before a revision, as `etcdctl compact` asks for. */
  compact(revision: number): void {
    this.#compactor.compact(revision);
  }

  /** Resources that have a store, in the order in which they got it. */
  resources(): Iterable<ResourceStore> {
    return this.#resources.values();
  }

  /** The store of one resource, e.g. `apps/deployments`; made when first asked for. */
  resource(id: string): ResourceStore {
    let resource = this.#resources.get(id);
    if (!resource) {
      this.#resources.set(id, (resource = new ResourceStore(this, id)));
      for (const attach of this.#newcomers) attach(resource);
    }
    return resource;
  }

  /**
   * For those who watch from outside of the simulation (the page): calls `listener` with every object that exists, and
   * synchronously at each change. It takes no time and no step of the run queue. Returns an undo.
   */
  observe(listener: (resource: string, key: string, object: KubeObject | undefined) => void): () => void {
    const observer = ({ type, entry }: Change, resource: string) =>
      listener(resource, entry.key, type === 'DELETED' ? undefined : entry.object);
    const stops: (() => void)[] = [];
    const attach = (resource: ResourceStore) => stops.push(resource.listen((change) => observer(change, resource.id)));
    for (const resource of this.#resources.values()) {
      for (const entry of resource.list()) listener(resource.id, entry.key, entry.object);
      attach(resource);
    }
    this.#newcomers.add(attach);
    return () => {
      this.#newcomers.delete(attach);
      for (const stop of stops) stop();
    };
  }

  /** Everything that determines the store's future, for the state hash. */
  snapshot(): unknown {
    const resources: Record<string, unknown> = {};
    for (const [id, resource] of this.#resources)
      resources[id] = resource.list().map((entry) => immutableDigest(entry.object));
    return { revision: this.#revision, resources };
  }
}

/** Changes kept for watches that continue from an earlier revision. */
const logLimit = 4096;

type IndexKeys = (object: KubeObject) => readonly string[];

interface Index {
  readonly keys: IndexKeys;
  readonly values: Map<string, Map<string, KubeObject>>;
  /** What was asked for since it last changed. */
  readonly lists: Map<string, readonly KubeObject[]>;
}

/** The objects of one resource in key order, their indices, their change log and those who watch. */
export class ResourceStore {
  readonly id: string;
  readonly #store: Store;
  readonly #entries = new Map<string, Entry>();
  /** Keys in order, but for those in `#fresh`. */
  #keys: string[] = [];
  /** Keys added since the last list: put in their places all at once when the order matters. */
  #fresh: string[] = [];
  #log: Change[] = [];
  #logHead = 0;
  /** Changes up to this revision have been dropped from the log. */
  #compacted = 0;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #indices = new Map<string, Index>();
  readonly #lists = new Map<string, readonly KubeObject[]>();

  constructor(store: Store, id: string) {
    this.#store = store;
    this.id = id;
    this.#compacted = 0;
  }

  get revision(): number {
    return this.#store.revision;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Entries in key order, of one namespace or all. */
  list(namespace?: string): Entry[] {
    const keys = this.#ordered();
    const [from, to] = range(keys, namespace);
    const entries: Entry[] = [];
    for (let i = from; i < to; i++) entries.push(this.#entries.get(keys[i]!)!);
    return entries;
  }

  /** Objects in key order; the same array as long as nothing changes. */
  objects(namespace?: string): readonly KubeObject[] {
    const id = namespace ?? '';
    let list = this.#lists.get(id);
    if (!list) {
      const keys = this.#ordered();
      const [from, to] = range(keys, namespace);
      const objects: KubeObject[] = [];
      for (let i = from; i < to; i++) objects.push(this.#entries.get(keys[i]!)!.object);
      this.#lists.set(id, (list = objects));
    }
    return list;
  }

  /** Stores a new version. The object is frozen here; its resourceVersion must be `revision`. */
  put(key: string, object: KubeObject, revision: number, managed: ManagedNode | undefined): Entry {
    deepFreeze(object);
    const previous = this.#entries.get(key);
    const { created, version } = previous ?? { created: revision, version: 0 };
    const entry: Entry = { key, object, revision, managed, created, version: version + 1 };
    this.#entries.set(key, entry);
    if (!previous) this.#fresh.push(key);
    this.#lists.clear();
    for (const index of this.#indices.values()) reindex(index, key, previous?.object, object);
    this.#publish({ type: previous ? 'MODIFIED' : 'ADDED', entry, previous });
    return entry;
  }

  /** Removes an object. Returns its last version with the deletion's revision. */
  remove(key: string, revision: number): Entry | undefined {
    const previous = this.#entries.get(key);
    if (!previous) return undefined;
    this.#entries.delete(key);
    const keys = this.#ordered();
    keys.splice(position(keys, key), 1);
    this.#lists.clear();
    for (const index of this.#indices.values()) reindex(index, key, previous.object, undefined);
    const { object } = previous;
    const last = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
    const entry: Entry = { ...previous, object: last, revision };
    this.#publish({ type: 'DELETED', entry, previous });
    return entry;
  }

  /** Calls `listener` synchronously for every change from now on. Returns an undo. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Changes after a revision, oldest first; undefined when the log no longer reaches back so far. */
  changesSince(revision: number): Change[] | undefined {
    if (revision < this.#compacted) return undefined;
    let from = this.#log.length;
    while (from > this.#logHead && this.#log[from - 1]!.entry.revision > revision) from--;
    return this.#log.slice(from);
  }

  /** The oldest revision a watch can continue from. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  /** Forgets all changes so far, as etcd's compaction does. */
  compact(): void {
    this.#log = [];
    this.#logHead = 0;
    this.#compacted = this.#store.revision;
  }

  /** The entries as they were at a revision; undefined when that is compacted. */
  listAt(revision: number, namespace?: string): Entry[] | undefined {
    if (revision < this.#store.compactedRevision) return undefined;
    if (revision >= this.#store.revision) return this.list(namespace);
    const changes = this.changesSince(revision);
    if (!changes) return undefined;
    const entries = new Map<string, Entry>();
    for (const entry of this.list(namespace)) entries.set(entry.key, entry);
    for (const { entry, previous } of changes.reverse()) {
      if (namespace !== undefined && entry.object.metadata.namespace !== namespace) continue;
      if (previous) entries.set(entry.key, previous);
      else entries.delete(entry.key);
    }
    return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  addIndex(name: string, keys: IndexKeys): void {
    if (this.#indices.has(name)) return;
    const index: Index = { keys, values: new Map(), lists: new Map() };
    this.#indices.set(name, index);
    for (const key of this.#ordered()) reindex(index, key, undefined, this.#entries.get(key)!.object);
  }

  /** The same array as long as nothing changes. @throws Error for an index nobody added. */
  byIndex(name: string, value: string): readonly KubeObject[] {
    const index = this.#indices.get(name);
    if (!index) throw new Error(`${this.id} has no index ${name}`);
    const objects = index.values.get(value);
    if (!objects) return [];
    let list = index.lists.get(value);
    if (!list) index.lists.set(value, (list = [...objects.values()]));
    return list;
  }

  #publish(change: Change): void {
    this.#log.push(change);
    if (this.#log.length - this.#logHead > logLimit) {
      this.#compacted = this.#log[this.#logHead]!.entry.revision;
      this.#log[this.#logHead++] = undefined as never;
      if (this.#logHead > logLimit) {
        this.#log = this.#log.slice(this.#logHead);
        this.#logHead = 0;
      }
    }
    for (const listener of this.#listeners) listener(change);
  }

  #ordered(): string[] {
    if (this.#fresh.length > 0) {
      this.#keys = merge(this.#keys, this.#fresh.sort());
      this.#fresh = [];
    }
    return this.#keys;
  }
}

/** Two sorted lists without a common key as one. Few keys among many take their places one by one. */
function merge(many: string[], few: readonly string[]): string[] {
  if (few.length <= 4) {
    for (const key of few) many.splice(position(many, key), 0, key);
    return many;
  }
  const merged: string[] = [];
  let i = 0;
  for (const key of few) {
    while (i < many.length && many[i]! < key) merged.push(many[i++]!);
    merged.push(key);
  }
  while (i < many.length) merged.push(many[i++]!);
  return merged;
}

/** Where a key stands or would stand. */
function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function range(keys: readonly string[], namespace: string | undefined): [number, number] {
  if (namespace === undefined || namespace === '') return [0, keys.length];
  // '0' is the character after '/'.
  return [position(keys, `${namespace}/`), position(keys, `${namespace}0`)];
}

function reindex(index: Index, key: string, previous: KubeObject | undefined, object: KubeObject | undefined): void {
  const before = previous ? index.keys(previous) : [];
  const after = object ? index.keys(object) : [];
  if (before.length === 0 && after.length === 0) return;
  for (const value of before) {
    index.lists.delete(value);
    if (after.includes(value)) continue;
    const objects = index.values.get(value)!;
    objects.delete(key);
    if (objects.size === 0) index.values.delete(value);
  }
  for (const value of after) {
    index.lists.delete(value);
    let objects = index.values.get(value);
    if (!objects) index.values.set(value, (objects = new Map()));
    objects.set(key, object!);
  }
}
