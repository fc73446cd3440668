import { Deferred } from '../../world/index.ts';
import { ApiError } from '../client.ts';
import type { EventType } from '../events.ts';
import { refs, type Pod } from '../types.ts';
import { HookError, runHook } from './lifecycle.ts';
import type { NodeContext } from './node-context.ts';
import type { ProbeTarget } from './probes.ts';
import { isSidecar, type ContainerRecord, type ContainerSpec } from './types.ts';

/** A container gets at least this long to end, even when a hook has used up the grace period. */
const minimumGrace = 2000;

/** What ending a Pod's containers needs of its worker. */
export interface EndingPod {
  readonly pod: Pod;
  readonly records: ReadonlyMap<string, ContainerRecord>;
  /** The node has lost its power. */
  readonly dead: boolean;
  event(type: EventType, reason: string, message: string, record?: ContainerRecord): void;
  specOf(record: ContainerRecord): ContainerSpec | undefined;
  target(record: ContainerRecord, spec: ContainerSpec): ProbeTarget;
}

/** Ends the containers of one Pod (kuberuntime's killContainer and killContainersWithSyncResult). */
export class PodEnding {
  readonly #node: NodeContext;
  readonly #owner: EndingPod;

  constructor(node: NodeContext, owner: EndingPod) {
    this.#node = node;
    this.#owner = owner;
  }

  /** Ends one container: preStop hook, signal, SIGKILL when the grace period is over. Resolves when it has ended. */
  async kill(record: ContainerRecord, message: string, graceMs: number): Promise<void> {
    const { world } = this.#node;
    const container = record.current;
    if (container?.state !== 'running') return;
    this.#owner.event('Normal', 'Killing', message, record);
    record.stopping = true;
    const ended = new Deferred<void>(world.queue);
    container.onExit(() => ended.resolve());
    const spec = this.#owner.specOf(record);
    let remaining = graceMs;
    const preStop = spec?.lifecycle?.preStop;
    if (preStop && spec && graceMs > 0) {
      const from = world.clock.now();
      try {
        await runHook('PreStop', preStop, this.#owner.target(record, spec), graceMs);
      } catch (error) {
        if (!(error instanceof HookError)) throw error;
        this.#owner.event('Warning', 'FailedPreStopHook', error.message, record);
      }
      remaining = Math.max(graceMs - (world.clock.now() - from), minimumGrace);
    }
    if (this.#owner.dead) return;
    container.stop(remaining);
    await ended.wait();
  }

  /** Ends all that runs: the main containers together, then the sidecars, the last one first. */
  async killPod(graceMs = this.graceMs()): Promise<void> {
    const { world } = this.#node;
    const { pod, records } = this.#owner;
    const sidecars = new Set(
      (pod.spec.initContainers ?? []).filter((c) => isSidecar(c as ContainerSpec)).map((c) => c.name),
    );
    const running = [...records.values()].filter((r) => r.current?.state === 'running');
    const from = world.clock.now();
    await this.#killAll(
      running.filter((r) => !sidecars.has(r.name)),
      graceMs,
    );
    for (const record of running.filter((r) => sidecars.has(r.name)).reverse())
      await this.#killAll([record], Math.max(1000, graceMs - (world.clock.now() - from)));
  }

  /** The Pod was deleted again with less time to end. */
  shortenGrace(): void {
    for (const record of this.#owner.records.values())
      if (record.current?.state === 'running') record.current.stop(this.graceMs());
  }

  graceMs(): number {
    const { metadata, spec } = this.#owner.pod;
    const deleted = metadata.deletionTimestamp !== undefined;
    const seconds =
      (deleted ? metadata.deletionGracePeriodSeconds : undefined) ?? spec.terminationGracePeriodSeconds ?? 30;
    return Math.max(1, seconds) * 1000;
  }

  async #killAll(records: readonly ContainerRecord[], graceMs: number): Promise<void> {
    if (records.length === 0) return;
    const { queue } = this.#node.world;
    const done = new Deferred<void>(queue);
    let left = records.length;
    for (const record of records)
      void this.kill(record, `Stopping container ${record.name}`, graceMs).finally(() => {
        if (--left === 0) done.resolve();
      });
    await done.wait();
  }

  /** Everything has ended: the object may go. */
  confirmDeletion({ metadata }: Pod): void {
    if (metadata.deletionTimestamp === undefined) return;
    const { name, namespace, uid } = metadata;
    const pods = this.#node.client.resource(refs.pods);
    try {
      pods.delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
}
