import { isEmptySelector, labelMatcher } from '../../apimachinery/label-matcher.ts';
import { ApiError, type DeleteOptions } from '../../client.ts';
import type { Pod, PodDisruptionBudget } from '../../types.ts';
import type { ApiServerCore } from '../core.ts';
import { badRequest, tooManyRequests, withCause } from '../errors.ts';
import { isRecord } from '../objects.ts';
import type { WriteOptions } from '../storage.ts';
import type { SubresourceHandler } from './registry.ts';

/** pods/eviction: deletes the Pod unless a PodDisruptionBudget says no. */
export const eviction: SubresourceHandler = {
  name: 'eviction',
  create(core, served, namespace, name, body, options) {
    const metadata = (isRecord(body['metadata']) ? body['metadata'] : {}) as { name?: string };
    if (metadata.name && metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object');
    const deleteOptions = (isRecord(body['deleteOptions']) ? body['deleteOptions'] : {}) as DeleteOptions;
    const { subresource: _subresource, ...writeOptions } = options;
    const pod = served.storage.mustGet(namespace, name).object as Pod;
    if (!ignoresBudgets(pod)) {
      useBudget(core, pod, writeOptions);
      markDisrupted(core, pod, writeOptions);
    }
    served.storage.delete(namespace, name, deleteOptions, writeOptions);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  },
};

/** Pods that don't serve anything (any more, or yet) may always go. */
function ignoresBudgets({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status.phase ?? '');
}

/**
 * Takes one disruption from the Pod's budget.
 * @throws ApiError TooManyRequests if it has none left.
 */
function useBudget(core: ApiServerCore, pod: Pod, options: WriteOptions): void {
  const storage = core.find('policy', 'v1', 'poddisruptionbudgets')?.storage;
  const all = (storage?.store.objects(pod.metadata.namespace) ?? []) as readonly PodDisruptionBudget[];
  const budgets = all.filter(({ spec }) => {
    return !isEmptySelector(spec.selector) && labelMatcher(spec.selector)(pod.metadata.labels);
  });
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new ApiError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
  }
  const [budget] = budgets;
  if (!budget || (!isReady(pod) && mayEvictUnhealthy(budget))) return;
  const { name, namespace, generation = 0 } = budget.metadata;
  const { observedGeneration = 0, disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0 } = budget.status;
  if (observedGeneration < generation) {
    const cause = `The disruption budget ${name} is still being processed by the server.`;
    throw violation(cause, 10);
  }
  if (disruptionsAllowed <= 0) {
    const cause = `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    throw violation(cause);
  }
  const disruptedPods = { ...budget.status.disruptedPods, [pod.metadata.name]: core.around.timestamp };
  const status = { ...budget.status, disruptionsAllowed: disruptionsAllowed - 1, disruptedPods };
  storage!.update(namespace, name, () => ({ ...budget, status }) as PodDisruptionBudget, {
    ...options,
    subresource: 'status',
  });
}

/** Unhealthy Pods don't count: they may go if the policy says so, or as long as enough others are healthy. */
function mayEvictUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status;
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

function markDisrupted(core: ApiServerCore, pod: Pod, options: WriteOptions): void {
  const condition = {
    type: 'DisruptionTarget',
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    status: 'True',
    lastProbeTime: null as unknown as string,
    lastTransitionTime: core.around.timestamp,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const { namespace, name } = pod.metadata;
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== condition.type);
  const status = { ...pod.status, conditions: [...others, condition] };
  const storage = core.find('', 'v1', 'pods')!.storage;
  storage.update(namespace, name, () => ({ ...pod, status }), { ...options, subresource: 'status' });
}

function violation(cause: string, retryAfterSeconds?: number): ApiError {
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  return withCause(tooManyRequests(text, retryAfterSeconds), { reason: 'DisruptionBudget', message: cause });
}
