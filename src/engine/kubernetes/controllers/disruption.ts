import { scaledValue } from '../apimachinery/int-or-string.ts';
import { labelMatcher } from '../apimachinery/label-matcher.ts';
import { formatLabelSelector } from '../apimachinery/label-selector.ts';
import { deepEqual } from '../apiserver/objects.ts';
import { refs, type Pod, type PodDisruptionBudget } from '../types.ts';
import { controllerOf, keyOf, resolveController, splitKey } from './owners.ts';
import { isPodReady, isPodTerminal } from './pods.ts';
import type { Controller, ControllerContext } from './runtime.ts';

/** An eviction that was allowed must have removed its Pod within this time (ms). */
const deletionTimeout = 2 * 60_000;

type Status = PodDisruptionBudget['status'];

/** Works out how many Pods of each budget may be disrupted now (pkg/controller/disruption). */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  component: 'controllermanager',
  serviceAccount: 'disruption-controller',

  start(context) {
    const budgets = context.client.resource(refs.podDisruptionBudgets);
    const queue = context.queue({
      workers: 1,
      reconcile: (key) => {
        const delay = reconcile(context, key);
        if (delay !== undefined) queue.addAfter(key, delay);
      },
    });
    const enqueue = (budget: PodDisruptionBudget) => queue.add(keyOf(budget));
    const enqueueBudgetsOf = (pod: Pod) => {
      for (const budget of budgets.list({ namespace: pod.metadata.namespace })) {
        if (labelMatcher(budget.spec.selector)(pod.metadata.labels)) enqueue(budget);
      }
    };
    context.watch(refs.podDisruptionBudgets, { add: enqueue, update: enqueue });
    context.watch(refs.pods, {
      add: enqueueBudgetsOf,
      update: (pod, previous) => {
        if (pod.metadata.labels !== previous.metadata.labels) enqueueBudgetsOf(previous);
        enqueueBudgetsOf(pod);
      },
      delete: enqueueBudgetsOf,
    });
  },
};

/** @returns ms after which a disrupted Pod counts again. */
function reconcile(context: ControllerContext, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const client = context.client.resource(refs.podDisruptionBudgets);
  const budget = client.get(namespace, name);
  if (!budget) return undefined;
  const pods = context.client
    .resource(refs.pods)
    .list({ namespace, labels: labelMatcher(budget.spec.selector) })
    .filter((pod) => !isPodTerminal(pod));
  context.examined(pods.length);
  if (pods.length === 0) context.events.record(budget, 'Normal', 'NoPods', 'No matching pods found');

  const { expected, desired, unmanaged } = expectation(context, budget, pods);
  if (unmanaged) {
    const selector = formatLabelSelector(budget.spec.selector);
    const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
    context.events.record(budget, 'Warning', 'UnmanagedPods', message);
  }
  const { disrupted, recheck } = stillDisrupted(context, budget, pods);
  const healthy = pods.filter((pod) => {
    const leaving = pod.metadata.deletionTimestamp !== undefined || disrupted[pod.metadata.name] !== undefined;
    return !leaving && isPodReady(pod);
  }).length;
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  const status = withAllowance(context, budget, {
    observedGeneration: budget.metadata.generation,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : undefined),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
  });
  if (!deepEqual(status, budget.status)) client.update({ ...budget, status }, 'status');
  return recheck;
}

interface Expectation {
  expected: number;
  desired: number;
  /** Some Pods have no controller whose size could be asked. */
  unmanaged: boolean;
}

function expectation(context: ControllerContext, budget: PodDisruptionBudget, pods: readonly Pod[]): Expectation {
  const { maxUnavailable, minAvailable } = budget.spec;
  if (maxUnavailable !== undefined) {
    const { scale, unmanaged } = expectedScale(context, pods);
    const desired = Math.max(0, scale - scaledValue(maxUnavailable, scale, true));
    return { expected: scale, desired, unmanaged };
  }
  if (typeof minAvailable === 'string') {
    const { scale, unmanaged } = expectedScale(context, pods);
    return { expected: scale, desired: scaledValue(minAvailable, scale, true), unmanaged };
  }
  return { expected: pods.length, desired: minAvailable ?? 0, unmanaged: false };
}

/** How many Pods those that own these Pods want to have. */
function expectedScale(context: ControllerContext, pods: readonly Pod[]): { scale: number; unmanaged: boolean } {
  const sizes = new Map<string, number>();
  let unmanaged = false;
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (!reference) unmanaged = true;
    else if (!sizes.has(reference.uid)) {
      const size = sizeOf(context, pod);
      if (size) sizes.set(size.uid, size.replicas);
    }
  }
  return { scale: [...sizes.values()].reduce((sum, size) => sum + size, 0), unmanaged };
}

function sizeOf(context: ControllerContext, pod: Pod): { uid: string; replicas: number } | undefined {
  const { client } = context;
  const { namespace } = pod.metadata;
  const reference = controllerOf(pod);
  const rs = resolveController(client.resource(refs.replicaSets), refs.replicaSets, namespace, reference);
  const deployment =
    rs && resolveController(client.resource(refs.deployments), refs.deployments, namespace, controllerOf(rs));
  const { statefulSets, replicationControllers } = refs;
  const owner =
    deployment ??
    rs ??
    resolveController(client.resource(statefulSets), statefulSets, namespace, reference) ??
    resolveController(client.resource(replicationControllers), replicationControllers, namespace, reference);
  return owner && { uid: owner.metadata.uid, replicas: owner.spec.replicas ?? 1 };
}

/** Pods whose eviction was allowed and that are still there. */
function stillDisrupted(context: ControllerContext, budget: PodDisruptionBudget, pods: readonly Pod[]) {
  const now = context.world.clock.now();
  const disrupted: Record<string, string> = {};
  let recheck: number | undefined;
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const since = budget.status.disruptedPods?.[name];
    if (since === undefined || deletionTimestamp !== undefined) continue;
    const left = Date.parse(String(since)) + deletionTimeout - now;
    if (left <= 0) {
      const message = `Pod was expected by PDB ${budget.metadata.namespace}/${budget.metadata.name} to be deleted but it wasn't`;
      context.events.record(pod, 'Warning', 'NotDeleted', message);
      continue;
    }
    disrupted[name] = String(since);
    recheck = Math.min(left, recheck ?? Infinity);
  }
  return { disrupted, recheck };
}

function withAllowance(context: ControllerContext, budget: PodDisruptionBudget, status: Status): Status {
  const old = budget.status.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const [value, reason] =
    (status.disruptionsAllowed ?? 0) > 0
      ? (['True', 'SufficientPods'] as const)
      : (['False', 'InsufficientPods'] as const);
  const changedAt = context.world.clock.timestamp();
  const condition = {
    type: 'DisruptionAllowed',
    status: value,
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: old?.status === value ? old.lastTransitionTime : changedAt,
    reason,
    message: '',
  };
  const others = (budget.status.conditions ?? []).filter((c) => c !== old);
  return { ...status, conditions: [...others, condition] };
}
