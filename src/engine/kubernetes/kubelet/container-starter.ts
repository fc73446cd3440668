import { RuntimeError, type Container as RuntimeContainer, type StoredImage } from '../../runtime/index.ts';
import { latency, type Cancellation } from '../../world/index.ts';
import type { EventType } from '../events.ts';
import type { Pod } from '../types.ts';
import { goDuration } from './backoff.ts';
import { imageName } from './containers.ts';
import { ConfigError } from './env.ts';
import { ImageError, type RecordEvent } from './image-manager.ts';
import { HookError, runHook } from './lifecycle.ts';
import type { NodeContext } from './node-context.ts';
import type { ProbeTarget } from './probes.ts';
import { formatPod, newRecord, type ContainerKind, type ContainerRecord, type ContainerSpec } from './types.ts';
import { MountError } from './volumes.ts';

/** Back-off of a sync that failed, and how much of it is left to chance (upstream's backOffPeriod). */
const retryPeriod = 10_000;
const retryJitter = 0.5;
/** A Pod is looked at this often even while a back-off lasts longer (upstream's completeWork caps at resyncInterval). */
const resyncInterval = 60_000;

/** What starting a Pod's containers needs of its worker. */
export interface StartingPod {
  readonly pod: Pod;
  readonly records: Map<string, ContainerRecord>;
  readonly cancel: Cancellation;
  event(type: EventType, reason: string, message: string, record?: ContainerRecord): void;
  /** @throws ConfigError, MountError, RuntimeError */
  create(spec: ContainerSpec, image: StoredImage): RuntimeContainer;
  target(record: ContainerRecord, spec: ContainerSpec): ProbeTarget;
  kill(record: ContainerRecord, message: string, graceMs: number): Promise<void>;
  exited(record: ContainerRecord): void;
  relist(): void;
}

/** Starts the containers of one Pod: image, back-off, creation, start, postStart hook (kuberuntime's startContainer). */
export class ContainerStarter {
  readonly #node: NodeContext;
  readonly #pod: StartingPod;

  constructor(node: NodeContext, pod: StartingPod) {
    this.#node = node;
    this.#pod = pod;
  }

  /** Starts a container, or says why not in its record. @returns ms until it should be tried again */
  async start(spec: ContainerSpec, kind: ContainerKind): Promise<number | undefined> {
    const { world, images } = this.#node;
    let record = this.#pod.records.get(spec.name);
    if (!record) {
      record = newRecord(spec.name, kind);
      this.#pod.records.set(spec.name, record);
    }
    const wait = this.#crashBackoff(record);
    if (wait > 0) return wait;
    const tell: RecordEvent = (type, reason, message) => this.#pod.event(type, reason, message, record);
    try {
      const present = images.present(spec, tell);
      const image = present ?? (await images.pull(this.#pod.pod, spec, tell, this.#pod.cancel));
      if (!present) this.#node.imagesChanged();
      const container = this.#pod.create(spec, image);
      await world.sleep(latency.containerCreate, this.#pod.cancel);
      if (record.current) record.restartCount++;
      record.previous = record.current;
      record.current = container;
      record.imageName = imageName(image, spec.image ?? '');
      record.imageID = image.digests[0]!;
      record.wantedImage = spec.image;
      record.waiting = undefined;
      record.started = record.ready = record.stopping = false;
      tell('Normal', 'Created', 'Container created');
      await world.sleep(latency.containerStart, this.#pod.cancel);
      container.start();
      container.onExit(() => this.#pod.exited(record));
      record.started = !spec.startupProbe;
      record.ready = record.started && !spec.readinessProbe;
      tell('Normal', 'Started', 'Container started');
      this.#pod.relist();
      return await this.#postStart(record, spec);
    } catch (error) {
      return this.#failed(record, error, tell);
    }
  }

  /** Ms that a crashed container still has to wait; notes it in the record. */
  #crashBackoff(record: ContainerRecord): number {
    const { crashes, world } = this.#node;
    const ended = record.current?.state === 'exited' ? record.current.finishedAt! : undefined;
    if (ended === undefined) return 0;
    const key = `${this.#pod.pod.metadata.uid}_${record.name}`;
    const now = world.clock.now();
    const remaining = crashes.remaining(key, ended, now);
    if (remaining === 0) {
      crashes.next(key, ended, now);
      return 0;
    }
    const pod = formatPod(this.#pod.pod);
    this.#pod.event('Warning', 'BackOff', `Back-off restarting failed container ${record.name} in pod ${pod}`, record);
    const delay = goDuration(crashes.delay(key));
    // Shown from the next sync on, as upstream: a sync reports what the one before it has found out.
    record.waiting = {
      reason: 'CrashLoopBackOff',
      message: `back-off ${delay} restarting failed container=${record.name} pod=${pod}`,
    };
    return Math.min(remaining, resyncInterval);
  }

  async #postStart(record: ContainerRecord, spec: ContainerSpec): Promise<number | undefined> {
    const handler = spec.lifecycle?.postStart;
    if (!handler) return undefined;
    try {
      await runHook('PostStart', handler, this.#pod.target(record, spec), 600_000);
      return undefined;
    } catch (error) {
      if (!(error instanceof HookError)) throw error;
      this.#pod.event('Warning', 'FailedPostStartHook', error.message, record);
      record.waiting = { reason: 'PostStartHookError', message: error.message };
      await this.#pod.kill(
        record,
        'FailedPostStartHook',
        (this.#pod.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000,
      );
      return 0;
    }
  }

  #failed(record: ContainerRecord, error: unknown, tell: RecordEvent): number | undefined {
    const retry = retryPeriod * (1 + retryJitter * this.#node.random.float());
    if (error instanceof ImageError) {
      tell('Warning', 'Failed', `Error: ${error.reason}`);
      record.waiting = { reason: error.reason, message: error.message };
      return error.retryAfter ?? retry;
    }
    if (error instanceof ConfigError || error instanceof MountError) {
      tell('Warning', 'Failed', `Error: ${error.message}`);
      record.waiting = { reason: 'CreateContainerConfigError', message: error.message };
      return retry;
    }
    if (error instanceof RuntimeError) {
      const started = record.current?.state === 'exited' && record.current.reason === 'StartError';
      tell('Warning', 'Failed', `Error: ${error.message}`);
      record.waiting = { reason: started ? 'RunContainerError' : 'CreateContainerError', message: error.message };
      if (started) this.#pod.relist();
      return retry;
    }
    throw error;
  }
}
