import type { HttpRequest, HttpResponse } from '../../../network/http.ts';
import type { KubeObject } from '../../types.ts';
import type { Query, ResourceTarget } from '../request-info.ts';

/** A resource as discovery shows it. */
export interface ExtensionResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/**
 * What another server behind an APIService can do. The objects are worked out when they are asked for; components
 * inside the process read them without a request, as they do with all objects.
 */
export interface ExtensionApi {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ExtensionResource[];
  /** Whether the Pod at this address is one of its servers. */
  servedBy(address: string): boolean;
  handle(request: HttpRequest, target: ResourceTarget, query: Query): HttpResponse;
  /** @throws ApiError */
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** @throws ApiError */
  list(resource: string, namespace: string | undefined): readonly KubeObject[];
}
