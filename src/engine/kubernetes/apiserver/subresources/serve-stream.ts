import { isReader, type HttpResponse } from '../../../network/http.ts';
import type { KubeObject, Pod } from '../../types.ts';
import { badRequest, methodNotAllowed, noBackend, notFound, notSimulated, pathNotFound } from '../errors.ts';
import { admitConnection } from '../admission/connect.ts';
import type { RestRequest } from '../rest.ts';
import { serveProxy, type ProxyTransport } from './proxy.ts';
import { containerOf, logOptions, type PodLogs, type PodStreams } from './streams.ts';

/** Answers `log`, `exec`, `attach`, `portforward` and `proxy`, which go on to a node. */
export const streamSubresources = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/**
 * @param logs of the cluster's kubelets; without them nobody listens on any node
 * @throws ApiError
 */
export async function serveStream(
  request: RestRequest,
  logs: PodLogs | undefined,
  streams: PodStreams,
): Promise<HttpResponse> {
  const { core, served, target, query, http } = request;
  const name = target.subresource!;
  if (!served.definition.subresources?.others?.includes(name)) throw pathNotFound();
  if (name !== 'log') await admitConnection(request);
  if (name === 'proxy')
    return serveProxy(core, served, target.namespace, target.name!, http, streams.fetch ?? nobodyListens);
  if (served.definition.resource !== 'pods') throw notSimulated(`${served.definition.resource}/${name}`);
  const entry = served.storage.get(target.namespace, target.name!);
  if (!entry) throw notFound(served.definition, target.name!);
  const pod = entry.object as Pod;
  const nodeOf = (nodeName: string) => core.get('', 'nodes', undefined, nodeName);
  if (name === 'log') {
    if (http.method !== 'GET') throw methodNotAllowed();
    const options = logOptions(pod, query);
    if (!logs && pod.spec.nodeName) {
      const { namespace, name: podName } = pod.metadata;
      const path = `containerLogs/${namespace}/${podName}/${options.container}`;
      const kubelet = kubeletAddress(nodeOf(pod.spec.nodeName), pod.spec.nodeName);
      throw noBackend(`Get "https://${kubelet}/${path}": dial tcp ${kubelet}: connect: connection refused`);
    }
    // A Pod without a node has said nothing yet.
    const body = logs ? await logs.read(pod, options, http.cancel) : new Uint8Array();
    const headers: Record<string, string> = { 'cache-control': 'no-cache, private', 'content-type': 'text/plain' };
    if (!isReader(body)) headers['content-length'] = String(body.length);
    return { status: 200, headers, body };
  }
  const provider = name === 'exec' || name === 'attach' || name === 'portforward' ? streams[name] : undefined;
  if (provider) return provider.call(streams, pod, query, http);
  if (name !== 'portforward') containerOf(pod, query.get('container'));
  const { nodeName } = pod.spec;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const kubelet = kubeletAddress(nodeOf(nodeName), nodeName);
  throw noBackend(`error dialing backend: dial tcp ${kubelet}: connect: connection refused`);
}

/** @throws ApiError NotFound for a node that is not there */
function kubeletAddress(node: KubeObject | undefined, name: string): string {
  if (!node) throw notFound({ group: '', resource: 'nodes' }, name);
  const { addresses = [] } = (node as { status?: { addresses?: { type: string; address: string }[] } }).status ?? {};
  for (const type of ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP']) {
    const found = addresses.find((address) => address.type === type);
    if (found) return `${found.address}:10250`;
  }
  return `${name}:10250`;
}

const nobodyListens: ProxyTransport = (url) => {
  const host = /^\w+:\/\/([^/]+)/.exec(url)?.[1] ?? url;
  const refused = new Error(`dial tcp ${host}: connect: connection refused`);
  refused.name = 'ConnectionError';
  return Promise.reject(refused);
};
