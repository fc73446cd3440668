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
/** One node (ms) at a time of a zone gets taints that evict, so that a partition doesn't empty a cluster. */
const evictionInterval = 10_000;
/** The same in a large zone of which much is silent. */
const slowEvictionInterval = 100_000;

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

/** Nodes that are likely to fail together. */
interface Zone {
  /** Nodes that wait for an evicting taint, in order. */
  readonly waiting: Set<string>;
  /** Virtual ms before which none gets one. */
  next: number;
  /** Ms between two; Infinity: none at all. */
  interval: number;
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
  readonly #zones = new Map<string, Zone>();

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
      zones: [...this.#zones].map(([name, { waiting, next }]) => [name, [...waiting], next]),
    }));
  }

  #monitor(): void {
    const nodes = this.#nodes.list();
    this.#trackMembers(nodes);
    const checked = nodes.map((node) => this.#retryOnConflict(node, (current) => this.#check(current)));
    const present = checked.filter((node) => node !== undefined);
    this.#assessZones(present);
    for (const node of present) this.#taintByReadiness(node, this.#zones.get(zoneOf(node))!);
    for (const zone of this.#zones.values()) this.#taintNext(zone);
  }

  /** How fast each zone may be emptied (handleDisruption). */
  #assessZones(nodes: readonly Node[]): void {
    const counts = new Map<string, { nodes: number; down: number }>();
    for (const node of nodes) {
      const count = counts.get(zoneOf(node)) ?? { nodes: 0, down: 0 };
      counts.set(zoneOf(node), count);
      count.nodes++;
      if (readiness(node) !== 'True') count.down++;
    }
    for (const name of this.#zones.keys()) if (!counts.has(name)) this.#zones.delete(name);
    const allDown = [...counts.values()].every(({ nodes: total, down }) => down === total);
    for (const [name, { nodes: total, down }] of counts) {
      const zone = this.#zones.get(name) ?? { waiting: new Set(), next: 0, interval: 0 };
      zone.interval = allDown ? Infinity : intervalOf(down, total);
      this.#zones.set(name, zone);
    }
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
      for (const { waiting } of this.#zones.values()) waiting.delete(name);
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
  #taintByReadiness(node: Node, zone: Zone): void {
    const { name } = node.metadata;
    const taints = node.spec.taints ?? [];
    const evicting = taints.filter(isEvicting);
    if (readiness(node) === 'True') {
      zone.waiting.delete(name);
      if (evicting.length > 0)
        this.#writeTaints(
          node,
          taints.filter((taint) => !isEvicting(taint)),
        );
      return;
    }
    const wanted = evictingKey(node);
    if (evicting.some(({ key }) => key === wanted)) zone.waiting.delete(name);
    else if (evicting.length > 0) this.#addEvictingTaint(node);
    else if (zone.interval !== Infinity) zone.waiting.add(name);
  }

  #taintNext(zone: Zone): void {
    const now = this.#context.world.queue.now;
    const [name] = zone.waiting;
    if (name === undefined || now < zone.next || zone.interval === Infinity) return;
    zone.next = now + zone.interval;
    zone.waiting.delete(name);
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
 * Ms between two nodes of a zone that are emptied; never, where so many are silent that the fault is likely to be elsewhere
 * (large zones are emptied slowly then). A zone that is silent as a whole is believed, as long as others are not.
 */
function intervalOf(down: number, nodes: number): number {
  if (down === nodes || down <= 2 || down / nodes < unhealthyShare) return evictionInterval;
  return nodes > largeCluster ? slowEvictionInterval : Infinity;
}

function zoneOf({ metadata: { labels = {} } }: Node): string {
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
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
