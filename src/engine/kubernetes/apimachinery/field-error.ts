/** A validation error of one field, with upstream's wording (package k8s.io/apimachinery/pkg/util/validation/field). */
export interface FieldError {
  type: FieldErrorType;
  /** e.g. `spec.containers[0].image`. */
  field: string;
  badValue?: unknown;
  detail: string;
}

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

const texts: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, badValue: '', detail };
}

export function invalid(field: string, badValue: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, badValue, detail };
}

/** @param supported in the order to be shown: upstream sorts most of these lists, but not all */
export function notSupported(field: string, badValue: unknown, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map((v) => JSON.stringify(v)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field, badValue, detail };
}

export function duplicate(field: string, badValue: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, badValue, detail: '' };
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, badValue: '', detail };
}

export function notFound(field: string, badValue: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, badValue, detail: '' };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  const items = max === 1 ? 'item' : 'items';
  return { type: 'FieldValueTooMany', field, badValue: actual, detail: `must have at most ${max} ${items}` };
}

export function typeInvalid(field: string, badValue: unknown, detail: string): FieldError {
  return { type: 'FieldValueTypeInvalid', field, badValue, detail };
}

export function tooLong(field: string, maxLength: number): FieldError {
  return { type: 'FieldValueTooLong', field, badValue: '', detail: `may not be more than ${maxLength} bytes` };
}

/** Stands for a value that an error does not show (field.OmitValueType). */
export const omittedValue: unique symbol = Symbol('omitted');

/** The error without its field: `Invalid value: -1: must be …`. */
export function errorBody(error: FieldError): string {
  const showsValue = !['FieldValueRequired', 'FieldValueForbidden', 'FieldValueTooLong', 'InternalError'].includes(
    error.type,
  );
  const value = showsValue && error.badValue !== omittedValue ? `: ${showValue(error.badValue)}` : '';
  return `${texts[error.type]}${value}${error.detail ? `: ${error.detail}` : ''}`;
}

export function errorText(error: FieldError): string {
  return `${error.field}: ${errorBody(error)}`;
}

function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
