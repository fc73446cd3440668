import type { KubeObject } from '../../types.ts';
import { deepCopy, deepEqual, deepFreeze } from '../objects.ts';
import { applyDefaults, prune } from './pruning.ts';
import type { JsonSchema } from './schema.ts';

/**
 * Reads stored objects as today's schema has them: what was written before a default came gets it, and what the schema no
 * longer knows is left out. Nothing is written for that.
 */
export function storedReader(schema: JsonSchema): (object: KubeObject) => KubeObject {
  const read = new WeakMap<KubeObject, KubeObject>();
  return (object) => {
    let result = read.get(object);
    if (!result) {
      const copy = deepCopy(object);
      prune(copy as unknown as Record<string, unknown>, schema);
      applyDefaults(copy, schema);
      result = deepEqual(copy, object) ? object : deepFreeze(copy);
      read.set(object, result);
    }
    return result;
  };
}
