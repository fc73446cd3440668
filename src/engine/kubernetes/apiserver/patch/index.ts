import { mergePatch } from '../../apimachinery/merge-patch.ts';
import type { StructType } from '../../schema/index.ts';
import { badRequest } from '../errors.ts';
import { deepCopy, isRecord } from '../objects.ts';
import { goJsonType } from './go-json-type.ts';
import { jsonPatch } from './json-patch.ts';
import { strategicMergePatch } from '../../schema/strategic-merge.ts';

export type PatchType = 'json' | 'merge' | 'strategic';

/**
 * The object with a patch applied; the original is not changed.
 * @throws ApiError for a patch that is malformed or does not fit
 */
export function applyPatch(type: PatchType, object: unknown, patch: unknown, schema: StructType | undefined): unknown {
  if (type === 'json') {
    const patched = deepCopy(object);
    jsonPatch(patched, patch);
    return patched;
  }
  if (!isRecord(patch))
    throw badRequest(`json: cannot unmarshal ${goJsonType(patch)} into Go value of type map[string]interface {}`);
  if (type === 'merge') return mergePatch(object, patch);
  try {
    return strategicMergePatch(object as Record<string, unknown>, patch, schema);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}
