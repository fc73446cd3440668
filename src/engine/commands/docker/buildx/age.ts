import { humanDuration } from '../../../world/index.ts';

/** `3 seconds ago`. @param ms since then */
export function age(ms: number): string {
  return `${humanDuration(Math.max(0, ms))} ago`;
}
