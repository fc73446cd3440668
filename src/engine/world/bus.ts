/**
 * What happened in the machine room, for those who watch it (picture, time bar, criteria). Purely informative: no
 * component of the simulation may act on it. Listeners run synchronously and must not write to the world.
 */
export interface WorldEvents {
  /** A connection, datagram or echo request was sent and has met its end: a `Flow` of network/flow.ts. */
  flow: FlowEvent;
  /** A command line was run in a shell. */
  command: { host: string; terminal?: string; line: string; exit: number };
  /** A file was created, changed or removed on a host. */
  file: { host: string; path: string };
  /** A host or container was started or stopped. */
  power: { host: string; on: boolean };
  /** Something worth a mark on the time bar. */
  mark: { kind: string; text: string };
}

/** What watchers that know nothing of the network layer can tell of a flow. */
export interface FlowEvent {
  readonly id: number;
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly outcome: string;
}

export class Bus<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  on<K extends keyof Events>(topic: K, listener: (event: Events[K]) => void): () => void {
    let set = this.#listeners.get(topic);
    if (!set) this.#listeners.set(topic, (set = new Set()));
    set.add(listener as (event: never) => void);
    return () => void set.delete(listener as (event: never) => void);
  }

  emit<K extends keyof Events>(topic: K, event: Events[K]): void {
    const listeners = this.#listeners.get(topic);
    if (!listeners || listeners.size === 0) return;
    for (const listener of listeners) (listener as (event: Events[K]) => void)(event);
  }
}
