import { removeLast, type Cancellation } from './cancel.ts';
import type { RunQueue } from './queue.ts';

/**
 * The only things engine code may await: each resumes its waiter through the run queue, and ends with the
 * cancellation's reason when `cancel` fires.
 */

/** Waits `ms` of virtual time. */
export function sleep(queue: RunQueue, ms: number, cancel?: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    if (cancel?.reason) return queue.wake(() => reject(cancel.reason!));
    const timer = queue.wakeAfter(ms, () => {
      forget?.();
      resolve();
    });
    const forget = cancel?.onCancel((reason) => {
      timer.cancel();
      queue.wake(() => reject(reason));
    });
  });
}

/** A condition that async functions wait for; `notify` resumes all that wait now. */
export class Signal {
  readonly #queue: RunQueue;
  /** Most of the time there is one. */
  #waiters: (() => void)[] | undefined;

  constructor(queue: RunQueue) {
    this.#queue = queue;
  }

  notify(): void {
    const waiters = this.#waiters;
    if (!waiters) return;
    this.#waiters = undefined;
    for (const resolve of waiters) this.#queue.wake(resolve);
  }

  /** Resolves at the next `notify`. Check the condition in a loop around it. */
  wait(cancel?: Cancellation): Promise<void> {
    return new Promise((resolve, reject) => {
      if (cancel?.reason) return this.#queue.wake(() => reject(cancel.reason!));
      const waiter = () => {
        forget?.();
        resolve();
      };
      if (this.#waiters) this.#waiters.push(waiter);
      else this.#waiters = [waiter];
      const forget = cancel?.onCancel((reason) => {
        if (this.#waiters) removeLast(this.#waiters, waiter);
        this.#queue.wake(() => reject(reason));
      });
    });
  }
}

/** A value that arrives once. */
export class Deferred<T> {
  readonly #signal: Signal;
  #value: { value: T } | { error: unknown } | undefined;

  constructor(queue: RunQueue) {
    this.#signal = new Signal(queue);
  }

  get settled(): boolean {
    return this.#value !== undefined;
  }

  resolve(value: T): void {
    if (this.#value) return;
    this.#value = { value };
    this.#signal.notify();
  }

  reject(error: unknown): void {
    if (this.#value) return;
    this.#value = { error };
    this.#signal.notify();
  }

  /** Not an async function: those that wait for the end of a program keep less alive so. */
  wait(cancel?: Cancellation): Promise<T> {
    return this.#value ? this.#result() : this.#signal.wait(cancel).then(() => this.#result());
  }

  #result(): Promise<T> {
    const value = this.#value!;
    return 'error' in value ? Promise.reject(value.error as Error) : Promise.resolve(value.value);
  }
}

/** A first-in-first-out channel of values. `receive` gives undefined after `close` when nothing is left. */
export class Channel<T> {
  readonly #signal: Signal;
  #items: T[] = [];
  #closed = false;

  constructor(queue: RunQueue) {
    this.#signal = new Signal(queue);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Adds a value; after `close` it is dropped. */
  send(item: T): void {
    if (this.#closed) return;
    this.#items.push(item);
    this.#signal.notify();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal.notify();
  }

  async receive(cancel?: Cancellation): Promise<T | undefined> {
    for (;;) {
      if (this.#items.length > 0) return this.#items.shift();
      if (this.#closed) return undefined;
      await this.#signal.wait(cancel);
    }
  }
}
