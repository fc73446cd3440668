import type { HttpResponse } from '../../../network/index.ts';
import type { Cancellation } from '../../../world/index.ts';
import type { ApiList, ApiObject, GroupVersionResource, RestMapping } from './types.ts';

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

export interface RawRequest {
  /** The resource that the request is about, for errors that the server does not explain. */
  readonly about?: { readonly resource: string; readonly name?: string };
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the server's root, without query: `/api/v1/namespaces`. */
  path: string;
  query?: Query;
  headers?: Record<string, string>;
  /** Objects go as JSON. */
  body?: Uint8Array | string | object;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface WriteOptions {
  dryRun?: boolean;
  fieldManager?: string;
  /** Strict, Warn or Ignore. */
  fieldValidation?: string;
  /** For apply patches: take over fields of others. */
  force?: boolean;
  subresource?: string;
}

export interface ListOptions {
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
}

export interface WatchOptions {
  table?: boolean;
  includeObject?: string;
  allowBookmarks?: boolean;
  /** Ends the watch without an error. */
  cancel?: Cancellation;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: ApiObject;
}

/**
 * Speaks to the API server over HTTP. Methods throw StatusError for a failure status and RequestError when no answer
 * comes; warnings of the server go to stderr, each text once.
 */
export interface RestClient {
  /** The response of a request that succeeded (status < 400). Streams stay streams. */
  request(request: RawRequest): Promise<HttpResponse>;
  /** The decoded JSON of the response. */
  json<T = unknown>(request: RawRequest): Promise<T>;
  /** The body as text. */
  text(request: RawRequest): Promise<string>;
  get(
    mapping: RestMapping,
    namespace: string,
    name: string,
    options?: { table?: boolean; includeObject?: string; subresource?: string },
  ): Promise<ApiObject>;
  list(
    mapping: RestMapping,
    namespace: string,
    options?: ListOptions & { table?: boolean; includeObject?: string },
  ): Promise<ApiList>;
  create(
    mapping: RestMapping,
    namespace: string,
    object: object,
    options?: WriteOptions & { name?: string },
  ): Promise<ApiObject>;
  replace(
    mapping: RestMapping,
    namespace: string,
    name: string,
    object: object,
    options?: WriteOptions,
  ): Promise<ApiObject>;
  patch(
    mapping: RestMapping,
    namespace: string,
    name: string,
    type: PatchType,
    patch: string | object,
    options?: WriteOptions,
  ): Promise<ApiObject>;
  delete(mapping: RestMapping, namespace: string, name: string, body?: object, query?: Query): Promise<ApiObject>;
  /** Watch events until the server or the request timeout ends the stream. */
  watch(mapping: RestMapping, namespace: string, options: ListOptions & WatchOptions): AsyncGenerator<WatchEvent>;
}

/** `/apis/apps/v1/namespaces/default/deployments/web/status`; empty parts are left out. */
export function resourcePath(gvr: GroupVersionResource, namespace: string, name = '', subresource = ''): string {
  const base = gvr.group === '' ? `/api/${gvr.version}` : `/apis/${gvr.group}/${gvr.version}`;
  const parts = [namespace === '' ? '' : `namespaces/${namespace}`, gvr.resource, name, subresource];
  return [base, ...parts.filter((p) => p !== '').map(encodePath)].join('/');
}

function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/%3A/g, ':').replace(/%40/g, '@'))
    .join('/');
}
