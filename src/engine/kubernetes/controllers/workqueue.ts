import type { Timer, World } from '../../world/index.ts';
import { AnswerPending, ApiError } from '../client.ts';

/** Reconciles one key; throwing an `ApiError` retries it with back-off. */
export type Reconcile = (key: string) => void;

export interface WorkQueueOptions {
  /** Keys reconciled at the same time. */
  workers: number;
  reconcile: Reconcile;
  /** Failures of one key after which it is dropped until something adds it again; without it never. */
  maxRetries?: number;
  /** First back-off (ms), doubled with each failure of the key. */
  baseDelay?: number;
  /** Longest back-off (ms). */
  maxDelay?: number;
}

/**
 * The work queue of client-go with its workers, in virtual time. A key waits at most once, is never reconciled by two
 * workers at once, and is reconciled again when it was added meanwhile. A reconcile happens at one instant; its worker
 * is then busy for the time that it cost.
 */
export class WorkQueue {
  readonly #world: World;
  readonly #options: Required<WorkQueueOptions>;
  readonly #spent: () => number;
  /** Keys that wait, in order. */
  readonly #ready = new Set<string>();
  readonly #processing = new Set<string>();
  /** Keys added while they were processed. */
  readonly #dirty = new Set<string>();
  readonly #waiting = new Map<string, Timer>();
  readonly #busy = new Set<Timer>();
  readonly #failures = new Map<string, number>();
  #free: number;
  #posted = false;
  #stopped = false;

  /** @param spent sums up the ms that things cost so far; its growth during a reconcile is charged to the worker. */
  constructor(world: World, spent: () => number, options: WorkQueueOptions) {
    this.#world = world;
    this.#spent = spent;
    this.#options = { maxRetries: Infinity, baseDelay: 5, maxDelay: 1_000_000, ...options };
    this.#free = options.workers;
  }

  add(key: string): void {
    if (this.#stopped) return;
    if (this.#processing.has(key)) this.#dirty.add(key);
    else if (!this.#ready.has(key)) {
      this.#ready.add(key);
      this.#dispatch();
    }
  }

  /** Adds the key after `delay` ms; of several such calls the earliest counts. */
  addAfter(key: string, delay: number): void {
    if (this.#stopped) return;
    if (delay <= 0) return this.add(key);
    const due = this.#world.queue.now + delay;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.due <= due) return;
    waiting?.cancel();
    const timer = this.#world.queue.at(due, () => {
      this.#waiting.delete(key);
      this.add(key);
    });
    this.#waiting.set(key, timer);
  }

  /** Adds the key after its back-off, and counts a failure. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#options.baseDelay * 2 ** failures, this.#options.maxDelay));
  }

  /** The key's next failure is its first again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Drops everything and cancels its timers. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#waiting.values()) timer.cancel();
    for (const timer of this.#busy) timer.cancel();
    for (const set of [this.#ready, this.#processing, this.#dirty, this.#waiting, this.#busy, this.#failures])
      set.clear();
  }

  snapshot(): unknown {
    return {
      ready: [...this.#ready],
      processing: [...this.#processing],
      dirty: [...this.#dirty],
      waiting: [...this.#waiting].map(([key, timer]) => [key, timer.due]),
      failures: [...this.#failures],
    };
  }

  #dispatch(): void {
    if (this.#posted || this.#free === 0 || this.#ready.size === 0) return;
    this.#posted = true;
    this.#world.queue.post(() => {
      this.#posted = false;
      this.#processNext();
    });
  }

  #processNext(): void {
    if (this.#stopped || this.#free === 0) return;
    const [key] = this.#ready;
    if (key === undefined) return;
    this.#ready.delete(key);
    this.#processing.add(key);
    this.#free--;
    const before = this.#spent();
    try {
      this.#options.reconcile(key);
      this.forget(key);
    } catch (error) {
      if (error instanceof AnswerPending) error.onAnswered(() => this.add(key));
      else if (!(error instanceof ApiError)) throw error;
      else if ((this.#failures.get(key) ?? 0) < this.#options.maxRetries) this.addRateLimited(key);
      else this.forget(key);
    }
    const busyFor = this.#spent() - before;
    if (busyFor === 0) this.#done(key);
    else {
      const timer = this.#world.queue.after(busyFor, () => {
        this.#busy.delete(timer);
        this.#done(key);
      });
      this.#busy.add(timer);
    }
    this.#dispatch();
  }

  #done(key: string): void {
    if (this.#stopped) return;
    this.#processing.delete(key);
    this.#free++;
    if (this.#dirty.delete(key)) this.#ready.add(key);
    this.#dispatch();
  }
}
