import type { Surroundings } from '../context.ts';
import type { ResourceStore } from '../store.ts';

/** One lease serves the writes of this long, which saves etcd many of them (storage/etcd3/lease_manager.go). */
const reuseMs = 60_000;

interface Lease {
  /** Until then it is given to further writes. */
  readonly reusable: number;
  readonly keys: Set<string>;
}

/** Lets objects vanish when they have not been written for a while, as etcd does with keys on a lease: Events. */
export class ObjectLeases {
  readonly #around: Surroundings;
  readonly #store: ResourceStore;
  readonly #ttlMs: number;
  readonly #byKey = new Map<string, Lease>();
  #current: Lease | undefined;

  constructor(around: Surroundings, store: ResourceStore, ttlSeconds: number) {
    this.#around = around;
    this.#store = store;
    this.#ttlMs = ttlSeconds * 1000;
  }

  /** A key was written: it lives on for the whole time. */
  attach(key: string): void {
    this.#byKey.get(key)?.keys.delete(key);
    const { queue } = this.#around.world;
    if (!this.#current || queue.now >= this.#current.reusable) {
      const lease: Lease = { reusable: queue.now + reuseMs, keys: new Set() };
      queue.after(this.#ttlMs + reuseMs, () => this.#expire(lease));
      this.#current = lease;
    }
    this.#current.keys.add(key);
    this.#byKey.set(key, this.#current);
  }

  #expire(lease: Lease): void {
    if (this.#current === lease) this.#current = undefined;
    for (const key of lease.keys) {
      this.#byKey.delete(key);
      if (this.#store.get(key)) this.#store.remove(key, this.#around.store.nextRevision());
    }
  }
}
