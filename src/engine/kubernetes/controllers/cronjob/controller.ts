import { zonedTimestamp, type TimeZone } from '../../apimachinery/time-zone.ts';
import { rfc3339 } from '../../../world/index.ts';
import { deepEqual } from '../../apiserver/objects.ts';
import { ApiError } from '../../client.ts';
import { objectReference } from '../../events.ts';
import { refs, type CronJob, type Draft, type Job } from '../../types.ts';
import { finishedCondition } from '../job/conditions.ts';
import {
  controlledBy,
  controllerOf,
  indexByController,
  isControlledBy,
  keyOf,
  newControllerReference,
  resolveController,
  splitKey,
  tolerateGone,
} from '../owners.ts';
import { isNamespaceTerminating } from '../podcontrol.ts';
import type { Controller, ControllerContext } from '../runtime.ts';
import { dueRun, scheduleOf, untilNextRun, zoneOf } from './schedule.ts';

type Status = CronJob['status'];
type ActiveJob = NonNullable<Status['active']>[number];

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Jobs at given times (pkg/controller/cronjob, the second version). */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  component: 'cronjob-controller',
  serviceAccount: 'cronjob-controller',

  start(context) {
    const cronJobs = context.client.resource(refs.cronJobs);
    indexByController(context.client.resource(refs.jobs).informer);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const delay = reconcile(context, key);
        if (delay !== undefined) queue.addAfter(key, delay);
      },
    });
    const enqueue = (cronJob: CronJob) => queue.add(keyOf(cronJob));
    const jobChanged = (job: Job) => {
      const owner = resolveController(cronJobs, refs.cronJobs, job.metadata.namespace, controllerOf(job));
      if (owner) enqueue(owner);
    };
    context.watch(refs.cronJobs, { add: enqueue, update: enqueue, delete: enqueue });
    context.watch(refs.jobs, { add: jobChanged, update: jobChanged, delete: jobChanged });
  },
};

/** @returns ms until the next run. */
function reconcile(context: ControllerContext, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const cronJob = context.client.resource(refs.cronJobs).get(namespace, name);
  if (!cronJob) return undefined;
  const jobs = [...controlledBy(context.client.resource(refs.jobs).informer, cronJob)];
  const run = new CronSync(context, cronJob, jobs);
  try {
    return run.run();
  } finally {
    run.cleanUp();
    run.writeStatus();
  }
}

/** One look at a CronJob. */
class CronSync {
  readonly #context: ControllerContext;
  readonly #cronJob: CronJob;
  readonly #jobs: readonly Job[];
  readonly #now: number;
  #status: Status;

  constructor(context: ControllerContext, cronJob: CronJob, jobs: readonly Job[]) {
    this.#context = context;
    this.#cronJob = cronJob;
    this.#jobs = jobs;
    this.#now = context.world.clock.now();
    this.#status = cronJob.status;
  }

  /** @throws ApiError */
  run(): number | undefined {
    this.#followJobs();
    const { metadata, spec } = this.#cronJob;
    if (metadata.deletionTimestamp !== undefined) return undefined;
    const zone = zoneOf(this.#cronJob);
    if (!zone) {
      const quoted = JSON.stringify(spec.timeZone);
      this.#tell('Warning', 'UnknownTimeZone', `invalid timeZone: ${quoted}: unknown time zone ${spec.timeZone}`);
      return undefined;
    }
    if (spec.suspend) return undefined;
    const schedule = scheduleOf(this.#cronJob, zone);
    const { time, missedMany } = dueRun(this.#cronJob, schedule, this.#now);
    if (missedMany) {
      const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      this.#tell('Warning', 'TooManyMissedTimes', message);
    }
    if (time !== undefined && this.#mayStart(time)) this.#start(time, zone);
    return untilNextRun({ ...this.#cronJob, status: this.#status }, schedule, this.#now);
  }

  /** What became of the Jobs since. */
  #followJobs(): void {
    for (const job of this.#jobs) {
      const { name, uid } = job.metadata;
      const isActive = this.#active.some((active) => active.uid === uid);
      const end = finishedCondition(job);
      if (!isActive && !end) {
        const message = `Saw a job that the controller did not create or forgot: ${name}`;
        this.#tell('Warning', 'UnexpectedJob', message);
      } else if (isActive && end) {
        this.#forget(uid);
        this.#tell('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end.type}`);
      } else if (end?.type === 'Complete') {
        const completed = job.status.completionTime as string | undefined;
        const last = this.#status.lastSuccessfulTime as string | undefined;
        if (completed !== undefined && (last === undefined || Date.parse(completed) > Date.parse(last))) {
          this.#status = { ...this.#status, lastSuccessfulTime: completed } as Status;
        }
      }
    }
    for (const { uid = '', name } of this.#active) {
      if (this.#jobs.some(({ metadata }) => metadata.uid === uid)) continue;
      this.#tell('Normal', 'MissingJob', `Active job went missing: ${name}`);
      this.#forget(uid);
    }
  }

  #mayStart(time: number): boolean {
    const { startingDeadlineSeconds, concurrencyPolicy } = this.#cronJob.spec;
    if (startingDeadlineSeconds !== undefined && time + startingDeadlineSeconds * 1000 < this.#now) {
      const missed = rfc1123(time);
      this.#tell('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${missed}`);
      return false;
    }
    const name = jobName(this.#cronJob, time);
    const last = this.#status.lastScheduleTime as string | undefined;
    if (this.#active.some((active) => active.name === name)) return false;
    if (last !== undefined && Date.parse(last) === time) return false;
    if (concurrencyPolicy === 'Forbid' && this.#active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#tell('Normal', 'JobAlreadyActive', message);
      return false;
    }
    return true;
  }

  #start(time: number, zone: TimeZone): void {
    const jobs = this.#context.client.resource(refs.jobs);
    const { namespace } = this.#cronJob.metadata;
    if (this.#cronJob.spec.concurrencyPolicy === 'Replace') {
      for (const { name = '' } of this.#active) {
        const job = jobs.get(namespace, name);
        if (job) this.#delete(job);
      }
    }
    let job: Job;
    try {
      job = jobs.create(jobOf(this.#cronJob, time, zone));
      this.#tell('Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    } catch (error) {
      if (!(error instanceof ApiError) || isNamespaceTerminating(error)) throw error;
      const existing = error.reason === 'AlreadyExists' ? jobs.get(namespace, jobName(this.#cronJob, time)) : undefined;
      if (!existing) {
        this.#tell('Warning', 'FailedCreate', `Error creating job: ${error.message}`);
        throw error;
      }
      if (!isControlledBy(existing, this.#cronJob) || finishedCondition(existing)) return;
      job = existing;
    }
    this.#status = {
      ...this.#status,
      active: [...this.#active, objectReference(job) as ActiveJob],
      lastScheduleTime: rfc3339(time),
    } as Status;
  }

  /** Ended Jobs beyond the history limits go, the oldest first. */
  cleanUp(): void {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = this.#cronJob.spec;
    this.#keepLast('Complete', successfulJobsHistoryLimit);
    this.#keepLast('Failed', failedJobsHistoryLimit);
  }

  #keepLast(outcome: string, limit: number | undefined): void {
    if (limit === undefined) return;
    const started = ({ status, metadata }: Job) => String(status.startTime ?? metadata.creationTimestamp);
    const ended = this.#jobs
      .filter((job) => finishedCondition(job)?.type === outcome && job.metadata.deletionTimestamp === undefined)
      .sort((a, b) =>
        started(a) < started(b) ? -1 : started(a) > started(b) ? 1 : a.metadata.name < b.metadata.name ? -1 : 1,
      );
    for (const job of ended.slice(0, Math.max(0, ended.length - limit))) this.#delete(job);
  }

  #delete({ metadata: { namespace, name, uid } }: Job): void {
    try {
      const jobs = this.#context.client.resource(refs.jobs);
      tolerateGone(() => jobs.delete(namespace, name, { propagationPolicy: 'Background' }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#tell('Warning', 'FailedDelete', `Deleted job: ${error.message}`);
      return;
    }
    this.#forget(uid);
    this.#tell('Normal', 'SuccessfulDelete', `Deleted job ${name}`);
  }

  writeStatus(): void {
    if (deepEqual(this.#status, this.#cronJob.status)) return;
    this.#context.client.resource(refs.cronJobs).update({ ...this.#cronJob, status: this.#status }, 'status');
  }

  get #active(): readonly ActiveJob[] {
    return this.#status.active ?? [];
  }

  #forget(uid: string): void {
    const left = this.#active.filter((active) => active.uid !== uid);
    const { active: _, ...status } = this.#status;
    this.#status = left.length > 0 ? { ...status, active: left } : status;
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.events.record(this.#cronJob, type, reason, message);
  }
}

/** The scheduled time in minutes makes the name, so that no run is started twice. */
function jobName(cronJob: CronJob, time: number): string {
  return `${cronJob.metadata.name}-${Math.floor(time / 60_000)}`;
}

function jobOf(cronJob: CronJob, time: number, zone: TimeZone): Draft<Job> {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, time),
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels ? { labels: metadata.labels } : undefined),
      annotations: { ...metadata?.annotations, [scheduledAnnotation]: zonedTimestamp(time, zone) },
      ownerReferences: [newControllerReference(cronJob)],
    },
    spec,
  } as unknown as Draft<Job>;
}

/** `Mon, 02 Jan 2006 15:04:05 +0000` */
function rfc1123(time: number): string {
  return new Date(time).toUTCString().replace('GMT', '+0000');
}
