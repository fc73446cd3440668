import { own, setOwn } from '../../world/index.ts';
import { deepCopy, deepEqual } from './json.ts';

/**
 * JSON patches (RFC 6902) as evanphx/json-patch v4 carries them out, which is what the API server, kubectl and kustomize
 * use: array indices may be negative, the whole document can't be replaced, and the errors are its texts.
 */

export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export class JsonPatchError extends Error {
  override name = 'JsonPatchError';
}

type Container = unknown[] | Record<string, unknown>;

/**
 * @param document is changed in place, even if a later operation fails
 * @throws JsonPatchError for the first operation that does not fit
 */
export function applyJsonPatch(document: unknown, operations: readonly Operation[]): void {
  for (const operation of operations) apply(document, operation);
}

function apply(document: unknown, { op, path, from = '', value = null }: Operation): void {
  switch (op) {
    case 'add': {
      const [parent, key] = find(document, path, `add operation does not apply: doc is missing path: "${path}"`);
      return within(`error in add for path: '${path}'`, () => add(parent, key, deepCopy(value)));
    }
    case 'remove': {
      const [parent, key] = find(document, path, `remove operation does not apply: doc is missing path: "${path}"`);
      return within(`error in remove for path: '${path}'`, () => remove(parent, key));
    }
    case 'replace': {
      const [parent, key] = find(document, path, `replace operation does not apply: doc is missing path: ${path}`);
      within(`replace operation does not apply: doc is missing key: ${path}`, () => get(parent, key));
      return set(parent, key, deepCopy(value));
    }
    case 'move': {
      const source = find(document, from, `move operation does not apply: doc is missing from path: ${from}`);
      const moved = within(`error in move for path: '${source[1]}'`, () => get(...source));
      within(`error in move for path: '${source[1]}'`, () => remove(...source));
      const [parent, key] = find(
        document,
        path,
        `move operation does not apply: doc is missing destination path: ${path}`,
      );
      return within(`error in move for path: '${path}'`, () => add(parent, key, moved));
    }
    case 'copy': {
      const source = find(document, from, `copy operation does not apply: doc is missing from path: ${from}`);
      const copied = within(`error in copy for from: '${source[1]}'`, () => get(...source));
      const [parent, key] = find(
        document,
        path,
        `copy operation does not apply: doc is missing destination path: ${path}`,
      );
      return within('error while adding value during copy', () => add(parent, key, deepCopy(copied)));
    }
    case 'test': {
      const [parent, key] = find(document, path, `test operation does not apply: is missing path: ${path}`);
      const found =
        value === null && !isPresent(parent, key)
          ? null
          : within(`error in test for path: '${path}'`, () => get(parent, key));
      if (!deepEqual(found, value)) throw new JsonPatchError(`testing value ${path} failed: test failed`);
      return;
    }
    default:
      throw new JsonPatchError(`Unexpected kind: ${op}`);
  }
}

/** The container that a pointer's last part is a key of. */
function find(document: unknown, pointer: string, missing: string): [Container, string] {
  const [, ...parts] = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = parts.pop();
  let at = document;
  for (const part of parts) at = isContainer(at) && isPresent(at, part) ? get(at, part) : undefined;
  if (key === undefined || !isContainer(at)) throw new JsonPatchError(`${missing}: missing value`);
  return [at, key];
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function isPresent(container: Container, key: string): boolean {
  if (!Array.isArray(container)) return Object.hasOwn(container, key);
  const index = Number(key);
  return isInteger(key) && index < container.length && index >= -container.length;
}

function get(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[indexOf(container, key, container.length)];
  if (!Object.hasOwn(container, key)) throw new JsonPatchError(`unable to get nonexistent key: ${key}: missing value`);
  return own(container, key);
}

function set(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(container, key, container.length)] = value;
  else setOwn(container, key, value);
}

function add(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexOf(container, key, container.length + 1), 0, value);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(indexOf(container, key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw new JsonPatchError(`Unable to remove nonexistent key: ${key}: missing value`);
}

/** @param size how many places there are; a negative index counts from the last */
function indexOf(list: readonly unknown[], key: string, size: number): number {
  if (!isInteger(key)) throw new JsonPatchError(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  const index = Number(key);
  if (index >= size || index < -size) {
    throw new JsonPatchError(`Unable to access invalid index: ${index}: invalid index referenced`);
  }
  return index < 0 ? index + size : index;
}

function isInteger(key: string): boolean {
  return /^[-+]?[0-9]+$/.test(key);
}

function within<T>(context: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof JsonPatchError) throw new JsonPatchError(`${context}: ${error.message}`);
    throw error;
  }
}
