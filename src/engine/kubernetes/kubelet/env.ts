import { own } from '../../world/index.ts';
import type { Client } from '../client.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from '../apimachinery/quantity.ts';
import { refs, type Pod, type Service } from '../types.ts';
import type { ContainerSpec } from './types.ts';

/** The container's configuration can't be made; shown as CreateContainerConfigError. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export interface EnvSources {
  client: Client;
  node: { name: string; ip: string; allocatable: Readonly<Record<string, string>> };
  podIP: string;
}

/**
 * A container's environment in the order the kubelet makes it: Services, envFrom, env; `$(NAME)` refers to what stands
 * before. @throws ConfigError for a ConfigMap, Secret or key that is missing
 */
export function makeEnvironment(pod: Pod, container: ContainerSpec, sources: EnvSources): ReadonlyMap<string, string> {
  const { client } = sources;
  const namespace = pod.metadata.namespace!;
  const services = serviceEnvironment(client, namespace, pod.spec.enableServiceLinks !== false);
  if (!container.envFrom && !container.env) return services;
  const env = new Map<string, string>();
  for (const from of container.envFrom ?? []) {
    const prefix = from.prefix ?? '';
    if (from.configMapRef) {
      const name = from.configMapRef.name ?? '';
      const map = client.resource(refs.configMaps).get(namespace, name);
      if (!map && !from.configMapRef.optional) throw new ConfigError(`configmap "${name}" not found`);
      for (const [key, value] of sorted(map?.data)) env.set(prefix + key, value);
    }
    if (from.secretRef) {
      const name = from.secretRef.name ?? '';
      const secret = client.resource(refs.secrets).get(namespace, name);
      if (!secret && !from.secretRef.optional) throw new ConfigError(`secret "${name}" not found`);
      for (const [key, value] of sorted(secret?.data)) env.set(prefix + key, decodeBase64Text(value));
    }
  }
  const lookup = (name: string): string | undefined => env.get(name) ?? services.get(name);
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? resolveSource(pod, container, variable.valueFrom, sources)
      : expand(variable.value ?? '', lookup);
    if (value !== undefined) env.set(variable.name, value);
  }
  for (const [name, value] of services) if (!env.has(name)) env.set(name, value);
  return env;
}

type ValueSource = NonNullable<NonNullable<ContainerSpec['env']>[number]['valueFrom']>;

function resolveSource(
  pod: Pod,
  container: ContainerSpec,
  source: ValueSource,
  sources: EnvSources,
): string | undefined {
  const namespace = pod.metadata.namespace!;
  if (source.fieldRef) return podField(pod, source.fieldRef.fieldPath, sources);
  if (source.resourceFieldRef) {
    const { resource, divisor, containerName } = source.resourceFieldRef;
    const of = pod.spec.containers.find((c) => c.name === containerName) ?? container;
    return resourceField(of, resource, divisor as string | undefined, sources.node.allocatable);
  }
  if (source.configMapKeyRef) {
    const { name = '', key, optional } = source.configMapKeyRef;
    const map = sources.client.resource(refs.configMaps).get(namespace, name);
    if (!map) {
      if (optional) return undefined;
      throw new ConfigError(`configmap "${name}" not found`);
    }
    const value = own(map.data, key);
    if (value === undefined && !optional)
      throw new ConfigError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    return value;
  }
  if (source.secretKeyRef) {
    const { name = '', key, optional } = source.secretKeyRef;
    const secret = sources.client.resource(refs.secrets).get(namespace, name);
    if (!secret) {
      if (optional) return undefined;
      throw new ConfigError(`secret "${name}" not found`);
    }
    const value = own(secret.data, key);
    if (value === undefined) {
      if (optional) return undefined;
      throw new ConfigError(`couldn't find key ${key} in Secret ${namespace}/${name}`);
    }
    return decodeBase64Text(value);
  }
  return undefined;
}

/** The downward API's fields. */
export function podField(pod: Pod, path: string, at: Pick<EnvSources, 'node' | 'podIP'>): string {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return own(metadata[keyed[1] as 'labels' | 'annotations'], keyed[2]!) ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return keyValueLines(metadata.labels);
    case 'metadata.annotations':
      return keyValueLines(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return at.node.ip;
    case 'status.podIP':
    case 'status.podIPs':
      return at.podIP;
    default:
      throw new ConfigError(`unsupported fieldPath: ${path}`);
  }
}

function keyValueLines(map: Readonly<Record<string, string>> | undefined): string {
  return sorted(map)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** A container's request or limit in units of `divisor`, rounded up; without a limit the node's allocatable. */
export function resourceField(
  container: ContainerSpec,
  resource: string,
  divisor: string | undefined,
  allocatable: Readonly<Record<string, string>>,
): string {
  const [kind, ...rest] = resource.split('.');
  const name = rest.join('.');
  const list = (kind === 'limits' ? container.resources?.limits : container.resources?.requests) as
    Readonly<Record<string, string | number>> | undefined;
  const amount = list?.[name] ?? (kind === 'limits' ? allocatable[name] : undefined) ?? '0';
  const unit = !divisor || divisor === '0' ? '1' : divisor;
  const quantity = parseQuantity(amount);
  if (name === 'cpu') return String(Math.ceil(quantityMilliValue(quantity) / quantityMilliValue(parseQuantity(unit))));
  return String(Math.ceil(quantityValue(quantity) / quantityValue(parseQuantity(unit))));
}

/** `$(NAME)` by its value, `$$(NAME)` by a literal `$(NAME)`; unknown names stay as they are. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (lookup(name) ?? whole),
  );
}

const serviceCache = new WeakMap<Client, { version: string; byNamespace: Map<string, ReadonlyMap<string, string>> }>();

/** Docker-links style variables of the namespace's Services, and those of the API server's Service. */
function serviceEnvironment(client: Client, namespace: string, links: boolean): ReadonlyMap<string, string> {
  const services = client.resource(refs.services);
  const all = services.list();
  const version = all.map((s) => s.metadata.resourceVersion).join();
  let cache = serviceCache.get(client);
  if (cache?.version !== version) serviceCache.set(client, (cache = { version, byNamespace: new Map() }));
  const key = links ? namespace : '';
  let env = cache.byNamespace.get(key);
  if (!env) {
    const made = new Map<string, string>();
    for (const service of all) {
      const { name } = service.metadata;
      const isMaster = name === 'kubernetes' && service.metadata.namespace === 'default';
      if (isMaster || (links && service.metadata.namespace === namespace)) addService(made, service);
    }
    cache.byNamespace.set(key, (env = made));
  }
  return env;
}

function addService(env: Map<string, string>, service: Service): void {
  const ip = service.spec.clusterIP;
  const ports = service.spec.ports ?? [];
  if (!ip || ip === 'None' || ports.length === 0) return;
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
  env.set(`${prefix}_SERVICE_HOST`, ip);
  env.set(`${prefix}_SERVICE_PORT`, String(ports[0]!.port));
  for (const port of ports)
    if (port.name) env.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
  ports.forEach((port, i) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    const url = `${protocol}://${ip}:${port.port}`;
    if (i === 0) env.set(`${prefix}_PORT`, url);
    const base = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
    env.set(base, url);
    env.set(`${base}_PROTO`, protocol);
    env.set(`${base}_PORT`, String(port.port));
    env.set(`${base}_ADDR`, ip);
  });
}

function sorted(map: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function decodeBase64(text: string): Uint8Array {
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const c of text) {
    const value = base64.indexOf(c);
    if (value < 0) continue;
    buffer = ((buffer << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) bytes.push((buffer >> (bits -= 8)) & 255);
  }
  return Uint8Array.from(bytes);
}

function decodeBase64Text(text: string): string {
  return new TextDecoder().decode(decodeBase64(text));
}
