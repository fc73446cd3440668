import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../apimachinery/field-error.ts';
import { canonicalText } from '../../../apimachinery/hash.ts';
import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import { isQualifiedName, isValidLabelValue } from '../../../apimachinery/names.ts';

/** Rules that many kinds share (validation.ValidateNonnegativeField and neighbours). */

export const nonNegativeMessage = 'must be greater than or equal to 0';
export const immutableMessage = 'field is immutable';

export function checkNonNegative(value: number | undefined, path: string): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(path, value, nonNegativeMessage)] : [];
}

/** Each complaint of a name check as an error of the field. */
export function checkName(value: string | undefined, path: string, check: (value: string) => string[]): FieldError[] {
  // A string that is missing is an empty one in Go.
  const text = value ?? '';
  return check(text).map((message) => invalid(path, text, message));
}

/** A required name. */
export function checkRequiredName(
  value: string | undefined,
  path: string,
  check: (value: string) => string[],
): FieldError[] {
  return value ? checkName(value, path, check) : [required(path)];
}

/** A required value out of a fixed set. */
export function checkOneOf(value: string | undefined, path: string, allowed: readonly string[]): FieldError[] {
  if (!value) return [required(path)];
  return allowed.includes(value) ? [] : [notSupported(path, value, allowed)];
}

export function checkImmutable(value: unknown, old: unknown, path: string): FieldError[] {
  return same(value, old) ? [] : [invalid(path, value ?? null, immutableMessage)];
}

/** Semantic equality: absent and null are alike, order of keys doesn't matter. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || canonicalText(a ?? null) === canonicalText(b ?? null);
}

/** `ValidateLabels`. */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...checkName(key, path, isQualifiedName),
    ...checkName(value, path, isValidLabelValue),
  ]);
}

/** `ValidateLabelSelector`. */
export function checkLabelSelector(selector: LabelSelector | undefined | null, path: string): FieldError[] {
  if (!selector) return [];
  const errors = checkLabels(selector.matchLabels, `${path}.matchLabels`);
  selector.matchExpressions?.forEach((requirement, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    const values = requirement.values ?? [];
    switch (requirement.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) {
          errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
        }
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
        break;
      default:
        errors.push(invalid(`${at}.operator`, requirement.operator, 'not a valid selector operator'));
    }
    errors.push(...checkName(requirement.key, `${at}.key`, isQualifiedName));
    values.forEach((value, j) => errors.push(...checkName(value, `${at}.values[${j}]`, isValidLabelValue)));
  });
  return errors;
}

/** Reports the second and later of equal values. */
export class Unique {
  readonly #seen = new Set<string>();

  check(value: string | undefined, path: string): FieldError[] {
    if (value === undefined) return [];
    if (this.#seen.has(value)) return [duplicate(path, value)];
    this.#seen.add(value);
    return [];
  }
}
