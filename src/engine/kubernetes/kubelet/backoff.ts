/** Exponential back-off per key, as client-go's `flowcontrol.Backoff`: doubled by `next`, forgotten after twice its maximum. */
export class Backoff {
  readonly #initial: number;
  readonly #max: number;
  readonly #entries = new Map<string, { delay: number; updated: number }>();

  /** Both in ms. */
  constructor(initial: number, max: number) {
    this.#initial = initial;
    this.#max = max;
  }

  delay(key: string): number {
    return this.#entries.get(key)?.delay ?? 0;
  }

  /** Raises the delay for something that went wrong at `since`. */
  next(key: string, since: number, now: number): void {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, since)) this.#entries.set(key, { delay: this.#initial, updated: now });
    else this.#entries.set(key, { delay: Math.min(entry.delay * 2, this.#max), updated: now });
  }

  /** Ms at `now` until what failed at `since` may be tried again; 0 if it may. */
  remaining(key: string, since: number, now: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, since)) return 0;
    return Math.max(0, since + entry.delay - now);
  }

  /** Ms at `now` until the delay since the last `next` is over. */
  remainingSinceUpdate(key: string, now: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, now)) return 0;
    return Math.max(0, entry.updated + entry.delay - now);
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  forgetPrefix(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }

  #expired(entry: { updated: number }, now: number): boolean {
    return now - entry.updated > 2 * this.#max;
  }

  snapshot(): unknown {
    return [...this.#entries];
  }
}

/** A duration as Go prints it, to the millisecond: `1.2s`, `812ms`, `5m0s`. */
export function goDuration(ms: number): string {
  const whole = Math.floor(ms);
  if (whole === 0) return '0s';
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const hours = Math.floor(minutes / 60);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
