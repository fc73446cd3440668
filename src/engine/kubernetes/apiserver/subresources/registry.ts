import type { KubeObject } from '../../types.ts';
import type { ApiServerCore, ServedResource } from '../core.ts';
import { methodNotAllowed, pathNotFound } from '../errors.ts';
import type { WriteOptions } from '../storage.ts';
import { approval } from './approval.ts';
import { binding } from './binding.ts';
import { ephemeralContainers } from './ephemeral-containers.ts';
import { eviction } from './eviction.ts';
import { finalize } from './finalize.ts';
import { resize } from './resize.ts';
import { scale } from './scale.ts';
import { token } from './token.ts';

export type Fields = Record<string, unknown>;

/** A subresource that isn't simply a part of its object; streams (log, exec, …) are in `streams.ts`. */
export interface SubresourceHandler {
  readonly name: string;
  /** What GET shows and PATCH starts from. */
  get?(served: ServedResource, object: KubeObject): Fields;
  /** PUT, or PATCH's outcome. */
  update?(core: ApiServerCore, served: ServedResource, object: KubeObject, body: Fields, options: WriteOptions): Fields;
  create?(
    core: ApiServerCore,
    served: ServedResource,
    namespace: string | undefined,
    name: string,
    body: Fields,
    options: WriteOptions,
  ): Fields;
}

const handlers: readonly SubresourceHandler[] = [
  approval,
  binding,
  ephemeralContainers,
  eviction,
  finalize,
  resize,
  scale,
  token,
];

const byName = new Map(handlers.map((handler) => [handler.name, handler]));

/** The handler of a subresource that this resource serves. */
export function subresourceOf(served: ServedResource, name: string): SubresourceHandler | undefined {
  const { subresources } = served.definition;
  const has = name === 'scale' ? subresources?.scale !== undefined : subresources?.others?.includes(name);
  return has ? byName.get(name) : undefined;
}

/** @throws ApiError */
export function createSubresource(
  core: ApiServerCore,
  served: ServedResource,
  namespace: string | undefined,
  name: string,
  body: Fields,
  options: WriteOptions,
): KubeObject {
  const handler = subresourceOf(served, options.subresource!);
  if (!handler) throw pathNotFound();
  if (!handler.create) throw methodNotAllowed();
  return handler.create(core, served, namespace, name, body, options) as unknown as KubeObject;
}

/** @throws ApiError */
export function updateSubresource(
  core: ApiServerCore,
  served: ServedResource,
  namespace: string | undefined,
  name: string,
  body: KubeObject,
  options: WriteOptions,
): KubeObject {
  const handler = subresourceOf(served, options.subresource!);
  if (!handler) throw pathNotFound();
  if (!handler.update) throw methodNotAllowed();
  const { object } = served.storage.mustGet(namespace, name);
  return handler.update(core, served, object, body as unknown as Fields, options) as unknown as KubeObject;
}
