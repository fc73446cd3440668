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

  /** Makes up for the rounds since the last call. @param revision the store's, which was the same in all of them */
  pass(revision: number): void {
    const now = this.#now();
    if (now < this.#due) return;
    const rounds = Math.floor((now - this.#due) / compactionIntervalMs) + 1;
    this.compact(rounds > 1 ? revision : this.#mark);
    this.#mark = revision;
    this.#due += rounds * compactionIntervalMs;
  }

  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, revision);
  }
}
