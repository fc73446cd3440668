import { parseQuantity, compareQuantities, QuantityError } from '../../../kubernetes/apimachinery/quantity.ts';
import type { ApiObject } from '../client/types.ts';
import { CommandError } from '../framework/errors.ts';
import { JsonPath, JsonPathError, relaxedJsonPath } from '../jsonpath/index.ts';

/**
 * Objects by a field (`--sort-by`), missing ones first; none at all if no object has the field.
 * @throws CommandError for a bad expression
 */
export function sortObjects(objects: readonly ApiObject[], field: string): ApiObject[] {
  let path: JsonPath;
  try {
    path = new JsonPath(relaxedJsonPath(field));
  } catch (error) {
    if (error instanceof JsonPathError) throw new CommandError(`sorting error: ${error.message}`);
    throw error;
  }
  const keyed = objects.map((object) => ({ object, value: path.find(object)[0]?.[0] }));
  if (keyed.length > 0 && keyed.every((k) => k.value === undefined)) return [];
  return keyed.sort((a, b) => compareValues(a.value, b.value)).map((k) => k.object);
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') {
    const byQuantity = quantities(a, b);
    if (byQuantity !== undefined) return byQuantity;
    return naturalCompare(a, b);
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a !== typeof b || typeof a === 'object')
    throw new CommandError(`unsortable type: ${typeof a === 'object' ? 'map' : typeof a}`);
  return 0;
}

function quantities(a: string, b: string): number | undefined {
  if (!/^[+-]?[\d.]/.test(a) || !/^[+-]?[\d.]/.test(b)) return undefined;
  try {
    return compareQuantities(parseQuantity(a), parseQuantity(b));
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

/** Runs of digits compare as numbers: `pod-2` before `pod-10`. */
function naturalCompare(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const x = partsA[i]!;
    const y = partsB[i]!;
    if (x === y) continue;
    if (/^\d/.test(x) && /^\d/.test(y) && Number(x) !== Number(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return partsA.length - partsB.length;
}
