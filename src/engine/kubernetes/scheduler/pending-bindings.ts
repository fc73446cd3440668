import type { Timer, World } from '../../world/index.ts';
import type { Pod } from '../types.ts';
import type { QueuedPod } from './queue.ts';

/** A Pod may wait this long (ms) for its volumes before another node is looked for. */
const bindTimeout = 600_000;

export interface PendingBinding {
  waiting: QueuedPod;
  node: string;
}

/** Pods that have a node, but aren't bound to it yet: their volumes must be ready first. */
export class PendingBindings {
  readonly #world: World;
  readonly #pending = new Map<string, PendingBinding & { timer: Timer }>();

  constructor(world: World) {
    this.#world = world;
  }

  has(uid: string): boolean {
    return this.#pending.has(uid);
  }

  /** @param expired called when the volumes took too long */
  add(pod: Pod, binding: PendingBinding, expired: () => void): void {
    const { uid } = pod.metadata;
    const timer = this.#world.queue.after(bindTimeout, () => {
      this.#pending.delete(uid);
      expired();
    });
    this.#pending.set(uid, { ...binding, timer });
  }

  /** Those of a namespace, oldest first. */
  inNamespace(namespace: string | undefined): PendingBinding[] {
    return [...this.#pending.values()].filter(({ waiting }) => waiting.pod.metadata.namespace === namespace);
  }

  /** @returns whether it was there */
  delete(uid: string): boolean {
    this.#pending.get(uid)?.timer.cancel();
    return this.#pending.delete(uid);
  }

  stop(): void {
    for (const { timer } of this.#pending.values()) timer.cancel();
    this.#pending.clear();
  }

  snapshot(): unknown {
    return [...this.#pending].map(([uid, { node, timer }]) => [uid, node, timer.due]);
  }
}
