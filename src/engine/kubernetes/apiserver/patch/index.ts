import type { StructType } from '../../schema/index.ts';
import { badRequest } from '../errors.ts';
import { deepCopy, isRecord } from '../objects.ts';
import { applyJsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { strategicMergePatch } from '../../schema/strategic-merge.ts';

export type PatchType = 'json' | 'merge' | 'strategic';

/**
 * The object with a patch applied; the original is not changed.
 * @throws ApiError for a patch that is malformed or does not fit
 */
export function applyPatch(type: PatchType, object: unknown, patch: unknown, schema: StructType | undefined): unknown {
  if (type === 'json') return applyJsonPatch(deepCopy(object), patch);
  if (!isRecord(patch))
    throw badRequest(`json: cannot unmarshal ${goJsonType(patch)} into Go value of type map[string]interface {}`);
  if (type === 'merge') return mergePatch(object, patch);
  try {
    return strategicMergePatch(object as Record<string, unknown>, patch, schema);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

/** What Go's json package calls a value. */
export function goJsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
