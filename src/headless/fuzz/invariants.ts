import type { TestApi } from '../../engine/kubernetes/apiserver/harness.test-support.ts';
import { decode } from '../../engine/kubernetes/schema/index.ts';
import { deepEqual } from '../../engine/kubernetes/apimachinery/json.ts';
import type { ByteReader } from '../../engine/world/index.ts';

interface Item {
  kind?: string;
  apiVersion?: string;
  metadata: { name: string; namespace?: string; resourceVersion: string };
}

interface Followed {
  stream: ByteReader;
  objects: Map<string, unknown>;
  revision: number;
}

/** Follows resources the way an informer does, from the change log as well as from the present state. */
export class Followers {
  readonly #api: TestApi;
  readonly #paths: readonly string[];
  readonly #states = new Map<string, Followed>();

  constructor(api: TestApi, paths: readonly string[]) {
    this.#api = api;
    this.#paths = paths;
  }

  /** Takes in what happened. @returns what is wrong */
  async check(): Promise<string[]> {
    const problems: string[] = [];
    for (const path of this.#paths) {
      let state = this.#states.get(path);
      if (state) await this.#take(path, state, problems);
      // The server ends watches of custom resources whose definition changes.
      if (!state || this.#api.ended.has(state.stream)) {
        const { stream } = await this.#api.get(`${path}?watch=1&timeoutSeconds=100000000`);
        // Its definition may be gone.
        if (!stream) continue;
        this.#states.set(path, (state = { stream, objects: new Map(), revision: 0 }));
      }
      await this.#take(path, state, problems);
      const { json } = await this.#api.get(path);
      state.revision = Number(json.metadata.resourceVersion);
      const listed = new Map<string, unknown>(
        (json.items as Item[]).map((item) => [`${item.metadata.namespace ?? ''}/${item.metadata.name}`, item]),
      );
      for (const [key, item] of listed) {
        const { kind: _kind, apiVersion: _version, ...followed } = (state.objects.get(key) ?? {}) as Partial<Item>;
        const { kind: _k, apiVersion: _v, ...shown } = item as Item;
        if (!deepEqual(followed, shown)) problems.push(`${path}: watch and list differ about ${key}`);
      }
      if (listed.size !== state.objects.size)
        problems.push(`${path}: ${state.objects.size} watched, ${listed.size} listed`);
    }
    return problems;
  }

  async #take(path: string, state: Followed, problems: string[]): Promise<void> {
    for (const { type, object } of await this.#api.lines(state.stream)) {
      const { namespace = '', name, resourceVersion } = object.metadata ?? {};
      if (type === 'ERROR') problems.push(`${path}: ${JSON.stringify(object)}`);
      else if (type === 'DELETED') state.objects.delete(`${namespace}/${name}`);
      else if (type !== 'BOOKMARK') {
        const known = state.objects.has(`${namespace}/${name}`);
        if (known !== (type === 'MODIFIED'))
          problems.push(`${path}: ${type} of ${name}, which is ${known ? '' : 'not '}known`);
        state.objects.set(`${namespace}/${name}`, object);
      }
      // The first events show what exists, in the order of names.
      if (state.revision > 0 && Number(resourceVersion) < state.revision) problems.push(`${path}: revisions go back`);
    }
  }
}

/**
 * What must hold of everything stored, whatever was asked for.
 * @param sample every how many objects is read by itself and written back
 */
export async function storeProblems(api: TestApi, sample: number): Promise<string[]> {
  const problems: string[] = [];
  const { server } = api;
  let n = 0;
  for (const served of server.core.served()) {
    const { definition, storage, type, custom } = served;
    if (!served.verbs.includes('list')) continue;
    const root = definition.group ? `/apis/${served.apiVersion}` : `/api/${served.apiVersion}`;
    const { status, json } = await api.get(`${root}/${definition.resource}`);
    if (status !== 200) {
      problems.push(`${definition.resource}: list answers ${status} ${json?.message}`);
      continue;
    }
    if (json.items.length !== storage.store.size) problems.push(`${definition.resource}: list is not what is stored`);
    for (const item of json.items) {
      const { name, namespace, resourceVersion } = item.metadata;
      const at = `${root}${namespace ? `/namespaces/${namespace}` : ''}/${definition.resource}/${encodeURIComponent(name)}`;
      if (Number(resourceVersion) > server.core.store.revision) problems.push(`${at}: is from the future`);
      if (type && !custom) problems.push(...schemaProblems(at, item, type));
      if (n++ % sample === 0) problems.push(...(await itemProblems(api, at, item)));
    }
  }
  return problems;
}

function schemaProblems(at: string, item: unknown, type: Parameters<typeof decode>[1]): string[] {
  try {
    return decode(item, type).strictErrors.map((error) => `${at}: ${error}`);
  } catch (error) {
    return [`${at}: ${(error as Error).message}`];
  }
}

async function itemProblems(api: TestApi, at: string, item: Item): Promise<string[]> {
  const { status, json } = await api.get(at);
  if (status !== 200) return [`${at}: listed, but get answers ${status}`];
  const { kind: _kind, apiVersion: _version, ...got } = json;
  const { kind: _k, apiVersion: _v, ...listed } = item;
  if (!deepEqual(got, listed)) return [`${at}: get and list differ`];
  return [];
}
