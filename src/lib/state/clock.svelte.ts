import type { Mark } from '../../session/protocol.ts';

/** Virtual time as the worker last told it, and what happened when. */
export class ClockState {
  /** Virtual ms since the world began. */
  elapsed = $state(0);
  /** Virtual Unix ms. */
  now = $state(0);
  /** Virtual ms per real ms; 0 is paused. */
  speed = $state(1);
  /** Virtual ms since the world began at which something is due next. */
  nextDue = $state<number | undefined>();
  /** The latest moment of this branch: more than `elapsed` after going back. */
  furthest = $state(0);
  marks = $state.raw<readonly Mark[]>([]);

  tell(clock: { elapsed: number; now: number; speed: number; furthest: number; nextDue?: number }): void {
    this.elapsed = clock.elapsed;
    this.now = clock.now;
    this.speed = clock.speed;
    this.nextDue = clock.nextDue;
    this.furthest = clock.furthest;
  }

  reset(): void {
    this.marks = [];
    this.furthest = 0;
  }
}
