import type { RunQueue } from './queue.ts';

/** Virtual time as the simulated machines see it. */
export class Clock {
  readonly #queue: RunQueue;
  /** Unix time (ms) at which the world began: an input of the session. */
  readonly epoch: number;

  constructor(queue: RunQueue, epoch: number) {
    this.#queue = queue;
    this.epoch = epoch;
  }

  /** Virtual ms since the world began. */
  get elapsed(): number {
    return this.#queue.now;
  }

  /** Unix time in ms (may have a fraction). */
  now(): number {
    return this.epoch + this.#queue.now;
  }

  /** RFC 3339 with seconds, as `metav1.Time` is written. */
  timestamp(): string {
    return rfc3339(this.now());
  }

  /** RFC 3339 with microseconds, as `metav1.MicroTime` is written. */
  microTimestamp(): string {
    return rfc3339Micro(this.now());
  }
}

/** The last second that was written: most of what happens asks for the same one again. */
let lastSecond = NaN;
let lastText = '';

export function rfc3339(unixMs: number): string {
  const second = Math.floor(unixMs / 1000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().replace('.000Z', 'Z');
    lastSecond = second;
  }
  return lastText;
}

export function rfc3339Micro(unixMs: number): string {
  const ms = Math.floor(unixMs);
  const micros = Math.floor((unixMs - ms) * 1000);
  return new Date(ms).toISOString().replace('Z', String(micros).padStart(3, '0') + 'Z');
}
