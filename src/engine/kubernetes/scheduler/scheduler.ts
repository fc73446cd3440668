import { latency, type RandomStream, type Timer, type World } from '../../world/index.ts';
import { labelsMatcher } from '../apimachinery/label-matcher.ts';
import { ApiError, type Client } from '../client.ts';
import { controllerOf, resolveController } from '../controllers/owners.ts';
import { isPodTerminal, withPodCondition } from '../controllers/pods.ts';
import { SeriesEventRecorder } from '../events.ts';
import { refs, type Draft, type Node, type PersistentVolumeClaim, type Pod } from '../types.ts';
import { bestNode, filterNodes, scoreNodes } from './algorithm.ts';
import { AttemptLog, type SchedulingAttempt, type ScoreTable } from './attempts.ts';
import { SchedulerCache } from './cache.ts';
import { fitErrorText, type Diagnosis } from './fit-error.ts';
import type { Attempt, ClusterEvent, OwnerSelector, Plugin, Rejection } from './framework.ts';
import { podInfo, type PodInfo } from './node-info.ts';
import { PendingBindings } from './pending-bindings.ts';
import { plugins as defaultPlugins } from './plugins/registry.ts';
import { findPreemption, priorityOf, type Candidate } from './preemption.ts';
import { SchedulingQueue, type QueuedPod } from './queue.ts';

export interface SchedulerOptions {
  world: World;
  client: Client;
  /** Keeps the states of several clusters in one world apart. */
  cluster?: string;
  /** Host that it runs on, as its Events tell. */
  host?: string;
  /** Pods with this `spec.schedulerName` are its own. */
  name?: string;
  plugins?: readonly Plugin[];
}

const nobody: readonly PodInfo[] = [];

const selectors = new WeakMap<object, OwnerSelector>();

/** A map of labels as a selector: the same one each time, since what is known of selectors is kept by object. */
function selectorOf(matchLabels: Readonly<Record<string, string>>): OwnerSelector {
  let selector = selectors.get(matchLabels);
  if (!selector) selectors.set(matchLabels, (selector = { matchLabels }));
  return selector;
}

/** Gives Pods nodes, one at a time (pkg/scheduler). */
export class Scheduler {
  readonly #world: World;
  readonly #name: string;
  readonly #stateName: string;
  readonly #client: Client;
  readonly #pods;
  readonly #plugins: readonly Plugin[];
  readonly #byName: ReadonlyMap<string, Plugin>;
  readonly #cache = new SchedulerCache();
  readonly #queue: SchedulingQueue;
  readonly #events: SeriesEventRecorder;
  readonly #random: RandomStream;
  readonly #attempts = new AttemptLog();
  /** Pods that room was made for, by UID. */
  readonly #nominated = new Map<string, { info: PodInfo; node: string }>();
  readonly #binding: PendingBindings;
  readonly #undos: (() => void)[] = [];
  #busy: Timer | undefined;
  #nextStart = 0;

  constructor({
    world,
    client,
    cluster = '',
    host = 'localhost',
    name = 'default-scheduler',
    plugins,
  }: SchedulerOptions) {
    this.#world = world;
    this.#name = name;
    this.#stateName = `scheduler/${cluster}/${name}`;
    this.#client = client.as({ manager: 'kube-scheduler', user: 'system:kube-scheduler' });
    this.#pods = this.#client.resource(refs.pods);
    this.#plugins = plugins ?? defaultPlugins;
    this.#byName = new Map(this.#plugins.map((plugin) => [plugin.name, plugin]));
    this.#events = new SeriesEventRecorder(world, this.#client, { controller: name, instance: `${name}-${host}` });
    this.#random = world.random.stream(this.#stateName);
    this.#binding = new PendingBindings(world);
    this.#queue = new SchedulingQueue(
      world.queue,
      () => this.#wake(),
      (event, waiting) => this.#mayHelp(event, waiting),
    );
    this.#watch();
    world.registerState(this.#stateName, () => ({
      queue: this.#queue.snapshot(),
      events: this.#events.snapshot(),
      nominated: [...this.#nominated].map(([uid, { node }]) => [uid, node]),
      nextStart: this.#nextStart,
      binding: this.#binding.snapshot(),
    }));
  }

  /** What the last attempt at a Pod found. */
  attempt(uid: string): SchedulingAttempt | undefined {
    return this.#attempts.get(uid);
  }

  stop(): void {
    for (const undo of this.#undos) undo();
    this.#busy?.cancel();
    this.#queue.stop();
    this.#binding.stop();
    this.#events.stop();
    this.#world.unregisterState(this.#stateName);
  }

  #watch(): void {
    const pods = this.#pods.informer.on({
      add: (pod) => this.#podChanged(pod, undefined),
      update: (pod, previous) => this.#podChanged(pod, previous),
      delete: (pod) => this.#podGone(pod),
    });
    const nodes = this.#client.resource(refs.nodes).informer.on({
      add: (node) => {
        this.#cache.setNode(node);
        this.#queue.notify({ type: 'NodeAdd', node });
      },
      update: (node, previous) => this.#nodeChanged(node, previous),
      delete: (node) => {
        this.#cache.removeNode(node.metadata.name);
        this.#queue.notify({ type: 'NodeDelete', node });
      },
    });
    const claimChanged = (claim: PersistentVolumeClaim) => {
      this.#queue.notify({ type: 'ClaimChange', claim });
      this.#retryBindings(claim.metadata.namespace);
    };
    const volumeChanged = () => this.#queue.notify({ type: 'VolumeChange' });
    const volumes = this.#client
      .resource(refs.persistentVolumes)
      .informer.on({ add: volumeChanged, update: volumeChanged });
    const classes = this.#client.resource(refs.storageClasses).informer.on({ add: volumeChanged });
    const claims = this.#client
      .resource(refs.persistentVolumeClaims)
      .informer.on({ add: claimChanged, update: claimChanged });
    this.#undos.push(pods, nodes, claims, volumes, classes);
  }

  #nodeChanged(node: Node, previous: Node): void {
    this.#cache.setNode(node);
    const heartbeatOnly =
      node.spec === previous.spec &&
      node.metadata.labels === previous.metadata.labels &&
      node.status.allocatable === previous.status.allocatable;
    if (!heartbeatOnly) this.#queue.notify({ type: 'NodeUpdate', node, previous });
  }

  #podChanged(pod: Pod, previous: Pod | undefined): void {
    if (pod.spec.nodeName) {
      this.#forget(pod.metadata.uid);
      if (isPodTerminal(pod)) {
        if (previous && !isPodTerminal(previous)) this.#podGone(pod);
        return;
      }
      this.#cache.setPod(pod);
      if (!previous?.spec.nodeName) this.#queue.notify({ type: 'AssignedPodAdd', pod });
      else if (pod.metadata.labels !== previous.metadata.labels || pod.spec !== previous.spec) {
        this.#queue.notify({ type: 'AssignedPodUpdate', pod, previous });
      }
      return;
    }
    if (pod.spec.schedulerName !== this.#name || isPodTerminal(pod)) return;
    if (this.#binding.has(pod.metadata.uid)) return;
    this.#rememberNomination(pod);
    if (!previous) this.#queue.add(pod);
    else if (pod.spec !== previous.spec || pod.metadata.labels !== previous.metadata.labels) {
      this.#queue.update(pod, previous);
    }
  }

  #podGone(pod: Pod): void {
    this.#forget(pod.metadata.uid);
    if (!pod.spec.nodeName && !this.#binding.delete(pod.metadata.uid)) return;
    this.#cache.removePod(pod.metadata.uid);
    this.#queue.notify({ type: 'AssignedPodDelete', pod });
  }

  #forget(uid: string): void {
    this.#queue.delete(uid);
    this.#nominated.delete(uid);
  }

  #rememberNomination(pod: Pod): void {
    const node = pod.status.nominatedNodeName;
    if (node) this.#nominated.set(pod.metadata.uid, { info: podInfo(pod), node });
    else this.#nominated.delete(pod.metadata.uid);
  }

  #mayHelp(event: ClusterEvent, { pod, rejectedBy }: QueuedPod): boolean {
    for (const name of rejectedBy) if (this.#byName.get(name)?.requeue(event, pod) ?? true) return true;
    return false;
  }

  #wake(): void {
    if (this.#busy || this.#queue.empty) return;
    this.#busy = this.#world.queue.after(latency.schedulingAttempt, () => {
      this.#busy = undefined;
      this.#scheduleNext();
      this.#wake();
    });
  }

  #scheduleNext(): void {
    const waiting = this.#queue.pop();
    if (!waiting) return;
    const { namespace, name, uid } = waiting.pod.metadata;
    const pod = this.#pods.get(namespace, name);
    if (!pod || pod.metadata.uid !== uid || pod.spec.nodeName) return;
    waiting.pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) {
      const note = `skip schedule deleting pod: ${namespace}/${name}`;
      this.#events.record(pod, 'Warning', 'FailedScheduling', note, { action: 'Scheduling' });
      return;
    }
    this.#schedule(waiting, this.#newAttempt(pod));
  }

  #newAttempt(pod: Pod): Attempt {
    return {
      pod,
      info: podInfo(pod),
      nodes: this.#cache.nodes,
      anyRequiredAntiAffinity: this.#cache.anyRequiredAntiAffinity,
      namespaces: this.#client.resource(refs.namespaces),
      ownerSelectors: () => this.#ownerSelectors(pod),
      imageHolders: (image) => this.#cache.imageHolders(image),
      claim: (name) => this.#client.resource(refs.persistentVolumeClaims).get(pod.metadata.namespace, name),
      storageClass: (name) => this.#client.resource(refs.storageClasses).get(undefined, name),
      client: this.#client,
    };
  }

  /** Selectors of the Services that choose the Pod and of the workload that owns it. */
  #ownerSelectors(pod: Pod): OwnerSelector[] {
    const { namespace } = pod.metadata;
    const selectors: OwnerSelector[] = [];
    for (const { spec } of this.#client.resource(refs.services).list({ namespace })) {
      const matchLabels = spec.selector;
      if (matchLabels && Object.keys(matchLabels).length > 0 && labelsMatcher(matchLabels)(pod.metadata.labels)) {
        selectors.push(selectorOf(matchLabels));
      }
    }
    const owner = controllerOf(pod);
    for (const ref of [refs.replicaSets, refs.statefulSets]) {
      const workload = resolveController(this.#client.resource(ref), ref, namespace, owner);
      if (workload) selectors.push(workload.spec.selector as OwnerSelector);
    }
    const { replicationControllers } = refs;
    const rc = resolveController(
      this.#client.resource(replicationControllers),
      replicationControllers,
      namespace,
      owner,
    );
    if (rc?.spec.selector) selectors.push(selectorOf(rc.spec.selector));
    return selectors;
  }

  #schedule(waiting: QueuedPod, attempt: Attempt): void {
    const { pod, nodes } = attempt;
    if (nodes.length === 0) {
      this.#fail(waiting, 'no nodes available to schedule pods', new Set(), undefined, undefined);
      return;
    }
    const nominated = (node: string) => this.#nominatedOn(node, pod);
    const { feasible, diagnosis, examined } = filterNodes(this.#plugins, attempt, this.#nextStart, nominated);
    this.#nextStart = (this.#nextStart + examined) % nodes.length;
    const kept = feasible.find((node) => node.name === pod.status.nominatedNodeName);
    const only = kept ?? (feasible.length === 1 ? feasible[0] : undefined);
    if (feasible.length === 0) {
      this.#unschedulable(waiting, attempt, diagnosis);
      return;
    }
    const table = scoreNodes(this.#plugins, attempt, feasible);
    const node = only ?? bestNode(feasible, table, this.#random);
    this.#log(pod, diagnosis, table, { node: node.name });
    this.#bindWhenReady(waiting, attempt, node.name);
  }

  /** Binds the Pod once all plug-ins are done with their preparations; until then it only takes up room. */
  #bindWhenReady(waiting: QueuedPod, attempt: Attempt, node: string): void {
    const { pod } = attempt;
    const { uid } = pod.metadata;
    try {
      const ready = this.#plugins.map((plugin) => plugin.preBind?.(attempt, node) ?? true);
      if (!ready.includes(false)) {
        this.#binding.delete(uid);
        return this.#bind(waiting, pod, node);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    if (this.#binding.has(uid)) return;
    this.#cache.setPod({ ...pod, spec: { ...pod.spec, nodeName: node } });
    this.#binding.add(pod, { waiting, node }, () => {
      this.#cache.removePod(uid);
      const message = `running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded`;
      this.#fail(waiting, message, new Set(), undefined, undefined);
    });
  }

  #retryBindings(namespace: string | undefined): void {
    for (const { waiting, node } of this.#binding.inNamespace(namespace)) {
      const { name, uid } = waiting.pod.metadata;
      const pod = this.#pods.get(namespace, name);
      if (pod?.metadata.uid === uid) this.#bindWhenReady(waiting, this.#newAttempt(pod), node);
    }
  }

  #nominatedOn(node: string, pod: Pod): readonly PodInfo[] {
    if (this.#nominated.size === 0) return nobody;
    return [...this.#nominated.values()]
      .filter(({ node: wanted }) => wanted === node)
      .map(({ info }) => info)
      .filter((info) => info.pod.metadata.uid !== pod.metadata.uid && priorityOf(info.pod) >= priorityOf(pod));
  }

  #bind(waiting: QueuedPod, pod: Pod, node: string): void {
    const { namespace, name, uid } = pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    try {
      this.#pods.create(binding as unknown as Draft<Pod>, 'binding');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 404) return;
      const note = `binding rejected: ${error.message}`;
      this.#events.record(pod, 'Warning', 'FailedScheduling', note, { action: 'Scheduling' });
      this.#queue.retry(waiting);
      return;
    }
    const bound = this.#pods.get(namespace, name);
    if (bound) this.#cache.setPod(bound);
    this.#nominated.delete(uid);
    const note = `Successfully assigned ${namespace}/${name} to ${node}`;
    this.#events.record(pod, 'Normal', 'Scheduled', note, { action: 'Binding' });
  }

  #unschedulable(waiting: QueuedPod, attempt: Attempt, diagnosis: Diagnosis): void {
    const refused = diagnosis.refusal !== undefined;
    const budgets = this.#client.resource(refs.podDisruptionBudgets).list();
    const preemption = findPreemption(this.#plugins, attempt, diagnosis, budgets);
    let text = fitErrorText(diagnosis);
    let nominatedNode: string | undefined;
    if ('candidate' in preemption) {
      nominatedNode = preemption.candidate.node;
      this.#preempt(attempt.pod, preemption.candidate);
    } else {
      // Dynamic resource allocation speaks first, and finds nothing if a plug-in before it refused the Pod.
      text += refused ? ' not found' : ` no new claims to deallocate, preemption: ${preemption.message}`;
    }
    const rejectedBy = new Set<string>();
    const blame = (rejection: Rejection | undefined) => rejection && rejectedBy.add(rejection.plugin);
    blame(diagnosis.refusal);
    if (diagnosis.rejections.size < diagnosis.nodes) blame(diagnosis.absent);
    for (const rejection of diagnosis.rejections.values()) blame(rejection);
    this.#fail(waiting, text, rejectedBy, diagnosis, nominatedNode);
  }

  /** Says why the Pod waits, and lets it wait. */
  #fail(
    waiting: QueuedPod,
    message: string,
    rejectedBy: ReadonlySet<string>,
    diagnosis: Diagnosis | undefined,
    nominatedNode: string | undefined,
  ): void {
    const { pod } = waiting;
    this.#log(pod, diagnosis, undefined, { message });
    this.#events.record(pod, 'Warning', 'FailedScheduling', message, { action: 'Scheduling' });
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const;
    let updated = withPodCondition(pod, condition, this.#world.clock.timestamp());
    if (nominatedNode !== undefined) {
      updated = { ...updated, status: { ...updated.status, nominatedNodeName: nominatedNode } };
    }
    // The Pod waits before its status is written: a victim that dies at once must find it waiting.
    this.#queue.addUnschedulable(waiting, rejectedBy);
    if (updated === pod) return;
    try {
      waiting.pod = this.#pods.update(updated, 'status');
      this.#rememberNomination(waiting.pod);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #preempt(pod: Pod, { node, victims }: Candidate): void {
    for (const victim of victims) {
      const { namespace, name } = victim.metadata;
      const current = this.#pods.get(namespace, name);
      if (!current || current.metadata.deletionTimestamp !== undefined) continue;
      const marked = withPodCondition(
        current,
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'PreemptionByScheduler',
          message: `${this.#name}: preempting to accommodate a higher priority pod`,
        },
        this.#world.clock.timestamp(),
      );
      try {
        this.#pods.update(marked, 'status');
        this.#pods.delete(namespace, name);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        continue;
      }
      const note = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
      this.#events.record(victim, 'Normal', 'Preempted', note, { action: 'Preempting', related: pod });
    }
  }

  #log(
    { metadata }: Pod,
    diagnosis: Diagnosis | undefined,
    scored: ScoreTable | undefined,
    result: { node?: string; message?: string },
  ): void {
    this.#attempts.record(metadata.uid, {
      namespace: metadata.namespace ?? '',
      pod: metadata.name,
      time: this.#world.clock.now(),
      ...result,
      rejections: diagnosis?.rejections ?? new Map(),
      scored,
    });
  }
}

/** Starts kube-scheduler. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  return new Scheduler(options);
}
