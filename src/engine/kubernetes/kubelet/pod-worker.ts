import type { PidNamespace } from '../../process/index.ts';
import type { Container as RuntimeContainer, StoredImage } from '../../runtime/index.ts';
import { Cancellation, Cancelled, latency, rfc3339, type Timer } from '../../world/index.ts';
import type { Pod } from '../types.ts';
import { refusedStatus } from './admission.ts';
import { Condemned, probeGraceMs } from './condemned.ts';
import { startContainers } from './container-order.ts';
import { ContainerStarter, type StartingPod } from './container-starter.ts';
import { imageName, makeContainer, terminationMessage, type Sandbox } from './containers.ts';
import { ConfigError } from './env.ts';
import type { NodeContext } from './node-context.ts';
import { PodEnding, type EndingPod } from './pod-ending.ts';
import { PodProbes, type ProbedPod } from './pod-probes.ts';
import { PodSandbox } from './pod-sandbox.ts';
import type { ProbeKind, ProbeTarget } from './probes.ts';
import { StatusWriter } from './status-writer.ts';
import { makePodStatus } from './status.ts';
import { containerLimits, sameLimits } from './resources.ts';
import {
  fieldPath,
  foundDead,
  newRecord,
  type ContainerKind,
  type ContainerRecord,
  type ContainerSpec,
} from './types.ts';
import { MountBackoff, MountError, PodVolumes } from './volumes.ts';
import { WorkLoop } from './work-loop.ts';

/**
 * Does for one Pod what the kubelet does: starts what should run, restarts what ended, ends it all in order, and reports.
 * One activity at a time, as a pod worker of upstream; what happens meanwhile asks for another look.
 */
export class PodWorker implements ProbedPod, StartingPod, EndingPod {
  pod: Pod;
  readonly records = new Map<string, ContainerRecord>();
  readonly #node: NodeContext;
  readonly volumes: PodVolumes;
  readonly #sandbox: PodSandbox;
  #startTime: string | undefined;
  #admitted = false;
  #failure: { reason: string; message: string } | undefined;
  /** Time to end, when that is not for the Pod to say. */
  #graceMs: number | undefined;
  /** Why the node itself ended the Pod. */
  #disruption: string | undefined;
  #phase: 'syncing' | 'terminating' | 'terminated' = 'syncing';
  /** The object is gone from the API server. */
  #removed = false;
  readonly #loop: WorkLoop;
  #deadline: Timer | undefined;
  /** Ends what the current sync waits for. */
  cancel = new Cancellation();
  /** The node has lost its power. */
  dead = false;
  readonly #mountBackoff = new MountBackoff();
  readonly #probes: PodProbes;
  readonly #starter: ContainerStarter;
  readonly #ending: PodEnding;
  readonly #statusWriter: StatusWriter;
  readonly #condemned = new Condemned();

  constructor(node: NodeContext, pod: Pod) {
    this.#node = node;
    this.pod = pod;
    const { world, client, hostFs, persistent } = node;
    this.#loop = new WorkLoop(
      world.queue,
      () => this.#step(),
      () => this.#missed(),
    );
    this.#probes = new PodProbes(node, this);
    this.#starter = new ContainerStarter(node, this);
    this.#ending = new PodEnding(node, this);
    this.#statusWriter = new StatusWriter(node);
    this.volumes = new PodVolumes({ world, client, hostFs, persistent, node: node.node, podIP: '' });
    this.#startTime = pod.status.startTime;
    this.#sandbox = new PodSandbox(node, pod.status.podIP);
  }

  /** The first look at a Pod that has just been bound to this node. */
  start(): void {
    this.#request(latency.kubeletSync);
  }

  /** The first look at a Pod that is being deleted already. */
  end(): void {
    this.#admitted = true;
    this.#interrupt();
  }

  update(pod: Pod): void {
    const before = this.pod;
    this.pod = pod;
    this.#statusWriter.observe(pod);
    if (pod.metadata.deletionTimestamp !== undefined && this.#phase === 'syncing') return this.#interrupt();
    // Our own status writes come back, too: only a new spec asks for work.
    if (pod.spec !== before.spec) {
      this.#applyLimits();
      this.#request(latency.kubeletSync);
    } else if (
      pod.metadata.labels !== before.metadata.labels ||
      pod.metadata.annotations !== before.metadata.annotations
    )
      this.volumes.refresh(pod);
    if (
      this.#phase === 'terminating' &&
      pod.metadata.deletionGracePeriodSeconds !== before.metadata.deletionGracePeriodSeconds
    )
      this.#ending.shortenGrace();
    if (this.#phase === 'terminated' && pod.metadata.deletionTimestamp !== undefined)
      this.#request(latency.kubeletSync);
  }

  /** Resources can be resized in place. */
  #applyLimits(): void {
    for (const record of this.records.values()) {
      const spec = this.specOf(record);
      if (!spec || record.current?.state !== 'running') continue;
      const limits = containerLimits(spec);
      if (!sameLimits(limits, record.current.machine.usage.limits)) record.current.limits = limits;
    }
  }

  /** Ends the Pod for good: the node needs what it uses (kubelet's killPodNow). @param disruption it is said in a condition, too */
  evict(message: string, graceMs: number, disruption: boolean): void {
    if (this.#phase !== 'syncing' || this.dead) return;
    this.#failure = { reason: 'Evicted', message };
    if (disruption) this.#disruption = message;
    this.#graceMs = graceMs;
    this.#interrupt();
  }

  /** Whether it may still be evicted. */
  get active(): boolean {
    return this.#phase === 'syncing' && this.#admitted && !this.dead;
  }

  /** The API server answers again: says what it may have missed. */
  reconnect(): void {
    if (this.#phase === 'terminated') this.#request(latency.kubeletSync);
    this.#report();
  }

  /** Goes on under another object: a mirror Pod was deleted and made again, what it mirrors has never stopped. */
  rebind(pod: Pod): void {
    this.pod = pod;
    this.#statusWriter.forget();
    this.#report();
  }

  /** The object was removed without waiting for us. */
  remove(): void {
    this.#removed = true;
    this.#statusWriter.stop();
    if (this.#phase === 'syncing') this.#interrupt();
    else if (this.#phase === 'terminated') this.#node.forget(this.pod);
  }

  /** A ConfigMap or Secret has changed: volumes made of it follow with the next periodic sync, within about a minute. */
  objectChanged(kind: 'ConfigMap' | 'Secret', name: string): void {
    if (this.#phase !== 'syncing' || !this.volumes.uses(this.pod, kind, name)) return;
    const delay = this.#mountBackoff.failures > 0 ? 0 : this.#node.random.int(60_000);
    this.#node.world.queue.after(delay, () => {
      if (this.dead || this.#phase !== 'syncing') return;
      this.volumes.refresh(this.pod);
    });
  }

  /** The node has lost its power: everything is gone at once. */
  powerOff(): void {
    this.dead = true;
    this.#loop.stop();
    this.#deadline?.cancel();
    this.#probes.stop();
    this.#statusWriter.stop();
    this.cancel.cancel(new Cancelled('power off'));
    for (const record of this.records.values()) record.current?.vanish();
    this.#sandbox.drop();
  }

  /** Takes over what a restarted node finds of the Pod's containers: dead ones. */
  adopt(records: ReadonlyMap<string, ContainerRecord>): void {
    for (const [name, record] of records) this.records.set(name, foundDead(record));
    this.#sandbox.hadOne = true;
  }

  /**
   * Makes the Pod run at once, without the time and the Events that a start takes: for machines that are found running.
   * The caller runs it before time begins.
   */
  restore(): void {
    const { world } = this.#node;
    this.#admitted = true;
    this.#node.admit(this.pod);
    this.#startTime ??= rfc3339(world.clock.now());
    this.volumes.setUp(this.pod);
    this.#sandbox.open(this.pod);
    for (const spec of this.pod.spec.containers as ContainerSpec[]) {
      const record: ContainerRecord = { ...newRecord(spec.name, 'regular'), started: true, ready: true };
      this.records.set(spec.name, record);
      const image = this.#node.images.preload(spec.image ?? '');
      record.current = this.create(spec, image);
      record.imageName = imageName(image, spec.image ?? '');
      record.imageID = image.digests[0]!;
      record.wantedImage = spec.image;
      record.current.start();
      record.current.onExit(() => this.exited(record));
    }
    this.#report();
  }

  #request(delay: number): void {
    if (!this.dead) this.#loop.request(delay);
  }

  /** The runtime has news: the kubelet sees them when it next lists the runtime's containers. */
  relist(): void {
    this.#request(this.#node.nextRelist() - this.#node.world.queue.now);
  }

  /** Stops what is being waited for and goes on to end the Pod. */
  #interrupt(): void {
    this.#phase = 'terminating';
    this.#loop.stop();
    this.cancel.cancel(new Cancelled('pod is terminating'));
    this.cancel = new Cancellation();
    this.#request(latency.kubeletSync);
  }

  /** What has happened meanwhile shows in the next list of the runtime's containers (upstream: GetNewerThan). */
  #missed(): void {
    if (this.dead) return;
    if (this.#phase === 'syncing') this.relist();
    else this.#request(0);
  }

  async #step(): Promise<void> {
    if (this.dead) return;
    if (this.#phase === 'syncing') await this.#sync();
    if (this.dead) return;
    if (this.#phase === 'terminating') await this.#terminate();
    else if (this.#phase === 'terminated' && !this.#removed) this.#ending.confirmDeletion(this.pod);
  }

  // ---- running -----------------------------------------------------------------------------------------------------

  async #sync(): Promise<void> {
    const { world } = this.#node;
    if (!this.#admitted && !this.#admit()) return;
    this.#startTime ??= rfc3339(world.clock.now());
    this.#watchDeadline();
    for (const record of this.records.values()) this.#probes.watch(record);
    const phase = this.#report();
    if (phase === 'Succeeded' || phase === 'Failed') {
      this.#phase = 'terminating';
      return;
    }
    if (!this.#mountVolumes()) return;
    if (!this.#sandbox.current) await this.#startSandbox();
    for (const record of this.records.values()) this.#condemned.judge(record, this.specOf(record));
    await this.#killCondemned();
    const start = (container: ContainerSpec, kind: ContainerKind) => this.#starter.start(container, kind);
    const retry = await startContainers(this.pod.spec, this.records, start);
    if (retry !== undefined) this.#request(retry);
  }

  #admit(): boolean {
    const refusal = this.#node.admit(this.pod);
    this.#admitted = true;
    if (!refusal) return true;
    this.event('Warning', refusal.reason, refusal.message);
    this.#phase = 'terminated';
    this.#write(refusedStatus(this.pod, refusal, this.#node.world.clock.now()));
    return false;
  }

  #watchDeadline(): void {
    const seconds = this.pod.spec.activeDeadlineSeconds;
    if (seconds === undefined || this.#deadline) return;
    const due = Date.parse(this.#startTime!) + seconds * 1000 - this.#node.world.clock.now();
    this.#deadline = this.#node.world.queue.after(Math.max(0, due), () => {
      if (this.dead || this.#phase !== 'syncing') return;
      const message = 'Pod was active on the node longer than the specified deadline';
      this.event('Normal', 'DeadlineExceeded', message);
      this.#failure = { reason: 'DeadlineExceeded', message };
      this.#interrupt();
    });
  }

  #mountVolumes(): boolean {
    try {
      this.volumes.setUp(this.pod);
      this.#mountBackoff.failures = 0;
      return true;
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      this.event('Warning', 'FailedMount', error.message);
      this.#request(this.#mountBackoff.next());
      return false;
    }
  }

  async #startSandbox(): Promise<void> {
    const node = this.#node;
    if (this.#sandbox.hadOne)
      this.event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    await node.world.sleep(latency.sandboxStart, this.cancel);
    this.#sandbox.open(this.pod);
    this.relist();
  }

  async #killCondemned(): Promise<void> {
    for (const [name, message] of this.#condemned.take()) {
      const record = this.records.get(name);
      const spec = record && this.specOf(record);
      if (spec) await this.kill(record, message, probeGraceMs(this.pod, spec));
    }
  }

  /** @throws ConfigError, MountError, RuntimeError */
  create(spec: ContainerSpec, image: StoredImage): RuntimeContainer {
    const { current } = this.#sandbox;
    return makeContainer(this.#node, this.pod, spec, image, current!, this.volumes, this.#pidsOf(spec));
  }

  /** The PID namespace that a container joins: that of the container it is to debug, or the Pod's. */
  #pidsOf(spec: ContainerSpec): PidNamespace | undefined {
    const { targetContainerName: target } = spec as { targetContainerName?: string };
    if (!target) return this.#sandbox.current!.pids;
    const container = this.records.get(target)?.current;
    if (container?.state !== 'running') throw new ConfigError(`unable to find target container "${target}"`);
    return container.machine.processes.pids;
  }

  exited(record: ContainerRecord): void {
    this.#probes.stop(record.name);
    const spec = this.specOf(record);
    if (spec && record.current) record.current.message ??= terminationMessage(record.current, spec);
    record.started = record.ready = false;
    if (!this.dead && this.#phase === 'syncing') this.relist();
  }

  // ---- probes ------------------------------------------------------------------------------------------------------

  specOf(record: ContainerRecord): ContainerSpec | undefined {
    const { containers, initContainers, ephemeralContainers } = this.pod.spec;
    const lists = { init: initContainers, regular: containers, ephemeral: ephemeralContainers };
    return (lists[record.kind] as ContainerSpec[] | undefined)?.find((c) => c.name === record.name);
  }

  target(record: ContainerRecord, spec: ContainerSpec): ProbeTarget {
    const { world, network, net } = this.#node;
    return { world, network, from: net, podIP: this.#sandbox.current?.ip ?? '', container: record.current!, spec };
  }

  unhealthy(record: ContainerRecord, text: string): void {
    this.event('Warning', 'Unhealthy', text, record);
  }

  changed(kind: ProbeKind, success: boolean, record: ContainerRecord): void {
    if (kind === 'Readiness' || success) this.#report();
    if (kind === 'Readiness' || this.#phase !== 'syncing') return;
    const { name } = record;
    if (!success) this.#condemned.add(name, `Container ${name} failed ${kind.toLowerCase()} probe, will be restarted`);
    this.#request(0);
  }

  // ---- ending ------------------------------------------------------------------------------------------------------

  kill(record: ContainerRecord, message: string, graceMs: number): Promise<void> {
    return this.#ending.kill(record, message, graceMs);
  }

  async #terminate(): Promise<void> {
    this.#loop.stop();
    this.#probes.stopAllButReadiness();
    await this.#ending.killPod(this.#graceMs);
    if (this.dead) return;
    this.#probes.stop();
    this.#deadline?.cancel();
    this.#sandbox.drop();
    this.#phase = 'terminated';
    this.#report();
    this.#node.release(this.pod);
    this.#node.images.forgetPod(this.pod.metadata.uid);
    this.#node.crashes.forgetPrefix(`${this.pod.metadata.uid}_`);
    if (this.#removed) this.#node.forget(this.pod);
    else if (this.pod.metadata.deletionTimestamp !== undefined) this.#request(latency.kubeletSync);
  }

  // ---- reporting ---------------------------------------------------------------------------------------------------

  event(type: 'Normal' | 'Warning', reason: string, message: string, record?: ContainerRecord): void {
    const options = record ? { fieldPath: fieldPath(record.kind, record.name) } : {};
    this.#node.events.record(this.pod, type, reason, message, options);
  }

  /** Works out the status and writes it if it is news. @returns the phase */
  #report(): string | undefined {
    const { world, node } = this.#node;
    const status = makePodStatus({
      pod: this.pod,
      records: this.records,
      now: world.clock.now(),
      startTime: this.#startTime ?? rfc3339(world.clock.now()),
      hostIP: node.ip,
      podIP: this.#sandbox.lastIP,
      sandboxReady: this.#sandbox.current !== undefined,
      ...(this.#failure ? { failure: this.#failure } : undefined),
      ...(this.#disruption === undefined ? undefined : { disruption: this.#disruption }),
      terminating: this.#phase === 'terminated',
    });
    this.#write(status);
    return status.phase;
  }

  #write(status: Pod['status']): void {
    if (this.#removed || this.dead) return;
    this.pod = this.#statusWriter.write(this.pod, status) ?? this.pod;
  }

  /** What forwarded ports need of the Pod's network. */
  get sandbox(): Sandbox | undefined {
    return this.#sandbox.current;
  }

  get podIP(): string | undefined {
    return this.#sandbox.current?.ip;
  }

  snapshot(): unknown {
    return {
      uid: this.pod.metadata.uid,
      phase: this.#phase,
      ip: this.#sandbox.current?.ip,
      records: [...this.records.values()].map((r) => [
        r.name,
        r.restartCount,
        r.waiting,
        r.started,
        r.ready,
        r.current?.snapshot(),
        r.previous?.id,
      ]),
      probes: this.#probes.snapshot(),
    };
  }
}
