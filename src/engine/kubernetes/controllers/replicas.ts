import { labelMatcher, type LabelMatcher } from '../apimachinery/label-matcher.ts';
import { ApiError } from '../client.ts';
import { refs, type KubeObject, type Pod, type ReplicaSet, type ResourceRef } from '../types.ts';
import { claim, controlledBy, controllerOf, indexByController, splitKey } from './owners.ts';
import { watchWorkload } from './owned-pods.ts';
import { burstReplicas, isNamespaceTerminating, PodControl, podFromTemplate, slowStartBatch } from './podcontrol.ts';
import { podsToDelete } from './pod-ranking.ts';
import { availableIn, isPodActive, isPodReady, isPodTerminating } from './pods.ts';
import type { Controller, ControllerContext } from './runtime.ts';

type Status = ReplicaSet['status'] & { terminatingReplicas?: number };
type Condition = NonNullable<Status['conditions']>[number];

/** A kind that keeps a number of alike Pods. */
export interface ReplicaKind<T extends KubeObject> {
  name: string;
  component: string;
  serviceAccount: string;
  ref: ResourceRef<T>;
  matcherOf(object: T): LabelMatcher;
  /** Whether its status counts Pods that are on their way out. */
  countsTerminating: boolean;
}

/** What ReplicaSets and ReplicationControllers have in common; they differ in their selectors. */
type Replicas = ReplicaSet;

/** A controller that keeps the number of Pods of each object of the kind (pkg/controller/replicaset). */
export function replicaController<T extends KubeObject>(of: ReplicaKind<T>): Controller {
  const { name, component, serviceAccount } = of;
  const kind = of as unknown as ReplicaKind<Replicas>;
  return {
    name,
    component,
    serviceAccount,
    start(context) {
      indexByController(context.client.resource(kind.ref).informer);
      const queue = context.queue({
        workers: 5,
        reconcile: (key) => {
          const delay = reconcile(context, kind, key);
          if (delay !== undefined) queue.addAfter(key, delay);
        },
      });
      watchWorkload(context, queue, kind.ref, (object) => kind.matcherOf(object), matters);
    },
  };
}

/** Whether an update of a Pod can change what its owner does or says. */
function matters(pod: Pod, previous: Pod): boolean {
  return (
    isPodReady(pod) !== isPodReady(previous) ||
    pod.status.phase !== previous.status.phase ||
    pod.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    pod.metadata.labels !== previous.metadata.labels
  );
}

/** @returns ms after which the key must be looked at again because a ready Pod becomes available then. */
function reconcile(context: ControllerContext, kind: ReplicaKind<Replicas>, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const podClient = context.client.resource(refs.pods);
  const owner = context.client.resource(kind.ref).get(namespace, name);
  if (!owner) return undefined;

  const claimed = claim(owner, kind.matcherOf(owner), podClient, isPodActive);
  const now = context.world.clock.now();
  const census = countPods(owner, claimed, now);
  const { active } = census;
  const failure =
    owner.metadata.deletionTimestamp === undefined ? manageReplicas(context, kind, owner, active) : undefined;

  context.examined(claimed.length);
  updateStatus(context, kind, owner, census, failure);
  if (failure) throw failure;

  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  if (minReadySeconds === 0) return undefined;
  const waits = active
    .map((pod) => availableIn(pod, minReadySeconds, now))
    .filter((wait) => wait !== undefined && wait > 0);
  return waits.length > 0 ? Math.min(...(waits as number[])) : undefined;
}

function manageReplicas(
  context: ControllerContext,
  kind: ReplicaKind<Replicas>,
  owner: Replicas,
  active: readonly Pod[],
): ApiError | undefined {
  const podClient = context.client.resource(refs.pods);
  const control = new PodControl(podClient, context.events);
  const missing = (owner.spec.replicas ?? 1) - active.length;
  if (missing > 0) {
    const pod = podFromTemplate(owner.spec.template ?? {}, owner);
    const { error } = slowStartBatch(Math.min(missing, burstReplicas), () => {
      try {
        control.create(owner, pod);
      } catch (e) {
        if (!isNamespaceTerminating(e)) throw e;
      }
    });
    return error;
  }
  let failure: ApiError | undefined;
  if (missing < 0) {
    const count = Math.min(-missing, burstReplicas);
    const related = relatedPods(context, kind, owner);
    for (const pod of podsToDelete(active, related, count, context.world.clock.now())) {
      try {
        control.delete(owner, pod);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failure ??= error;
      }
    }
  }
  return failure;
}

/** Pods of all that have the same controller as this one (ReplicaSets of one Deployment). */
function relatedPods(context: ControllerContext, kind: ReplicaKind<Replicas>, owner: Replicas): readonly Pod[] {
  const pods = context.client.resource(refs.pods).informer;
  const parent = controllerOf(owner);
  const family = parent ? context.client.resource(kind.ref).informer.byIndex('controller', parent.uid) : [owner];
  return family.flatMap((member) => controlledBy(pods, member)).filter(isPodActive);
}

interface Census {
  active: Pod[];
  fullyLabeled: number;
  ready: number;
  available: number;
  terminating: number;
}

/** All that is to be known of the Pods, in one go: with thousands of them, looking at each is what costs. */
function countPods(owner: Replicas, claimed: readonly Pod[], now: number): Census {
  const matchesTemplate = labelMatcher({ matchLabels: owner.spec.template?.metadata?.labels ?? {} });
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const census: Census = { active: [], fullyLabeled: 0, ready: 0, available: 0, terminating: 0 };
  for (const pod of claimed) {
    if (isPodTerminating(pod)) census.terminating++;
    if (!isPodActive(pod)) continue;
    census.active.push(pod);
    if (matchesTemplate(pod.metadata.labels)) census.fullyLabeled++;
    const wait = availableIn(pod, minReadySeconds, now);
    if (wait === undefined) continue;
    census.ready++;
    if (wait === 0) census.available++;
  }
  return census;
}

function updateStatus(
  context: ControllerContext,
  kind: ReplicaKind<Replicas>,
  owner: Replicas,
  { active, fullyLabeled, ready, available, terminating }: Census,
  failure: ApiError | undefined,
): void {
  const old: Status = owner.status;
  const conditions = failureConditions(
    old.conditions ?? [],
    owner,
    active.length,
    failure,
    context.world.clock.timestamp(),
  );
  const status: Status = {
    replicas: active.length,
    ...(fullyLabeled > 0 ? { fullyLabeledReplicas: fullyLabeled } : undefined),
    ...(ready > 0 ? { readyReplicas: ready } : undefined),
    ...(available > 0 ? { availableReplicas: available } : undefined),
    ...(kind.countsTerminating ? { terminatingReplicas: terminating } : undefined),
    observedGeneration: owner.metadata.generation ?? 0,
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
  if (!same) context.client.resource(kind.ref).update({ ...owner, status }, 'status');
}

function failureConditions(
  conditions: readonly Condition[],
  owner: Replicas,
  active: number,
  failure: ApiError | undefined,
  now: string,
): readonly Condition[] {
  const old = conditions.find((condition) => condition.type === 'ReplicaFailure');
  if (!failure) return old ? conditions.filter((condition) => condition !== old) : conditions;
  if (old) return conditions;
  const reason = active < (owner.spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete';
  return [
    ...conditions,
    { type: 'ReplicaFailure', status: 'True', lastTransitionTime: now, reason, message: failure.message },
  ];
}
