import { digestOf, type Layer } from '../../runtime/index.ts';
import { FileSystem, type DirectoryNode, type World } from '../../world/index.ts';

/** What a step made, by the key of everything that it depends on. */
export interface CacheRecord {
  key: string;
  id: string;
  description: string;
  root: DirectoryNode;
  layer: Layer;
  /** Unix ms. */
  created: number;
  lastUsed: number;
  uses: number;
  parent: string;
}

/** The builder's memory: results of steps and the directories of `--mount=type=cache`. */
export class BuildCache {
  readonly #world: World;
  readonly #records = new Map<string, CacheRecord>();
  readonly #directories = new Map<string, FileSystem>();
  /** Images that a build has begun from. */
  readonly seenBases = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  find(key: string): CacheRecord | undefined {
    return this.#records.get(key);
  }

  use(record: CacheRecord): void {
    record.lastUsed = this.#world.clock.now();
    record.uses++;
  }

  add(key: string, description: string, root: DirectoryNode, layer: Layer, parent: string): CacheRecord {
    const now = this.#world.clock.now();
    const record: CacheRecord = {
      key,
      id: this.newId(),
      description,
      root,
      layer,
      created: now,
      lastUsed: now,
      uses: 0,
      parent,
    };
    // What another run of the same step made stays until it is pruned.
    const before = this.#records.get(key);
    if (before && before.layer.digest !== layer.digest)
      this.#records.set(`${key} ${before.id}`, { ...before, key: `${key} ${before.id}` });
    this.#records.set(key, record);
    return record;
  }

  /** BuildKit's identity.NewID: 25 digits to the base 36. */
  newId(): string {
    const random = this.#world.random.stream('docker builder');
    const digits = 'abcdefghijklmnopqrstuvwxyz0123456789';
    let id = '';
    for (let i = 0; i < 25; i++) id += digits[random.int(digits.length)];
    return id;
  }

  directory(id: string): FileSystem {
    let fs = this.#directories.get(id);
    if (!fs) this.#directories.set(id, (fs = new FileSystem({ now: () => this.#world.clock.now() })));
    return fs;
  }

  hasLayer(digest: string): boolean {
    return this.list().some((record) => record.layer.digest === digest);
  }

  list(): readonly CacheRecord[] {
    return [...this.#records.values()];
  }

  /** Forgets what no image has (`all`: everything). @returns what went */
  prune(all: boolean, layersInUse: ReadonlySet<string>, before = Infinity): CacheRecord[] {
    const gone = this.list().filter((r) => (all || !layersInUse.has(r.layer.digest)) && r.lastUsed <= before);
    for (const record of gone) this.#records.delete(record.key);
    if (all) this.#directories.clear();
    return gone;
  }

  snapshot(): unknown {
    return [
      this.list().map((r) => [r.key, r.id, r.created, r.lastUsed, r.uses]),
      [...this.#directories].map(([id, fs]) => [id, fs.digest()]),
      [...this.seenBases],
    ];
  }
}

export function keyOf(...parts: readonly unknown[]): string {
  return digestOf(JSON.stringify(parts));
}
