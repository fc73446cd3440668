import { Channel, type Cancellation, type World } from '../world/index.ts';
import { Filters } from './filters.ts';
import type { Json } from './router.ts';

export interface EngineEvent {
  Type: 'container' | 'image' | 'network' | 'volume' | 'builder' | 'daemon';
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: 'local';
  time: number;
  timeNano: number;
}

const kept = 256;

/** What happened in the Engine, newest last; the last 256 are kept. */
export class Events {
  readonly #world: World;
  readonly #log: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  constructor(world: World) {
    this.#world = world;
  }

  emit(type: EngineEvent['Type'], action: string, id: string, attributes: Record<string, string> = {}): void {
    const now = this.#world.clock.now();
    const sorted = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    const event: EngineEvent = {
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: sorted },
      scope: 'local',
      time: Math.floor(now / 1000),
      timeNano: Math.floor(now * 1000) * 1000,
    };
    this.#log.push(event);
    if (this.#log.length > kept) this.#log.shift();
    for (const listener of [...this.#listeners]) listener(event);
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Hands over past events from `since` (Unix ms) and then new ones up to `until`. */
  async follow(
    options: { since?: number; until?: number; filters: Filters; cancel?: Cancellation },
    send: (event: EngineEvent) => Promise<void>,
  ): Promise<void> {
    const { since, until, filters, cancel } = options;
    const now = this.#world.clock.now();
    const channel = new Channel<EngineEvent>(this.#world.queue);
    const stop = this.onEvent((event) => channel.send(event));
    try {
      if (since !== undefined)
        for (const event of [...this.#log])
          if (timeOf(event) >= since && (until === undefined || timeOf(event) <= until) && wanted(event, filters))
            await send(event);
      if (until !== undefined && until <= now) return;
      if (until !== undefined) this.#world.queue.after(until - now, () => channel.close());
      for (;;) {
        const event = await channel.receive(cancel);
        if (!event) return;
        if (wanted(event, filters)) await send(event);
      }
    } finally {
      stop();
    }
  }

  snapshot(): unknown {
    return this.#log;
  }
}

function timeOf(event: EngineEvent): number {
  return event.timeNano / 1e6;
}

export const eventFilters = [
  'config', 'container', 'daemon', 'event', 'image', 'label', 'network', 'node', 'plugin', 'scope', 'secret', 'service',
  'type', 'volume',
]; // prettier-ignore

function wanted(event: EngineEvent, filters: Filters): boolean {
  const { Type, Action, Actor } = event;
  const named = (type: string) =>
    !filters.has(type) ||
    (Type === type &&
      filters
        .get(type)
        .some(
          (name) =>
            Actor.ID.startsWith(name) ||
            Actor.Attributes.name === name ||
            (type === 'image' && Actor.ID === `${name}:latest`),
        )) ||
    (type === 'image' && Type === 'container' && filters.get(type).includes(Actor.Attributes.image ?? ''));
  return (
    (!filters.has('event') ||
      filters.get('event').some((action) => Action === action || Action.startsWith(`${action}:`))) &&
    filters.exact('type', Type) &&
    filters.labels('label', Actor.Attributes) &&
    named('container') &&
    named('image') &&
    named('network') &&
    named('volume')
  );
}

/** An event as older clients read it: with status, id and from. */
export function wireEvent(event: EngineEvent): Json {
  const legacy =
    event.Type === 'container' || event.Type === 'image'
      ? {
          status: event.Action,
          id: event.Actor.ID,
          ...(event.Type === 'container' ? { from: event.Actor.Attributes.image ?? '' } : {}),
        }
      : {};
  return { ...legacy, ...event };
}
