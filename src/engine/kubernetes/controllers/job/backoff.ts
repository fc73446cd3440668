/** Waiting before a Job's failed Pod is replaced (pkg/controller/job, backoff_utils.go). Times in ms. */

const firstBackoff = 10_000;
const longestBackoff = 600_000;

export interface BackoffRecord {
  failuresAfterLastSuccess: number;
  lastFailure: number;
}

export const noFailures: BackoffRecord = { failuresAfterLastSuccess: 0, lastFailure: 0 };

/** @param succeeded when the Pods ended that succeeded since; likewise `failed` */
export function nextRecord(
  record: BackoffRecord,
  succeeded: readonly number[],
  failed: readonly number[],
): BackoffRecord {
  if (succeeded.length === 0 && failed.length === 0) return record;
  const lastSuccess = succeeded.length > 0 ? Math.max(...succeeded) : undefined;
  const after = lastSuccess === undefined ? failed : failed.filter((time) => time > lastSuccess);
  const before = lastSuccess === undefined ? record.failuresAfterLastSuccess : 0;
  return {
    failuresAfterLastSuccess: before + after.length,
    lastFailure: failed.length > 0 ? Math.max(...failed) : record.lastFailure,
  };
}

/** Ms until the next Pod may be created. */
export function remainingBackoff(failures: number, lastFailure: number, now: number): number {
  if (failures === 0) return 0;
  const backoff = Math.min(firstBackoff * 2 ** (failures - 1), longestBackoff);
  return Math.max(0, lastFailure + backoff - now);
}
