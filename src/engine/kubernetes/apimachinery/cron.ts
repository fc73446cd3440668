import { parseDuration } from './duration.ts';
import { utc, type TimeZone } from './time-zone.ts';

/** Cron schedules as robfig/cron's standard parser reads them. The server has validated what comes here. */
export interface Schedule {
  /** Unix ms of the first time after `time`; undefined if there is none within five years. */
  next(time: number): number | undefined;
}

interface Field {
  min: number;
  max: number;
  names?: readonly string[];
}

const fields: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ',jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec'.split(',') },
  { min: 0, max: 6, names: 'sun,mon,tue,wed,thu,fri,sat'.split(',') },
];

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** @throws RangeError for text that is no schedule */
export function parseSchedule(text: string, zone: TimeZone = utc): Schedule {
  const every = /^@every (.+)$/.exec(text);
  if (every) return everySchedule(parseDuration(every[1]!));
  const parts = (descriptors[text] ?? text).split(/\s+/).filter(Boolean);
  if (parts.length !== 5)
    throw new RangeError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`);
  const [minutes, hours, days, months, weekdays] = parts.map((part, i) => parseField(part, fields[i]!)) as [
    Values,
    Values,
    Values,
    Values,
    Values,
  ];
  const dayMatches = (local: Date) => {
    const inMonth = days.has(local.getUTCDate());
    const inWeek = weekdays.has(local.getUTCDay());
    // Two restrictions are alternatives; a star restricts nothing.
    return days.star || weekdays.star ? inMonth && inWeek : inMonth || inWeek;
  };
  return {
    next(time) {
      const limit = time + 5 * 366 * dayMs;
      let t = Math.floor(time / minuteMs) * minuteMs + minuteMs;
      while (t <= limit) {
        const local = new Date(t + zone.offsetAt(t));
        if (!months.has(local.getUTCMonth() + 1)) {
          t = fromLocal(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1), zone, t);
        } else if (!dayMatches(local)) {
          const tomorrow = local.getUTCDate() + 1;
          t = fromLocal(Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), tomorrow), zone, t);
        } else if (!hours.has(local.getUTCHours())) t += hourMs - local.getUTCMinutes() * minuteMs;
        else if (!minutes.has(local.getUTCMinutes())) t += minuteMs;
        else return t;
      }
      return undefined;
    },
  };
}

/** When a local time is, at least a minute after `after`: the clock may be changed in between. */
function fromLocal(local: number, zone: TimeZone, after: number): number {
  const guess = local - zone.offsetAt(local - zone.offsetAt(after));
  return Math.max(guess, after + minuteMs);
}

function everySchedule(period: number): Schedule {
  const seconds = Math.max(1, Math.floor(period / 1000));
  return { next: (time) => Math.floor(time / 1000) * 1000 + seconds * 1000 };
}

interface Values {
  has(value: number): boolean;
  /** Every value, not even in steps. */
  star: boolean;
}

function parseField(text: string, field: Field): Values {
  const members = new Set<number>();
  let star = false;
  for (const range of text.split(',').filter(Boolean)) {
    const [span = '', step] = range.split('/');
    const [low = '', high] = span.split('-');
    const by = step === undefined ? 1 : Number(step);
    const all = low === '*' || low === '?';
    const first = all ? field.min : valueOf(low, field);
    const last = all ? field.max : high !== undefined ? valueOf(high, field) : step === undefined ? first : field.max;
    if (!(by > 0) || Number.isNaN(first) || Number.isNaN(last)) throw new RangeError(`not a range: ${range}`);
    for (let value = first; value <= last; value += by) members.add(value);
    star ||= all && by === 1;
  }
  return { has: (value) => members.has(value), star };
}

function valueOf(text: string, { names }: Field): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 && text !== '' ? named : Number(text);
}
