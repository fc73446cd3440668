import { zonesByRule } from './time-zones.generated.ts';

/** Time zones by their IANA names, as far as the rules of today go. */
export interface TimeZone {
  readonly name: string;
  /** Ms east of UTC at a time. @param time Unix ms */
  offsetAt(time: number): number;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const utc: TimeZone = { name: 'UTC', offsetAt: () => 0 };

let rules: ReadonlyMap<string, string> | undefined;
const zones = new Map<string, TimeZone>();

/** The zone of that name (case counts), or undefined if there is none. */
export function timeZone(name: string): TimeZone | undefined {
  rules ??= new Map(Object.entries(zonesByRule).flatMap(([rule, names]) => names.split(' ').map((n) => [n, rule])));
  const rule = rules.get(name);
  if (rule === undefined) return undefined;
  let zone = zones.get(name);
  if (!zone) zones.set(name, (zone = zoneOf(name, rule)));
  return zone;
}

/** `2026-07-01T09:00:00+02:00`; UTC is written `Z`. @param time Unix ms */
export function zonedTimestamp(time: number, zone: TimeZone): string {
  const offset = zone.offsetAt(time);
  const text = new Date(time + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const minutes = Math.abs(offset) / minute;
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0');
  return `${text}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** When in a year the clock is changed, in ms of local time since the year began. */
type Change = (year: number) => number;

/** A POSIX TZ rule: `CET-1CEST,M3.5.0,M10.5.0/3`. */
function zoneOf(name: string, rule: string): TimeZone {
  const parts = /^(<[^>]+>|[A-Za-z]+)([-+\d:]+)(?:(<[^>]+>|[A-Za-z]+)([-+\d:]+)?,([^,]+),(.+))?$/.exec(rule);
  if (!parts) throw new RangeError(`not a rule: ${rule}`);
  const standard = 0 - duration(parts[2]!);
  if (parts[3] === undefined) return { name, offsetAt: () => standard };
  const summer = parts[4] === undefined ? standard + hour : 0 - duration(parts[4]);
  const start = change(parts[5]!);
  const end = change(parts[6]!);
  return {
    name,
    offsetAt(time) {
      const year = new Date(time + standard).getUTCFullYear();
      const begin = start(year) - standard;
      const finish = end(year) - summer;
      const isSummer = begin < finish ? time >= begin && time < finish : time >= begin || time < finish;
      return isSummer ? summer : standard;
    },
  };
}

function duration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[-+]/, '').split(':').map(Number);
  return sign * (hours * hour + minutes * minute + seconds * 1000);
}

/** `M3.2.0/3`: in March, the second week's Sunday, at three. `J60`, `59`: days of the year. */
function change(text: string): Change {
  const [date = '', time = '2'] = text.split('/');
  const at = duration(time);
  const [month, week, weekday] = date.slice(1).split('.').map(Number) as [number, number, number];
  if (date.startsWith('M')) {
    return (year) => {
      const first = Date.UTC(year, month - 1, 1);
      const shift = (weekday - new Date(first).getUTCDay() + 7) % 7;
      let result = first + (shift + (week - 1) * 7) * day;
      if (new Date(result).getUTCMonth() !== month - 1) result -= 7 * day;
      return result + at;
    };
  }
  const isLeap = (year: number) => new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29;
  if (!date.startsWith('J')) return (year) => Date.UTC(year, 0, 1) + Number(date) * day + at;
  // Days from 1 on; 29 February is never counted.
  return (year) => Date.UTC(year, 0, 1) + (month - 1 + (isLeap(year) && month >= 60 ? 1 : 0)) * day + at;
}
