/**
 * Objects whose keys come from users. `__proto__`, `constructor` and the like are keys as good as any other in a
 * ConfigMap, so nothing may be read from, or written to, what JavaScript puts behind an object.
 */

/** The object's own value of a key. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Sets the object's own value of a key; a plain assignment to `__proto__` would set its prototype. */
export function setOwn<T>(record: Record<string, T>, key: string, value: NoInfer<T>): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}
