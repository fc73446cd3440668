import type { KubeObject } from '../engine/kubernetes/types.ts';
import { systemNamespaces, type SessionRoom } from './room.ts';
import type { Mark } from './protocol.ts';

/** Older ones are forgotten. */
const maxMarks = 400;

/**
 * What the time bar marks: Warning Events, nodes that get lost and come back, Deployments whose replicas are all there.
 * It only looks on as API objects change, so it can't change what happens; made before a replay it sees all of it.
 */
export class MarkFeed {
  #marks: readonly Mark[] = [];
  #untold = true;
  readonly #room: SessionRoom;
  readonly #events = new Set<string>();
  readonly #nodes = new Map<string, boolean>();
  readonly #deployments = new Map<string, boolean>();
  #stop: () => void;

  constructor(room: SessionRoom) {
    this.#room = room;
    this.#stop = room.whenFurnished(() => {
      this.#stop =
        room.cluster?.observe((resource, key, object) => {
          if (resource === '/events') this.#event(key, object);
          else if (resource === '/nodes') this.#node(key, object);
          else if (resource === 'apps/deployments') this.#deployment(key, object);
        }) ?? (() => {});
      // What a fresh world begins with is no news.
      this.#marks = [];
    });
  }

  get all(): readonly Mark[] {
    return this.#marks;
  }

  /** All marks, if there are others than at the last call. */
  take(): readonly Mark[] | undefined {
    if (!this.#untold) return undefined;
    this.#untold = false;
    return this.#marks;
  }

  close(): void {
    this.#stop();
  }

  #add(mark: Omit<Mark, 't'>): void {
    this.#marks = [...this.#marks, { t: this.#room.world.queue.now, ...mark }].slice(-maxMarks);
    this.#untold = true;
  }

  #event(key: string, object: KubeObject | undefined): void {
    if (!object) return void this.#events.delete(key);
    const { type, reason, involvedObject } = object as unknown as {
      type?: string;
      reason?: string;
      involvedObject?: { kind?: string; name?: string };
    };
    if (type !== 'Warning' || this.#events.has(key)) return;
    this.#events.add(key);
    this.#add({ kind: 'warning', subject: `${involvedObject?.kind} ${involvedObject?.name}`, reason: reason ?? '' });
  }

  #node(name: string, object: KubeObject | undefined): void {
    if (!object) return void this.#nodes.delete(name);
    const { status } = object as { status?: { conditions?: { type: string; status: string }[] } };
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    const before = this.#nodes.get(name);
    this.#nodes.set(name, ready);
    if (before !== undefined && before !== ready)
      this.#add({ kind: ready ? 'node-ready' : 'node-lost', subject: name });
  }

  #deployment(key: string, object: KubeObject | undefined): void {
    if (!object) return void this.#deployments.delete(key);
    if (systemNamespaces.has(object.metadata.namespace ?? '')) return;
    const complete = isComplete(object);
    const before = this.#deployments.get(key);
    this.#deployments.set(key, complete);
    if (complete && before === false) this.#add({ kind: 'complete', subject: object.metadata.name });
  }
}

/** As `kubectl rollout status` judges it: every replica is of the newest template, and available. */
function isComplete(object: KubeObject): boolean {
  const { metadata, spec, status } = object as unknown as {
    metadata: { generation?: number };
    spec: { replicas?: number };
    status?: { observedGeneration?: number; replicas?: number; updatedReplicas?: number; availableReplicas?: number };
  };
  const wanted = spec.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas === wanted
  );
}
