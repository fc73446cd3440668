import type { KubeObject, ObjectMeta } from '../types.ts';
import type { ServedResource } from './core.ts';
import type { Entry } from './store.ts';

/** Stored objects as they go over the wire. */

type Fields = Record<string, unknown>;

const metadataOrder = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
] as const satisfies readonly (keyof ObjectMeta)[];

/** The object in the version that is served, with managedFields, in the API's member order. */
export function wireObject(served: ServedResource, entry: Entry): Fields {
  const { conversion, definition, apiVersion } = served;
  const object = conversion ? conversion.fromStored(entry.object) : entry.object;
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object as KubeObject & Fields;
  return { kind: definition.kind, apiVersion, metadata: wireMetadata(served, entry), ...rest };
}

export function wireMetadata(served: ServedResource, entry: Entry): Fields {
  const meta = entry.object.metadata;
  const metadata: Fields = {};
  for (const name of metadataOrder) {
    const value = meta[name];
    if (value !== undefined && value !== '') metadata[name] = value;
  }
  const managed = served.storage.managedFields(entry);
  if (managed.length > 0) metadata['managedFields'] = managed;
  return metadata;
}

/** An item of a typed list: the list says what kind it is. */
export function wireItem(served: ServedResource, entry: Entry): Fields {
  const { kind: _kind, apiVersion: _version, ...item } = wireObject(served, entry);
  return served.custom ? wireObject(served, entry) : item;
}

/** Characters of text that are kept at most, twice: what is used moves from the old half to the new one. */
const keptCharacters = 8 * 1024 * 1024;

/** Entries never change, and lists and watches show the same ones over and over. */
class TextCache {
  #recent = new WeakMap<Entry, string>();
  #older = new WeakMap<Entry, string>();
  #size = 0;

  get(entry: Entry): string | undefined {
    const text = this.#recent.get(entry);
    if (text !== undefined) return text;
    const older = this.#older.get(entry);
    if (older !== undefined) this.set(entry, older);
    return older;
  }

  set(entry: Entry, text: string): void {
    if (this.#size > keptCharacters) {
      this.#older = this.#recent;
      this.#recent = new WeakMap();
      this.#size = 0;
    }
    this.#recent.set(entry, text);
    this.#size += text.length;
  }
}

const itemTexts = new TextCache();

/** `wireItem` as JSON. */
export function itemJson(served: ServedResource, entry: Entry): string {
  if (served.conversion) return JSON.stringify(wireItem(served, entry));
  let text = itemTexts.get(entry);
  if (text === undefined) itemTexts.set(entry, (text = JSON.stringify(wireItem(served, entry))));
  return text;
}

/** `wireObject` as JSON. */
export function objectJson(served: ServedResource, entry: Entry): string {
  const item = itemJson(served, entry);
  if (served.custom) return item;
  const { definition, apiVersion } = served;
  return `{"kind":${JSON.stringify(definition.kind)},"apiVersion":${JSON.stringify(apiVersion)},${item.slice(1)}`;
}

export function partialMetadata(served: ServedResource, entry: Entry, version: string): Fields {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: wireMetadata(served, entry) };
}
