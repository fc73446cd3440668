import type { Taint } from '../apimachinery/taints.ts';
import { ApiError } from '../client.ts';
import { refs, type Node, type Pod } from '../types.ts';
import { indexByNode, podsOnNode } from './owners.ts';
import type { Controller, ControllerContext } from './runtime.ts';

/** How often all nodes are looked at (ms). */
const monitorPeriod = 5000;
/** A node that was silent for this long (ms) is not ready; a new one is given longer. */
const gracePeriod = 50_000;
const startupGracePeriod = 60_000;
/** One node (ms) at a time gets taints that evict, so that a partition doesn't empty a cluster. */
const evictionInterval = 10_000;

const unhealthyShare = 0.55;
const largeCluster = 50;

const notReadyTaint = 'node.kubernetes.io/not-ready';
const unreachableTaint = 'node.kubernetes.io/unreachable';

/** Taints that follow from conditions: key by condition and status. */
const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReadyTaint, Unknown: unreachableTaint },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const managedTaints: ReadonlySet<string> = new Set([
  ...Object.values(conditionTaints).flatMap((byStatus) => Object.values(byStatus)),
  unschedulableTaint,
]);

type Condition = NonNullable<Node['status']['conditions']>[number];

/** What is remembered of a node between two looks. */
interface Health {
  status: Node['status'];
  renewTime: string | undefined;
  /** Virtual ms at which a sign of life was last seen. */
  seen: number;
  ready: string;
}

/** Watches heartbeats; marks silent nodes, taints nodes by condition (pkg/controller/nodelifecycle). */
export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  component: 'node-controller',
  serviceAccount: 'node-controller',
  start: (context) => new NodeLifecycle(context).start(),
};

class NodeLifecycle {
  readonly #context: ControllerContext;
  readonly #nodes;
  readonly #pods;
  readonly #health = new Map<string, Health>();
  readonly #known = new Map<string, Node>();
  /** Nodes that wait for an evicting taint, in order. */
  readonly #toTaint = new Set<string>();
  #nextTaint = 0;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#nodes = context.client.resource(refs.nodes);
    this.#pods = context.client.resource(refs.pods);
    indexByNode(this.#pods.informer);
  }

  start(): void {
    // A cluster that is there when time begins has registered its nodes long ago.
    if (this.#context.world.queue.now === 0)
      for (const node of this.#nodes.list()) this.#known.set(node.metadata.name, node);
    const queue = this.#context.queue({ workers: 8, reconcile: (name) => this.#taintBySchedulability(name) });
    this.#context.watch(refs.nodes, {
      add: (node) => queue.add(node.metadata.name),
      update: (node, previous) => {
        if (node.spec !== previous.spec || node.status.conditions !== previous.status.conditions) {
          queue.add(node.metadata.name);
        }
      },
    });
    this.#context.every(monitorPeriod, () => this.#monitor());
    this.#context.state(() => ({
      health: [...this.#health].map(([name, { renewTime, seen, ready }]) => [name, renewTime, seen, ready]),
      toTaint: [...this.#toTaint],
      nextTaint: this.#nextTaint,
    }));
  }

  #monitor(): void {
    const nodes = this.#nodes.list();
    this.#trackMembers(nodes);
    const checked = nodes.map((node) => this.#retryOnConflict(node, (current) => this.#check(current)));
    const down = checked.filter((node) => node && readiness(node) !== 'True').length;
    const disrupted = isDisrupted(down, checked.length);
    for (const node of checked) if (node) this.#taintByReadiness(node, disrupted);
    this.#taintNext();
  }

  #trackMembers(nodes: readonly Node[]): void {
    const names = new Set(nodes.map(({ metadata }) => metadata.name));
    for (const node of nodes) {
      const { name } = node.metadata;
      if (!this.#known.has(name)) this.#say(node, 'RegisteredNode', `Registered Node ${name} in Controller`);
      this.#known.set(name, node);
    }
    for (const [name, node] of this.#known) {
      if (names.has(name)) continue;
      this.#say(node, 'RemovingNode', `Removing Node ${name} from Controller`);
      this.#known.delete(name);
      this.#health.delete(name);
      this.#toTaint.delete(name);
    }
  }

  #say(node: Node, reason: string, text: string): void {
    this.#context.events.record(reference(node), 'Normal', reason, `Node ${node.metadata.name} event: ${text}`);
  }

  /** Notes signs of life; marks the node where there have been none for too long. */
  #check(node: Node): Node {
    const { name } = node.metadata;
    const now = this.#context.world.queue.now;
    const renewTime = this.#context.client.resource(refs.leases).get('kube-node-lease', name)?.spec.renewTime;
    const before = this.#health.get(name);
    const alive = !before || before.status !== node.status || before.renewTime !== renewTime;
    const ready = readiness(node);
    const health: Health = {
      status: node.status,
      renewTime: renewTime === undefined ? undefined : String(renewTime),
      seen: alive ? now : before.seen,
      ready,
    };
    let current = node;
    const patience = ready === undefined ? startupGracePeriod : gracePeriod;
    if (now > health.seen + patience && ready !== 'Unknown') {
      current = this.#nodes.update(withUnknownConditions(node, this.#context.world.clock.timestamp()), 'status');
      // The mark is no sign of life.
      health.status = current.status;
      health.ready = 'Unknown';
    }
    this.#health.set(name, health);
    const isReady = health.ready === 'True';
    if (!isReady && before?.ready === 'True') {
      const message = `Node ${name} status is now: NodeNotReady`;
      this.#context.events.record(reference(node), 'Normal', 'NodeNotReady', message);
    }
    if (!isReady && before !== undefined) this.#markPodsNotReady(current);
    return current;
  }

  #markPodsNotReady(node: Node): void {
    for (const pod of podsOnNode(this.#pods.informer, node.metadata.name)) {
      const conditions = pod.status.conditions ?? [];
      const ready = conditions.find(({ type }) => type === 'Ready');
      if (ready?.status !== 'True') continue;
      const marked = { ...ready, status: 'False', lastTransitionTime: this.#context.world.clock.timestamp() };
      const updated: Pod = {
        ...pod,
        status: { ...pod.status, conditions: conditions.map((c) => (c === ready ? marked : c)) },
      };
      try {
        this.#pods.update(updated, 'status');
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        continue;
      }
      this.#context.events.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }

  /** NoExecute taints wait in a queue; a node that is well again loses them at once. */
  #taintByReadiness(node: Node, disrupted: boolean): void {
    const { name } = node.metadata;
    const taints = node.spec.taints ?? [];
    const evicting = taints.filter(isEvicting);
    if (readiness(node) === 'True') {
      this.#toTaint.delete(name);
      if (evicting.length > 0)
        this.#writeTaints(
          node,
          taints.filter((taint) => !isEvicting(taint)),
        );
      return;
    }
    const wanted = evictingKey(node);
    if (evicting.some(({ key }) => key === wanted)) this.#toTaint.delete(name);
    else if (evicting.length > 0) this.#addEvictingTaint(node);
    else if (!disrupted) this.#toTaint.add(name);
  }

  #taintNext(): void {
    const now = this.#context.world.queue.now;
    const [name] = this.#toTaint;
    if (name === undefined || now < this.#nextTaint) return;
    this.#nextTaint = now + evictionInterval;
    this.#toTaint.delete(name);
    const node = this.#nodes.get(undefined, name);
    if (node && readiness(node) !== 'True') this.#addEvictingTaint(node);
  }

  #addEvictingTaint(node: Node): void {
    const others = (node.spec.taints ?? []).filter((taint) => !isEvicting(taint));
    const taint = { key: evictingKey(node), effect: 'NoExecute', timeAdded: this.#context.world.clock.timestamp() };
    this.#writeTaints(node, [...others, taint]);
  }

  /** NoSchedule taints follow conditions and cordoning at once. */
  #taintBySchedulability(name: string): void {
    const node = this.#nodes.get(undefined, name);
    if (!node) return;
    const wanted = new Set<string>();
    for (const { type, status } of node.status.conditions ?? []) {
      const key = conditionTaints[type]?.[status];
      if (key) wanted.add(key);
    }
    if (node.spec.unschedulable) wanted.add(unschedulableTaint);
    const taints = node.spec.taints ?? [];
    const isManaged = ({ key, effect }: Taint) => effect === 'NoSchedule' && managedTaints.has(key);
    const kept = taints.filter((taint) => !isManaged(taint) || wanted.has(taint.key));
    const present = new Set(kept.filter(isManaged).map(({ key }) => key));
    const timeAdded = this.#context.world.clock.timestamp();
    const added = [...wanted]
      .filter((key) => !present.has(key))
      .map((key) => ({ key, effect: 'NoSchedule', timeAdded }));
    if (added.length === 0 && kept.length === taints.length) return;
    this.#nodes.update(withTaints(node, [...kept, ...added]));
  }

  #writeTaints(node: Node, taints: readonly Taint[]): void {
    this.#retryOnConflict(node, (current) => this.#nodes.update(withTaints(current, taints)));
  }

  /** The monitor has no queue to retry it: a refused write is made again at its next round. */
  #retryOnConflict(node: Node, write: (current: Node) => Node): Node | undefined {
    try {
      return write(this.#nodes.get(undefined, node.metadata.name) ?? node);
    } catch (error) {
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  }
}

/**
 * So many nodes are silent that the fault is likely to be elsewhere: nothing is evicted. (Clusters of more than 50 nodes
 * evict slowly where only a part is silent.)
 */
function isDisrupted(down: number, nodes: number): boolean {
  if (down === 0) return false;
  if (down === nodes) return true;
  return nodes <= largeCluster && down > 2 && down / nodes >= unhealthyShare;
}

function reference({ metadata: { name, uid } }: Node) {
  return { apiVersion: 'v1', kind: 'Node', name, uid };
}

function conditionOf(node: Node, type: string): Condition | undefined {
  return node.status.conditions?.find((condition) => condition.type === type);
}

function readiness(node: Node): string {
  return conditionOf(node, 'Ready')?.status as string;
}

function isEvicting({ key, effect }: Taint): boolean {
  return effect === 'NoExecute' && (key === notReadyTaint || key === unreachableTaint);
}

function evictingKey(node: Node): string {
  return readiness(node) === 'False' ? notReadyTaint : unreachableTaint;
}

function withTaints(node: Node, taints: readonly Taint[]): Node {
  const { taints: _, ...spec } = node.spec;
  return { ...node, spec: taints.length > 0 ? { ...spec, taints: [...taints] } : spec } as Node;
}

function withUnknownConditions(node: Node, now: string): Node {
  const conditions = [...(node.status.conditions ?? [])];
  for (const type of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
    const index = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[index];
    if (!old) {
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: now,
      });
    } else if (old.status !== 'Unknown') {
      conditions[index] = {
        ...old,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: now,
      };
    }
  }
  return { ...node, status: { ...node.status, conditions } };
}
