import type { RunQueue } from '../../world/index.ts';
import type { Informer } from '../client.ts';
import type { KubeObject } from '../types.ts';
import type { Change, ResourceStore } from './store.ts';

interface Handlers {
  add?: (object: KubeObject) => void;
  update?: (object: KubeObject, previous: KubeObject) => void;
  delete?: (object: KubeObject) => void;
}

interface Subscription extends Handlers {
  /** The first delivery, of what exists already, has been made. */
  synced: boolean;
  stopped: boolean;
}

/**
 * Carries changes from the store to all informers of a server through the run queue: in the order of the writes, across
 * resources too, and all that are due in one step.
 */
export class ChangeFeed {
  readonly #queue: RunQueue;
  #pending: (() => void)[] = [];
  #posted = false;

  constructor(queue: RunQueue) {
    this.#queue = queue;
  }

  /** Runs `deliver` after everything that was put before it. */
  put(deliver: () => void): void {
    this.#pending.push(deliver);
    if (this.#posted) return;
    this.#posted = true;
    this.#queue.post(() => this.#run());
  }

  #run(): void {
    const due = this.#pending;
    this.#pending = [];
    this.#posted = false;
    for (const deliver of due) deliver();
  }
}

/** What all informers of one resource share. Reads are the store itself: there is no second cache to be stale. */
export class SharedInformer implements Informer<KubeObject> {
  readonly #store: ResourceStore;
  readonly #feed: ChangeFeed;
  #subscriptions: readonly Subscription[] = [];
  #listening = false;

  constructor(store: ResourceStore, feed: ChangeFeed) {
    this.#store = store;
    this.#feed = feed;
  }

  on(handlers: Handlers): () => void {
    const subscription: Subscription = { ...handlers, synced: false, stopped: false };
    this.#subscriptions = [...this.#subscriptions, subscription];
    if (!this.#listening) {
      this.#listening = true;
      this.#store.listen((change) => this.#feed.put(() => this.#deliver(change)));
    }
    const existing = this.#store.objects();
    this.#feed.put(() => {
      subscription.synced = true;
      if (!subscription.add) return;
      for (const object of existing) if (!subscription.stopped) subscription.add(object);
    });
    return () => {
      subscription.stopped = true;
      this.#subscriptions = this.#subscriptions.filter((s) => s !== subscription);
    };
  }

  addIndex(name: string, keys: (object: KubeObject) => readonly string[]): void {
    this.#store.addIndex(name, keys);
  }

  byIndex(name: string, value: string): readonly KubeObject[] {
    return this.#store.byIndex(name, value);
  }

  #deliver({ type, entry, previous }: Change): void {
    for (const subscription of this.#subscriptions) {
      // Changes from before the subscription are part of what it was given first.
      if (!subscription.synced || subscription.stopped) continue;
      if (type === 'ADDED') subscription.add?.(entry.object);
      else if (type === 'MODIFIED') subscription.update?.(entry.object, previous!.object);
      else subscription.delete?.(entry.object);
    }
  }
}
