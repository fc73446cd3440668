import type { Draft, Job, Pod } from '../../types.ts';
import { podFromTemplate } from '../podcontrol.ts';
import { podCondition } from '../pods.ts';
import { completionIndexAnnotation } from './indexes.ts';
import { matchFailurePolicy } from './policies.ts';

/** Keeps a Job's Pod until the Job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

const failureCountAnnotation = 'batch.kubernetes.io/job-index-failure-count';
const ignoredCountAnnotation = 'batch.kubernetes.io/job-index-ignored-failure-count';
const indexVariable = 'JOB_COMPLETION_INDEX';

export function hasTrackingFinalizer(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** The Pod as it may go. */
export function withoutTracking(pod: Pod): Pod {
  const { finalizers = [], ...metadata } = pod.metadata;
  const others = finalizers.filter((finalizer) => finalizer !== trackingFinalizer);
  return { ...pod, metadata: others.length > 0 ? { ...metadata, finalizers: others } : metadata };
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === 'Indexed';
}

/** Pods that are being deleted are replaced only once they have ended. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

export function isPodFailed(job: Job, pod: Pod): boolean {
  if (pod.status.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status.phase !== 'Succeeded';
}

/** The Pod that a Job creates; without an index for Jobs that have none. */
export function jobPod(job: Job, index: number | undefined, replaced: Pod | undefined): Draft<Pod> {
  const template = job.spec.template as Parameters<typeof podFromTemplate>[0];
  const pod = podFromTemplate(template, job);
  const finalizers = pod.metadata.finalizers ?? [];
  const metadata = {
    ...pod.metadata,
    finalizers: finalizers.includes(trackingFinalizer) ? finalizers : [...finalizers, trackingFinalizer],
  };
  if (index === undefined) return { ...pod, metadata };
  const own = { [completionIndexAnnotation]: String(index) };
  const { name } = job.metadata;
  return {
    ...pod,
    metadata: {
      ...metadata,
      generateName: `${name}-${index}-`,
      labels: { ...metadata.labels, ...own },
      annotations: { ...metadata.annotations, ...own, ...failureCounts(job, replaced) },
    },
    spec: withIndexVariable({ ...pod.spec, hostname: `${name}-${index}` }),
  };
}

/** The index is in every container's environment, taken from the Pod's label. */
function withIndexVariable(spec: Pod['spec']): Pod['spec'] {
  type Container = Pod['spec']['containers'][number];
  const variable = {
    name: indexVariable,
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${completionIndexAnnotation}']` } },
  };
  const add = (container: Container): Container =>
    container.env?.some(({ name }) => name === indexVariable)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] };
  return {
    ...spec,
    containers: spec.containers.map(add),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(add) } : undefined),
  };
}

/** How often the Pod's index failed before it, as its annotation says. */
export function indexFailures(pod: Pod): number {
  return count(pod, failureCountAnnotation);
}

/** The same with failures that the failure policy ignores: these count for the back-off. */
export function absoluteIndexFailures(pod: Pod): number {
  return count(pod, failureCountAnnotation) + count(pod, ignoredCountAnnotation);
}

function count({ metadata }: Pod, annotation: string): number {
  return Number(metadata.annotations?.[annotation] ?? 0) || 0;
}

function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> | undefined {
  if (job.spec.backoffLimitPerIndex === undefined) return undefined;
  if (!replaced) return { [failureCountAnnotation]: '0' };
  const { counts } = matchFailurePolicy(job, replaced);
  const failures = count(replaced, failureCountAnnotation) + (counts ? 1 : 0);
  const ignored = count(replaced, ignoredCountAnnotation) + (counts ? 0 : 1);
  return {
    [failureCountAnnotation]: String(failures),
    ...(ignored > 0 ? { [ignoredCountAnnotation]: String(ignored) } : undefined),
  };
}

/** Unix ms when the Pod ended, as well as it can be known. */
export function finishedAt(pod: Pod): number {
  const statuses = pod.status.containerStatuses ?? [];
  const ends = statuses.map(({ state }) => state?.terminated?.finishedAt as string | undefined);
  if (ends.length > 0 && ends.every((end) => end)) return Math.max(...ends.map((end) => Date.parse(end!)));
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return Date.parse(creationTimestamp);
}
