import type { RunQueue, Timer } from '../world/index.ts';
import { Series } from './series.ts';

/** Calls back when an amount rises above a level. */
interface Watch {
  readonly level: number;
  readonly exceeded: () => void;
}

/**
 * Bytes in use by a group of processes, or by a whole machine (the groups' parent). Amounts grow evenly between two
 * changes, so what is there at any time is worked out, and the moment at which a limit is reached is one timer.
 */
export class MemoryGroup {
  readonly #queue: RunQueue;
  readonly #parent: MemoryGroup | undefined;
  readonly #history = new Series();
  #level = 0;
  /** Bytes a ms. */
  #rate = 0;
  #since: number;
  #peak = 0;
  #watches: readonly Watch[] = [];
  #timer: Timer | undefined;
  #told: Watch | undefined;

  constructor(queue: RunQueue, parent?: MemoryGroup) {
    this.#queue = queue;
    this.#parent = parent;
    this.#since = queue.now;
  }

  get bytes(): number {
    return Math.round(this.#at(this.#queue.now));
  }

  #at(time: number): number {
    return Math.max(0, this.#level + this.#rate * (time - this.#since));
  }

  /** The most that was ever in use (memory.peak). */
  get peak(): number {
    return Math.round(Math.max(this.#peak, this.bytes));
  }

  get growing(): boolean {
    return this.#rate > 0;
  }

  /** `bytes` more (or less) now, and the growth (bytes a ms) changes by `rate`. */
  change(bytes: number, rate = 0): void {
    this.#settle();
    this.#level = Math.max(0, this.#level + bytes);
    this.#rate = Math.abs(this.#rate + rate) < 1e-9 ? 0 : this.#rate + rate;
    this.#peak = Math.max(this.#peak, this.#level);
    this.#parent?.change(bytes, rate);
    if (this.#watches.length > 0) this.#look();
  }

  /**
   * Calls `exceeded` each time the amount has risen above `level`: not at once but in its turn, so that whoever asked
   * for the memory has got it by then. Returns an undo.
   */
  watch(level: number, exceeded: () => void): () => void {
    const watch = { level, exceeded };
    this.#watches = [...this.#watches, watch].sort((a, b) => a.level - b.level);
    this.#look();
    return () => {
      this.#watches = this.#watches.filter((other) => other !== watch);
      if (this.#told === watch) this.#told = undefined;
      this.#look();
    };
  }

  #look(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const level = this.#level;
    // The highest that is exceeded has been told of; below it all have been.
    while (this.#told && level <= this.#told.level) {
      const at = this.#watches.indexOf(this.#told);
      this.#told = at > 0 ? this.#watches[at - 1] : undefined;
    }
    const next = this.#watches[this.#told ? this.#watches.indexOf(this.#told) + 1 : 0];
    if (!next) return;
    if (level > next.level) {
      this.#told = next;
      this.#queue.post(() => this.#tell(next));
      return this.#look();
    }
    if (this.#rate <= 0) return;
    // A byte more than the level, so that the timer finds it exceeded.
    const due = this.#since + (next.level + 1 - level) / this.#rate;
    this.#timer = this.#queue.at(due, () => {
      this.#settle();
      this.#level = Math.max(this.#level, next.level + 1);
      this.#look();
    });
  }

  #tell(watch: Watch): void {
    if (this.#watches.includes(watch) && this.bytes > watch.level) watch.exceeded();
  }

  #settle(): void {
    const { now } = this.#queue;
    if (now <= this.#since) return;
    this.#history.advance(this.#since, now, this.#level, this.#rate);
    if (this.#rate !== 0) this.#level = Math.max(0, this.#level + this.#rate * (now - this.#since));
    this.#since = now;
  }

  /** Bytes at `time`: now, or one of the moments that `Series` keeps. */
  at(time: number): number | undefined {
    const value = time >= this.#since ? this.#at(Math.min(time, this.#queue.now)) : this.#history.at(time);
    return value === undefined ? undefined : Math.round(value);
  }

  snapshot(): unknown {
    return [this.#level, this.#rate, this.#since];
  }
}

/** What one process has of its group's memory. */
export class ProcessMemory {
  readonly #queue: RunQueue;
  readonly #group: MemoryGroup;
  #level = 0;
  #rate = 0;
  #since: number;

  constructor(queue: RunQueue, group: MemoryGroup, bytes: number) {
    this.#queue = queue;
    this.#group = group;
    this.#since = queue.now;
    this.set(bytes);
  }

  /** Resident bytes. */
  get bytes(): number {
    return Math.round(this.#level + this.#rate * (this.#queue.now - this.#since));
  }

  /** It has so many bytes now and doesn't grow. */
  set(bytes: number): void {
    this.#become(bytes, 0);
  }

  /** It grows from now on. @param rate bytes a virtual ms */
  grow(rate: number): void {
    this.#become(this.bytes, rate);
  }

  #become(bytes: number, rate: number): void {
    this.#group.change(bytes - this.bytes, rate - this.#rate);
    this.#level = bytes;
    this.#rate = rate;
    this.#since = this.#queue.now;
  }
}
