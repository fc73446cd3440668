import type { ObjectChange } from './protocol.ts';
import type { SessionRoom } from './room.ts';

/** Resources the page never shows live: they change all the time. */
const silent = new Set(['coordination.k8s.io/leases']);

/** Collects the changes of API objects between two messages to the page: the newest state of each. */
export class ObjectFeed {
  readonly #changes = new Map<string, ObjectChange>();
  #stop: () => void;
  #reset = true;

  constructor(room: SessionRoom) {
    this.#stop = room.whenFurnished(() => {
      this.#stop =
        room.cluster?.observe((resource, key, object) => {
          if (silent.has(resource)) return;
          this.#changes.set(`${resource} ${key}`, {
            resource,
            key,
            object: object as unknown as Record<string, unknown> | undefined,
          });
        }) ?? (() => {});
    });
  }

  /** What has changed since the last call; undefined if nothing has. */
  take(): { reset?: true; changes: ObjectChange[] } | undefined {
    if (this.#changes.size === 0 && !this.#reset) return undefined;
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    const reset = this.#reset;
    this.#reset = false;
    return reset ? { reset: true, changes } : { changes };
  }

  close(): void {
    this.#stop();
  }
}
