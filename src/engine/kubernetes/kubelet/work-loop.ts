import { Cancelled, type RunQueue, type Timer } from '../../world/index.ts';

/** Work on one thing, one activity at a time (package kubelet, pod workers and their queue). */
export class WorkLoop {
  readonly #queue: RunQueue;
  readonly #step: () => Promise<void>;
  readonly #missed: () => void;
  #busy = false;
  #again = false;
  #timer: Timer | undefined;

  /**
   * @param step the work; it may end with `Cancelled`
   * @param missed called when a step was asked for while another one was at work, which has ended now
   */
  constructor(queue: RunQueue, step: () => Promise<void>, missed: () => void) {
    this.#queue = queue;
    this.#step = step;
    this.#missed = missed;
  }

  /** Asks for a step in `delay` ms, unless one is due sooner. */
  request(delay: number): void {
    const due = this.#queue.now + delay;
    if (this.#timer && this.#timer.due <= due) return;
    this.#timer?.cancel();
    this.#timer = this.#queue.wakeAfter(delay, () => {
      this.#timer = undefined;
      void this.#run();
    });
  }

  /** Forgets what was asked for; a step at work goes on. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async #run(): Promise<void> {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#again = false;
    try {
      await this.#step();
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
    } finally {
      this.#busy = false;
    }
    if (this.#again) this.#missed();
  }
}
