import { SvelteMap } from 'svelte/reactivity';
import type { ObjectChange } from '../../session/protocol.ts';

/** An API object as the page sees it: only what every object has is known. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface ObjectRef {
  /** group/resource, e.g. `apps/deployments`, `/pods`. */
  resource: string;
  /** namespace/name, or name. */
  key: string;
}

/** The newest state of every watched API object, by resource. Reading it in a component keeps that up to date. */
export class ObjectCache {
  readonly #tables = new SvelteMap<string, SvelteMap<string, KubeObject>>();

  apply(changes: readonly ObjectChange[], reset: boolean): void {
    if (reset) this.#tables.clear();
    for (const { resource, key, object } of changes) {
      let table = this.#tables.get(resource);
      if (!table) this.#tables.set(resource, (table = new SvelteMap()));
      if (object) table.set(key, object as unknown as KubeObject);
      else table.delete(key);
    }
  }

  resources(): string[] {
    return [...this.#tables.keys()];
  }

  table(resource: string): ReadonlyMap<string, KubeObject> {
    return this.#tables.get(resource) ?? none;
  }

  list(resource: string): KubeObject[] {
    return [...this.table(resource).values()];
  }

  get({ resource, key }: ObjectRef): KubeObject | undefined {
    return this.#tables.get(resource)?.get(key);
  }
}

const none: ReadonlyMap<string, KubeObject> = new Map();

export const keyOf = (object: KubeObject): string =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name;

/** The object's address in the API, e.g. `/apis/apps/v1/namespaces/default/deployments/web`. */
export function apiPath(ref: ObjectRef, object: KubeObject): string {
  const [group = '', resource = ''] = ref.resource.split('/');
  const version = (object.apiVersion ?? 'v1').split('/').pop() ?? 'v1';
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const namespace = object.metadata.namespace ? `/namespaces/${object.metadata.namespace}` : '';
  return `${root}${namespace}/${resource}/${object.metadata.name}`;
}
