import type { RestMapper } from '../client/discovery.ts';
import { parseGroupVersion, type ApiObject, type GroupVersionKind, type RestMapping } from '../client/types.ts';
import { CommandError, NoKindMatchError } from '../framework/errors.ts';
import { quote } from '../framework/values.ts';
import { decodeDocuments } from './documents.ts';
import { BadItem, type Info } from './result.ts';

export interface ManifestOptions {
  /** None: the objects are not to be known by a server (`--local`). */
  mapper: RestMapper | undefined;
  /** Asks the server anew for its types. */
  refresh: () => Promise<RestMapper>;
  /** Objects must say what they are before they are decoded. */
  validate: boolean;
}

/** The objects of one file. Unknown kinds are bad items, broken text ends the file with an error. */
export async function* manifestSource(
  source: string,
  text: string,
  options: ManifestOptions,
): AsyncGenerator<Info | BadItem> {
  const documents = decodeDocuments(text);
  for (;;) {
    let next: IteratorResult<unknown>;
    try {
      next = documents.next();
    } catch (error) {
      throw new CommandError(`error parsing ${source}: ${(error as Error).message}`);
    }
    if (next.done) return;
    const value = withItemTypes(next.value);
    if (options.validate) checkTypeMeta(source, value);
    try {
      yield await infoOf(source, value, options);
    } catch (error) {
      if (error instanceof CommandError) yield new BadItem(error);
      else throw error;
    }
  }
}

/** The check before server-side validation: an object says its kind and version. */
function checkTypeMeta(source: string, value: unknown): void {
  const problems = typeMetaProblems(value);
  if (problems.length === 0) return;
  throw new CommandError(
    `error validating ${quote(source)}: error validating data: ${problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`}; if you choose to ignore these errors, turn validation off with --validate=false`,
  );
}

function typeMetaProblems(value: unknown): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return ['invalid object to validate'];
  const object = value as Record<string, unknown>;
  const missing = ['apiVersion', 'kind'].filter((f) => typeof object[f] !== 'string' || object[f] === '');
  if (missing.length > 0) return missing.map((f) => `${f} not set`);
  return isList(object) ? object.items.flatMap(typeMetaProblems) : [];
}

function isList(object: Record<string, unknown>): object is { kind: string; apiVersion: string; items: unknown[] } {
  return Array.isArray(object.items) && typeof object.kind === 'string' && object.kind.endsWith('List');
}

/** Items of a ConfigMapList need not say that they are ConfigMaps. */
function withItemTypes(value: unknown): unknown {
  const list = value as Record<string, unknown> | null;
  if (list === null || typeof list !== 'object' || !isList(list) || list.kind === 'List') return value;
  const type = { apiVersion: list.apiVersion, kind: list.kind.slice(0, -'List'.length) };
  return { ...list, items: list.items.map((item) => ({ ...type, ...(item as object) })) };
}

async function infoOf(source: string, value: unknown, { mapper, refresh }: ManifestOptions): Promise<Info> {
  const fail = (why: string) => new CommandError(`unable to decode ${quote(source)}: ${why}`);
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw fail(`json: cannot unmarshal ${jsonType(value)} into Go value of type unstructured.detector`);
  }
  const object = value as ApiObject;
  if (!object.kind) throw fail(`Object 'Kind' is missing in '${JSON.stringify(sorted(object))}'`);
  if (!object.apiVersion) throw fail(`Object 'apiVersion' is missing in '${JSON.stringify(sorted(object))}'`);
  const problem = metadataProblem(object.metadata);
  if (problem !== undefined) throw fail(problem);
  const name = object.metadata?.name ?? '';
  const namespace = object.metadata?.namespace ?? '';
  const gvk = { ...parseGroupVersion(object.apiVersion), kind: object.kind };
  let mapping: RestMapping;
  // Without a server only a namespace of its own says that an object has one.
  if (!mapper || isList(object)) mapping = { ...guessMapping(gvk), namespaced: isList(object) || namespace !== '' };
  else
    try {
      mapping = await mappingOf(gvk, mapper, refresh);
    } catch (error) {
      if (!(error instanceof NoKindMatchError)) throw error;
      throw new CommandError(
        `resource mapping not found for name: ${quote(name)} namespace: ${quote(namespace)} from ${quote(source)}: ${error.message}\nensure CRDs are installed first`,
      );
    }
  return { mapping, namespace, name, source, object: object.metadata ? object : { ...object, metadata: {} } };
}

async function mappingOf(
  gvk: GroupVersionKind,
  mapper: RestMapper,
  refresh: () => Promise<RestMapper>,
): Promise<RestMapping> {
  try {
    return mapper.mappingForKind(gvk);
  } catch (error) {
    if (!(error instanceof NoKindMatchError)) throw error;
    return (await refresh()).mappingForKind(gvk);
  }
}

/** Names, labels and annotations must be texts; what else is wrong the server finds. */
function metadataProblem(metadata: unknown): string | undefined {
  const problem = (value: unknown, field: string, type: string) =>
    `json: cannot unmarshal ${jsonType(value)} into Go struct field ObjectMeta.metadata.${field} of type ${type}`;
  if (metadata === undefined || metadata === null || typeof metadata !== 'object') return undefined;
  const fields = metadata as Record<string, unknown>;
  for (const field of Object.keys(fields).sort()) {
    const value = fields[field];
    if (value === null || value === undefined) continue;
    if (['name', 'namespace', 'generateName'].includes(field)) {
      if (typeof value !== 'string') return problem(value, field, 'string');
    } else if (field === 'labels' || field === 'annotations') {
      if (typeof value !== 'object' || Array.isArray(value)) return problem(value, field, 'map[string]string');
      const map = value as Record<string, unknown>;
      const bad = Object.keys(map)
        .sort()
        .find((key) => map[key] !== null && typeof map[key] !== 'string');
      if (bad !== undefined) return problem(map[bad], field, 'string');
    }
  }
  return undefined;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Without a server: resource names as the rules of English have them (meta.UnsafeGuessKindToResource). */
function guessMapping(gvk: { group: string; version: string; kind: string }): Omit<RestMapping, 'namespaced'> {
  const singular = gvk.kind.toLowerCase();
  const resource = singular.endsWith('s')
    ? `${singular}es`
    : singular.endsWith('y')
      ? `${singular.slice(0, -1)}ies`
      : `${singular}s`;
  return { ...gvk, resource };
}

/** JSON with sorted keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([k, v]) => [k, sorted(v)]));
}
