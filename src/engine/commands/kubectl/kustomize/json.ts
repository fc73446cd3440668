/** Plain data of a resource. Transformers change it in place; nothing outside of a build holds it. */
export type Json = Record<string, unknown>;

export function isMap(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

export function deepCopy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(deepCopy) as T;
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, deepCopy(v)])) as T;
}

/** The text of a scalar as a manifest would have it. */
export function scalarText(value: unknown): string {
  return value === null || value === undefined ? '' : String(value as string | number | boolean);
}

/** A map of texts below `path`, empty if there is none. */
export function stringMap(value: unknown): Record<string, string> {
  if (!isMap(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, scalarText(v)]));
}
