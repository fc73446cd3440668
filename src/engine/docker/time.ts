/** RFC 3339 with nanoseconds and without trailing zeros, as Go writes a UTC time; Unix ms, with a fraction. */
export function rfc3339Nano(unixMs: number): string {
  const seconds = Math.floor(unixMs / 1000);
  const nanos = Math.round((unixMs - seconds * 1000) * 1000) * 1000;
  const base = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '');
  return `${base}${fraction ? `.${fraction}` : ''}Z`;
}

/** Go's zero time. */
export const zeroTime = '0001-01-01T00:00:00Z';

/** Unix ms of `since` and `until`: seconds with a fraction. */
export function parseTimestamp(text: string): number | undefined {
  return text === '' ? undefined : Number(text) * 1000;
}
