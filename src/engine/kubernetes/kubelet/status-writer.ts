import { deepEqual } from '../apiserver/objects.ts';
import { ApiError } from '../client.ts';
import { refs, type Pod } from '../types.ts';
import type { NodeContext } from './node-context.ts';

/** Writes one Pod's status to the API server whenever it is news (package kubelet/status, the manager's part). */
export class StatusWriter {
  readonly #node: NodeContext;
  #written: Pod['status'] | undefined;

  constructor(node: NodeContext) {
    this.#node = node;
  }

  /** @returns the Pod as it is stored now; undefined if nothing was written */
  write({ metadata }: Pod, status: Pod['status']): Pod | undefined {
    if (this.#written && deepEqual(status, this.#written)) return undefined;
    const pods = this.#node.client.resource(refs.pods);
    const stored = pods.get(metadata.namespace, metadata.name);
    if (stored?.metadata.uid !== metadata.uid) return undefined;
    try {
      const written = pods.update({ ...stored, status }, 'status');
      this.#written = status;
      return written;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return undefined;
    }
  }

  /** The next status is written even if it is the same: the object is another one. */
  forget(): void {
    this.#written = undefined;
  }
}
