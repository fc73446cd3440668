import type { Place, TrafficEvent } from '../../session/protocol.ts';

/** So many connections are remembered. */
const kept = 200;

/** The last connections that were tried, newest first, and who wants to hear of new ones. */
export class TrafficState {
  list = $state.raw<readonly TrafficEvent[]>([]);
  readonly #listeners = new Set<(events: readonly TrafficEvent[]) => void>();

  add(events: readonly TrafficEvent[]): void {
    this.list = [...events.toReversed(), ...this.list].slice(0, kept);
    for (const listener of this.#listeners) listener(events);
  }

  /** The world begins anew. */
  reset(): void {
    this.list = [];
  }

  /** Returns an undo. */
  onEvents(listener: (events: readonly TrafficEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Connections that began at, went to or were addressed to an object. */
  about(resource: string, key: string): TrafficEvent[] {
    const is = (place: Place) =>
      (resource === '/pods' && place.kind === 'pod' && place.key === key) ||
      (resource === '/nodes' && place.kind === 'host' && place.key === key);
    return this.list.filter(
      ({ from, to, service }) => is(from) || is(to) || (resource === '/services' && service === key),
    );
  }
}
