import { refs, type Job } from '../types.ts';
import { finishedCondition } from './job/conditions.ts';
import { keyOf, splitKey, tolerateGone } from './owners.ts';
import type { Controller } from './runtime.ts';

/** Deletes Jobs `ttlSecondsAfterFinished` after their end (pkg/controller/ttlafterfinished). */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  component: 'ttl-after-finished-controller',
  serviceAccount: 'ttl-after-finished-controller',

  start(context) {
    const jobs = context.client.resource(refs.jobs);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const [namespace, name] = splitKey(key);
        const job = jobs.get(namespace, name);
        const left = job && timeLeft(job, context.world.clock.now());
        if (!job || left === undefined) return;
        if (left > 0) return queue.addAfter(key, left);
        const preconditions = { uid: job.metadata.uid };
        tolerateGone(() => jobs.delete(namespace, name, { propagationPolicy: 'Foreground', preconditions }));
      },
    });
    const enqueue = (job: Job) => {
      if (timeLeft(job, 0) !== undefined) queue.add(keyOf(job));
    };
    context.watch(refs.jobs, { add: enqueue, update: enqueue });
  },
};

/** Ms until the Job is to go; undefined if it stays or is going already. */
function timeLeft(job: Job, now: number): number | undefined {
  const ttl = job.spec.ttlSecondsAfterFinished;
  const end = finishedCondition(job)?.lastTransitionTime as string | undefined;
  if (ttl === undefined || end === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
  return Date.parse(end) + ttl * 1000 - now;
}
