/**
 * What Go programs see of JSON data, on plain JavaScript values: objects are `map[string]interface {}`, arrays
 * `[]interface {}`, numbers `float64`, bigints `int`, null a nil interface, undefined no value at all (a missing key).
 */
export type Value =
  undefined | null | boolean | number | bigint | string | readonly unknown[] | { readonly [key: string]: unknown };

/** The values of a struct's fields in the order of their declaration, for an object that stands for one. */
const structFields = new WeakMap<object, readonly unknown[]>();

/** Marks an object as a Go struct: `%v` prints its fields' values in this order, without names. */
export function struct<T extends object>(object: T, fields: readonly unknown[]): T {
  structFields.set(object, fields);
  return object;
}

export function fieldsOf(object: object): readonly unknown[] | undefined {
  return structFields.get(object);
}

export type Kind = 'invalid' | 'nil' | 'bool' | 'int' | 'float' | 'string' | 'slice' | 'map';

export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'undefined':
      return 'invalid';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float';
    case 'bigint':
      return 'int';
    case 'string':
      return 'string';
    default:
      return value === null ? 'nil' : Array.isArray(value) ? 'slice' : 'map';
  }
}

/** The name that `%T` prints. */
export function typeName(value: unknown): string {
  switch (kindOf(value)) {
    case 'invalid':
    case 'nil':
      return '<nil>';
    case 'float':
      return 'float64';
    case 'slice':
      return '[]interface {}';
    case 'map':
      return 'map[string]interface {}';
    default:
      return kindOf(value);
  }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return kindOf(value) === 'map';
}

/** A map's own keys in the order in which Go prints and ranges over them. */
export function sortedKeys(map: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(map).sort(compareStrings);
}

/** Go compares strings by bytes of UTF-8, which is by code point. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** A missing or null entry counts as absent; prototype members never show. */
export function entry(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** text/template's idea of truth: false, zero and everything empty are false. */
export function isTrue(value: unknown): boolean {
  switch (kindOf(value)) {
    case 'bool':
      return value as boolean;
    case 'int':
      return value !== 0n;
    case 'float':
      return value !== 0;
    case 'string':
      return value !== '';
    case 'slice':
      return (value as readonly unknown[]).length > 0;
    case 'map':
      return Object.keys(value as object).length > 0;
    default:
      return false;
  }
}
