import type { KubeObject, ObjectMeta } from '../types.ts';
import type { RequestContext } from './context.ts';
import { deepEqual } from './objects.ts';
import type { Mutable } from './resources/kind.ts';

/** What of an object's metadata a write keeps and what it may change. */

/** Metadata of a new object: what clients may say, in the order the API writes it, and what the server adds. */
export function systemMetadata(
  meta: Mutable<Partial<ObjectMeta>>,
  context: RequestContext,
): Mutable<Partial<ObjectMeta>> {
  const result: Mutable<Partial<ObjectMeta>> = {};
  if (meta.name) result.name = meta.name;
  if (meta.generateName) result.generateName = meta.generateName;
  if (meta.namespace) result.namespace = meta.namespace;
  result.uid = context.uuid();
  result.resourceVersion = '';
  result.creationTimestamp = context.now;
  copyMutable(result, meta);
  return result;
}

function copyMutable(to: Mutable<Partial<ObjectMeta>>, from: Mutable<Partial<ObjectMeta>>): void {
  if (from.labels && hasKeys(from.labels)) to.labels = from.labels;
  if (from.annotations && hasKeys(from.annotations)) to.annotations = from.annotations;
  if (from.ownerReferences?.length) to.ownerReferences = from.ownerReferences;
  if (from.finalizers?.length) to.finalizers = from.finalizers;
}

function hasKeys(record: object): boolean {
  return Object.keys(record).length > 0;
}

/**
 * Metadata of an update: the parts that clients may leave out come from the stored object, and only those that may
 * change come from the request.
 */
export function carriedMetadata(wanted: ObjectMeta, old: ObjectMeta): ObjectMeta {
  if (wanted === old) return old;
  const result: Mutable<Partial<ObjectMeta>> = {};
  result.name = wanted.name;
  if (old.generateName) result.generateName = old.generateName;
  if (wanted.namespace ?? old.namespace) result.namespace = wanted.namespace ?? old.namespace!;
  result.uid = old.uid;
  result.resourceVersion = old.resourceVersion;
  if (old.generation !== undefined) result.generation = old.generation;
  result.creationTimestamp = wanted.creationTimestamp || old.creationTimestamp;
  if (old.deletionTimestamp) {
    result.deletionTimestamp = wanted.deletionTimestamp ?? old.deletionTimestamp;
    if (old.deletionGracePeriodSeconds !== undefined) {
      result.deletionGracePeriodSeconds = wanted.deletionGracePeriodSeconds ?? old.deletionGracePeriodSeconds;
    }
  }
  copyMutable(result, wanted as Mutable<ObjectMeta>);
  return result as ObjectMeta;
}

/** Puts equal parts of the old object in place of new copies: less memory, and cheap comparisons afterwards. */
export function reuse(draft: Mutable<KubeObject>, old: KubeObject): void {
  const from = old as unknown as Record<string, unknown>;
  const to = draft as unknown as Record<string, unknown>;
  for (const key in to) {
    if (key !== 'metadata' && to[key] !== from[key] && deepEqual(to[key], from[key])) to[key] = from[key];
  }
  const metaFrom = old.metadata as unknown as Record<string, unknown>;
  const metaTo = draft.metadata as unknown as Record<string, unknown>;
  for (const key in metaTo) {
    if (metaTo[key] !== metaFrom[key] && deepEqual(metaTo[key], metaFrom[key])) metaTo[key] = metaFrom[key];
  }
}
