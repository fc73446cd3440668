import { parseSchedule, type Schedule } from '../../apimachinery/cron.ts';
import { timeZone, utc, type TimeZone } from '../../apimachinery/time-zone.ts';
import type { CronJob } from '../../types.ts';

/** Which runs of a CronJob are due (pkg/controller/cronjob, utils.go). Times are Unix ms. */

/** A run is looked for this long (ms) after its time. */
const scheduleDelta = 100;
const manyMissed = 100;

/** The zone a schedule is read in; undefined if there is no such zone. */
export function zoneOf({ spec }: CronJob): TimeZone | undefined {
  return spec.timeZone === undefined ? utc : timeZone(spec.timeZone);
}

/** @throws RangeError for an unreadable schedule */
export function scheduleOf(cronJob: CronJob, zone: TimeZone): Schedule {
  return parseSchedule(cronJob.spec.schedule, zone);
}

interface Recent {
  earliest: number;
  time: number | undefined;
  missedMany: boolean;
}

function mostRecent(cronJob: CronJob, schedule: Schedule, now: number, withDeadline: boolean): Recent {
  const { status, spec, metadata } = cronJob;
  let earliest = Date.parse((status.lastScheduleTime as string | undefined) ?? metadata.creationTimestamp);
  if (withDeadline && spec.startingDeadlineSeconds !== undefined) {
    earliest = Math.max(earliest, now - spec.startingDeadlineSeconds * 1000);
  }
  const first = schedule.next(earliest);
  if (first === undefined || now < first) return { earliest, time: undefined, missedMany: false };
  const second = schedule.next(first);
  if (second === undefined || now < second) return { earliest, time: first, missedMany: false };
  const period = Math.round((second - first) / 1000) * 1000;
  const missed = Math.floor((now - first) / period) + 1;
  // A guess close before the last one, so that not every missed run is walked through.
  let time: number | undefined;
  for (let t = schedule.next(first + (missed - 2) * period); t !== undefined && t <= now; t = schedule.next(t))
    time = t;
  return { earliest, time, missedMany: missed > manyMissed };
}

/** The last run that should have started by now and hasn't. */
export function dueRun(
  cronJob: CronJob,
  schedule: Schedule,
  now: number,
): { time: number | undefined; missedMany: boolean } {
  return mostRecent(cronJob, schedule, now, true);
}

/** Ms until the next run; undefined if none will ever come. */
export function untilNextRun(cronJob: CronJob, schedule: Schedule, now: number): number | undefined {
  const { earliest, time } = mostRecent(cronJob, schedule, now, false);
  const next = schedule.next(time ?? earliest);
  return next === undefined ? undefined : next + scheduleDelta - now;
}
