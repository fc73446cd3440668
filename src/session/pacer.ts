import { pump, type MacrotaskHop, type RunQueue } from '../engine/world/index.ts';

/** The host's clock and timers, which the engine itself never sees. */
export interface HostTime {
  /** Real ms, monotonic. */
  now(): number;
  /** Calls back after `ms` real ms; returns an undo. */
  after(ms: number, callback: () => void): () => void;
  hop: MacrotaskHop;
}

/** Real ms of engine work before others get their turn. */
const slice = 8;
/** Engine steps between two looks at the real clock. */
const stepsPerLook = 2_000;
/** Real ms of lag that are caught up; a longer stall (a suspended tab) passes no virtual time. */
const catchUp = 250;

/**
 * Paces virtual time by real time: `speed` virtual ms for each real ms. Speed is not state: it decides only when things
 * are computed, never what.
 */
export class Pacer {
  readonly #queue: RunQueue;
  readonly #host: HostTime;
  #speed: number;
  /** Virtual time that may be reached by now. */
  #target: number;
  #last: number;
  #hold = Infinity;
  #running = false;
  #closed = false;
  #wakeTimer: (() => void) | undefined;
  #pending: (() => void | Promise<void>)[] = [];
  /** Called after each slice, with the queue drained. */
  onSlice: () => void = () => {};
  onError: (error: unknown) => void = (error) => {
    throw error;
  };

  constructor(queue: RunQueue, host: HostTime, speed: number) {
    this.#queue = queue;
    this.#host = host;
    this.#speed = speed;
    this.#target = queue.now;
    this.#last = host.now();
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    this.#advanceTarget();
    this.#speed = speed;
    this.kick();
  }

  /** Virtual time that must not be reached yet, ms; Infinity lets it go on. */
  set hold(time: number) {
    this.#advanceTarget();
    this.#hold = time;
    this.kick();
  }

  close(): void {
    this.#closed = true;
    this.#wakeTimer?.();
  }

  /** Runs `action` between two slices, at the virtual time that has been reached: the way in for inputs. */
  enqueue(action: () => void | Promise<void>): void {
    this.#pending.push(action);
    this.kick();
  }

  /** Virtual time shown to people: moves on between two timers, too. */
  get reached(): number {
    return Math.max(this.#queue.now, Math.min(this.#target, this.#queue.nextDue ?? Infinity));
  }

  /** Lets time run to `t` as fast as it goes. */
  runTo(t: number): void {
    this.enqueue(async () => {
      await pump(this.#queue, this.#host.hop, { until: t });
      if (t > this.#queue.now) this.#queue.advanceTo(t);
      this.#target = Math.max(this.#target, t);
    });
  }

  /** Lets time run to the next timer (or further while `skip` says so), whatever the speed. */
  next(skip: () => boolean = () => false): void {
    this.enqueue(async () => {
      for (let i = 0; i < 1_000; i++) {
        const due = this.#queue.nextDue;
        if (due === undefined) return;
        await pump(this.#queue, this.#host.hop, { until: due, maxSteps: stepsPerLook });
        this.#target = Math.max(this.#target, this.#queue.now);
        if (!skip()) return;
      }
    });
  }

  /** Makes sure that due work is done soon. */
  kick(): void {
    if (this.#running || this.#closed) return;
    this.#running = true;
    void this.#loop().catch((error: unknown) => {
      this.#running = false;
      this.onError(error);
    });
  }

  #advanceTarget(): void {
    const now = this.#host.now();
    const passed = Math.min(now - this.#last, catchUp);
    this.#last = now;
    this.#target = Math.min(this.#target + passed * this.#speed, this.#hold - 1);
  }

  async #loop(): Promise<void> {
    this.#wakeTimer?.();
    this.#wakeTimer = undefined;
    const { hop } = this.#host;
    for (;;) {
      if (this.#closed) return;
      this.#advanceTarget();
      for (const action of this.#pending.splice(0)) {
        this.#moveClock();
        await action();
      }
      const deadline = this.#host.now() + slice;
      let result = await pump(this.#queue, hop, {
        until: this.#target,
        maxSteps: stepsPerLook,
        stop: () => this.#host.now() >= deadline,
      });
      while (result === 'steps' && this.#host.now() < deadline && this.#pending.length === 0)
        result = await pump(this.#queue, hop, { until: this.#target, maxSteps: stepsPerLook });
      this.onSlice();
      if (this.#pending.length > 0) continue;
      if (result === 'steps' || result === 'stopped') {
        // Behind: don't let the target run away while the engine works.
        this.#target = Math.min(this.#target, this.#queue.now + catchUp * this.#speed);
        await hop();
        continue;
      }
      break;
    }
    this.#running = false;
    this.#sleepUntilDue();
  }

  /** Moves the clock between two timers, so that an input is stamped with the time at which it came. */
  #moveClock(): void {
    const due = this.#queue.nextDue ?? Infinity;
    const time = Math.min(this.#target, due);
    if (time > this.#queue.now && this.#queue.quiet) this.#queue.advanceTo(time);
  }

  #sleepUntilDue(): void {
    const due = this.#queue.nextDue;
    if ((due !== undefined && due >= this.#hold) || this.#speed <= 0 || this.#closed) return;
    // A world without timers ages, too: the next input must find it at the right time.
    const wait = Math.max(1, Math.min(due === undefined ? Infinity : (due - this.#target) / this.#speed, catchUp - 50));
    this.#wakeTimer = this.#host.after(wait, () => {
      this.#wakeTimer = undefined;
      this.kick();
    });
  }
}
