/** Dates that GNU date understands: ISO forms, `@seconds`, `now`, and relative ones (`2 days ago`, `+1 hour`). Unix ms. */
export function parseDate(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  const epoch = /^@(-?\d+(?:\.\d+)?)$/.exec(trimmed);
  if (epoch) return Number(epoch[1]) * 1000;
  const units: Record<string, number> = {
    sec: 1e3,
    second: 1e3,
    min: 6e4,
    minute: 6e4,
    hour: 36e5,
    day: 864e5,
    week: 6048e5,
    fortnight: 12096e5,
    month: 2_592_000_000,
    year: 31_536_000_000,
  };
  let time = now;
  let rest = trimmed.toLowerCase();
  const iso =
    /^(\d{4})-(\d{2})-(\d{2})(?:[t ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?/.exec(
      rest,
    );
  if (iso) {
    const zone = /^([+-])(\d{2}):?(\d{2})$/.exec(iso[8] ?? '');
    const offset = zone ? (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '+' ? 60_000 : -60_000) : 0;
    time =
      Date.UTC(
        Number(iso[1]),
        Number(iso[2]) - 1,
        Number(iso[3]),
        Number(iso[4] ?? 0),
        Number(iso[5] ?? 0),
        Number(iso[6] ?? 0),
      ) +
      Number(iso[7] ?? 0) * 1000 -
      offset;
    rest = rest.slice(iso[0].length).trim();
  }
  rest = rest
    .replace(/\b(now|today|utc)\b/g, ' ')
    .replace(/\byesterday\b/g, ' 1 day ago ')
    .replace(/\btomorrow\b/g, ' +1 day ')
    .replace(/\bnext (\w+)/g, ' +1 $1 ')
    .replace(/\blast (\w+)/g, ' 1 $1 ago ');
  const leftover = rest.replace(
    /([+-]?)\s*(\d+)?\s*(sec|second|min|minute|hour|day|week|fortnight|month|year)s?\b(\s+ago)?/g,
    (_, sign: string, n: string | undefined, unit: string, ago: string | undefined) => {
      time += Number(n ?? 1) * units[unit]! * (sign === '-' ? -1 : 1) * (ago ? -1 : 1);
      return '';
    },
  );
  const clock = /^\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$/.exec(leftover);
  if (clock) {
    const midnight = Math.floor(time / 864e5) * 864e5;
    return midnight + (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)) * 1000;
  }
  return leftover.trim() === '' ? time : undefined;
}
