import type { Network, NetworkNamespace } from '../../network/index.ts';
import { CpuGroup, type HostResources, PidNamespace, type Program } from '../../process/index.ts';
import { ImageStore, type Registries } from '../../runtime/index.ts';
import { latency, type FileSystem, type RandomStream, type World } from '../../world/index.ts';
import type { Client } from '../client.ts';
import type { Cni } from '../cni/cni.ts';
import { CoreEventRecorder } from '../events.ts';
import { refs, type Draft, type Node, type Pod } from '../types.ts';
import { NodeRoom } from './admission.ts';
import { Backoff } from './backoff.ts';
import { EvictionManager } from './eviction/manager.ts';
import { defaultEviction, type EvictionConfiguration } from './eviction/thresholds.ts';
import { ImageManager } from './image-manager.ts';
import type { NodeContext } from './node-context.ts';
import { NodeStatusReporter, type NodeDescription } from './node-status.ts';
import type { PodSink, PodSource } from './pod-source.ts';
import { PodWorker } from './pod-worker.ts';
import { nodeResources, systemUsage } from './resources.ts';
import { podKey, type ContainerRecord } from './types.ts';

export interface KubeletOptions {
  world: World;
  network: Network;
  /** The cluster's client; the kubelet makes one of its own identity from it. */
  client: Client;
  pods: PodSource;
  programs: ReadonlyMap<string, Program>;
  registries: Registries;
  node: NodeDescription;
  /** The node's network namespace and files: the host that the kubelet runs on. */
  net: NetworkNamespace;
  hostFs: FileSystem;
  /** The node's processes, for Pods with `hostPID`. */
  hostPids?: PidNamespace;
  /** e.g. `10.244.1.0/24`: the addresses of Pods here. */
  podCIDR: string;
  /** How Pods are connected. */
  cni: Cni;
  /** Files of persistent volumes, shared by all nodes. */
  persistent: Map<string, FileSystem>;
  clusterDNS: string;
  testHooks: boolean;
  /** Where it differs from upstream's defaults. */
  eviction?: Partial<EvictionConfiguration>;
  /** The API server answers. By default always. */
  apiServerUp?: () => boolean;
  /** Makes the Node object, for a kubelet that starts and finds none. */
  register?: () => void;
}

/** Ms between two lists of the runtime's containers (PLEG), and between two rounds of the status manager. */
const relistPeriod = 1000;
const statusSyncPeriod = 10_000;

/** The agent of one node. `start` and `stop` are the node's power switch. */
export class Kubelet implements PodSink {
  readonly name: string;
  readonly images: ImageStore;
  readonly resources: HostResources;
  /** The node's own daemons. */
  readonly system: CpuGroup;
  readonly eviction: EvictionManager;
  readonly workers = new Map<string, PodWorker>();
  readonly status: NodeStatusReporter;
  readonly #options: KubeletOptions;
  readonly #client: Client;
  readonly #events: CoreEventRecorder;
  readonly #random: RandomStream;
  readonly #imageManager: ImageManager;
  readonly #crashes = new Backoff(10_000, 300_000);
  readonly #context: NodeContext;
  #room: NodeRoom;
  #running = false;
  #startedAt = 0;
  #boots = 0;
  /** It has booted, and could not tell. */
  #unannounced = false;
  readonly #ipPrefix: string;
  readonly #usedIPs = new Set<string>();
  #lastIP = 1;
  /** Containers of Pods whose node lost its power. */
  #lost = new Map<string, ReadonlyMap<string, ContainerRecord>>();

  constructor(options: KubeletOptions) {
    const { world, node, client } = options;
    this.#options = options;
    this.name = node.name;
    this.#client = client.as({ manager: 'kubelet', user: `system:node:${node.name}` });
    this.#events = new CoreEventRecorder(world, this.#client, { component: 'kubelet', host: node.name });
    this.#random = world.random.stream(`kubelet/${node.name}`);
    this.images = new ImageStore(world, options.registries);
    this.#imageManager = new ImageManager(world, this.images);
    this.#room = new NodeRoom(node.capacity);
    this.resources = nodeResources(world.queue, node.capacity);
    this.system = new CpuGroup(world.queue, this.resources.cpu);
    this.system.background(systemUsage.cpus);
    this.resources.memory.change(systemUsage.memory);
    this.#ipPrefix = options.podCIDR.replace(/\.\d+\/\d+$/, '.');
    this.status = new NodeStatusReporter(world, this.#client, node, () => this.images.list(), this.#random.uuid());
    this.eviction = new EvictionManager(this, this.#events, { ...defaultEviction, ...options.eviction });
    this.#context = this.#makeContext();
    world.registerState(`kubelet/${node.name}`, () => ({
      running: this.#running,
      workers: [...this.workers.values()].map((w) => w.snapshot()),
      images: this.#imageManager.snapshot(),
      crashes: this.#crashes.snapshot(),
      eviction: this.eviction.snapshot(),
    }));
  }

  #makeContext(): NodeContext {
    const { world, network, programs, node, net, hostFs, persistent, clusterDNS, testHooks } = this.#options;
    return {
      world,
      network,
      programs,
      client: this.#client,
      events: this.#events,
      random: this.#random,
      node: { name: node.name, ip: node.ip, allocatable: node.capacity },
      net,
      hostFs,
      hostPids: this.#options.hostPids ?? new PidNamespace(),
      persistent,
      resources: this.resources,
      images: this.#imageManager,
      crashes: this.#crashes,
      clusterDNS,
      clusterDomain: 'cluster.local',
      testHooks,
      nextRelist: () => this.#nextRound(relistPeriod),
      nextStatusSync: () => this.#nextRound(statusSyncPeriod),
      cni: this.#options.cni,
      allocateIP: () => this.#allocateIP(),
      releaseIP: (ip) => void this.#usedIPs.delete(ip),
      admit: (pod) =>
        this.eviction.refuse(pod) ?? this.#room.admit(pod, this.#client.resource(refs.nodes).get(undefined, this.name)),
      release: (pod) => this.#room.release(pod),
      forget: (pod) => this.#forget(pod),
      imagesChanged: () => {
        this.status.changed();
        this.eviction.imagesChanged();
      },
      storageChanged: this.eviction.look,
    };
  }

  /** When something is done next that is done every `period` ms since the kubelet started. */
  #nextRound(period: number): number {
    const since = this.#options.world.queue.now - this.#startedAt;
    return this.#startedAt + (Math.floor(since / period) + 1) * period;
  }

  /** Virtual ms at which a container was last made of this image. */
  lastUseOf(image: string): number {
    return this.#imageManager.lastUseOf(image);
  }

  get world(): World {
    return this.#options.world;
  }

  get capacity(): Readonly<Record<string, string>> {
    return this.#options.node.capacity;
  }

  get hostFs(): FileSystem {
    return this.#options.hostFs;
  }

  /** Virtual ms since when it runs. */
  get startedAt(): number {
    return this.#startedAt;
  }

  get ip(): string {
    return this.#options.node.ip;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Sees to the Pods that are bound to this node, from now on. */
  start(): void {
    if (this.#running) return;
    const { world, pods, net } = this.#options;
    this.#running = true;
    this.#startedAt = world.queue.now;
    net.up = true;
    if (this.#boots++ > 0) this.#cameBack();
    // Chance spreads the nodes' heartbeats over the period.
    this.status.start(this.#random.int(10_000));
    this.eviction.start();
    pods.connect(this.name, this);
    // Without the API server only the files of static Pods are known.
    const known = this.#options.apiServerUp?.() ?? true;
    for (const pod of pods.podsOn(this.name)) if (known || isMirror(pod)) this.added(pod);
    if (known) this.#lost = new Map();
  }

  /** The API server answers again: what could not be told is told now, and what could not be read is read. */
  reconnect(): void {
    if (!this.#running) return;
    if (this.#unannounced) this.#cameBack();
    else {
      this.status.report();
      this.status.renewLease();
    }
    for (const pod of this.#options.pods.podsOn(this.name)) if (!this.workers.has(pod.metadata.uid)) this.added(pod);
    this.#lost = new Map();
    for (const worker of [...this.workers.values()]) worker.reconnect();
  }

  #cameBack(): void {
    this.#unannounced = this.#options.apiServerUp?.() === false;
    if (this.#unannounced) return;
    const bootID = this.#random.uuid();
    this.status.bootID = bootID;
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      this.#events.record({ kind: 'Node', name: this.name, uid: this.name }, type, reason, message);
    tell('Normal', 'Starting', 'Starting kubelet.');
    if (!this.#client.resource(refs.nodes).get(undefined, this.name)) this.#options.register?.();
    for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'])
      tell('Normal', reason, `Node ${this.name} status is now: ${reason}`);
    tell('Warning', 'Rebooted', `Node ${this.name} has been rebooted, boot id: ${bootID}`);
    tell('Normal', 'NodeReady', `Node ${this.name} status is now: NodeReady`);
    this.status.report();
    this.status.renewLease();
  }

  /** The power goes off: processes vanish, nothing is reported any more. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#options.pods.disconnect(this.name);
    this.status.stop();
    this.eviction.stop();
    this.#lost = new Map();
    for (const [uid, worker] of this.workers) {
      worker.powerOff();
      this.#lost.set(uid, worker.records);
    }
    this.workers.clear();
    this.#room = new NodeRoom(this.#options.node.capacity);
    this.#options.net.up = false;
  }

  added(pod: Pod): void {
    const { uid } = pod.metadata;
    const known = this.workers.get(uid);
    if (known) return known.update(pod);
    const finished = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
    const worker = new PodWorker(this.#context, pod);
    const lost = this.#lost.get(uid);
    if (lost) worker.adopt(lost);
    if (finished && pod.metadata.deletionTimestamp === undefined && !lost) return;
    this.workers.set(uid, worker);
    if (pod.metadata.deletionTimestamp !== undefined) worker.end();
    else worker.start();
  }

  updated(pod: Pod): void {
    if (isMirror(pod) && pod.metadata.deletionTimestamp !== undefined) return this.#deleteMirror(pod);
    const worker = this.workers.get(pod.metadata.uid);
    if (worker) worker.update(pod);
    else this.added(pod);
  }

  removed(pod: Pod): void {
    const worker = this.workers.get(pod.metadata.uid);
    if (worker && isMirror(pod)) this.#mirrorAgain(pod, worker);
    else worker?.remove();
  }

  /** A mirror Pod stands for a file on the node: deleting it ends nothing. */
  #deleteMirror({ metadata }: Pod): void {
    const pods = this.#client.resource(refs.pods);
    const preconditions = { uid: metadata.uid };
    this.#options.world.queue.after(latency.kubeletSync, () => {
      if (pods.get(metadata.namespace, metadata.name)?.metadata.uid === metadata.uid)
        pods.delete(metadata.namespace, metadata.name, { gracePeriodSeconds: 0, preconditions });
    });
  }

  #mirrorAgain({ metadata, spec }: Pod, worker: PodWorker): void {
    const { name, namespace, labels, annotations, ownerReferences, uid } = metadata;
    this.#options.world.queue.after(latency.kubeletSync, () => {
      if (this.workers.get(uid) !== worker) return;
      this.workers.delete(uid);
      const again = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels, annotations, ownerReferences },
        spec,
      };
      const pod = this.#client.resource(refs.pods).create(again as unknown as Draft<Pod>);
      this.workers.set(pod.metadata.uid, worker);
      worker.rebind(pod);
    });
  }

  objectChanged(kind: 'ConfigMap' | 'Secret', namespace: string, name: string): void {
    for (const worker of this.workers.values())
      if (worker.pod.metadata.namespace === namespace) worker.objectChanged(kind, name);
  }

  /** Makes a bound Pod run at once; see `PodWorker.restore`. */
  restore(pod: Pod): void {
    const worker = new PodWorker(this.#context, pod);
    this.workers.set(pod.metadata.uid, worker);
    worker.restore();
  }

  worker(pod: Pod): PodWorker | undefined {
    return this.workers.get(pod.metadata.uid);
  }

  /** The Node object that the kubelet registers. */
  nodeStatus(): Node['status'] {
    return this.status.status({});
  }

  #forget(pod: Pod): void {
    this.workers.delete(pod.metadata.uid);
    this.#room.release(pod);
  }

  #allocateIP(): string {
    // Round robin, as the host-local IPAM plug-in: an address is not given out again at once.
    for (let i = 0; i < 253; i++) {
      this.#lastIP = this.#lastIP >= 254 ? 2 : this.#lastIP + 1;
      const ip = this.#ipPrefix + this.#lastIP;
      if (this.#usedIPs.has(ip)) continue;
      this.#usedIPs.add(ip);
      return ip;
    }
    throw new Error(`no Pod addresses left on ${this.name}`);
  }

  /** For messages and tests: the Pods by `namespace/name`. */
  get pods(): string[] {
    return [...this.workers.values()].map((w) => podKey(w.pod)).sort();
  }
}

function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}
