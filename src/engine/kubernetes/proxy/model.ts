import { parseCidr, parseIp, type Cidr, type Protocol } from '../../network/index.ts';
import type { Client } from '../client.ts';
import { refs, type EndpointSlice, type Service } from '../types.ts';

/** Services and their endpoints as kube-proxy sees them; all proxies of a cluster share one model. */

export interface ProxyEndpoint {
  readonly ip: string;
  readonly port: number;
  /** `ip:port`. */
  readonly at: string;
  readonly address: number;
  readonly nodeName: string | undefined;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[] | undefined;
  readonly nodeHints: readonly string[] | undefined;
}

/** One port of a Service. */
export interface ServicePort {
  /** `namespace/name:port` (upstream: ServicePortName). */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  readonly sourceRanges: readonly string[];
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  /** Seconds for which a client stays with its endpoint. */
  readonly affinity: number | undefined;
  readonly healthCheckNodePort: number;
  readonly endpoints: readonly ProxyEndpoint[];
}

/** Which endpoints a node uses for what (upstream: CategorizeEndpoints). */
export interface Categories {
  readonly cluster: readonly ProxyEndpoint[];
  readonly local: readonly ProxyEndpoint[];
  /** Both, without repetition. */
  readonly reachable: readonly ProxyEndpoint[];
  readonly hasAny: boolean;
}

const serviceNameLabel = 'kubernetes.io/service-name';

export class ServiceModel {
  readonly #services = new Map<string, Service>();
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();
  readonly #ports = new Map<string, readonly ServicePort[]>();
  /** Services that have changed, the newest last. */
  readonly #changes = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  readonly #addresses = new Map<number, number>();
  readonly #nodePorts = new Map<number, number>();
  #revision = 0;

  constructor(client: Client) {
    client.resource(refs.services).informer.on({
      add: (service) => this.#service(keyOf(service), service),
      update: (service) => this.#service(keyOf(service), service),
      delete: (service) => this.#service(keyOf(service), undefined),
    });
    client.resource(refs.endpointSlices).informer.on({
      add: (slice) => this.#slice(slice, slice),
      update: (slice) => this.#slice(slice, slice),
      delete: (slice) => this.#slice(slice, undefined),
    });
  }

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** Calls back after each change. Returns an undo. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether an address, or a port of nodes, belongs to a Service. */
  concerns(ip: number, port: number): boolean {
    return this.#addresses.has(ip) || this.#nodePorts.has(port);
  }

  /** Services (`namespace/name`) that have changed since a revision. */
  changedSince(revision: number): string[] {
    const changed: string[] = [];
    for (const [key, at] of [...this.#changes].reverse()) {
      if (at <= revision) break;
      changed.push(key);
    }
    return changed;
  }

  /** In order of their names. */
  keys(): string[] {
    return [...this.#services.keys()].sort();
  }

  /** The ports of a Service that proxies serve; none for headless ones, external names and what is gone. */
  ports(key: string): readonly ServicePort[] {
    let ports = this.#ports.get(key);
    if (!ports) this.#ports.set(key, (ports = this.#make(key)));
    return ports;
  }

  /** The port on which load balancers check nodes for a Service, or 0. */
  healthCheckPort(key: string): number {
    return this.#services.get(key)?.spec.healthCheckNodePort ?? 0;
  }

  #service(key: string, service: Service | undefined): void {
    const old = this.#services.get(key);
    if (old) this.#register(old, -1);
    if (service) {
      this.#services.set(key, service);
      this.#register(service, 1);
    } else this.#services.delete(key);
    this.#changed(key);
  }

  #register({ spec, status }: Service, by: number): void {
    const lb = (status?.loadBalancer?.ingress ?? []).map((i) => i.ip ?? '');
    for (const address of [...(spec.clusterIPs ?? []), ...(spec.externalIPs ?? []), ...lb])
      count(this.#addresses, parseIp(address), by);
    for (const { nodePort } of spec.ports ?? []) if (nodePort) count(this.#nodePorts, nodePort, by);
    if (spec.healthCheckNodePort) count(this.#nodePorts, spec.healthCheckNodePort, by);
  }

  #slice({ metadata, addressType }: EndpointSlice, slice: EndpointSlice | undefined): void {
    const service = metadata.labels?.[serviceNameLabel];
    if (service === undefined || addressType !== 'IPv4') return;
    const key = `${metadata.namespace}/${service}`;
    let slices = this.#slices.get(key);
    if (!slices) this.#slices.set(key, (slices = new Map()));
    if (slice) slices.set(metadata.name, slice);
    else slices.delete(metadata.name);
    this.#changed(key);
  }

  #changed(key: string): void {
    this.#ports.delete(key);
    this.#changes.delete(key);
    this.#changes.set(key, ++this.#revision);
    for (const listener of this.#listeners) listener();
  }

  #make(key: string): readonly ServicePort[] {
    const service = this.#services.get(key);
    if (!service || service.spec.type === 'ExternalName') return [];
    const { spec, metadata, status } = service;
    const clusterIP = spec.clusterIP ?? '';
    if (clusterIP === 'None' || clusterIP === '' || Number.isNaN(parseIp(clusterIP))) return [];
    if (metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) return [];
    const ingress = (status?.loadBalancer?.ingress ?? []).filter((i) => i.ip && i.ipMode !== 'Proxy');
    const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0;
    return (spec.ports ?? []).map(({ name: portName = '', protocol = 'TCP', port, nodePort = 0 }): ServicePort => ({
      id: `${key}${portName === '' ? '' : `:${portName}`}`,
      namespace: metadata.namespace!,
      name: metadata.name,
      portName,
      protocol: protocol.toLowerCase() as Protocol,
      clusterIP,
      port,
      nodePort,
      externalIPs: (spec.externalIPs ?? []).filter((ip) => !Number.isNaN(parseIp(ip))),
      loadBalancerIPs: ingress.map((i) => i.ip!).filter((ip) => !Number.isNaN(parseIp(ip))),
      sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter((r) => !r.includes(':')),
      externalLocal: external && spec.externalTrafficPolicy === 'Local',
      internalLocal: spec.internalTrafficPolicy === 'Local',
      affinity:
        spec.sessionAffinity === 'ClientIP'
          ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800)
          : undefined,
      healthCheckNodePort: spec.healthCheckNodePort ?? 0,
      endpoints: this.#endpoints(key, portName, protocol),
    })); // prettier-ignore
  }

  #endpoints(key: string, portName: string, protocol: string): ProxyEndpoint[] {
    const found = new Map<string, ProxyEndpoint>();
    for (const slice of this.#slices.get(key)?.values() ?? []) {
      const port = slice.ports?.find((p) => (p.name ?? '') === portName && (p.protocol ?? 'TCP') === protocol)?.port;
      if (port === undefined) continue;
      for (const { addresses, conditions, nodeName, hints } of slice.endpoints ?? []) {
        const [ip] = addresses;
        if (ip === undefined) continue;
        const ready = conditions?.ready !== false;
        const terminating = conditions?.terminating === true;
        const at = `${ip}:${port}`;
        found.set(at, {
          ip,
          port,
          at,
          address: parseIp(ip),
          nodeName: nodeName ?? undefined,
          ready,
          serving: conditions?.serving ?? ready,
          terminating,
          zoneHints: hints?.forZones?.map((z) => z.name),
          nodeHints: (hints as { forNodes?: { name: string }[] } | undefined)?.forNodes?.map((n) => n.name),
        });
      }
    }
    return [...found.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
  }
}

function count(counts: Map<number, number>, key: number, by: number): void {
  if (Number.isNaN(key)) return;
  const n = (counts.get(key) ?? 0) + by;
  if (n > 0) counts.set(key, n);
  else counts.delete(key);
}

function keyOf({ metadata }: { metadata: { namespace?: string; name: string } }): string {
  return `${metadata.namespace}/${metadata.name}`;
}

export interface ProxyNode {
  readonly name: string;
  readonly zone: string | undefined;
}

/** Sorts endpoints by what a node uses them for. */
export function categorize(service: ServicePort, node: ProxyNode): Categories {
  const { endpoints } = service;
  const hinted = followsHints(endpoints, node);
  const ready = endpoints.filter((e) => e.ready);
  const draining = endpoints.filter((e) => e.serving && e.terminating);
  const usable = ready.length > 0 ? ready.filter(hinted) : draining;
  const local = (list: readonly ProxyEndpoint[]) => list.filter((e) => e.nodeName === node.name);
  const usesLocal = service.externalLocal || service.internalLocal;
  const readyLocal = local(ready);
  const localEndpoints = !usesLocal ? [] : readyLocal.length > 0 ? readyLocal : local(draining);
  const usesCluster = !service.internalLocal || !service.externalLocal;
  const cluster = usesCluster || service.externalLocal ? usable : [];
  return {
    cluster,
    local: localEndpoints,
    reachable: [...cluster, ...localEndpoints.filter((e) => !cluster.includes(e))],
    hasAny: endpoints.some((e) => e.ready || (e.serving && e.terminating)),
  };
}

/** Hints count only if every ready endpoint has some and this node or its zone gets one (upstream: topology.go). */
function followsHints(endpoints: readonly ProxyEndpoint[], node: ProxyNode): (e: ProxyEndpoint) => boolean {
  const ready = endpoints.filter((e) => e.ready);
  if (ready.length > 0 && ready.every((e) => e.nodeHints) && ready.some((e) => e.nodeHints!.includes(node.name)))
    return (e) => e.nodeHints!.includes(node.name);
  const { zone } = node;
  if (
    zone !== undefined &&
    ready.length > 0 &&
    ready.every((e) => e.zoneHints) &&
    ready.some((e) => e.zoneHints!.includes(zone))
  )
    return (e) => e.zoneHints!.includes(zone);
  return () => true;
}

export function cidrOf(ip: string): Cidr {
  return parseCidr(ip);
}
