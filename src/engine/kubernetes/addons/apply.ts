import { loadYamlDocuments } from '../../yaml/index.ts';
import type { ApiServer } from '../apiserver/server.ts';
import type { Draft, ResourceRef } from '../types.ts';

/** Creates what a manifest has, as an add-on manager does: what is there already stays. */
export function createAll(server: ApiServer, manifest: string): void {
  const client = server.client({ manager: 'kubectl', user: 'kubernetes-admin' });
  for (const document of loadYamlDocuments(manifest)) {
    const object = document as Draft;
    const ref = resourceOf(server, object);
    if (!ref) throw new RangeError(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
    const resource = client.resource(ref);
    if (!resource.get(object.metadata.namespace, object.metadata.name!)) resource.create(object);
  }
}

function resourceOf(server: ApiServer, { apiVersion, kind }: Draft): ResourceRef | undefined {
  for (const { definition, apiVersion: served } of server.core.served())
    if (served === apiVersion && definition.kind === kind) {
      const { group, version, resource, namespaced } = definition;
      return { group, version, resource, kind, namespaced };
    }
  return undefined;
}
