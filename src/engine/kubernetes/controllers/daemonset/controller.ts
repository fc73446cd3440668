import { podTemplateHash } from '../../apimachinery/hash.ts';
import { isEmptySelector, labelMatcher } from '../../apimachinery/label-matcher.ts';
import { deepEqual } from '../../apiserver/objects.ts';
import { ApiError } from '../../client.ts';
import { refs, type DaemonSet, type Node, type Pod } from '../../types.ts';
import { inheritedAnnotations, revisionHashLabel, syncRevision, truncateHistory } from '../history.ts';
import { watchWorkload } from '../owned-pods.ts';
import { claim, indexByController, keyOf, splitKey } from '../owners.ts';
import { isNamespaceTerminating, PodControl, slowStartBatch } from '../podcontrol.ts';
import { availableIn, isPodReady, isPodTerminal } from '../pods.ts';
import type { Controller, ControllerContext } from '../runtime.ts';
import { daemonPod, isUpdated, nodeOf, placement } from './pods.ts';
import { rollingUpdateStep } from './update.ts';

/** The most Pods created or deleted at once. */
const burst = 250;

type Status = DaemonSet['status'];

/** Runs one Pod on each suitable node (pkg/controller/daemon). */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  component: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',

  start(context) {
    const daemonSets = context.client.resource(refs.daemonSets);
    indexByController(context.client.resource(refs.controllerRevisions).informer);
    const queue = context.queue({
      workers: 2,
      reconcile: (key) => {
        const delay = reconcile(context, key);
        if (delay !== undefined) queue.addAfter(key, delay);
      },
    });
    watchWorkload(context, queue, refs.daemonSets, ({ spec }) => labelMatcher(spec.selector));
    const enqueueAll = () => daemonSets.list().forEach((daemonSet) => queue.add(keyOf(daemonSet)));
    context.watch(refs.nodes, {
      add: enqueueAll,
      update: (node, previous) => {
        const moved = node.metadata.labels !== previous.metadata.labels || node.spec !== previous.spec;
        if (moved) enqueueAll();
      },
      delete: enqueueAll,
    });
  },
};

/** @returns ms after which a ready Pod becomes available. */
function reconcile(context: ControllerContext, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const daemonSet = context.client.resource(refs.daemonSets).get(namespace, name);
  if (!daemonSet) return undefined;
  if (isEmptySelector(daemonSet.spec.selector)) {
    const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
    context.events.record(daemonSet, 'Warning', 'SelectingAll', message);
    return undefined;
  }
  if (daemonSet.metadata.deletionTimestamp !== undefined) return undefined;
  const hash = podTemplateHash(daemonSet.spec.template, daemonSet.status.collisionCount);
  const { current, old } = syncRevision(context, daemonSet, hash, {
    annotations: inheritedAnnotations(daemonSet),
    labels: { ...daemonSet.spec.template.metadata?.labels, [revisionHashLabel]: hash },
  });
  const currentHash = current.metadata.labels?.[revisionHashLabel] ?? hash;

  const sync = new Sync(context, daemonSet, currentHash);
  const failure = sync.manage() ?? (sync.settled ? sync.roll() : undefined);
  const delay = sync.updateStatus();
  const used = new Set(sync.pods.map((pod) => pod.metadata.labels?.[revisionHashLabel]));
  truncateHistory(context, daemonSet, old, (revision) => used.has(revision.metadata.labels?.[revisionHashLabel]));
  if (failure) throw failure;
  return delay;
}

class Sync {
  readonly #context: ControllerContext;
  readonly #daemonSet: DaemonSet;
  readonly #hash: string;
  readonly #control: PodControl;
  readonly #nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly #byNode = new Map<string, Pod[]>();
  #changed = false;

  constructor(context: ControllerContext, daemonSet: DaemonSet, hash: string) {
    this.#context = context;
    this.#daemonSet = daemonSet;
    this.#hash = hash;
    const podClient = context.client.resource(refs.pods);
    this.#control = new PodControl(podClient, context.events);
    this.#nodes = context.client.resource(refs.nodes).list();
    this.pods = claim(daemonSet, labelMatcher(daemonSet.spec.selector), podClient);
    context.examined(this.pods.length + this.#nodes.length);
    for (const pod of this.pods) {
      if (isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined) continue;
      const node = nodeOf(pod);
      if (node === undefined) continue;
      const pods = this.#byNode.get(node);
      if (pods) pods.push(pod);
      else this.#byNode.set(node, [pod]);
    }
  }

  /** Nothing was created or deleted, so what is seen can be counted on. */
  get settled(): boolean {
    return !this.#changed;
  }

  /** Starts missing daemons, removes those that are in the wrong place, finished, or too many. */
  manage(): ApiError | undefined {
    const create: string[] = [];
    const remove: Pod[] = [];
    const known = new Set<string>();
    for (const node of this.#nodes) {
      const { name } = node.metadata;
      known.add(name);
      const { run, stay } = placement(this.#daemonSet, node);
      const pods = this.#byNode.get(name) ?? [];
      if (run && pods.length === 0) create.push(name);
      else if (stay) this.#sortOut(pods, create, remove, name);
      else remove.push(...pods);
    }
    // Pods that were meant for a node which is gone will never start.
    for (const pod of this.pods) {
      const node = nodeOf(pod);
      if (!pod.spec.nodeName && node !== undefined && !known.has(node)) remove.push(pod);
    }
    return this.#apply(create, remove);
  }

  #sortOut(pods: readonly Pod[], create: string[], remove: Pod[], node: string): void {
    const running: Pod[] = [];
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      const { namespace, name } = pod.metadata;
      if (pod.status.phase === 'Failed') {
        const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
        this.#context.events.record(this.#daemonSet, 'Warning', 'FailedDaemonPod', message);
        remove.push(pod);
      } else if (pod.status.phase === 'Succeeded') {
        const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
        this.#context.events.record(this.#daemonSet, 'Normal', 'SucceededDaemonPod', message);
        remove.push(pod);
      } else running.push(pod);
    }
    const surging = (this.#daemonSet.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0) !== 0;
    if (!surging) {
      running.sort(byAge);
      remove.push(...running.slice(1));
      return;
    }
    const updated = running.filter((pod) => isUpdated(this.#daemonSet, pod, this.#hash)).sort(byAge);
    const old = running.filter((pod) => !updated.includes(pod)).sort(byAge);
    remove.push(...updated.slice(1), ...old.slice(1));
    const [newest, oldest] = [updated[0], old[0]];
    const minReady = this.#daemonSet.spec.minReadySeconds ?? 0;
    const replaced = newest && availableIn(newest, minReady, this.#context.world.clock.now()) === 0;
    if (oldest && newest && (replaced || !isPodReady(oldest))) remove.push(oldest);
  }

  /** One step towards the current template. */
  roll(): ApiError | undefined {
    if (this.#daemonSet.spec.updateStrategy?.type === 'OnDelete') return undefined;
    const desired = new Set(
      this.#nodes.filter((node) => placement(this.#daemonSet, node).run).map(({ metadata }) => metadata.name),
    );
    const onDesired = new Map([...desired].map((node) => [node, this.#byNode.get(node) ?? []]));
    const now = this.#context.world.clock.now();
    const { remove, surgeOnto } = rollingUpdateStep(this.#daemonSet, onDesired, desired.size, this.#hash, now);
    return this.#apply(surgeOnto, remove);
  }

  #apply(create: readonly string[], remove: readonly Pod[]): ApiError | undefined {
    const nodes = create.slice(0, burst);
    const { error } = slowStartBatch(nodes.length, () => {
      const node = nodes[0]!;
      try {
        this.#control.create(this.#daemonSet, daemonPod(this.#daemonSet, node, this.#hash));
        this.#changed = true;
      } catch (e) {
        if (!isNamespaceTerminating(e)) throw e;
      } finally {
        nodes.shift();
      }
    });
    let failure = error;
    for (const pod of remove.slice(0, burst)) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      this.#changed = true;
      try {
        this.#control.delete(this.#daemonSet, pod);
      } catch (e) {
        if (!(e instanceof ApiError)) throw e;
        failure ??= e;
      }
    }
    return failure;
  }

  /** @returns ms after which a ready Pod becomes available. */
  updateStatus(): number | undefined {
    const daemonSet = this.#daemonSet;
    const now = this.#context.world.clock.now();
    const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 };
    // All count, as a surging Pod stands beside an older one.
    const minReady = daemonSet.spec.minReadySeconds ?? 0;
    const waits = this.pods
      .map((pod) => availableIn(pod, minReady, now))
      .filter((left) => left !== undefined && left > 0);
    for (const node of this.#nodes) {
      const { run } = placement(daemonSet, node);
      const [pod] = [...(this.#byNode.get(node.metadata.name) ?? [])].sort(byAge);
      if (!run) {
        if (pod) count.misscheduled++;
        continue;
      }
      count.desired++;
      if (!pod) continue;
      count.current++;
      if (isUpdated(daemonSet, pod, this.#hash)) count.updated++;
      if (!isPodReady(pod)) continue;
      count.ready++;
      if (availableIn(pod, minReady, now) === 0) count.available++;
    }
    const unavailable = count.desired - count.available;
    const status: Status = {
      currentNumberScheduled: count.current,
      numberMisscheduled: count.misscheduled,
      desiredNumberScheduled: count.desired,
      numberReady: count.ready,
      observedGeneration: daemonSet.metadata.generation,
      ...(count.updated > 0 ? { updatedNumberScheduled: count.updated } : undefined),
      ...(count.available > 0 ? { numberAvailable: count.available } : undefined),
      ...(unavailable > 0 ? { numberUnavailable: unavailable } : undefined),
      ...(daemonSet.status.collisionCount === undefined
        ? undefined
        : { collisionCount: daemonSet.status.collisionCount }),
      ...(daemonSet.status.conditions ? { conditions: daemonSet.status.conditions } : undefined),
    };
    if (!deepEqual(status, daemonSet.status)) {
      this.#context.client.resource(refs.daemonSets).update({ ...daemonSet, status }, 'status');
    }
    return waits.length > 0 ? Math.min(...(waits as number[])) : undefined;
  }
}

function byAge(a: Pod, b: Pod): number {
  return (
    Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}
