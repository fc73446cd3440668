import { rfc3339, rfc3339Micro, type Timer, type World } from '../world/index.ts';
import { ApiError, type Client } from './client.ts';
import { refs, type CoreEvent, type Event, type KubeObject } from './types.ts';

export type EventType = 'Normal' | 'Warning';

/** v1 ObjectReference. */
export interface ObjectReference {
  apiVersion?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

export type EventSubject = KubeObject | ObjectReference;

export interface EventRecorder {
  /** Records that something happened to `subject`; repetitions are counted on the first Event. */
  record(
    subject: EventSubject,
    type: EventType,
    reason: string,
    message: string,
    options?: {
      /** Part of the subject, e.g. `spec.containers{app}`. */
      fieldPath?: string;
    },
  ): void;
}

export function objectReference(object: KubeObject, fieldPath?: string): ObjectReference {
  const { apiVersion, kind, metadata } = object;
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    ...(fieldPath === undefined ? undefined : { fieldPath }),
    kind,
    name,
    ...(namespace === undefined ? undefined : { namespace }),
    resourceVersion,
    uid,
  };
}

function toReference(subject: EventSubject, fieldPath?: string): ObjectReference {
  if ('metadata' in subject) return objectReference(subject, fieldPath);
  return fieldPath === undefined ? subject : { ...subject, fieldPath };
}

/** A UID stands for all of it; Nodes' references have their name there, so the kind is needed too. */
function identity({ kind, namespace, name, uid, apiVersion }: ObjectReference): string {
  return uid ? `${kind}\0${uid}` : `${kind}\0${namespace}\0${name}\0\0${apiVersion}`;
}

/** Events of cluster-scoped objects live in namespace default. */
function eventNamespace(reference: ObjectReference): string {
  return reference.namespace || 'default';
}

/** Nanoseconds of the last Event's name: later Events have later names, as lists and `describe` rely on. */
const lastNames = new WeakMap<World, bigint>();

/** Names Events as client-go does: the subject's name and the time in nanoseconds, in 16 hexadecimal digits. */
function eventName(world: World, subject: string): string {
  const now = BigInt(Math.floor(world.clock.now() * 1000)) * 1000n;
  const between = BigInt(1000 + world.random.stream('event-names').int(20_000));
  const last = lastNames.get(world) ?? 0n;
  const nanoseconds = (last > now ? last : now) + between;
  lastNames.set(world, nanoseconds);
  return `${subject}.${nanoseconds.toString(16).padStart(16, '0')}`;
}

/** Whether a refused write of an Event may be left alone: there is nobody to tell. */
function ignorable(error: unknown): boolean {
  return error instanceof ApiError;
}

/** Similar Events (all but the message the same) of one subject, after which they are combined into one. */
const maxSimilarEvents = 10;
const similarInterval = 600_000;
/** Token bucket of one source and subject against floods: burst, and one token each `spamRefill` ms. */
const spamBurst = 25;
const spamRefill = 300_000;
/** Entries kept for correlation. */
const cacheSize = 4096;

interface Occurrence {
  namespace: string;
  name: string;
  count: number;
  firstTimestamp: string;
}

/**
 * Records core/v1 Events as client-go's `tools/record` does, correlation included: an identical Event raises `count`, the
 * eleventh similar one within ten minutes is combined, and floods about one subject are dropped.
 */
export class CoreEventRecorder implements EventRecorder {
  readonly #world: World;
  readonly #events;
  readonly #source: { component: string; host?: string };
  readonly #seen = new LruMap<string, Occurrence>(cacheSize);
  readonly #similar = new LruMap<string, { messages: string[]; last: number }>(cacheSize);
  readonly #buckets = new LruMap<string, { tokens: number; last: number }>(cacheSize);

  constructor(world: World, client: Client, source: { component: string; host?: string }) {
    this.#world = world;
    this.#events = client.resource(refs.coreEvents);
    // Frozen, it is the same object in all Events.
    this.#source = Object.freeze(source);
  }

  record(
    subject: EventSubject,
    type: EventType,
    reason: string,
    message: string,
    options: { fieldPath?: string } = {},
  ): void {
    const reference = toReference(subject, options.fieldPath);
    const about = identity(reference);
    if (!this.#allowed(about)) return;

    const similarKey = `${about}\0${type}\0${reason}`;
    const combined = this.#combines(similarKey, message);
    const text = combined ? `(combined from similar events): ${message}` : message;
    const key = combined ? similarKey : `${similarKey}\0${reference.fieldPath ?? ''}\0${message}`;
    const seen = this.#seen.get(key);
    if (!seen || !this.#raise(seen, text)) {
      const created = this.#create(reference, type, reason, text);
      if (created) this.#seen.set(key, created);
    }
  }

  /** What later records are correlated with, for the state hash. */
  snapshot(): unknown {
    const similar = this.#similar.entries().map(([key, { messages, last }]) => [key, messages, last]);
    return { seen: this.#seen.entries(), similar, buckets: this.#buckets.entries() };
  }

  #create(reference: ObjectReference, type: EventType, reason: string, message: string): Occurrence | undefined {
    const namespace = eventNamespace(reference);
    const name = eventName(this.#world, reference.name ?? '');
    const now = rfc3339(this.#world.clock.now());
    try {
      this.#events.create({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: reference,
        reason,
        message,
        source: this.#source,
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        type,
        reportingComponent: this.#source.component,
        reportingInstance: this.#source.host ?? '',
      });
      return { namespace, name, count: 1, firstTimestamp: now };
    } catch (error) {
      if (ignorable(error)) return undefined;
      throw error;
    }
  }

  /** Counts one more; false if the Event is gone. */
  #raise(seen: Occurrence, message: string): boolean {
    const stored = this.#events.get(seen.namespace, seen.name);
    if (!stored) return false;
    seen.count++;
    const updated: CoreEvent = {
      ...stored,
      count: seen.count,
      lastTimestamp: rfc3339(this.#world.clock.now()),
      message,
    };
    try {
      this.#events.update(updated);
    } catch (error) {
      if (!ignorable(error)) throw error;
    }
    return true;
  }

  #allowed(about: string): boolean {
    const now = this.#world.queue.now;
    let bucket = this.#buckets.get(about);
    if (!bucket) this.#buckets.set(about, (bucket = { tokens: spamBurst, last: now }));
    bucket.tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.last) / spamRefill);
    bucket.last = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #combines(similarKey: string, message: string): boolean {
    const now = this.#world.queue.now;
    let group = this.#similar.get(similarKey);
    if (!group || now - group.last > similarInterval) {
      this.#similar.set(similarKey, (group = { messages: [], last: now }));
    }
    if (!group.messages.includes(message)) group.messages.push(message);
    group.last = now;
    if (group.messages.length < maxSimilarEvents) return false;
    group.messages.shift();
    return true;
  }
}

export interface SeriesEventOptions {
  /** What the reporter did or failed to do, e.g. `Binding`. */
  action: string;
  related?: EventSubject;
}

interface Series {
  namespace: string;
  name: string;
  eventTime: number;
  /** Undefined while the Event happened once. */
  series?: { count: number; lastObserved: number };
}

/** A series without a new occurrence for this long (ms) is closed. */
const seriesEnd = 6 * 60_000;
/** Open series are written this often (ms). */
const seriesHeartbeat = 30 * 60_000;

/**
 * Records events.k8s.io/v1 Events as client-go's `tools/events` does: the first repetition opens a series, whose further
 * counts are written by a half-hourly heartbeat and when it ends.
 */
export class SeriesEventRecorder {
  readonly #world: World;
  readonly #events;
  readonly #reporter: { controller: string; instance: string };
  readonly #series = new Map<string, Series>();
  #closing: Timer | undefined;
  #heartbeat: Timer | undefined;

  constructor(world: World, client: Client, reporter: { controller: string; instance: string }) {
    this.#world = world;
    this.#events = client.resource(refs.events);
    this.#reporter = reporter;
  }

  record(subject: EventSubject, type: EventType, reason: string, note: string, options: SeriesEventOptions): void {
    const regarding = toReference(subject);
    const related = options.related && toReference(options.related);
    const versions = `${regarding.resourceVersion}\0${related?.resourceVersion}`;
    const key = `${type}\0${options.action}\0${reason}\0${identity(regarding)}\0${related && identity(related)}\0${versions}`;
    const now = this.#world.queue.now;
    const known = this.#series.get(key);
    if (known?.series) {
      known.series.count++;
      known.series.lastObserved = now;
      return;
    }
    if (known) {
      known.series = { count: 2, lastObserved: now };
      this.#writeSeries(known);
      this.#heartbeat ??= this.#world.queue.after(seriesHeartbeat, () => this.#beat());
      return;
    }
    const created = this.#create(regarding, related, type, reason, note, options.action);
    if (!created) return;
    this.#series.set(key, created);
    this.#closing ??= this.#world.queue.after(seriesEnd, () => this.#close());
  }

  snapshot(): unknown {
    return [...this.#series];
  }

  /** Cancels the timers of open series. */
  stop(): void {
    this.#closing?.cancel();
    this.#heartbeat?.cancel();
    this.#series.clear();
  }

  #create(
    regarding: ObjectReference,
    related: ObjectReference | undefined,
    type: EventType,
    reason: string,
    note: string,
    action: string,
  ): Series | undefined {
    const namespace = eventNamespace(regarding);
    const name = eventName(this.#world, regarding.name ?? '');
    try {
      this.#events.create({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name, namespace },
        eventTime: rfc3339Micro(this.#world.clock.now()),
        reportingController: this.#reporter.controller,
        reportingInstance: this.#reporter.instance,
        action,
        reason,
        regarding,
        ...(related ? { related } : undefined),
        note: note.length > 1024 ? `${note.slice(0, 1021)}...` : note,
        type,
      });
      return { namespace, name, eventTime: this.#world.queue.now };
    } catch (error) {
      if (ignorable(error)) return undefined;
      throw error;
    }
  }

  #writeSeries({ namespace, name, series }: Series): void {
    const stored = this.#events.get(namespace, name);
    if (!stored || !series) return;
    const updated: Event = {
      ...stored,
      series: {
        count: series.count,
        lastObservedTime: rfc3339Micro(this.#world.clock.epoch + series.lastObserved),
      },
    };
    try {
      this.#events.update(updated);
    } catch (error) {
      if (!ignorable(error)) throw error;
    }
  }

  #close(): void {
    this.#closing = undefined;
    const end = this.#world.queue.now - seriesEnd;
    for (const [key, known] of this.#series) {
      if ((known.series?.lastObserved ?? known.eventTime) > end) continue;
      this.#writeSeries(known);
      this.#series.delete(key);
    }
    if (this.#series.size > 0) this.#closing = this.#world.queue.after(seriesEnd, () => this.#close());
  }

  #beat(): void {
    this.#heartbeat = undefined;
    let open = false;
    for (const known of this.#series.values()) {
      if (!known.series) continue;
      open = true;
      this.#writeSeries(known);
    }
    if (open) this.#heartbeat = this.#world.queue.after(seriesHeartbeat, () => this.#beat());
  }
}

/** A map that forgets what was used longest ago. */
class LruMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    const value = this.#map.get(key);
    if (value !== undefined) {
      this.#map.delete(key);
      this.#map.set(key, value);
    }
    return value;
  }

  /** Longest unused first. */
  entries(): [K, V][] {
    return [...this.#map];
  }

  set(key: K, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size > this.#limit) {
      const [oldest] = this.#map.keys();
      this.#map.delete(oldest!);
    }
  }
}
