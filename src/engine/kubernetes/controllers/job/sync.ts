import { deepEqual } from '../../apiserver/objects.ts';
import { ApiError } from '../../client.ts';
import { refs, type Job, type Pod } from '../../types.ts';
import { tolerateGone } from '../owners.ts';
import { isNamespaceTerminating, PodControl, slowStartBatch } from '../podcontrol.ts';
import { podsToDelete } from '../pod-ranking.ts';
import { isPodActive, isPodReady, isPodTerminating } from '../pods.ts';
import type { ControllerContext } from '../runtime.ts';
import { nextRecord, noFailures, remainingBackoff, type BackoffRecord } from './backoff.ts';
import { conditionOf, ensureCondition, newCondition, type JobCondition } from './conditions.ts';
import { completionIndex, IndexSet, parseIndexes, validIndex } from './indexes.ts';
import { matchFailurePolicy, matchSuccessPolicy } from './policies.ts';
import {
  absoluteIndexFailures,
  finishedAt,
  hasTrackingFinalizer,
  indexFailures,
  isIndexed,
  isPodFailed,
  jobPod,
  replacesOnlyFailed,
  withoutTracking,
} from './pods.ts';

type Status = Job['status'];
type Uncounted = { succeeded: string[]; failed: string[] };

/** The most Pods created, deleted or counted in one go. */
const maxPodsPerSync = 500;

/** One look at a Job (`syncJob`): ends it, or creates and deletes Pods, and counts those that ended. */
export class JobSync {
  readonly #context: ControllerContext;
  readonly #pods: readonly Pod[];
  readonly #active: readonly Pod[];
  readonly #control: PodControl;
  readonly #now: number;
  readonly #timestamp: string;
  readonly #completions: number;
  readonly #indexed: boolean;
  #job: Job;
  /** The status as it will be written. */
  #status: Status;
  #uncounted: Uncounted;
  #activeCount: number;
  #ready: number;
  #terminating: number;
  #succeeded = 0;
  #failed = 0;
  #previousIndexes = new IndexSet();
  #succeededIndexes = new IndexSet();
  #failedIndexes: IndexSet | undefined;
  /** Failed Pods that their replacements need to be made first: these take over their counts. */
  #delayed = new Map<number, Pod>();
  #finished: JobCondition | undefined;
  #delay: number | undefined;
  #nextRecord: BackoffRecord;
  /** What is known about failures after this look. */
  record: BackoffRecord | undefined;

  constructor(context: ControllerContext, job: Job, pods: readonly Pod[], record: BackoffRecord | undefined) {
    this.#context = context;
    this.#job = job;
    this.#status = job.status;
    this.#pods = pods;
    this.#active = pods.filter(isPodActive);
    this.#control = new PodControl(context.client.resource(refs.pods), context.events);
    this.#now = context.world.clock.now();
    this.#timestamp = context.world.clock.timestamp();
    this.#indexed = isIndexed(job);
    this.#completions = job.spec.completions ?? Infinity;
    const { succeeded = [], failed = [] } = job.status.uncountedTerminatedPods ?? {};
    this.#uncounted = { succeeded: [...succeeded], failed: [...failed] };
    this.#activeCount = this.#active.length;
    this.#ready = this.#active.filter(isPodReady).length;
    this.#terminating = pods.filter(isPodTerminating).length;
    this.record = record;
    this.#nextRecord = record ?? noFailures;
  }

  /** @returns ms after which to look again. @throws ApiError */
  run(): number | undefined {
    this.#count();
    this.#finished = this.#verdict();
    if (this.#indexed) this.#judgeIndexes();
    const failure = this.#finished ? this.#stopPods() : this.#advance();
    const changed = {
      ...(this.#activeCount > 0 ? { active: this.#activeCount } : { active: undefined }),
      ready: this.#ready,
      terminating: this.#terminating,
    };
    this.#status = { ...this.#status, ...changed } as Status;
    this.#track();
    if (failure) throw failure;
    return this.#delay;
  }

  #count(): void {
    const { status, spec } = this.#job;
    const isNew = (pod: Pod, known: readonly string[]) =>
      hasTrackingFinalizer(pod) &&
      !known.includes(pod.metadata.uid) &&
      (!this.#indexed || validIndex(pod, this.#completions) !== undefined);
    const newlySucceeded = this.#pods.filter(
      (pod) => pod.status.phase === 'Succeeded' && isNew(pod, this.#uncounted.succeeded),
    );
    const newlyFailed = this.#pods.filter((pod) => isPodFailed(this.#job, pod) && isNew(pod, this.#uncounted.failed));
    const counted = newlyFailed.filter((pod) => matchFailurePolicy(this.#job, pod).counts);
    this.#succeeded = (status.succeeded ?? 0) + newlySucceeded.length + this.#uncounted.succeeded.length;
    this.#failed = (status.failed ?? 0) + counted.length + this.#uncounted.failed.length;
    if (status.startTime === undefined && !spec.suspend) {
      this.#status = { ...this.#status, startTime: this.#timestamp } as Status;
    }
    this.#nextRecord = nextRecord(this.#nextRecord, newlySucceeded.map(finishedAt), newlyFailed.map(finishedAt));
  }

  /** Whether the Job has ended, whatever its indexes say. */
  #verdict(): JobCondition | undefined {
    const { spec } = this.#job;
    const success = conditionOf(this.#job, 'SuccessCriteriaMet');
    if (success) return success;
    const target = conditionOf(this.#job, 'FailureTarget');
    if (target) return this.#condition('Failed', target.reason ?? '', target.message ?? '');
    if (spec.podFailurePolicy) {
      for (const pod of this.#pods) {
        const failure = isPodFailed(this.#job, pod) ? matchFailurePolicy(this.#job, pod).failure : undefined;
        if (failure !== undefined) return this.#condition('FailureTarget', 'PodFailurePolicy', failure);
      }
    }
    if (this.#failed > (spec.backoffLimit ?? 6) || this.#restartedTooOften()) {
      const message = 'Job has reached the specified backoff limit';
      return this.#condition('FailureTarget', 'BackoffLimitExceeded', message);
    }
    const started = this.#status.startTime as string | undefined;
    if (spec.activeDeadlineSeconds !== undefined && !spec.suspend && started !== undefined) {
      const left = Date.parse(started) + spec.activeDeadlineSeconds * 1000 - this.#now;
      if (left <= 0) {
        return this.#condition('FailureTarget', 'DeadlineExceeded', 'Job was active longer than specified deadline');
      }
      this.#lookAgain(left);
    }
    return undefined;
  }

  /** With restartPolicy OnFailure it's restarts that count. */
  #restartedTooOften(): boolean {
    const { template, backoffLimit: limit = 6 } = this.#job.spec;
    if (template.spec?.restartPolicy !== 'OnFailure') return false;
    let restarts = 0;
    for (const { status } of this.#pods) {
      if (status.phase !== 'Running' && status.phase !== 'Pending') continue;
      const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
      for (const { restartCount } of statuses) restarts += restartCount;
    }
    return limit === 0 ? restarts > 0 : restarts >= limit;
  }

  #judgeIndexes(): void {
    const { spec, status } = this.#job;
    this.#previousIndexes = parseIndexes(status.completedIndexes, this.#completions);
    const indexes = (pods: readonly Pod[]) => pods.map((pod) => validIndex(pod, this.#completions)).filter(isNumber);
    const tracked = this.#pods.filter(hasTrackingFinalizer);
    this.#succeededIndexes = this.#previousIndexes.with(
      indexes(tracked.filter((pod) => pod.status.phase === 'Succeeded')),
    );
    this.#succeeded = this.#succeededIndexes.size;
    if (spec.backoffLimitPerIndex !== undefined) {
      const failed = indexes(tracked.filter((pod) => this.#failsIndex(pod)));
      this.#failedIndexes = parseIndexes(status.failedIndexes, this.#completions).with(failed);
      this.#finished ??= this.#failureOfIndexes(this.#failedIndexes);
      this.#delayed = this.#podsToKeepForReplacement();
    }
    const success = this.#finished ? undefined : matchSuccessPolicy(this.#job, this.#succeededIndexes);
    if (success !== undefined) this.#finished = this.#condition('SuccessCriteriaMet', 'SuccessPolicy', success);
  }

  #failsIndex(pod: Pod): boolean {
    if (!isPodFailed(this.#job, pod)) return false;
    const { counts, action } = matchFailurePolicy(this.#job, pod);
    if (action === 'FailIndex') return true;
    return counts && indexFailures(pod) >= (this.#job.spec.backoffLimitPerIndex ?? 0);
  }

  #failureOfIndexes(failed: IndexSet): JobCondition | undefined {
    const { maxFailedIndexes } = this.#job.spec;
    if (maxFailedIndexes !== undefined && failed.size > maxFailedIndexes) {
      const message = 'Job has exceeded the specified maximal number of failed indexes';
      return this.#condition('FailureTarget', 'MaxFailedIndexesExceeded', message);
    }
    if (failed.size > 0 && failed.size + this.#succeededIndexes.size >= this.#completions) {
      return this.#condition('FailureTarget', 'FailedIndexes', 'Job has failed indexes');
    }
    return undefined;
  }

  #podsToKeepForReplacement(): Map<number, Pod> {
    const active = new Set(this.#active.map(completionIndex));
    const kept = new Map<number, Pod>();
    for (const pod of this.#pods) {
      const index = validIndex(pod, this.#completions);
      if (index === undefined || active.has(index) || !hasTrackingFinalizer(pod)) continue;
      if (!isPodFailed(this.#job, pod)) continue;
      if (this.#succeededIndexes.has(index) || this.#failedIndexes!.has(index)) continue;
      const other = kept.get(index);
      if (!other || absoluteIndexFailures(other) <= absoluteIndexFailures(pod)) kept.set(index, pod);
    }
    return kept;
  }

  /** The Job has ended: its Pods that still run must, too. */
  #stopPods(): ApiError | undefined {
    const { deleted, failure } = this.#delete(this.#active, false);
    // While some are left it can't be told how the Job ended.
    if (deleted !== this.#active.length) this.#finished = undefined;
    return failure;
  }

  /** Brings the number of running Pods nearer to what is wanted; sees whether all is done. */
  #advance(): ApiError | undefined {
    const { spec, metadata } = this.#job;
    const deleting = metadata.deletionTimestamp !== undefined;
    const failure = deleting ? undefined : this.#manage();
    const { completions } = spec;
    const enough = completions === undefined ? this.#succeeded > 0 : this.#succeeded >= completions;
    if (enough && this.#activeCount === 0) {
      const message = 'Reached expected number of succeeded pods';
      this.#finished = this.#condition('SuccessCriteriaMet', 'CompletionsReached', message);
    } else if (!deleting) {
      this.#showSuspension();
    }
    return failure;
  }

  #showSuspension(): void {
    const suspended = this.#job.spec.suspend ?? false;
    const [status, verb] = suspended ? (['True', 'Suspended'] as const) : (['False', 'Resumed'] as const);
    const condition = { ...this.#condition('Suspended', `Job${verb}`, `Job ${verb.toLowerCase()}`), status };
    const before = this.#status.conditions ?? [];
    const conditions = ensureCondition(before, condition, this.#timestamp);
    if (conditions === before) return;
    this.#status = { ...this.#status, conditions: [...conditions] } as Status;
    if (!suspended) this.#status = { ...this.#status, startTime: this.#timestamp } as Status;
    this.#context.events.record(this.#job, 'Normal', verb, `Job ${verb.toLowerCase()}`);
  }

  #manage(): ApiError | undefined {
    const { spec } = this.#job;
    const active = this.#active.length;
    if (spec.suspend) return this.#delete(this.#active, true).failure;
    const wanted = this.#wantedActive();
    const surplus = this.#surplus(Math.max(0, active - wanted)).slice(0, maxPodsPerSync);
    if (surplus.length > 0) return this.#delete(surplus, true).failure;
    const terminating = replacesOnlyFailed(this.#job) ? this.#terminating : 0;
    const missing = Math.min(wanted - terminating - active, maxPodsPerSync);
    return missing > 0 ? this.#create(missing) : undefined;
  }

  #wantedActive(): number {
    const { completions, parallelism = 1 } = this.#job.spec;
    if (completions === undefined) return this.#succeeded > 0 ? this.#active.length : parallelism;
    return Math.max(0, Math.min(completions - this.#succeeded, parallelism));
  }

  /** Pods to delete, at least so many: second Pods of an index, then the usual ones. */
  #surplus(count: number): readonly Pod[] {
    if (!this.#indexed) return podsToDelete(this.#active, [], count, this.#now).slice(0, count);
    const surplus: Pod[] = [];
    const left: Pod[] = [];
    const groups = new Map<number | undefined, Pod[]>();
    for (const pod of this.#active) {
      const index = validIndex(pod, this.#completions);
      const group = groups.get(index);
      if (group) group.push(pod);
      else groups.set(index, [pod]);
    }
    for (const [index, pods] of groups) {
      if (index === undefined) surplus.push(...pods);
      else {
        const doubles = podsToDelete(pods, [], pods.length - 1, this.#now).slice(0, pods.length - 1);
        surplus.push(...doubles);
        left.push(...pods.filter((pod) => !doubles.includes(pod)));
      }
    }
    const more = count - surplus.length;
    return more > 0 ? [...surplus, ...podsToDelete(left, [], more, this.#now).slice(0, more)] : surplus;
  }

  #create(missing: number): ApiError | undefined {
    const perIndex = this.#job.spec.backoffLimitPerIndex !== undefined;
    if (!perIndex) {
      const { failuresAfterLastSuccess, lastFailure } = this.#nextRecord;
      const wait = remainingBackoff(failuresAfterLastSuccess, lastFailure, this.#now);
      if (wait > 0) return this.#postpone(wait);
    }
    let indexes: number[] | undefined;
    if (this.#indexed) {
      indexes = this.#pendingIndexes(missing);
      if (perIndex && indexes.length > 0) {
        const waits = indexes.map((index) => this.#indexBackoff(index));
        const due = indexes.filter((_, i) => waits[i] === 0);
        if (due.length === 0) return this.#postpone(Math.min(...waits));
        indexes = due;
      }
    }
    let next = 0;
    const { successes, error } = slowStartBatch(indexes?.length ?? missing, () => {
      const index = indexes?.[next++];
      try {
        this.#control.create(
          this.#job,
          jobPod(this.#job, index, index === undefined ? undefined : this.#delayed.get(index)),
        );
      } catch (e) {
        if (!isNamespaceTerminating(e)) throw e;
      }
    });
    this.#activeCount += successes;
    return error;
  }

  /** Upstream counts no active Pods while a new one must wait. */
  #postpone(wait: number): undefined {
    this.#activeCount = 0;
    this.#lookAgain(wait);
  }

  #indexBackoff(index: number): number {
    const last = this.#delayed.get(index);
    return last ? remainingBackoff(absoluteIndexFailures(last) + 1, finishedAt(last), this.#now) : 0;
  }

  #pendingIndexes(count: number): number[] {
    const running = replacesOnlyFailed(this.#job)
      ? this.#pods.filter((pod) => isPodActive(pod) || isPodTerminating(pod))
      : this.#active;
    const taken = new Set(running.map(completionIndex));
    const pending: number[] = [];
    for (let index = 0; index < this.#completions && pending.length < count; index++) {
      if (taken.has(index) || this.#succeededIndexes.has(index) || this.#failedIndexes?.has(index)) continue;
      pending.push(index);
    }
    return pending;
  }

  /** @param untrack they will not be counted */
  #delete(pods: readonly Pod[], untrack: boolean): { deleted: number; failure: ApiError | undefined } {
    const client = this.#context.client.resource(refs.pods);
    let deleted = 0;
    let failure: ApiError | undefined;
    for (const pod of pods) {
      try {
        if (untrack && hasTrackingFinalizer(pod)) tolerateGone(() => client.update(withoutTracking(pod)));
        this.#control.delete(this.#job, pod);
        deleted++;
        if (isPodReady(pod)) this.#ready--;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failure ??= error;
      }
    }
    this.#activeCount -= deleted;
    this.#terminating += deleted;
    return { deleted, failure };
  }

  /** Counts the Pods that ended, in three steps: remembers them by UID, lets them go, forgets their UIDs. */
  #track(): void {
    const tracked = new Set(this.#pods.filter(hasTrackingFinalizer).map(({ metadata }) => metadata.uid));
    this.#settle(tracked);
    const { leaving, full } = this.#remember();
    let conditions = this.#status.conditions ?? [];
    if (this.#finished?.type === 'FailureTarget') {
      conditions = [...conditions, this.#finished];
      this.#finished = { ...this.#finished, type: 'Failed' };
    } else if (this.#finished?.type === 'SuccessCriteriaMet') {
      if (!conditionOf(this.#job, 'SuccessCriteriaMet')) conditions = [...conditions, this.#finished];
      const { reason = '', message = '' } = this.#finished;
      this.#finished = this.#condition('Complete', reason, message);
    }
    if (conditions.length > 0) this.#status = { ...this.#status, conditions: [...conditions] } as Status;
    if (leaving.length > 0 || this.#finished) this.#flush();
    const failure = this.#release(leaving, tracked);
    this.#settle(tracked);
    if (failure) {
      this.#flush();
      throw failure;
    }
    const ended = !full && this.#finish();
    this.#flush();
    if (ended) this.#tellEnd();
  }

  /** Moves Pods that have been let go from the list of uncounted ones into the counters. */
  #settle(tracked: ReadonlySet<string>): void {
    const settled = { succeeded: 0, failed: 0 };
    for (const outcome of ['succeeded', 'failed'] as const) {
      const still = this.#uncounted[outcome].filter((uid) => tracked.has(uid));
      settled[outcome] = this.#uncounted[outcome].length - still.length;
      this.#uncounted[outcome] = still;
    }
    const { succeeded = 0, failed = 0 } = this.#status;
    if (settled.succeeded > 0) this.#status = { ...this.#status, succeeded: succeeded + settled.succeeded } as Status;
    if (settled.failed > 0) this.#status = { ...this.#status, failed: failed + settled.failed } as Status;
  }

  #remember(): { leaving: Pod[]; full: boolean } {
    const leaving: Pod[] = [];
    const newIndexes: number[] = [];
    const { succeeded, failed } = this.#uncounted;
    let full = false;
    for (const pod of this.#pods) {
      if (!hasTrackingFinalizer(pod)) continue;
      const isFailed = isPodFailed(this.#job, pod);
      if (!this.#mayLeave(pod, isFailed)) continue;
      leaving.push(pod);
      const { uid } = pod.metadata;
      const index = validIndex(pod, this.#completions);
      if (pod.status.phase === 'Succeeded' && !failed.includes(uid)) {
        if (!this.#indexed) {
          if (!succeeded.includes(uid)) succeeded.push(uid);
        } else if (index !== undefined && !this.#previousIndexes.has(index)) newIndexes.push(index);
      } else if (isFailed || (this.#finished && this.#finished.type !== 'SuccessCriteriaMet')) {
        const counts = (!this.#indexed || index !== undefined) && matchFailurePolicy(this.#job, pod).counts;
        if (counts && !failed.includes(uid)) failed.push(uid);
      }
      full = newIndexes.length + succeeded.length + failed.length >= maxPodsPerSync;
      if (full) break;
    }
    if (this.#indexed) {
      const completed = this.#previousIndexes.with(newIndexes);
      this.#status = {
        ...this.#status,
        ...(completed.size > 0 ? { succeeded: completed.size } : undefined),
        ...(completed.size > 0 ? { completedIndexes: completed.toString() } : undefined),
        ...(this.#failedIndexes ? { failedIndexes: this.#failedIndexes.toString() } : undefined),
      } as Status;
    }
    return { leaving, full };
  }

  #mayLeave(pod: Pod, isFailed: boolean): boolean {
    if (this.#job.metadata.deletionTimestamp !== undefined || this.#finished || pod.status.phase === 'Succeeded') {
      return true;
    }
    if (!isFailed) return false;
    const index = completionIndex(pod);
    // Pods of a namespace that goes are never replaced.
    const namespace = this.#context.client.resource(refs.namespaces).get(undefined, pod.metadata.namespace ?? '');
    if (namespace?.metadata.deletionTimestamp !== undefined) return true;
    return index === undefined || this.#delayed.get(index)?.metadata.uid !== pod.metadata.uid;
  }

  #release(leaving: readonly Pod[], tracked: Set<string>): ApiError | undefined {
    const client = this.#context.client.resource(refs.pods);
    let failure: ApiError | undefined;
    for (const { metadata } of leaving) {
      try {
        // The Pod may have been marked for deletion since it was listed.
        const current = client.get(metadata.namespace, metadata.name);
        if (current?.metadata.uid === metadata.uid) tolerateGone(() => client.update(withoutTracking(current)));
        tracked.delete(metadata.uid);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failure ??= error;
      }
    }
    return failure;
  }

  /** Sets the condition that ends the Job, once all is counted and nothing runs any more. */
  #finish(): boolean {
    const { succeeded, failed } = this.#uncounted;
    if (!this.#finished || succeeded.length > 0 || failed.length > 0 || this.#terminating > 0) return false;
    const conditions = ensureCondition(this.#status.conditions ?? [], this.#finished, this.#timestamp);
    const complete = this.#finished.type === 'Complete';
    this.#status = {
      ...this.#status,
      conditions: [...conditions],
      ...(complete ? { completionTime: this.#timestamp } : undefined),
    } as Status;
    return true;
  }

  #tellEnd(): void {
    const { type, reason = '', message = '' } = this.#finished!;
    const { events } = this.#context;
    if (type !== 'Complete') return events.record(this.#job, 'Warning', reason, message);
    const { completions } = this.#job.spec;
    if (completions !== undefined && (this.#status.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      events.record(this.#job, 'Warning', 'TooManySucceededPods', text);
    }
    events.record(this.#job, 'Normal', 'Completed', 'Job completed');
  }

  /** Writes the status if it changed. */
  #flush(): void {
    const { succeeded, failed } = this.#uncounted;
    const uncountedTerminatedPods = {
      ...(succeeded.length > 0 ? { succeeded: [...succeeded] } : undefined),
      ...(failed.length > 0 ? { failed: [...failed] } : undefined),
    };
    const status = { ...this.#status, uncountedTerminatedPods } as Status;
    if (!deepEqual(status, this.#job.status)) {
      this.#job = this.#context.client.resource(refs.jobs).update({ ...this.#job, status }, 'status');
    }
    this.record = this.#nextRecord.failuresAfterLastSuccess > 0 ? this.#nextRecord : undefined;
  }

  #condition(type: string, reason: string, message: string): JobCondition {
    return newCondition(type, reason, message, this.#timestamp);
  }

  #lookAgain(delay: number): void {
    this.#delay = Math.min(delay, this.#delay ?? Infinity);
  }
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
