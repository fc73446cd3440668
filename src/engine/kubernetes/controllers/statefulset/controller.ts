import { scaledValue } from '../../apimachinery/int-or-string.ts';
import { isEmptySelector, labelMatcher } from '../../apimachinery/label-matcher.ts';
import { deepEqual } from '../../apiserver/objects.ts';
import { ApiError } from '../../client.ts';
import { refs, type ControllerRevision, type Pod, type StatefulSet } from '../../types.ts';
import { inheritedAnnotations, revisionHash, syncRevision, templatePatch, truncateHistory } from '../history.ts';
import { watchWorkload } from '../owned-pods.ts';
import { claim, indexByController, keyOf, splitKey } from '../owners.ts';
import { availableIn, isPodTerminal } from '../pods.ts';
import type { Controller, ControllerContext } from '../runtime.ts';
import { StatefulPodControl } from './control.ts';
import {
  isClaimOf,
  isHealthy,
  isRunningAndAvailable,
  isRunningAndReady,
  isTerminating,
  newPod,
  ordinalOf,
  revisionOf,
  startOrdinal,
} from './pods.ts';

type Status = StatefulSet['status'];

/** Pods with an identity, one after the other (pkg/controller/statefulset). */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  component: 'statefulset-controller',
  serviceAccount: 'statefulset-controller',

  start(context) {
    indexByController(context.client.resource(refs.controllerRevisions).informer);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const delay = reconcile(context, key);
        if (delay !== undefined) queue.addAfter(key, delay);
      },
    });
    watchWorkload(context, queue, refs.statefulSets, ({ spec }) => labelMatcher(spec.selector));
    const sets = context.client.resource(refs.statefulSets);
    context.watch(refs.persistentVolumeClaims, {
      // A claim that was in the way, or that a waiting Pod needs.
      delete: ({ metadata: { namespace, name } }) => {
        for (const set of sets.list({ namespace }))
          if (set.spec.volumeClaimTemplates?.some((template) => isClaimOf(set, template.metadata?.name ?? '', name)))
            queue.add(keyOf(set));
      },
    });
  },
};

/** @returns ms after which a ready Pod becomes available. */
function reconcile(context: ControllerContext, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const set = context.client.resource(refs.statefulSets).get(namespace, name);
  if (!set || isEmptySelector(set.spec.selector)) return undefined;
  const pods = claim(set, labelMatcher(set.spec.selector), context.client.resource(refs.pods), (pod) => {
    return ordinalOf(set, pod) !== undefined;
  });
  context.examined(pods.length);
  const hash = revisionHash(templatePatch(set), set.status.collisionCount);
  const { current: update, old } = syncRevision(context, set, hash, {
    labels: set.spec.selector.matchLabels ?? {},
    annotations: inheritedAnnotations(set),
  });
  const current = old.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? update;
  const step = new Step(context, set, pods, current, update);
  let failure: ApiError | undefined;
  if (set.metadata.deletionTimestamp === undefined) {
    try {
      step.take();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure = error;
    }
  }
  step.updateStatus();
  const used = new Set([current.metadata.name, update.metadata.name, ...pods.map(revisionOf)]);
  truncateHistory(context, set, old, (revision) => used.has(revision.metadata.name));
  if (failure) throw failure;
  const now = context.world.clock.now();
  const waits = pods
    .map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, now))
    .filter((wait) => wait !== undefined && wait > 0) as number[];
  return waits.length > 0 ? Math.min(...waits) : undefined;
}

/** One reconcile: at most one Pod is touched, unless Pods are managed in parallel. */
class Step {
  readonly #context: ControllerContext;
  readonly #set: StatefulSet;
  readonly #control: StatefulPodControl;
  readonly #current: ControllerRevision;
  readonly #update: ControllerRevision;
  readonly #now: number;
  /** By ordinal from the first; undefined where one is missing. */
  readonly #replicas: (Pod | undefined)[];
  /** Beyond what is wanted, highest ordinal first. */
  readonly #condemned: Pod[];
  /** Changes of `currentReplicas` and `updatedReplicas` that this step made. */
  readonly #pods: Pod[];

  constructor(
    context: ControllerContext,
    set: StatefulSet,
    pods: readonly Pod[],
    current: ControllerRevision,
    update: ControllerRevision,
  ) {
    this.#context = context;
    this.#set = set;
    this.#control = new StatefulPodControl(context, set);
    this.#current = current;
    this.#update = update;
    this.#now = context.world.clock.now();
    const start = startOrdinal(set);
    const wanted = set.spec.replicas ?? 1;
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
    this.#replicas = Array.from({ length: wanted }, (_, i) => byOrdinal.get(start + i));
    this.#condemned = pods
      .filter((pod) => ordinalOf(set, pod)! < start || ordinalOf(set, pod)! >= start + wanted)
      .sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
    this.#pods = [...pods];
  }

  take(): void {
    if (this.#fill() && this.#shrink()) this.#roll();
  }

  get #monotonic(): boolean {
    return this.#set.spec.podManagementPolicy !== 'Parallel';
  }

  /** Creates what is missing, lowest ordinal first. @returns whether to go on. */
  #fill(): boolean {
    const start = startOrdinal(this.#set);
    for (const [i, existing] of this.#replicas.entries()) {
      const ordinal = start + i;
      let pod = existing;
      if (pod && isPodTerminal(pod) && !isTerminating(pod)) {
        this.#tellRecreation(pod);
        this.#control.delete(pod);
        return !this.#monotonic;
      }
      if (!pod) {
        // The claim's going brings the set here again.
        if (this.#control.hasStaleClaim(ordinal)) return false;
        pod = this.#create(ordinal);
        this.#replicas[i] = pod;
        this.#pods.push(pod);
        if (this.#monotonic) return false;
        continue;
      }
      if (pod.status.phase === 'Pending') this.#control.createClaims(ordinal);
      this.#control.retain(ordinal, undefined);
      if (!this.#monotonic) continue;
      if (isTerminating(pod) || !isRunningAndReady(pod)) return false;
      if (!isRunningAndAvailable(this.#set, pod, this.#now)) return false;
    }
    return true;
  }

  #tellRecreation(pod: Pod): void {
    const { namespace, name } = this.#set.metadata;
    const failed = pod.status.phase === 'Failed';
    const message = `StatefulSet ${namespace}/${name} is recreating ${failed ? 'failed' : 'terminated'} Pod ${pod.metadata.name}`;
    const reason = failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod';
    this.#context.events.record(this.#set, failed ? 'Warning' : 'Normal', reason, message);
  }

  #create(ordinal: number): Pod {
    const useCurrent = this.#needsCurrentRevision(ordinal);
    const revision = useCurrent ? this.#current : this.#update;
    const template = useCurrent ? templateOf(this.#current) : this.#set.spec.template;
    return this.#control.create(template as Parameters<typeof newPod>[1], revision.metadata.name, ordinal);
  }

  /** Below the partition (or as far as the last update didn't come) Pods keep the old revision. */
  #needsCurrentRevision(ordinal: number): boolean {
    const { type, rollingUpdate } = this.#set.spec.updateStrategy ?? {};
    if (type !== undefined && type !== 'RollingUpdate') return false;
    const below = rollingUpdate ? (rollingUpdate.partition ?? 0) : (this.#set.status.currentReplicas ?? 0);
    return ordinal < startOrdinal(this.#set) + below;
  }

  /** Deletes Pods beyond what is wanted, highest ordinal first. @returns whether to go on. */
  #shrink(): boolean {
    const unhealthy = [...this.#replicas, ...[...this.#condemned].reverse()].find((pod) => pod && !isHealthy(pod));
    for (const pod of this.#condemned) {
      if (isTerminating(pod)) {
        if (this.#monotonic) return false;
        continue;
      }
      if (this.#monotonic && !isRunningAndReady(pod) && pod !== unhealthy) return false;
      this.#control.retain(ordinalOf(this.#set, pod)!, pod);
      this.#control.delete(pod);
      if (this.#monotonic) return false;
    }
    return true;
  }

  /** Replaces the highest Pod that is of an older revision, once those above it are well. */
  #roll(): void {
    const { type = 'RollingUpdate', rollingUpdate } = this.#set.spec.updateStrategy ?? {};
    if (type !== 'RollingUpdate') return;
    // The partition counts Pods from the first, whatever ordinal that one has.
    const lowest = rollingUpdate?.partition ?? 0;
    if (rollingUpdate?.maxUnavailable !== undefined) return this.#rollSeveral(lowest, rollingUpdate.maxUnavailable);
    for (let i = this.#replicas.length - 1; i >= lowest; i--) {
      const pod = this.#replicas[i]!;
      if (revisionOf(pod) !== this.#update.metadata.name && !isTerminating(pod)) {
        this.#control.delete(pod);
        return;
      }
      if (!isHealthy(pod)) return;
    }
  }

  /** With `maxUnavailable` as many Pods are replaced at once as may be missing. */
  #rollSeveral(lowest: number, maxUnavailable: number | string): void {
    const limit = Math.max(1, scaledValue(maxUnavailable, this.#replicas.length, false));
    const unavailable = this.#replicas.filter(
      (pod) => !pod || isTerminating(pod) || !isRunningAndAvailable(this.#set, pod, this.#now),
    );
    let left = limit - unavailable.length;
    for (let i = this.#replicas.length - 1; i >= lowest && left > 0; i--) {
      const pod = this.#replicas[i]!;
      if (revisionOf(pod) === this.#update.metadata.name || isTerminating(pod)) continue;
      this.#control.delete(pod);
      left--;
    }
  }

  updateStatus(): void {
    const set = this.#set;
    const name = { current: this.#current.metadata.name, update: this.#update.metadata.name };
    const counted = this.#pods.filter((pod) => !isPodTerminal(pod));
    const ready = counted.filter(isRunningAndReady).length;
    const available = counted.filter((pod) => isRunningAndAvailable(set, pod, this.#now)).length;
    const alive = counted.filter((pod) => !isTerminating(pod));
    let current = alive.filter((pod) => revisionOf(pod) === name.current).length;
    const updated = alive.filter((pod) => revisionOf(pod) === name.update).length;
    let currentRevision = name.current;
    const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
    const wanted = set.spec.replicas ?? 1;
    if (rolling && updated === wanted && ready === wanted && counted.length === wanted) {
      current = updated;
      currentRevision = name.update;
    }
    const status: Status = {
      observedGeneration: set.metadata.generation,
      replicas: counted.length,
      ...(ready > 0 ? { readyReplicas: ready } : undefined),
      ...(current > 0 ? { currentReplicas: current } : undefined),
      ...(updated > 0 ? { updatedReplicas: updated } : undefined),
      currentRevision,
      updateRevision: name.update,
      collisionCount: set.status.collisionCount ?? 0,
      availableReplicas: available,
      ...(set.status.conditions ? { conditions: set.status.conditions } : undefined),
    };
    if (deepEqual(status, set.status)) return;
    this.#context.client.resource(refs.statefulSets).update({ ...set, status }, 'status');
  }
}

/** The Pod template that a revision keeps. */
function templateOf({ data }: ControllerRevision): object {
  const { $patch: _, ...template } = (data as { spec: { template: Record<string, unknown> } }).spec.template;
  return template;
}
