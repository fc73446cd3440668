import { invalid as invalidField, notSupported, type FieldError } from '../apimachinery/field-error.ts';
import type { DeleteOptions } from '../client.ts';
import type { KubeObject, ObjectMeta } from '../types.ts';
import type { RequestContext } from './context.ts';
import { rfc3339 } from '../../world/index.ts';
import { conflict, invalid } from './errors.ts';
import { deepCopy } from './objects.ts';
import type { KindDefinition, Mutable } from './resources/kind.ts';
import type { Entry } from './store.ts';

/** Deletion as k8s.io/apiserver/pkg/registry/{rest,generic/registry} does it. */

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

export interface Deletion {
  /** The object's last or present version. */
  entry: Entry;
  /** False while grace period or finalizers hold it. */
  gone: boolean;
}

/** What a deletion makes of an object: nothing (it is under way), a new version, or its removal. */
export type DeletionOutcome = { action: 'none' } | { action: 'update'; object: KubeObject } | { action: 'remove' };

export type FullDeleteOptions = DeleteOptions & { orphanDependents?: boolean };

/** @throws ApiError Invalid */
export function validateDeleteOptions(options: FullDeleteOptions): void {
  const errors: FieldError[] = [];
  const policy = options.propagationPolicy;
  if (options.orphanDependents !== undefined && policy !== undefined) {
    errors.push(
      invalidField('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  } else if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy)) {
    errors.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
}

/** @throws ApiError Conflict when a precondition fails */
export function deleteObject(
  definition: KindDefinition,
  object: KubeObject,
  options: FullDeleteOptions,
  context: RequestContext,
): DeletionOutcome {
  const meta = object.metadata;
  checkPreconditions(definition, meta, options);
  const finalizers = finalizersAfter(meta.finalizers ?? [], options);
  const held = definition.holdsDeletion?.(object) ?? false;
  const next: Mutable<ObjectMeta> = { ...meta } as Mutable<ObjectMeta>;
  setFinalizers(next, finalizers);

  const grace = gracePeriod(definition, object, options);
  if (grace === 'pending') return { action: 'none' };
  if (grace !== undefined && grace > 0) {
    const deadline = meta.deletionTimestamp
      ? Date.parse(meta.deletionTimestamp) - (meta.deletionGracePeriodSeconds ?? 0) * 1000
      : context.nowMs;
    if (!meta.deletionTimestamp && next.generation) next.generation++;
    next.deletionTimestamp = rfc3339(deadline + grace * 1000);
    next.deletionGracePeriodSeconds = grace;
    return { action: 'update', object: ordered(object, next) };
  }
  if (finalizers.length === 0 && !held) return { action: 'remove' };
  if (meta.deletionTimestamp) {
    const shortened =
      grace === 0 && meta.deletionGracePeriodSeconds !== 0 && meta.deletionGracePeriodSeconds !== undefined;
    if (!shortened && sameItems(finalizers, meta.finalizers ?? [])) return { action: 'none' };
    if (shortened) {
      next.deletionTimestamp = rfc3339(Date.parse(meta.deletionTimestamp) - meta.deletionGracePeriodSeconds! * 1000);
      next.deletionGracePeriodSeconds = 0;
    }
    return { action: 'update', object: ordered(object, next) };
  }
  if (next.generation) next.generation++;
  next.deletionTimestamp = context.now;
  if (!held) next.deletionGracePeriodSeconds = 0;
  const marked = ordered(object, next);
  if (!definition.prepareForDelete) return { action: 'update', object: marked };
  const draft = deepCopy(marked) as Mutable<KubeObject>;
  definition.prepareForDelete(draft, context);
  return { action: 'update', object: draft };
}

/** An object that is being deleted goes for good when an update takes away what held it. */
export function shouldDeleteDuringUpdate(definition: KindDefinition, object: KubeObject, old: KubeObject): boolean {
  if (!old.metadata.deletionTimestamp) return false;
  if (object.metadata.finalizers?.length) return false;
  if (definition.holdsDeletion?.(object)) return false;
  return (old.metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** Seconds of grace from now; `pending` if a deletion that is under way stays as it is; undefined: the kind has none. */
function gracePeriod(
  definition: KindDefinition,
  object: KubeObject,
  options: FullDeleteOptions,
): number | 'pending' | undefined {
  if (!definition.gracePeriodSeconds) return undefined;
  const { deletionTimestamp, deletionGracePeriodSeconds: current } = object.metadata;
  if (deletionTimestamp) {
    if (current === undefined) return undefined;
    if (options.gracePeriodSeconds === undefined || options.gracePeriodSeconds >= current) {
      return current === 0 && options.gracePeriodSeconds === 0 ? 0 : 'pending';
    }
    return options.gracePeriodSeconds;
  }
  return definition.gracePeriodSeconds(object, options.gracePeriodSeconds);
}

function checkPreconditions(definition: KindDefinition, meta: ObjectMeta, { preconditions }: FullDeleteOptions): void {
  if (!preconditions) return;
  const of = { group: definition.group, resource: definition.kind };
  if (preconditions.uid !== undefined && preconditions.uid !== meta.uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${meta.uid}). The object might have been deleted and then recreated`;
    throw conflict(of, meta.name, why);
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== meta.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${meta.resourceVersion}). The object might have been modified`;
    throw conflict(of, meta.name, why);
  }
}

/** The finalizers that the garbage collector needs for the propagation that was asked for. */
function finalizersAfter(existing: readonly string[], options: FullDeleteOptions): string[] {
  const { orphanDependents, propagationPolicy: policy } = options;
  const had = (name: string) => existing.includes(name);
  let orphan = had(orphanFinalizer);
  let foreground = had(foregroundFinalizer);
  if (orphanDependents !== undefined) {
    orphan = orphanDependents;
    if (orphan) foreground = false;
  } else if (policy !== undefined) {
    orphan = policy === 'Orphan';
    foreground = policy === 'Foreground';
  }
  const others = existing.filter((name) => name !== orphanFinalizer && name !== foregroundFinalizer);
  if (orphan) others.push(orphanFinalizer);
  if (foreground) others.push(foregroundFinalizer);
  return others;
}

function setFinalizers(meta: Mutable<ObjectMeta>, finalizers: string[]): void {
  if (finalizers.length > 0) meta.finalizers = finalizers;
  else delete meta.finalizers;
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** Metadata with its members in the order the API writes them. */
function ordered(object: KubeObject, meta: ObjectMeta): KubeObject {
  const { labels, annotations, ownerReferences, finalizers, ...first } = meta;
  const metadata = {
    ...first,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(ownerReferences && { ownerReferences }),
    ...(finalizers && { finalizers }),
  };
  return { ...object, metadata };
}
