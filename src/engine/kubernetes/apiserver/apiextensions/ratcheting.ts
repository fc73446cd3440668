import type { FieldError } from '../../apimachinery/field-error.ts';
import { deepEqual, isRecord } from '../objects.ts';
import { isTransitionError } from './rules.ts';

/** An update need not mend what was wrong before and stays as it is (CRDValidationRatcheting). */
export function ratcheted(
  errors: readonly FieldError[],
  object: Record<string, unknown>,
  old: Record<string, unknown>,
): FieldError[] {
  const kept = errors.filter((error) => {
    if (isTransitionError(error)) return true;
    const path = error.type === 'FieldValueRequired' ? parentOf(error.field) : error.field;
    const now = valueAt(object, path);
    return now === undefined || !deepEqual(now, valueAt(old, path));
  });
  // What only says that something else was wrong goes with it.
  return kept.every(({ field, badValue }) => field === '<nil>' && badValue === 'null') ? [] : kept;
}

function parentOf(path: string): string {
  return path.replace(/\.?[^.[\]]+$/, '');
}

function valueAt(object: unknown, path: string): unknown {
  if (path === '<nil>' || path === '') return undefined;
  let value = object;
  for (const part of path.split(/\.|(?=\[)/)) {
    const index = /^\[(.*)\]$/.exec(part)?.[1];
    if (Array.isArray(value) && index !== undefined) value = value[Number(index)] as unknown;
    else if (isRecord(value)) value = value[index ?? part];
    else return undefined;
  }
  return value;
}
