import { describe, expect, it } from 'vitest';
import { parseSchedule } from './cron.ts';
import { timeZone, zonedTimestamp } from './time-zone.ts';

function times(schedule: string, from: string, count: number, zone = 'UTC'): string[] {
  const parsed = parseSchedule(schedule, timeZone(zone)!);
  const result: string[] = [];
  let t = Date.parse(from);
  for (let i = 0; i < count; i++) {
    t = parsed.next(t)!;
    result.push(zonedTimestamp(t, timeZone(zone)!));
  }
  return result;
}

describe('cron schedules', () => {
  it('reads lists, ranges, steps and names', () => {
    expect(times('*/20 9-10 * * mon', '2026-01-01T00:00:00Z', 4)).toEqual([
      '2026-01-05T09:00:00Z',
      '2026-01-05T09:20:00Z',
      '2026-01-05T09:40:00Z',
      '2026-01-05T10:00:00Z',
    ]);
    expect(times('@monthly', '2026-01-15T00:00:00Z', 2)).toEqual(['2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z']);
    expect(times('@every 90s', '2026-01-01T00:00:10Z', 2)).toEqual(['2026-01-01T00:01:40Z', '2026-01-01T00:03:10Z']);
  });

  it('takes day of month and day of week as alternatives if both are restricted', () => {
    expect(times('0 0 13 * fri', '2026-02-01T00:00:00Z', 3)).toEqual([
      '2026-02-06T00:00:00Z',
      '2026-02-13T00:00:00Z',
      '2026-02-20T00:00:00Z',
    ]);
  });

  it('never comes for days that do not exist', () => {
    expect(parseSchedule('0 0 31 2 *').next(0)).toBeUndefined();
  });

  it('follows the zone, summer time included', () => {
    expect(times('30 9 * * *', '2026-03-28T00:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-03-28T09:30:00+01:00',
      '2026-03-29T09:30:00+02:00',
    ]);
    // 02:30 does not exist that day in New York.
    expect(times('30 2 * * *', '2026-03-07T12:00:00Z', 1, 'America/New_York')).toEqual(['2026-03-09T02:30:00-04:00']);
    // 01:30 comes twice.
    expect(times('30 1 1 11 *', '2026-10-30T12:00:00Z', 2, 'America/New_York')).toEqual([
      '2026-11-01T01:30:00-04:00',
      '2026-11-01T01:30:00-05:00',
    ]);
    expect(times('0 6 * * *', '2026-07-01T00:00:00Z', 1, 'Asia/Kolkata')).toEqual(['2026-07-01T06:00:00+05:30']);
    expect(times('0 12 * * *', '2026-01-01T00:00:00Z', 1, 'Australia/Sydney')).toEqual(['2026-01-01T12:00:00+11:00']);
  });

  it('agrees with the platform about offsets', () => {
    for (const name of ['Europe/London', 'America/Sao_Paulo', 'Asia/Shanghai', 'Pacific/Auckland', 'Africa/Cairo']) {
      const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
      for (let month = 0; month < 12; month++) {
        const time = Date.UTC(2026, month, 15, 12);
        const text = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')!.value;
        const [, sign, hours = '0', minutes = '0'] = /GMT([-+])?(\d+)?:?(\d+)?/.exec(text)!;
        const expected = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
        expect(timeZone(name)!.offsetAt(time)).toBe(expected);
      }
    }
  });

  it('knows no other names', () => {
    expect(timeZone('Mars/Olympus')).toBeUndefined();
    expect(timeZone('europe/berlin')).toBeUndefined();
  });
});
