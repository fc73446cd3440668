import type { Timer } from '../../world/index.ts';
import { tolerates, type Taint, type Toleration } from '../apimachinery/taints.ts';
import { ApiError } from '../client.ts';
import { refs, type Node, type Pod } from '../types.ts';
import { indexByNode, podsOnNode } from './owners.ts';
import { withPodCondition } from './pods.ts';
import type { Controller, ControllerContext } from './runtime.ts';

/** Evicts Pods from nodes with NoExecute taints when their toleration ends (pkg/controller/tainteviction). */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  component: 'taint-eviction-controller',
  serviceAccount: 'node-controller',
  start: (context) => new TaintEviction(context).start(),
};

class TaintEviction {
  readonly #context: ControllerContext;
  readonly #pods;
  /** Evictions to come, by Pod UID. */
  readonly #evictions = new Map<string, { timer: Timer; since: number }>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#pods = context.client.resource(refs.pods);
    indexByNode(this.#pods.informer);
  }

  start(): void {
    const nodes = this.#context.client.resource(refs.nodes);
    this.#context.watch(refs.nodes, {
      add: (node) => this.#nodeTainted(node),
      update: (node, previous) => {
        if (node.spec.taints !== previous.spec.taints) this.#nodeTainted(node);
      },
    });
    const look = (pod: Pod) => {
      const node = pod.spec.nodeName ? nodes.get(undefined, pod.spec.nodeName) : undefined;
      if (node) this.#look(pod, evictingTaints(node));
    };
    this.#context.watch(refs.pods, {
      add: look,
      update: (pod, previous) => {
        if (pod.spec !== previous.spec) look(pod);
      },
      delete: (pod) => this.#cancel(pod, false),
    });
    this.#context.state(() => [...this.#evictions].map(([uid, { timer, since }]) => [uid, timer.due, since]));
    this.#context.onStop(() => {
      for (const { timer } of this.#evictions.values()) timer.cancel();
    });
  }

  #nodeTainted(node: Node): void {
    const taints = evictingTaints(node);
    for (const pod of podsOnNode(this.#pods.informer, node.metadata.name)) this.#look(pod, taints);
  }

  #look(pod: Pod, taints: readonly Taint[]): void {
    if (taints.length === 0) return this.#cancel(pod, true);
    const patience = tolerationTime(taints, (pod.spec.tolerations ?? []) as readonly Toleration[]);
    if (patience === Infinity) return;
    const { uid } = pod.metadata;
    const now = this.#context.world.queue.now;
    const planned = this.#evictions.get(uid);
    // What is planned stays unless the new taints leave less time: waiting begins with the first taint.
    const since = planned?.since ?? now;
    const due = patience === 0 ? now : since + patience;
    if (planned && planned.timer.due <= due) return;
    planned?.timer.cancel();
    const timer = this.#context.after(due - now, () => this.#evict(pod));
    this.#evictions.set(uid, { timer, since });
  }

  #cancel(pod: Pod, tell: boolean): void {
    const planned = this.#evictions.get(pod.metadata.uid);
    if (!planned) return;
    planned.timer.cancel();
    this.#evictions.delete(pod.metadata.uid);
    const { namespace, name } = pod.metadata;
    if (!tell) return;
    const message = `Cancelling deletion of Pod ${namespace}/${name}`;
    this.#context.events.record(reference(pod), 'Normal', 'TaintManagerEviction', message);
  }

  #evict({ metadata: { namespace, name, uid } }: Pod): void {
    this.#evictions.delete(uid);
    const pod = this.#pods.get(namespace, name);
    if (!pod || pod.metadata.uid !== uid) return;
    const message = `Marking for deletion Pod ${namespace}/${name}`;
    this.#context.events.record(reference(pod), 'Normal', 'TaintManagerEviction', message);
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    } as const;
    try {
      const marked = withPodCondition(pod, condition, this.#context.world.clock.timestamp());
      if (marked !== pod) this.#pods.update(marked, 'status');
      this.#pods.delete(namespace, name);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== 404) this.#context.after(retryDelay, () => this.#evict(pod));
    }
  }
}

const retryDelay = 10;

function reference({ metadata: { namespace, name, uid } }: Pod) {
  return { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
}

function evictingTaints(node: Node): readonly Taint[] {
  return (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

/** Milliseconds that the Pod may stay: none if a taint isn't tolerated, without end if all are for ever. */
function tolerationTime(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let shortest = Infinity;
  for (const taint of taints) {
    const used = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (used.length === 0) return 0;
    for (const { tolerationSeconds } of used) {
      if (tolerationSeconds !== undefined) shortest = Math.min(shortest, Math.max(0, tolerationSeconds) * 1000);
    }
  }
  return shortest;
}
