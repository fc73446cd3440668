import {
  threeWayJsonMergePatch,
  threeWayMergePatch,
  twoWayMergePatch,
  typeForKind,
} from '../../../kubernetes/schema/index.ts';
import type { PatchType } from '../client/rest.ts';
import type { ApiObject } from '../client/types.ts';
import { CommandError } from '../framework/errors.ts';
import { lastApplied } from './last-applied.ts';

type Json = Record<string, unknown>;

/**
 * The patch that `apply` sends: from what was last applied, what the file says now and what the server has.
 * Strategic for kinds with a schema, JSON merge for others.
 */
export function applyPatch(
  current: ApiObject,
  modified: ApiObject,
  overwrite: boolean,
): { patch: Json; type: PatchType } {
  const annotation = lastApplied(current);
  const original = (annotation === undefined || annotation === '' ? {} : JSON.parse(annotation)) as Json;
  const schema = typeForKind(current.apiVersion, current.kind);
  if (!schema) {
    const patch = threeWayJsonMergePatch(original, modified, current);
    requireSameIdentity(patch);
    return { patch, type: 'merge' };
  }
  if (!overwrite) checkConflicts(original, modified, current, schema);
  return { patch: threeWayMergePatch(original, modified, current, schema), type: 'strategic' };
}

/** The patch from one state of an object to another, as `edit` and `set` send it. */
export function twoWayPatch(original: ApiObject, modified: ApiObject): { patch: Json; type: PatchType } {
  const schema = typeForKind(original.apiVersion, original.kind);
  if (!schema) {
    const patch = threeWayJsonMergePatch(original, modified, original);
    return { patch, type: 'merge' };
  }
  return { patch: twoWayMergePatch(original, modified, schema), type: 'strategic' };
}

function requireSameIdentity(patch: Json): void {
  const metadata = patch.metadata as Json | undefined;
  if ('apiVersion' in patch || 'kind' in patch || (metadata && 'name' in metadata))
    throw new CommandError('At least one of apiVersion, kind and name was changed');
}

/** `--overwrite=false`: fields that the file changes must not have been changed by others since. */
function checkConflicts(original: Json, modified: Json, current: Json, schema: ReturnType<typeof typeForKind>): void {
  const ours = twoWayMergePatch(original, modified, schema);
  const theirs = twoWayMergePatch(original, current, schema);
  const clash = (a: unknown, b: unknown): boolean => {
    if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object')
      return JSON.stringify(a) !== JSON.stringify(b);
    return Object.keys(a).some((k) => k in b && clash((a as Json)[k], (b as Json)[k]));
  };
  const { metadata: _, ...mine } = ours;
  if (clash(mine, theirs)) throw new CommandError('patch:\nconflicts with changes made from original to current');
}
