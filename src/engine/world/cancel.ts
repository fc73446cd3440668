/**
 * Cooperative cancellation for engine code: a process that is killed, a request whose client went away.
 * (AbortSignal's job, without depending on the host's events.)
 */
export class Cancellation {
  #reason: Error | undefined;
  #listeners: ((reason: Error) => void)[] | undefined;

  get cancelled(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Cancels once; later calls do nothing. */
  cancel(reason: Error = new Cancelled()): void {
    if (this.#reason) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener(reason);
  }

  /** Calls `listener` on cancellation (at once if that has happened). Returns a function that takes it back. */
  onCancel(listener: (reason: Error) => void): () => void {
    if (this.#reason) {
      listener(this.#reason);
      return () => {};
    }
    if (this.#listeners) this.#listeners.push(listener);
    else this.#listeners = [listener];
    return () => void (this.#listeners && removeLast(this.#listeners, listener));
  }

  /** A cancellation of its own that is cancelled along with this one. */
  child(): Cancellation {
    const child = new Cancellation();
    this.onCancel((reason) => child.cancel(reason));
    return child;
  }

  /** @throws the reason, if cancelled. */
  throwIfCancelled(): void {
    if (this.#reason) throw this.#reason;
  }
}

export class Cancelled extends Error {
  override name = 'Cancelled';
  constructor(message = 'cancelled') {
    super(message);
  }
}

/** Takes an item out of a list; the one that came last is found first. */
export function removeLast<T>(items: T[], item: T): void {
  const at = items.lastIndexOf(item);
  if (at >= 0) items.splice(at, 1);
}
