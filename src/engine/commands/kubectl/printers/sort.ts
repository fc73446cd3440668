import { parseQuantity, compareQuantities, QuantityError } from '../../../kubernetes/apimachinery/quantity.ts';
import { typeName } from '../../../gotemplate/index.ts';
import type { ApiObject } from '../client/types.ts';
import { CommandError } from '../framework/errors.ts';
import { JsonPath, JsonPathError, relaxedJsonPath } from '../jsonpath/index.ts';
import { goSort } from './go-sort.ts';

/** Two values have no order; `value` is the one that says so. */
export class Unsortable extends Error {
  override name = 'Unsortable';
}

/** No object has the field to sort by (kubectl get). */
export function fieldMissing(field: string): CommandError {
  return new CommandError(
    `couldn't find any field with path ${JSON.stringify(relaxedJsonPath(field))} in the list of objects`,
  );
}

/**
 * Objects by a field (`--sort-by`), those without it first; undefined if no object has the field.
 * @throws CommandError for a bad expression, Unsortable
 */
export function sortObjects(objects: readonly ApiObject[], field: string): ApiObject[] | undefined {
  let path: JsonPath;
  try {
    path = new JsonPath(relaxedJsonPath(field));
  } catch (error) {
    if (error instanceof JsonPathError) throw new CommandError(error.message);
    throw error;
  }
  const keyed = objects.map((object) => ({ object, value: path.find(object)[0]?.[0] }));
  if (keyed.length > 0 && keyed.every((k) => k.value === undefined)) return undefined;
  return goSort(keyed, (a, b) => isLess(a.value, b.value)).map((k) => k.object);
}

function isLess(a: unknown, b: unknown): boolean {
  if (a === undefined) return true;
  if (b === undefined) return false;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return quantityLess(a, b) ?? naturalCompare(a, b) < 0;
  throw new Unsortable(`unsortable type: ${typeName(a)}`);
}

function quantityLess(a: string, b: string): boolean | undefined {
  if (!/^[+-]?[\d.]/.test(a) || !/^[+-]?[\d.]/.test(b)) return undefined;
  try {
    return compareQuantities(parseQuantity(a), parseQuantity(b)) < 0;
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
