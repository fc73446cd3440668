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
import {
  failsIndex,
  failureOfIndexes,
  pendingIndexes,
  podsToReplace,
  restartedTooOften,
  surplusOfIndexes,
} from './choice.ts';
import { completionIndex, IndexSet, parseIndexes, validIndex } from './indexes.ts';
import { matchFailurePolicy, matchSuccessPolicy } from './policies.ts';
import {
  absoluteIndexFailures,
  finishedAt,
  hasTrackingFinalizer,
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
    if (this.#failed > (spec.backoffLimit ?? 6) || restartedTooOften(this.#job, this.#pods)) {
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

  #judgeIndexes(): void {
    const { spec, status } = this.#job;
    this.#previousIndexes = parseIndexes(status.completedIndexes, this.#completions);
    const indexes = (pods: readonly Pod[]) => pods.flatMap((pod) => validIndex(pod, this.#completions) ?? []);
    const tracked = this.#pods.filter(hasTrackingFinalizer);
    this.#succeededIndexes = this.#previousIndexes.with(
      indexes(tracked.filter((pod) => pod.status.phase === 'Succeeded')),
    );
    this.#succeeded = this.#succeededIndexes.size;
    if (spec.backoffLimitPerIndex !== undefined) {
      const failed = indexes(tracked.filter((pod) => failsIndex(this.#job, pod)));
      this.#failedIndexes = parseIndexes(status.failedIndexes, this.#completions).with(failed);
      const { size } = this.#succeededIndexes;
      const failure = failureOfIndexes(this.#job, this.#failedIndexes.size, size, this.#completions);
      if (failure) this.#finished ??= this.#condition('FailureTarget', failure.reason, failure.message);
      this.#delayed = podsToReplace(this.#job, this.#pods, this.#completions, (index) => this.#isSettled(index));
    }
    const success = this.#finished ? undefined : matchSuccessPolicy(this.#job, this.#succeededIndexes);
    if (success !== undefined) this.#finished = this.#condition('SuccessCriteriaMet', 'SuccessPolicy', success);
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
    const { completions } = this.#job.spec;
    const deleting = this.#job.metadata.deletionTimestamp !== undefined;
    const failure = deleting ? undefined : this.#manage();
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
    const surplus = this.#surplus(Math.max(0, active - wanted));
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

  #surplus(count: number): readonly Pod[] {
    const surplus = this.#indexed
      ? surplusOfIndexes(this.#active, this.#completions, count, this.#now)
      : podsToDelete(this.#active, [], count, this.#now).slice(0, count);
    return surplus.slice(0, maxPodsPerSync);
  }

  /** The index has succeeded or failed: nothing is started for it any more. */
  #isSettled(index: number): boolean {
    return this.#succeededIndexes.has(index) || (this.#failedIndexes?.has(index) ?? false);
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
      indexes = pendingIndexes(this.#job, this.#pods, this.#completions, missing, (index) => this.#isSettled(index));
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
    for (const outcome of ['succeeded', 'failed'] as const) {
      const still = this.#uncounted[outcome].filter((uid) => tracked.has(uid));
      const settled = this.#uncounted[outcome].length - still.length;
      this.#uncounted[outcome] = still;
      if (settled > 0) this.#status = { ...this.#status, [outcome]: (this.#status[outcome] ?? 0) + settled } as Status;
    }
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
      const { uid } = pod.metadata;
      leaving.push(pod);
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
    if (type !== 'Complete') return this.#context.events.record(this.#job, 'Warning', reason, message);
    const { completions } = this.#job.spec;
    if (completions !== undefined && (this.#status.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      this.#context.events.record(this.#job, 'Warning', 'TooManySucceededPods', text);
    }
    this.#context.events.record(this.#job, 'Normal', 'Completed', 'Job completed');
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
