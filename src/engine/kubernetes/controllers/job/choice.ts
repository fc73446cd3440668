import type { Job, Pod } from '../../types.ts';
import { podsToDelete } from '../pod-ranking.ts';
import { isPodActive, isPodTerminating } from '../pods.ts';
import { completionIndex, validIndex } from './indexes.ts';
import { absoluteIndexFailures, hasTrackingFinalizer, indexFailures, isPodFailed, replacesOnlyFailed } from './pods.ts';
import { matchFailurePolicy } from './policies.ts';

/** Which of a Job's Pods and indexes come next (pkg/controller/job, indexed_job_utils.go and job_controller.go). */

/** With restartPolicy OnFailure it's restarts that count. */
export function restartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  const { template, backoffLimit: limit = 6 } = spec;
  if (template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== 'Running' && status.phase !== 'Pending') continue;
    const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const { restartCount } of statuses) restarts += restartCount;
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/**
 * Failed Pods, by index, that stay until their replacements are made, which take over their counts.
 * @param settled whether an index has succeeded or failed
 */
export function podsToReplace(
  job: Job,
  pods: readonly Pod[],
  completions: number,
  settled: (index: number) => boolean,
): Map<number, Pod> {
  const active = new Set(pods.filter(isPodActive).map(completionIndex));
  const kept = new Map<number, Pod>();
  for (const pod of pods) {
    const index = validIndex(pod, completions);
    if (index === undefined || active.has(index) || !hasTrackingFinalizer(pod)) continue;
    if (!isPodFailed(job, pod) || settled(index)) continue;
    const other = kept.get(index);
    if (!other || absoluteIndexFailures(other) <= absoluteIndexFailures(pod)) kept.set(index, pod);
  }
  return kept;
}

/** Pods to delete, at least so many: second Pods of an index, then the usual ones. @param now Unix ms */
export function surplusOfIndexes(
  active: readonly Pod[],
  completions: number,
  count: number,
  now: number,
): readonly Pod[] {
  const surplus: Pod[] = [];
  const left: Pod[] = [];
  const groups = new Map<number | undefined, Pod[]>();
  for (const pod of active) {
    const index = validIndex(pod, completions);
    const group = groups.get(index);
    if (group) group.push(pod);
    else groups.set(index, [pod]);
  }
  for (const [index, pods] of groups) {
    if (index === undefined) surplus.push(...pods);
    else {
      const doubles = podsToDelete(pods, [], pods.length - 1, now).slice(0, pods.length - 1);
      surplus.push(...doubles);
      left.push(...pods.filter((pod) => !doubles.includes(pod)));
    }
  }
  const more = count - surplus.length;
  return more > 0 ? [...surplus, ...podsToDelete(left, [], more, now).slice(0, more)] : surplus;
}

/** The lowest indexes that need a Pod, at most so many. */
export function pendingIndexes(
  job: Job,
  pods: readonly Pod[],
  completions: number,
  count: number,
  settled: (index: number) => boolean,
): number[] {
  const onlyFailed = replacesOnlyFailed(job);
  const running = pods.filter((pod) => isPodActive(pod) || (onlyFailed && isPodTerminating(pod)));
  const taken = new Set(running.map(completionIndex));
  const pending: number[] = [];
  for (let index = 0; index < completions && pending.length < count; index++)
    if (!taken.has(index) && !settled(index)) pending.push(index);
  return pending;
}

/** The Pod's failure is its index's last. */
export function failsIndex(job: Job, pod: Pod): boolean {
  if (!isPodFailed(job, pod)) return false;
  const { counts, action } = matchFailurePolicy(job, pod);
  if (action === 'FailIndex') return true;
  return counts && indexFailures(pod) >= (job.spec.backoffLimitPerIndex ?? 0);
}

/** How a Job ends by its failed indexes, if it does. */
export function failureOfIndexes(
  { spec: { maxFailedIndexes } }: Job,
  failed: number,
  succeeded: number,
  completions: number,
): { reason: string; message: string } | undefined {
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return { reason: 'MaxFailedIndexesExceeded', message };
  }
  if (failed > 0 && failed + succeeded >= completions) {
    return { reason: 'FailedIndexes', message: 'Job has failed indexes' };
  }
  return undefined;
}
