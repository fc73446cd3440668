import type { Pod } from '../types.ts';
import type { NodeContext } from './node-context.ts';

/** /etc/resolv.conf of a Pod's containers (upstream: pkg/kubelet/network/dns). */

interface Resolver {
  nameservers: string[];
  searches: string[];
  options: string[];
}

/** Most that the kubelet passes on. */
const limits = { nameservers: 3, searches: 32 };

let last = { text: '', bytes: new Uint8Array() };

/** The file's content: the same bytes for Pods with the same resolver, which most are. */
export function resolvConfBytes(node: NodeContext, pod: Pod): Uint8Array {
  const text = resolvConf(node, pod);
  if (text !== last.text) last = { text, bytes: new TextEncoder().encode(text) };
  return last.bytes;
}

export function resolvConf(node: NodeContext, { metadata, spec }: Pod): string {
  const resolver = basis(node, metadata.namespace ?? 'default', spec);
  const { dnsConfig } = spec;
  const unique = (items: readonly string[]) => [...new Set(items)];
  const nameservers = unique([...resolver.nameservers, ...(dnsConfig?.nameservers ?? [])]).slice(0, limits.nameservers);
  const searches = unique([...resolver.searches, ...(dnsConfig?.searches ?? [])]).slice(0, limits.searches);
  const options = new Map(resolver.options.map((option) => [option.split(':')[0]!, option]));
  for (const { name = '', value } of dnsConfig?.options ?? [])
    options.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(options.size > 0 ? [`options ${[...options.values()].join(' ')}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function basis({ clusterDNS, clusterDomain, hostFs }: NodeContext, namespace: string, spec: Pod['spec']): Resolver {
  if (spec.dnsPolicy === 'None') return { nameservers: [], searches: [], options: [] };
  const host: Resolver = { nameservers: [], searches: [], options: [] };
  for (const line of hostFs.exists('/etc/resolv.conf') ? hostFs.readText('/etc/resolv.conf').split('\n') : []) {
    const [word, ...values] = line.trim().split(/\s+/);
    if (word === 'nameserver') host.nameservers.push(values[0]!);
    if (word === 'search') host.searches = values;
    if (word === 'options') host.options.push(...values);
  }
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const usesCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork);
  if (!usesCluster) return host;
  const own = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { nameservers: [clusterDNS], searches: [...own, ...host.searches], options: ['ndots:5'] };
}
