/** How often the API server has etcd forget (storagebackend.DefaultCompactInterval). */
export const compactionIntervalMs = 300_000;

/**
 * The periodic compaction: every five minutes etcd forgets what was before the revision of five minutes earlier
 * (k8s.io/apiserver/pkg/storage/etcd3/compact.go). It needs no timer: what would have happened is worked out when somebody asks.
 */
export class Compactor {
  readonly #now: () => number;
  #due = compactionIntervalMs;
  /** The revision at the last round, which the next one compacts to. */
  #mark = 0;
  #compacted = 0;

  /** @param now virtual ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  get compacted(): number {
    return this.#compacted;
  }

  /**
   * Makes up for the rounds since the last call.
   * @param revision the store's, which no write has changed in the meantime
   * @returns by how much the revision grows: each round notes itself in etcd, which is a write
   */
  pass(revision: number): number {
    const now = this.#now();
    if (now < this.#due) return 0;
    const rounds = Math.floor((now - this.#due) / compactionIntervalMs) + 1;
    this.compact(rounds > 1 ? revision + rounds - 1 : this.#mark);
    this.#mark = revision + rounds;
    this.#due += rounds * compactionIntervalMs;
    return rounds;
  }

  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, revision);
  }
}
