import { loadYamlDocuments } from '../../../yaml/index.ts';
import type { ApiServer } from '../../apiserver/server.ts';
import type { Draft, KubeObject, ResourceRef } from '../../types.ts';
import { metricsServerManifest, type ManifestOptions } from './manifest.ts';

/**
 * Puts metrics-server into a cluster as an add-on manager does (`minikube addons enable metrics-server`): what is there
 * already stays. Its kubelets' certificates are not looked at.
 */
export function installMetricsServer(server: ApiServer, options: ManifestOptions = {}): void {
  const client = server.client({ manager: 'kubectl', user: 'kubernetes-admin' });
  const args = options.args ?? ['--kubelet-insecure-tls'];
  for (const document of loadYamlDocuments(metricsServerManifest({ ...options, args }))) {
    const object = document as Draft;
    const ref = resourceOf(server, object);
    if (ref && !client.resource(ref).get(object.metadata.namespace, object.metadata.name!))
      client.resource(ref).create(object);
  }
}

/** Takes it away again. */
export function removeMetricsServer(server: ApiServer): void {
  const client = server.client({ manager: 'kubectl', user: 'kubernetes-admin' });
  for (const document of [...loadYamlDocuments(metricsServerManifest())].reverse()) {
    const object = document as KubeObject;
    const ref = resourceOf(server, object);
    const { namespace, name } = object.metadata;
    if (ref && client.resource(ref).get(namespace, name))
      client.resource(ref).delete(namespace, name, { propagationPolicy: 'Background' });
  }
}

function resourceOf(
  server: ApiServer,
  { apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>,
): ResourceRef | undefined {
  for (const { definition, apiVersion: served } of server.core.served())
    if (served === apiVersion && definition.kind === kind) {
      const { group, version, resource, namespaced } = definition;
      return { group, version, resource, kind, namespaced };
    }
  return undefined;
}
