import type { Client, ResourceClient } from '../../client.ts';
import type { KubeObject, ResourceRef } from '../../types.ts';
import type { ApiServerCore } from '../core.ts';
import { methodNotAllowed, pathNotFound } from '../errors.ts';

/** Reads of what another server serves, for components inside the process. */
export function extensionClient(
  core: ApiServerCore,
  { group, version, resource }: ResourceRef,
): ReturnType<Client['resource']> {
  const api = () => {
    const found = core.extensions.api(group, version, resource);
    if (!found) throw pathNotFound();
    return found;
  };
  const refuse = (): never => {
    throw methodNotAllowed();
  };
  const client: ResourceClient<KubeObject> = {
    get: (namespace, name) => api().get(resource, namespace, name),
    list: ({ namespace, labels } = {}) =>
      api()
        .list(resource, namespace)
        .filter((object) => !labels || labels(object.metadata.labels ?? {})),
    create: refuse,
    update: refuse,
    patch: refuse,
    delete: refuse,
    // They can be read, not watched.
    informer: { on: refuse, addIndex: refuse, byIndex: refuse },
  };
  return client;
}
