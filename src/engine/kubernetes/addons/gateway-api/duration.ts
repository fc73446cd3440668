const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** A duration of the Gateway API (GEP-2257), as virtual ms: `1h30m`, `250ms`. */
export function durationMs(text: string): number {
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d{1,5})(ms|h|m|s)/g)) sum += Number(count) * units[unit as 'ms'];
  return sum;
}
