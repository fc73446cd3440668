import { labelMatcher } from '../apimachinery/label-matcher.ts';
import { ApiError } from '../client.ts';
import { refs, type Pod, type ReplicaSet } from '../types.ts';
import {
  claim,
  controlledBy,
  controllerOf,
  indexByController,
  keyOf,
  orphansIn,
  resolveController,
  splitKey,
} from './owners.ts';
import { burstReplicas, isNamespaceTerminating, PodControl, podFromTemplate, slowStartBatch } from './podcontrol.ts';
import { podsToDelete } from './pod-ranking.ts';
import { availableIn, isPodActive, isPodReady, isPodTerminating } from './pods.ts';
import type { Controller, ControllerContext } from './runtime.ts';

type Status = ReplicaSet['status'] & { terminatingReplicas?: number };
type Condition = NonNullable<Status['conditions']>[number];

/** Keeps the number of Pods of each ReplicaSet (pkg/controller/replicaset). */
export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  component: 'replicaset-controller',
  serviceAccount: 'replicaset-controller',

  start(context) {
    const replicaSets = context.client.resource(refs.replicaSets);
    const pods = context.client.resource(refs.pods);
    indexByController(pods.informer);
    indexByController(replicaSets.informer);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const delay = reconcile(context, key);
        if (delay !== undefined) queue.addAfter(key, delay);
      },
    });
    const enqueue = (replicaSet: ReplicaSet | undefined) => replicaSet && queue.add(keyOf(replicaSet));

    const ownerOf = (pod: Pod) =>
      resolveController(replicaSets, refs.replicaSets, pod.metadata.namespace, controllerOf(pod));
    const enqueueAdopters = (pod: Pod) => {
      for (const replicaSet of replicaSets.list({ namespace: pod.metadata.namespace })) {
        if (labelMatcher(replicaSet.spec.selector)(pod.metadata.labels)) enqueue(replicaSet);
      }
    };
    context.watch(refs.replicaSets, { add: enqueue, update: enqueue, delete: enqueue });
    context.watch(refs.pods, {
      add: (pod) => (controllerOf(pod) ? enqueue(ownerOf(pod)) : enqueueAdopters(pod)),
      update: (pod, previous) => {
        const owner = controllerOf(pod);
        if (controllerOf(previous)?.uid !== owner?.uid) enqueue(ownerOf(previous));
        else if (!matters(pod, previous)) return;
        if (owner) enqueue(ownerOf(pod));
        else if (pod.metadata.labels !== previous.metadata.labels || controllerOf(previous)) enqueueAdopters(pod);
      },
      delete: (pod) => enqueue(ownerOf(pod)),
    });
  },
};

/** Whether an update of a Pod can change what its ReplicaSet does or says. */
function matters(pod: Pod, previous: Pod): boolean {
  return (
    isPodReady(pod) !== isPodReady(previous) ||
    pod.status.phase !== previous.status.phase ||
    pod.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    pod.metadata.labels !== previous.metadata.labels
  );
}

/** @returns ms after which the key must be looked at again because a ready Pod becomes available then. */
function reconcile(context: ControllerContext, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const replicaSets = context.client.resource(refs.replicaSets);
  const podClient = context.client.resource(refs.pods);
  const replicaSet = replicaSets.get(namespace, name);
  if (!replicaSet) return undefined;

  const claimed = claim(replicaSet, labelMatcher(replicaSet.spec.selector), podClient, isPodActive);
  const active = claimed.filter(isPodActive);
  const failure =
    replicaSet.metadata.deletionTimestamp === undefined ? manageReplicas(context, replicaSet, active) : undefined;

  const now = context.world.clock.now();
  context.examined(claimed.length);
  updateStatus(context, replicaSet, claimed, failure);
  if (failure) throw failure;

  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  if (minReadySeconds === 0) return undefined;
  const waits = active
    .map((pod) => availableIn(pod, minReadySeconds, now))
    .filter((wait) => wait !== undefined && wait > 0);
  return waits.length > 0 ? Math.min(...(waits as number[])) : undefined;
}

function manageReplicas(
  context: ControllerContext,
  replicaSet: ReplicaSet,
  active: readonly Pod[],
): ApiError | undefined {
  const podClient = context.client.resource(refs.pods);
  const control = new PodControl(podClient, context.events);
  const missing = (replicaSet.spec.replicas ?? 1) - active.length;
  if (missing > 0) {
    const pod = podFromTemplate(replicaSet.spec.template ?? {}, replicaSet);
    const { error } = slowStartBatch(Math.min(missing, burstReplicas), () => {
      try {
        control.create(replicaSet, pod);
      } catch (e) {
        if (!isNamespaceTerminating(e)) throw e;
      }
    });
    return error;
  }
  let failure: ApiError | undefined;
  if (missing < 0) {
    const count = Math.min(-missing, burstReplicas);
    const related = relatedPods(context, replicaSet);
    for (const pod of podsToDelete(active, related, count, context.world.clock.now())) {
      try {
        control.delete(replicaSet, pod);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failure ??= error;
      }
    }
  }
  return failure;
}

/** Pods of all ReplicaSets that have the same controller as this one. */
function relatedPods(context: ControllerContext, replicaSet: ReplicaSet): readonly Pod[] {
  const replicaSets = context.client.resource(refs.replicaSets).informer;
  const pods = context.client.resource(refs.pods).informer;
  const owner = controllerOf(replicaSet);
  const family = owner ? replicaSets.byIndex('controller', owner.uid) : [replicaSet];
  return family.flatMap((member) => controlledBy(pods, member)).filter(isPodActive);
}

function updateStatus(
  context: ControllerContext,
  replicaSet: ReplicaSet,
  claimed: readonly Pod[],
  failure: ApiError | undefined,
): void {
  const now = context.world.clock.now();
  const matchesTemplate = labelMatcher({ matchLabels: replicaSet.spec.template?.metadata?.labels ?? {} });
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  let active = 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  let terminating = 0;
  for (const pod of claimed) {
    if (isPodTerminating(pod)) terminating++;
    if (!isPodActive(pod)) continue;
    active++;
    if (matchesTemplate(pod.metadata.labels)) fullyLabeled++;
    const wait = availableIn(pod, minReadySeconds, now);
    if (wait === undefined) continue;
    ready++;
    if (wait === 0) available++;
  }
  const old: Status = replicaSet.status;
  const conditions = failureConditions(
    old.conditions ?? [],
    replicaSet,
    active,
    failure,
    context.world.clock.timestamp(),
  );
  const status: Status = {
    replicas: active,
    ...(fullyLabeled > 0 ? { fullyLabeledReplicas: fullyLabeled } : undefined),
    ...(ready > 0 ? { readyReplicas: ready } : undefined),
    ...(available > 0 ? { availableReplicas: available } : undefined),
    terminatingReplicas: terminating,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions: [...conditions] } : undefined),
  };
  const same =
    old.replicas === status.replicas &&
    old.fullyLabeledReplicas === status.fullyLabeledReplicas &&
    old.readyReplicas === status.readyReplicas &&
    old.availableReplicas === status.availableReplicas &&
    old.terminatingReplicas === status.terminatingReplicas &&
    old.observedGeneration === status.observedGeneration &&
    (old.conditions ?? []).length === conditions.length &&
    conditions.every((condition, i) => condition === old.conditions?.[i]);
  if (!same) context.client.resource(refs.replicaSets).update({ ...replicaSet, status }, 'status');
}

function failureConditions(
  conditions: readonly Condition[],
  replicaSet: ReplicaSet,
  active: number,
  failure: ApiError | undefined,
  now: string,
): readonly Condition[] {
  const old = conditions.find((condition) => condition.type === 'ReplicaFailure');
  if (!failure) return old ? conditions.filter((condition) => condition !== old) : conditions;
  if (old) return conditions;
  const reason = active < (replicaSet.spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete';
  return [
    ...conditions,
    { type: 'ReplicaFailure', status: 'True', lastTransitionTime: now, reason, message: failure.message },
  ];
}
