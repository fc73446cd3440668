import type { Timer } from '../../world/index.ts';
import { deepEqual } from '../apiserver/objects.ts';
import { ApiError } from '../client.ts';
import { refs, type Pod } from '../types.ts';
import type { NodeContext } from './node-context.ts';
import type { PodCondition } from './types.ts';

/** Conditions that nobody but the kubelet may set (kubelet/types, PodConditionByKubelet). */
const ownConditions = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodReadyToStartContainers',
  'PodResizePending',
  'PodResizeInProgress',
]);

/** What else of a status is the kubelet's alone. */
const ownFields = [
  'phase', 'reason', 'message', 'hostIP', 'podIP', 'podIPs', 'startTime',
  'containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses',
] as const; // prettier-ignore

/**
 * Writes one Pod's status to the API server whenever it is news, and puts it right when somebody else has written what is
 * the kubelet's to say (package kubelet/status, the manager's part).
 */
export class StatusWriter {
  readonly #node: NodeContext;
  #written: Pod['status'] | undefined;
  /** The Pod with it, as it was stored. */
  #stored: Pod | undefined;
  #timer: Timer | undefined;

  constructor(node: NodeContext) {
    this.#node = node;
  }

  /** @returns the Pod as it is stored now; undefined if nothing was written */
  write(pod: Pod, status: Pod['status']): Pod | undefined {
    if (this.#written && deepEqual(status, this.#written)) return undefined;
    const written = this.#update(pod, () => status);
    if (written) {
      this.#written = status;
      this.#stored = written;
    }
    return written;
  }

  #update({ metadata }: Pod, status: (stored: Pod) => Pod['status'] | undefined): Pod | undefined {
    const pods = this.#node.client.resource(refs.pods);
    const stored = pods.get(metadata.namespace, metadata.name);
    if (stored?.metadata.uid !== metadata.uid) return undefined;
    const wanted = status(stored);
    if (!wanted) return undefined;
    try {
      return pods.update({ ...stored, status: wanted }, 'status');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return undefined;
    }
  }

  /** The Pod as somebody has written it: looks with the manager's next round whether its status is still the kubelet's. */
  observe(pod: Pod): void {
    if (this.#timer || !this.#stored || this.#agrees(pod)) return;
    this.#timer = this.#node.world.queue.at(this.#node.nextStatusSync(), () => {
      this.#timer = undefined;
      this.#reconcile(pod);
    });
  }

  #agrees(pod: Pod): boolean {
    const stored = this.#stored!;
    if (pod.status === stored.status) return true;
    // News of a time before the last write.
    if (Number(pod.metadata.resourceVersion) <= Number(stored.metadata.resourceVersion)) return true;
    return (
      ownFields.every((field) => deepEqual(pod.status[field], stored.status[field])) &&
      deepEqual(essence(pod.status), essence(stored.status))
    );
  }

  #reconcile(pod: Pod): void {
    const own = this.#written;
    if (!own) return;
    const written = this.#update(pod, (stored) => (this.#agrees(stored) ? undefined : merge(stored.status, own)));
    if (written) this.#stored = written;
  }

  /** The next status is written even if it is the same: the object is another one. */
  forget(): void {
    this.stop();
    this.#written = this.#stored = undefined;
  }

  /** Nothing is put right any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

/** Of the kubelet's own conditions what matters: times don't (isPodStatusByKubeletEqual). */
function essence({ conditions }: Pod['status']): unknown {
  const own = (conditions ?? []).filter(({ type }) => ownConditions.has(type));
  return own.map(({ type, status, reason, message }) => [type, status, reason, message]).sort();
}

/** The kubelet's own status with the conditions of others. */
function merge(stored: Pod['status'], own: Pod['status']): Pod['status'] {
  const mine = new Map((own.conditions ?? []).map((condition) => [condition.type, condition]));
  const conditions: PodCondition[] = [];
  for (const condition of stored.conditions ?? []) {
    if (!ownConditions.has(condition.type)) conditions.push(condition);
    else if (mine.has(condition.type)) conditions.push(mine.get(condition.type)!);
  }
  for (const condition of mine.values())
    if (!conditions.some(({ type }) => type === condition.type)) conditions.push(condition);
  return { ...own, conditions } as Pod['status'];
}
