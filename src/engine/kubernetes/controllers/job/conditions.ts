import type { Job } from '../../types.ts';

export type JobCondition = NonNullable<Job['status']['conditions']>[number];

export function conditionOf(job: Job, type: string): JobCondition | undefined {
  return job.status.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/** The condition that says how the Job ended; undefined while it hasn't. */
export function finishedCondition(job: Job): JobCondition | undefined {
  return conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed');
}

export function newCondition(type: string, reason: string, message: string, now: string): JobCondition {
  return { type, status: 'True', lastProbeTime: now, lastTransitionTime: now, reason, message };
}

/** Conditions with this one set; the same list if nothing changes. One that is False is not added. */
export function ensureCondition(
  conditions: readonly JobCondition[],
  condition: JobCondition,
  now: string,
): readonly JobCondition[] {
  const old = conditions.find(({ type }) => type === condition.type);
  if (!old) return condition.status === 'False' ? conditions : [...conditions, condition];
  const { status, reason, message } = condition;
  if (old.status === status && old.reason === reason && old.message === message) return conditions;
  const updated = { ...condition, lastProbeTime: now, lastTransitionTime: now };
  return conditions.map((c) => (c === old ? updated : c));
}
