import type { HttpRequest, HttpResponse } from '../../network/http.ts';
import { Signal, toBytes, type ByteReader, type Cancellation, type Timer } from '../../world/index.ts';
import { ApiError } from '../client.ts';
import type { ApiServerCore, ServedResource } from './core.ts';
import { objectJson, partialMetadata, wireObject } from './encoding.ts';
import { expired } from './errors.ts';
import { validateListOptions } from './list-options.ts';
import { number, parseResourceVersion } from './list.ts';
import type { Negotiated } from './negotiation.ts';
import type { Query } from './request-info.ts';
import { selection, type Predicate } from './selection.ts';
import type { Change, Entry } from './store.ts';
import { includeObject, table, type IncludeObject } from './table.ts';

/** Between bookmarks, as the watch cache sends them. */
const bookmarkPeriodMs = 60_000;
/** Watches without a timeout of their own end after this long plus up to as much again. */
const minRequestTimeoutMs = 1_800_000;
const initialEventsEnd = 'k8s.io/initial-events-end';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

interface WatchEvent {
  type: EventType;
  entry?: Entry;
  /** Of a bookmark. */
  revision?: number;
  initialEnd?: boolean;
  error?: ApiError;
}

/**
 * Answers a watch: one JSON document a line, without end.
 * @throws ApiError for options that are wrong; a revision that is too old is an ERROR event in the stream
 */
export function watch(
  core: ApiServerCore,
  served: ServedResource,
  query: Query,
  negotiated: Negotiated,
  request: HttpRequest,
  namespace: string | undefined,
  name?: string,
): HttpResponse {
  const stream = new WatchStream(core, served, query, negotiated, namespace, name);
  stream.endWith(request.cancel);
  return {
    status: 200,
    headers: {
      'cache-control': 'no-cache, private',
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    },
    body: stream,
  };
}

class WatchStream implements ByteReader {
  readonly #core: ApiServerCore;
  readonly #served: ServedResource;
  readonly #negotiated: Negotiated;
  readonly #namespace: string | undefined;
  readonly #matches: Predicate | undefined;
  readonly #include: IncludeObject;
  readonly #signal: Signal;
  readonly #timers: Timer[] = [];
  #events: WatchEvent[] = [];
  /** Changes up to here are not shown: the client may name a revision that is still to come. */
  #after = 0;
  #headersSent = false;
  #ended = false;
  #stopListening: () => void = () => {};

  constructor(
    core: ApiServerCore,
    served: ServedResource,
    query: Query,
    negotiated: Negotiated,
    namespace: string | undefined,
    name: string | undefined,
  ) {
    this.#core = core;
    this.#served = served;
    this.#negotiated = negotiated;
    this.#namespace = namespace;
    this.#matches = selection(served, query, name);
    this.#include = includeObject(query.get('includeObject'));
    this.#signal = new Signal(core.world.queue);
    const bookmarks = query.bool('allowWatchBookmarks');
    const timeout = number(query, 'timeoutSeconds');
    validateListOptions(query, true);
    if (!this.#begin(query, bookmarks)) return;
    const stop = served.storage.store.listen((change) => this.#onChange(change));
    this.#stopListening = stop;
    if (served.custom) this.#endWithDefinition(stop);
    const queue = core.world.queue;
    const limit = timeout && timeout > 0 ? timeout * 1000 : minRequestTimeoutMs * (1 + core.around.random.float());
    this.#timers.push(queue.after(limit, () => this.#end()));
    if (bookmarks) this.#scheduleBookmark();
  }

  endWith(cancel: Cancellation | undefined): void {
    cancel?.onCancel(() => this.#end());
  }

  async read(cancel?: Cancellation): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#events.length > 0) {
        const events = this.#events;
        this.#events = [];
        const { ready } = this.#served;
        if (ready) await ready(events.flatMap(({ entry }) => (entry ? [entry.object] : [])));
        return toBytes(events.map((event) => `${this.#text(event)}\n`).join(''));
      }
      if (this.#ended) return undefined;
      await this.#signal.wait(cancel);
    }
  }

  close(): void {
    this.#events = [];
    this.#end();
  }

  /** The server stops all watches of a custom resource whose definition changes or goes. */
  #endWithDefinition(stopListening: () => void): void {
    const { group, version, resource } = this.#served.definition;
    const stop = this.#core.onResourcesChange(() => {
      if (this.#core.find(group, version, resource) !== this.#served) this.#end();
    });
    this.#stopListening = () => {
      stopListening();
      stop();
    };
  }

  /** Queues what comes before live changes. False if the watch has ended already. */
  #begin(query: Query, bookmarks: boolean): boolean {
    const { store } = this.#served.storage;
    const text = query.get('resourceVersion');
    const version = text === undefined ? 0 : parseResourceVersion(text);
    const sendState = query.has('sendInitialEvents') ? query.bool('sendInitialEvents') : version === 0;
    if (sendState) {
      for (const entry of store.list(this.#namespace)) {
        if (!this.#matches || this.#matches(entry.object)) this.#events.push({ type: 'ADDED', entry });
      }
      if (query.bool('sendInitialEvents') && bookmarks) {
        this.#events.push({ type: 'BOOKMARK', revision: store.revision, initialEnd: true });
      }
      return true;
    }
    const changes = version === 0 ? [] : store.changesSince(version);
    if (!changes) {
      const error = expired(`too old resource version: ${version} (${store.compactedRevision})`);
      this.#events.push({ type: 'ERROR', error });
      this.#ended = true;
      return false;
    }
    this.#after = version;
    for (const change of changes) this.#onChange(change);
    return true;
  }

  /** Objects that begin or cease to match are added or deleted as far as this watch is concerned. */
  #onChange({ type, entry, previous }: Change): void {
    if (entry.revision <= this.#after) return;
    if (this.#namespace !== undefined && entry.object.metadata.namespace !== this.#namespace) return;
    let shown: EventType = type;
    let last = entry;
    if (this.#matches) {
      const now = type !== 'DELETED' && this.#matches(entry.object);
      const before = previous !== undefined && this.#matches(previous.object);
      if (!now && !before) return;
      shown = now ? (before ? 'MODIFIED' : 'ADDED') : 'DELETED';
      // What ceases to match is shown as it last did.
      if (shown === 'DELETED' && type !== 'DELETED') last = atRevision(previous!, entry.revision);
    }
    this.#push({ type: shown, entry: last });
  }

  #push(event: WatchEvent): void {
    if (this.#ended) return;
    this.#events.push(event);
    this.#signal.notify();
  }

  #scheduleBookmark(): void {
    const timer = this.#core.world.queue.after(bookmarkPeriodMs, () => {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      if (this.#ended) return;
      this.#push({ type: 'BOOKMARK', revision: this.#served.storage.store.revision });
      this.#scheduleBookmark();
    });
    this.#timers.push(timer);
  }

  #end(): void {
    this.#ended = true;
    this.#stopListening();
    for (const timer of this.#timers) timer.cancel();
    this.#signal.notify();
  }

  #text(event: WatchEvent): string {
    const { type, entry } = event;
    if (!entry || this.#negotiated.as !== 'object') return JSON.stringify(this.#encode(event));
    return `{"type":"${type}","object":${objectJson(this.#served, entry)}}`;
  }

  #encode({ type, entry, revision, initialEnd, error }: WatchEvent): unknown {
    if (error) return { type, object: error.status };
    const { as, version } = this.#negotiated;
    const served = this.#served;
    if (type === 'BOOKMARK') {
      const metadata = {
        resourceVersion: String(revision),
        ...(initialEnd && { annotations: { [initialEventsEnd]: 'true' } }),
      };
      return { type, object: this.#bookmarkObject(metadata) };
    }
    switch (as) {
      case 'Table':
        return { type, object: this.#table([entry!], { resourceVersion: String(entry!.revision) }) };
      case 'PartialObjectMetadata':
      case 'PartialObjectMetadataList':
        return { type, object: partialMetadata(served, entry!, version) };
      case 'object':
        return { type, object: wireObject(served, entry!) };
    }
  }

  #bookmarkObject(metadata: Record<string, unknown>): unknown {
    const { as, version } = this.#negotiated;
    const { definition, apiVersion } = this.#served;
    if (as === 'Table') {
      const shown = this.#table([], { resourceVersion: metadata['resourceVersion'] }) as { rows: unknown[] };
      // The annotation travels in the one row's object.
      shown.rows.push({
        cells: [],
        object: {
          kind: 'PartialObjectMetadata',
          apiVersion: `meta.k8s.io/${version}`,
          metadata: { ...metadata, creationTimestamp: null },
        },
      });
      return shown;
    }
    if (as !== 'object') return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
    return { kind: definition.kind, apiVersion, metadata };
  }

  #table(entries: readonly Entry[], metadata: Record<string, unknown>): Record<string, unknown> {
    const headers = !this.#headersSent;
    this.#headersSent = true;
    const { version } = this.#negotiated;
    return table(this.#served, entries, this.#core.world.clock.now(), {
      version,
      include: this.#include,
      metadata,
      headers,
    });
  }
}

function atRevision(entry: Entry, revision: number): Entry {
  const { object } = entry;
  return {
    ...entry,
    revision,
    object: { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } },
  };
}
