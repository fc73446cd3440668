/** Any API object as kubectl handles it: JSON (unstructured.Unstructured). */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: ApiMetadata;
  [field: string]: unknown;
}

export interface ApiMetadata {
  name?: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  managedFields?: Record<string, unknown>[];
  [field: string]: unknown;
}

/** A list, or a server-side Table, as it came. */
export interface ApiList {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: ApiObject[];
}

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export interface GroupVersionResource {
  group: string;
  version: string;
  resource: string;
}

/** How a kind is reached over REST (meta.RESTMapping). */
export interface RestMapping extends GroupVersionKind, GroupVersionResource {
  namespaced: boolean;
}

/** What discovery says of one resource (metav1.APIResource). */
export interface ApiResource {
  group: string;
  version: string;
  /** Plural. */
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  verbs: string[];
  shortNames: string[];
  categories: string[];
}

export function groupVersion(gv: { group: string; version: string }): string {
  return gv.group === '' ? gv.version : `${gv.group}/${gv.version}`;
}

export function parseGroupVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function gvkOf(object: { apiVersion: string; kind: string }): GroupVersionKind {
  return { ...parseGroupVersion(object.apiVersion), kind: object.kind };
}

/** `deployments.apps`, or `pods` in the core group (schema.GroupResource.String). */
export function groupResource(r: { group: string; resource: string }): string {
  return r.group === '' ? r.resource : `${r.resource}.${r.group}`;
}

/** `deployment.apps` (kind lower-cased, with its group): how kubectl names objects in messages. */
export function kindGroup(gvk: { group: string; kind: string }): string {
  return gvk.group === '' ? gvk.kind.toLowerCase() : `${gvk.kind.toLowerCase()}.${gvk.group}`;
}
