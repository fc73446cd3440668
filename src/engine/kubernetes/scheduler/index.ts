export { startScheduler, Scheduler, type SchedulerOptions } from './scheduler.ts';
export type { NodeVerdict, SchedulingAttempt } from './attempts.ts';
export type { Rejection } from './framework.ts';
