import { loadYaml, YamlError } from '../../../yaml/index.ts';
import { KustomizeError } from './error.ts';
import { deepCopy, isMap, type Json } from './json.ts';

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** The operations of a patch in JSON or YAML, or undefined if the text is no such list. */
export function parseJsonPatch(text: string): Operation[] | undefined {
  try {
    const data = loadYaml(text);
    return Array.isArray(data) && data.every(isMap) ? (data as unknown as Operation[]) : undefined;
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

const missing = 'missing value';
const known = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** RFC 6902 with the errors of the library that kustomize uses. Changes `document`. @throws KustomizeError */
export function applyJsonPatch(document: Json, operations: readonly Operation[]): void {
  for (const operation of operations) {
    const { op, path, value } = operation;
    if (known.has(op) && typeof path !== 'string')
      throw new KustomizeError(`${op} operation failed to decode path: ${missing}`);
    if ((op === 'move' || op === 'copy') && typeof operation.from !== 'string')
      throw new KustomizeError(`${op} operation failed to decode from: ${missing}`);
    switch (op) {
      case 'add': {
        const [container, key] = locate(document, path, 'add');
        add(container, key, deepCopy(value ?? null), path, 'add');
        break;
      }
      case 'remove': {
        const [container, key] = locate(document, path, 'remove');
        remove(container, key, path);
        break;
      }
      case 'replace': {
        const [container, key] = locate(document, path, 'replace');
        if (Array.isArray(container) && at(container, key) === undefined)
          throw new KustomizeError(`replace operation does not apply: doc is missing key: ${path}: ${missing}`);
        if (Array.isArray(container)) container[index(container, key)!] = deepCopy(value ?? null);
        else container[key] = deepCopy(value ?? null);
        break;
      }
      case 'move': {
        const from = operation.from ?? '';
        const [source, sourceKey] = locate(document, from, 'move', 'from');
        const moved = at(source, sourceKey);
        remove(source, sourceKey, sourceKey, 'move');
        const [container, key] = locate(document, path, 'move', 'destination');
        add(container, key, moved, path, 'move');
        break;
      }
      case 'copy': {
        const from = operation.from ?? '';
        const [source, sourceKey] = locate(document, from, 'copy', 'from');
        const copied = deepCopy(at(source, sourceKey));
        const [container, key] = locate(document, path, 'copy', 'destination');
        add(container, key, copied, path, 'copy');
        break;
      }
      case 'test': {
        const [container, key] = locate(document, path, 'test');
        if (!same(at(container, key) ?? null, value ?? null))
          throw new KustomizeError(`testing value ${path} failed: test failed`);
        break;
      }
      default:
        throw new KustomizeError(`Unexpected kind: ${op}`);
    }
  }
}

type Container = Json | unknown[];

/** The map or list that the last part of a path is in. */
function locate(document: Json, path: string, op: string, end = ''): [Container, string] {
  const parts = path
    .split('/')
    .slice(1)
    .map((p) => p.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = parts.pop() ?? '';
  let container: unknown = document;
  for (const part of parts) container = isMap(container) || Array.isArray(container) ? at(container, part) : undefined;
  if (isMap(container) || Array.isArray(container)) return [container, key];
  const place: Readonly<Record<string, string>> = {
    add: `doc is missing path: "${path}"`,
    remove: `doc is missing path: "${path}"`,
    replace: `doc is missing path: ${path}`,
    test: `is missing path: ${path}`,
  };
  const what = place[op] ?? `doc is missing ${end} path: ${path}`;
  throw new KustomizeError(`${op} operation does not apply: ${what}: ${missing}`);
}

function index(list: unknown[], key: string): number | undefined {
  if (!/^-?\d+$/.test(key)) return undefined;
  const n = Number(key) < 0 ? Number(key) + list.length : Number(key);
  return n >= 0 && n < list.length ? n : undefined;
}

function at(container: Container, key: string): unknown {
  if (!Array.isArray(container)) return container[key];
  const i = index(container, key);
  return i === undefined ? undefined : container[i];
}

function add(container: Container, key: string, value: unknown, path: string, op: string): void {
  if (!Array.isArray(container)) {
    container[key] = value;
    return;
  }
  if (key === '-') {
    container.push(value);
    return;
  }
  const n = Number(key);
  const position = n < 0 ? n + container.length + 1 : n;
  if (!/^-?\d+$/.test(key) || position < 0 || position > container.length)
    throw new KustomizeError(
      `error in ${op} for path: '${path}': ${/^-?\d+$/.test(key) ? `Unable to access invalid index: ${key}: invalid index referenced` : `value was not a proper array index: '${key}': strconv.Atoi: parsing "${key}": invalid syntax`}`,
    );
  container.splice(position, 0, value);
}

function remove(container: Container, key: string, path: string, op = 'remove'): void {
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key))
      throw new KustomizeError(
        `error in ${op} for path: '${path}': Unable to remove nonexistent key: ${key}: ${missing}`,
      );
    delete container[key];
    return;
  }
  const i = index(container, key);
  if (i === undefined)
    throw new KustomizeError(
      `error in ${op} for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`,
    );
  container.splice(i, 1);
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => same(v, b[i]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && same(a[k], b[k]));
}
