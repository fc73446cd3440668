/** Ms between two moments of which a series keeps the value: metrics-server's resolution. */
export const resolution = 15_000;

/** How many of them it keeps. */
const kept = 4;

/**
 * The values of a quantity at the last full quarters of a minute. It is told of stretches in which the quantity changed
 * evenly, and keeps no more than a handful of numbers, however often or seldom that is.
 */
export class Series {
  #points: { time: number; value: number }[] | undefined;

  /** Between `from` and `to` the quantity went from `value` on at `rate` a ms. */
  advance(from: number, to: number, value: number, rate: number): void {
    const last = Math.floor(to / resolution);
    const first = Math.max(Math.floor(from / resolution) + 1, last - kept + 1);
    for (let i = first; i <= last; i++) {
      const points = (this.#points ??= []);
      const time = i * resolution;
      points.push({ time, value: value + rate * (time - from) });
      if (points.length > kept) points.shift();
    }
  }

  /** The value at a moment that is a multiple of `resolution` and not too long ago. */
  at(time: number): number | undefined {
    return this.#points?.find((point) => point.time === time)?.value;
  }
}
