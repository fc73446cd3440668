import { isEmptySelector, labelMatcher } from '../../apimachinery/label-matcher.ts';
import type { LabelSelector } from '../../apimachinery/label-selector.ts';
import { refs, type Job, type Pod } from '../../types.ts';
import { claim, controllerOf, indexByController, keyOf, resolveController, splitKey, tolerateGone } from '../owners.ts';
import type { Controller, ControllerContext } from '../runtime.ts';
import type { BackoffRecord } from './backoff.ts';
import { finishedCondition } from './conditions.ts';
import { hasTrackingFinalizer, trackingFinalizer, withoutTracking } from './pods.ts';
import { JobSync } from './sync.ts';

/** Changes of Pods, and of a Job's status, are gathered for this long (ms) before the Job is looked at. */
const batchPeriod = 1000;

/** Pods that run to their end (pkg/controller/job). */
export const jobController: Controller = {
  name: 'job-controller',
  component: 'job-controller',
  serviceAccount: 'job-controller',

  start(context) {
    const backoff = new Map<string, BackoffRecord>();
    context.state(() => [...backoff]);
    const jobs = context.client.resource(refs.jobs);
    indexByController(context.client.resource(refs.pods).informer);
    const queue = context.queue({
      workers: 5,
      baseDelay: 1000,
      maxDelay: 60_000,
      reconcile: (key) => {
        const delay = reconcile(context, backoff, key);
        if (delay !== undefined) queue.addAfter(key, delay);
      },
    });
    const orphans = context.queue({ workers: 1, reconcile: (key) => releaseOrphan(context, key) });

    const ownerOf = (pod: Pod) => resolveController(jobs, refs.jobs, pod.metadata.namespace, controllerOf(pod));
    const podChanged = (pod: Pod) => {
      if (controllerOf(pod)?.kind !== 'Job') {
        if (!controllerOf(pod)) wakeAdopters(pod);
        if (hasTrackingFinalizer(pod)) orphans.add(keyOf(pod));
        return;
      }
      const job = ownerOf(pod);
      if (job) queue.addAfter(keyOf(job), batchPeriod);
      if (!job || finishedCondition(job)) if (hasTrackingFinalizer(pod)) orphans.add(keyOf(pod));
    };
    const wakeAdopters = (pod: Pod) => {
      if (pod.metadata.deletionTimestamp !== undefined || !pod.metadata.labels) return;
      for (const job of jobs.list({ namespace: pod.metadata.namespace })) {
        if (labelMatcher(job.spec.selector as LabelSelector)(pod.metadata.labels)) {
          queue.addAfter(keyOf(job), batchPeriod);
        }
      }
    };
    context.watch(refs.jobs, {
      add: (job) => queue.add(keyOf(job)),
      update: (job, previous) => {
        if (job.metadata.generation === previous.metadata.generation) queue.addAfter(keyOf(job), batchPeriod);
        else queue.add(keyOf(job));
        if (finishedCondition(job)) backoff.delete(keyOf(job));
      },
      delete: (job) => {
        backoff.delete(keyOf(job));
        for (const pod of context.client.resource(refs.pods).informer.byIndex('controller', job.metadata.uid)) {
          if (hasTrackingFinalizer(pod)) orphans.add(keyOf(pod));
        }
      },
    });
    context.watch(refs.pods, {
      add: podChanged,
      update: (pod, previous) => {
        podChanged(pod);
        if (controllerOf(previous)?.uid !== controllerOf(pod)?.uid) {
          const before = ownerOf(previous);
          if (before) queue.addAfter(keyOf(before), batchPeriod);
        }
      },
      delete: (pod) => {
        const job = ownerOf(pod);
        if (job) queue.addAfter(keyOf(job), batchPeriod);
      },
    });
  },
};

/** @returns ms after which the Job must be looked at again. */
function reconcile(context: ControllerContext, backoff: Map<string, BackoffRecord>, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const job = context.client.resource(refs.jobs).get(namespace, name);
  if (!job || finishedCondition(job) || isManagedElsewhere(job)) return undefined;
  const sync = new JobSync(context, job, podsOf(context, job), backoff.get(key));
  try {
    return sync.run();
  } finally {
    if (sync.record) backoff.set(key, sync.record);
    else backoff.delete(key);
  }
}

function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== 'kubernetes.io/job-controller';
}

function podsOf(context: ControllerContext, job: Job): readonly Pod[] {
  const selector = job.spec.selector as LabelSelector | undefined;
  if (isEmptySelector(selector)) return [];
  const pods = context.client.resource(refs.pods);
  const claimed = claim(job, labelMatcher(selector), pods).map((pod) => {
    const adopted = !hasTrackingFinalizer(pod) && isUncounted(pod);
    if (!adopted || pod.metadata.deletionTimestamp !== undefined) return pod;
    const finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer];
    return pods.update({ ...pod, metadata: { ...pod.metadata, finalizers } });
  });
  context.examined(claimed.length);
  return claimed;
}

/** A running Pod without the finalizer was adopted just now. */
function isUncounted({ status }: Pod): boolean {
  return status.phase !== 'Succeeded' && status.phase !== 'Failed';
}

/** A Pod whose Job is gone or finished need not be kept any more. */
function releaseOrphan(context: ControllerContext, key: string): void {
  const [namespace, name] = splitKey(key);
  const pods = context.client.resource(refs.pods);
  const pod = pods.get(namespace, name);
  if (!pod || !hasTrackingFinalizer(pod)) return;
  const owner = controllerOf(pod);
  if (owner && owner.kind !== 'Job') return;
  const job = resolveController(context.client.resource(refs.jobs), refs.jobs, namespace, owner);
  if (job && !finishedCondition(job)) return;
  tolerateGone(() => pods.update(withoutTracking(pod)));
}
