import { applyJsonPatch, type Operation } from '../../../kubernetes/apimachinery/json-patch.ts';
import { deepCopy } from '../../../kubernetes/apimachinery/json.ts';
import { mergePatch } from '../../../kubernetes/apimachinery/merge-patch.ts';
import { strategicMergePatch, typeForKind } from '../../../kubernetes/schema/index.ts';
import type { ApiObject } from '../client/types.ts';
import { CommandError } from './errors.ts';

/** An object with `--overrides` applied the way that `--override-type` says. @throws CommandError */
export function overriddenBy(object: ApiObject, text: string, type: string): ApiObject {
  if (text === '') return object;
  if (!['json', 'merge', 'strategic'].includes(type)) throw new CommandError(`invalid override type: ${type}`);
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    if (type === 'merge') return mergePatch(object, value) as ApiObject;
    if (type === 'json') {
      if (!Array.isArray(value))
        throw new CommandError('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
      const copy = deepCopy(object) as ApiObject;
      applyJsonPatch(copy, value as unknown as Operation[]);
      return copy;
    }
    const schema = typeForKind(object.apiVersion, object.kind);
    return strategicMergePatch(object, value, schema) as unknown as ApiObject;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('Invalid JSON Patch');
  }
}
