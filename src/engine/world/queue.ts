/**
 * The run queue: the one place where simulated things happen, one after the other.
 *
 * Engine code is plain synchronous callbacks (controllers, timers) and async functions (programs, shells). Async
 * functions may await only what the engine hands out (sleep, channels, pipes): each of those resumes its waiter through
 * `wake`, so the order of everything is the order of this queue and is the same in every JavaScript engine.
 *
 * `run` executes synchronously until it has resumed an async function. Then it returns `drain`: the host lets the
 * microtasks finish (one macrotask hop) and calls `run` again. See `pump.ts`.
 */
export interface Timer {
  /** Virtual milliseconds at which the timer fires. */
  readonly due: number;
  cancel(): void;
}

export interface RunLimits {
  /** Virtual time (ms) that must not be passed. Timers due exactly then still run. */
  until?: number;
  /** Engine steps after which to stop, whatever is left. */
  maxSteps?: number;
}

/**
 * Why `run` came back: `drain` an async function was resumed and needs its microtasks; `steps` the step limit is
 * reached; `time` the next timer lies behind `until`; `idle` nothing is left to do at all.
 */
export type RunStop = 'drain' | 'steps' | 'time' | 'idle';

class TimerEntry implements Timer {
  readonly due: number;
  readonly order: number;
  /** Undefined once it has run or was cancelled. */
  run: (() => unknown) | undefined;
  readonly resumes: boolean;

  constructor(due: number, order: number, run: () => unknown, resumes: boolean) {
    this.due = due;
    this.order = order;
    this.run = run;
    this.resumes = resumes;
  }

  cancel(): void {
    this.run = undefined;
  }
}

interface ReadyEntry {
  readonly run: () => void;
  readonly resumes: boolean;
}

export class RunQueue {
  #now = 0;
  #order = 0;
  #steps = 0;
  #ready: ReadyEntry[] = [];
  #readyHead = 0;
  readonly #timers = new TimerHeap();

  /** Virtual milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** Steps executed so far: the second half of every input's stamp. */
  get steps(): number {
    return this.#steps;
  }

  /** Nothing can run before time passes. */
  get quiet(): boolean {
    return this.#readyHead === this.#ready.length;
  }

  /** Virtual time of the next timer, or undefined if none is set. */
  get nextDue(): number | undefined {
    return this.#timers.peek()?.due;
  }

  /** Runs `run` after everything that is already ready, at this virtual instant. */
  post(run: () => void): void {
    this.#ready.push({ run, resumes: false });
  }

  /** Resumes an async function: calls `resolve` in turn and lets its microtasks finish before anything else runs. */
  wake(resolve: () => void): void {
    this.#ready.push({ run: resolve, resumes: true });
  }

  /** Runs `run` at virtual time `due` (ms); a time in the past means now. */
  at(due: number, run: () => void): Timer {
    return this.#schedule(due, run, false);
  }

  /** Runs `run` after `delay` virtual ms. */
  after(delay: number, run: () => void): Timer {
    return this.#schedule(this.#now + delay, run, false);
  }

  /** Like `after`, for a `run` that resumes an async function; it may say with `false` that it has not. */
  wakeAfter(delay: number, resolve: () => void | false): Timer {
    return this.#schedule(this.#now + delay, resolve, true);
  }

  #schedule(due: number, run: () => unknown, resumes: boolean): Timer {
    if (Number.isNaN(due)) throw new RangeError('a timer needs a time');
    const entry = new TimerEntry(Math.max(due, this.#now), this.#order++, run, resumes);
    // What is never due must not keep the world from being idle.
    if (entry.due !== Infinity) this.#timers.push(entry);
    return entry;
  }

  /**
   * Runs until a limit, a drain point or idleness. Never moves time past `until`, nor to `until` itself when nothing is
   * due then, so cutting a run into slices changes nothing.
   */
  run({ until = Infinity, maxSteps = Infinity }: RunLimits = {}): RunStop {
    const lastStep = this.#steps + maxSteps;
    for (;;) {
      while (this.#readyHead < this.#ready.length) {
        if (this.#steps >= lastStep) return 'steps';
        const entry = this.#ready[this.#readyHead++]!;
        if (this.#readyHead > 1024 && this.#readyHead * 2 > this.#ready.length) {
          this.#ready = this.#ready.slice(this.#readyHead);
          this.#readyHead = 0;
        }
        this.#steps++;
        entry.run();
        if (entry.resumes) return 'drain';
      }
      const timer = this.#timers.peek();
      if (!timer) return 'idle';
      if (timer.run && timer.due > until) return 'time';
      this.#timers.pop();
      if (!timer.run) continue;
      if (this.#steps >= lastStep) {
        this.#timers.push(timer);
        return 'steps';
      }
      this.#now = timer.due;
      this.#steps++;
      const run = timer.run;
      timer.run = undefined;
      const resumed = run() !== false;
      if (resumed && timer.resumes) return 'drain';
    }
  }

  /**
   * Moves the clock to `time` for an input that arrives between two timers.
   * @throws RangeError if a timer is due before `time` or `time` is past.
   */
  advanceTo(time: number): void {
    if (time < this.#now) throw new RangeError(`time ${time} is before now (${this.#now})`);
    const next = this.nextDue;
    if (next !== undefined && next < time) throw new RangeError(`a timer is due at ${next}, before ${time}`);
    this.#now = time;
  }

  /** What the state hash covers of the queue: time, steps and the pending timers' times. */
  snapshot(): unknown {
    return { now: this.#now, steps: this.#steps, timers: this.#timers.dueTimes() };
  }
}

/** Binary heap by (due, order). Cancelled entries stay until they surface. */
class TimerHeap {
  readonly #items: TimerEntry[] = [];

  peek(): TimerEntry | undefined {
    while (this.#items.length > 0 && !this.#items[0]!.run) this.pop();
    return this.#items[0];
  }

  push(entry: TimerEntry): void {
    const items = this.#items;
    let i = items.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, items[parent]!)) break;
      items[i] = items[parent]!;
      i = parent;
    }
    items[i] = entry;
  }

  pop(): void {
    const items = this.#items;
    const last = items.pop();
    if (!last || items.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
      if (!before(items[child]!, last)) break;
      items[i] = items[child]!;
      i = child;
    }
    items[i] = last;
  }

  dueTimes(): number[] {
    return this.#items
      .filter((t) => t.run)
      .sort((a, b) => (before(a, b) ? -1 : 1))
      .map((t) => t.due);
  }
}

function before(a: TimerEntry, b: TimerEntry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
