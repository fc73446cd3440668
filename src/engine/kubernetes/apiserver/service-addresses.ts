import { parseIp } from '../apimachinery/ip.ts';
import type { Draft, KubeObject, Service } from '../types.ts';
import type { ApiServerCore } from './core.ts';
import type { Mutable } from './resources/kind.ts';
import type { Change } from './store.ts';
import { systemUser } from './user.ts';

const group = 'networking.k8s.io';
const writer = { user: systemUser('system:apiserver'), manager: 'kube-apiserver', apiVersion: `${group}/v1` };

/**
 * Keeps an IPAddress object for every cluster IP, as the allocator does (pkg/registry/core/service/ipallocator). They come
 * and go with their Services in one step.
 */
export function keepServiceAddresses(core: ApiServerCore): void {
  const services = core.find('', 'v1', 'services');
  const addresses = core.find(group, 'v1', 'ipaddresses');
  if (!services || !addresses) return;
  const { storage } = addresses;
  services.storage.store.listen(({ type, entry, previous }: Change) => {
    const before = previous ? clusterIps(previous.object) : [];
    const after = type === 'DELETED' ? [] : clusterIps(entry.object);
    for (const ip of before) {
      if (!after.includes(ip) && belongsTo(storage.get(undefined, ip)?.object, entry.object)) {
        storage.delete(undefined, ip, {}, writer);
      }
    }
    for (const ip of after) {
      if (!before.includes(ip) && !storage.get(undefined, ip)) storage.create(addressOf(ip, entry.object), writer);
    }
  });
}

/** Makes the addresses again that Services have and that somebody deleted. */
export function restoreServiceAddresses(core: ApiServerCore): void {
  const addresses = core.find(group, 'v1', 'ipaddresses')?.storage;
  if (!addresses) return;
  for (const service of core.find('', 'v1', 'services')?.storage.store.objects() ?? []) {
    for (const ip of clusterIps(service))
      if (!addresses.get(undefined, ip)) addresses.create(addressOf(ip, service), writer);
  }
}

function clusterIps(object: KubeObject): readonly string[] {
  const { spec } = object as Service;
  return (spec.clusterIPs ?? []).filter((ip) => parseIp(ip) !== undefined);
}

function addressOf(ip: string, { metadata }: KubeObject): Mutable<Draft> {
  const family = parseIp(ip)?.family === 6 ? 'IPv6' : 'IPv4';
  return {
    apiVersion: `${group}/v1`,
    kind: 'IPAddress',
    metadata: {
      name: ip,
      labels: {
        'ipaddress.kubernetes.io/ip-family': family,
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace: metadata.namespace, name: metadata.name } },
  } as unknown as Mutable<Draft>;
}

function belongsTo(address: KubeObject | undefined, { metadata }: KubeObject): boolean {
  const { parentRef } = (address as { spec?: { parentRef?: { namespace?: string; name?: string } } })?.spec ?? {};
  return parentRef?.namespace === metadata.namespace && parentRef?.name === metadata.name;
}
