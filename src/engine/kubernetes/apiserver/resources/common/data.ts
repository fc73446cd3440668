import { forbidden as forbiddenError, tooLong, type FieldError } from '../../../apimachinery/field-error.ts';
import { byteLength } from '../../../apimachinery/names.ts';
import { same } from './validate.ts';

/** What ConfigMaps and Secrets share: a size limit and the immutable flag. */

const maxBytes = 1024 * 1024;

export function checkDataSize(
  text: Readonly<Record<string, string>>,
  base64: Readonly<Record<string, string>>,
  path: string,
): FieldError[] {
  let size = 0;
  for (const value of Object.values(text)) size += byteLength(value);
  for (const value of Object.values(base64)) size += base64Bytes(value);
  return size > maxBytes ? [tooLong(path, maxBytes)] : [];
}

function base64Bytes(value: string): number {
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
  return Math.max(0, (value.length / 4) * 3 - padding);
}

const flagMessage = 'field is immutable when `immutable` is set';

/** Once `immutable` is true, neither it nor the data may change. */
export function checkImmutableData<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
  forbidden: typeof forbiddenError,
): FieldError[] {
  if (!old.immutable) return [];
  const errors = object.immutable ? [] : [forbidden('immutable', flagMessage)];
  for (const field of fields)
    if (!same(object[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, flagMessage));
  return errors;
}
