import type { Process } from '../../../process/index.ts';
import { Cancelled, LineReader, readerOf } from '../../../world/index.ts';
import { CommandError, StatusError } from '../framework/errors.ts';
import type { Status } from '../framework/status.ts';
import { type ListOptions, type RestClient, resourcePath, type WatchEvent } from './rest.ts';
import { type ApiObject, groupVersion, type RestMapping } from './types.ts';

/** wait.ErrWaitTimeout. */
export class TimedOut extends CommandError {
  constructor(suffix = '') {
    super(`timed out waiting for the condition${suffix}`);
  }
}

/** A change to one of the objects that are followed; SYNCED once, after those that were there at first. */
export type FollowEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: ApiObject } | { type: 'SYNCED' };

/**
 * Lists objects and watches them, taking up the watch again when the server ends it (cache.ListWatch with UntilWithSync).
 * @param deadline Unix ms @throws TimedOut past it, StatusError
 */
export async function* follow(
  process: Process,
  client: RestClient,
  mapping: RestMapping,
  namespace: string,
  options: ListOptions = {},
  deadline?: number,
): AsyncGenerator<FollowEvent> {
  const known = new Map<string, ApiObject>();
  let isFirst = true;
  for (;;) {
    const list = await client.list(mapping, namespace, options);
    let version = list.metadata.resourceVersion ?? '';
    const present = new Set<string>();
    for (const item of list.items) {
      const object = { ...item, apiVersion: item.apiVersion ?? groupVersion(mapping), kind: item.kind ?? mapping.kind };
      const key = keyOf(object);
      const before = known.get(key);
      present.add(key);
      known.set(key, object);
      if (before?.metadata.resourceVersion !== object.metadata.resourceVersion)
        yield { type: before ? 'MODIFIED' : 'ADDED', object };
    }
    for (const [key, object] of [...known])
      if (!present.has(key)) {
        known.delete(key);
        yield { type: 'DELETED', object };
      }
    if (isFirst) yield { type: 'SYNCED' };
    isFirst = false;
    watching: for (;;) {
      for await (const event of watchOnce(
        process,
        client,
        mapping,
        namespace,
        { ...options, resourceVersion: version },
        deadline,
      )) {
        if (event.type === 'ERROR') {
          const status = event.object as unknown as Status;
          if (status.code === 410) break watching;
          throw new StatusError(status);
        }
        version = event.object.metadata.resourceVersion ?? version;
        if (event.type === 'BOOKMARK') continue;
        if (event.type === 'DELETED') known.delete(keyOf(event.object));
        else known.set(keyOf(event.object), event.object);
        yield { type: event.type, object: event.object };
      }
    }
  }
}

/** One watch request, until the server ends it. */
async function* watchOnce(
  process: Process,
  client: RestClient,
  mapping: RestMapping,
  namespace: string,
  options: ListOptions,
  deadline: number | undefined,
): AsyncGenerator<WatchEvent> {
  const { queue, clock } = process.world;
  const cancel = process.cancel.child();
  const left = deadline === undefined ? undefined : deadline - clock.now();
  if (left !== undefined && left <= 0) throw new TimedOut();
  const timer = left === undefined ? undefined : queue.wakeAfter(left, () => cancel.cancel(new Cancelled('deadline')));
  const { body } = await client.request({
    method: 'GET',
    path: resourcePath(mapping, mapping.namespaced ? namespace : ''),
    query: {
      watch: true,
      labelSelector: options.labelSelector || undefined,
      fieldSelector: options.fieldSelector || undefined,
      resourceVersion: options.resourceVersion || undefined,
      allowWatchBookmarks: true,
    },
  });
  const reader = body instanceof Uint8Array ? readerOf(body) : body;
  try {
    const lines = new LineReader(reader);
    for (let line = await lines.next(cancel); line !== undefined; line = await lines.next(cancel))
      if (line !== '') yield JSON.parse(line) as WatchEvent;
  } catch (error) {
    if (cancel.cancelled && !process.cancel.cancelled) throw new TimedOut();
    throw error;
  } finally {
    timer?.cancel();
    reader.close();
  }
}

function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}
