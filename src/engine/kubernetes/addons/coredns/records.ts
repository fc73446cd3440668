import { absolute, dnsReply, parseIp, type DnsQuery, type DnsRecord, type DnsReply } from '../../../network/index.ts';
import type { Client } from '../../client.ts';
import { refs, type EndpointSlice, type Service } from '../../types.ts';

/** What the `kubernetes` plugin knows: the DNS specification of Kubernetes over Services, EndpointSlices and Pods. */

export interface KubernetesOptions {
  /** Forward zone first: `cluster.local.` */
  readonly zones: readonly string[];
  readonly pods: 'disabled' | 'insecure' | 'verified';
  readonly ttl: number;
  /** Zones from which what isn't found goes on to the next plugin; undefined: none. */
  readonly fallthrough: readonly string[] | undefined;
}

type Found = { answers: DnsRecord[]; additional?: DnsRecord[] } | 'nodata' | 'nxdomain' | { external: string };

const bySlice = 'coredns/service';

const sliceKeys = ({ metadata }: EndpointSlice): readonly string[] => [
  `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
];

interface EndpointAddress {
  readonly ip: string;
  readonly host: string;
  readonly ports: readonly { name: string; port: number; protocol: string }[];
}

export class KubernetesRecords {
  readonly #client: Client;
  readonly #options: KubernetesOptions;
  readonly #zone: string;

  constructor(client: Client, options: KubernetesOptions) {
    this.#client = client;
    this.#options = options;
    this.#zone = options.zones.find((z) => !z.endsWith('.arpa.')) ?? 'cluster.local.';
    client.resource(refs.endpointSlices).informer.addIndex(bySlice, sliceKeys);
  }

  /** The start of authority that negative answers carry. */
  soa(serial: number): DnsRecord {
    const zone = this.#zone;
    const data = `ns.dns.${zone} hostmaster.${zone} ${serial} 7200 1800 86400 5`;
    return { name: zone, type: 'SOA', ttl: Math.min(this.#options.ttl, 30), data };
  }

  /** An answer, a name to ask elsewhere for (`external`), or undefined when another plugin shall try. */
  answer(query: DnsQuery, serial: number): DnsReply | { external: string } | undefined {
    const name = absolute(query.name);
    const zone = this.#options.zones.find((z) => name === z || name.endsWith(`.${z}`));
    if (zone === undefined) return undefined;
    const found = zone.endsWith('.arpa.') ? this.#reverse(name) : this.#forward(name, zone, query.qtype, serial);
    if (typeof found === 'object' && 'external' in found) return found;
    if (found === 'nxdomain') {
      const { fallthrough } = this.#options;
      if (fallthrough?.some((z) => z === '.' || name.endsWith(z))) return undefined;
      return dnsReply(query, 'NXDOMAIN', { authoritative: true, authority: [this.soa(serial)] });
    }
    if (found === 'nodata' || found.answers.length === 0)
      return dnsReply(query, 'NOERROR', { authoritative: true, authority: [this.soa(serial)] });
    return dnsReply(query, 'NOERROR', { authoritative: true, ...found });
  }

  #record(name: string, type: DnsRecord['type'], data: string): DnsRecord {
    return { name, type, ttl: this.#options.ttl, data };
  }

  #forward(name: string, zone: string, type: string, serial: number): Found {
    if (name === zone) {
      if (type === 'SOA') return { answers: [this.soa(serial)] };
      if (type === 'NS') return { answers: [this.#record(zone, 'NS', `ns.dns.${zone}`)] };
      return 'nodata';
    }
    const labels = name.slice(0, -zone.length - 1).split('.');
    if (labels.join('.') === 'dns-version')
      return type === 'TXT' ? { answers: [this.#record(name, 'TXT', '"1.1.0"')] } : 'nodata';
    const kind = labels.pop();
    const namespace = labels.pop();
    if (kind !== 'svc' && kind !== 'pod')
      return labels.length === 0 && namespace === undefined && kind === 'dns' ? 'nodata' : 'nxdomain';
    if (namespace === undefined) return 'nodata';
    const exists = this.#client.resource(refs.namespaces).get(undefined, namespace) !== undefined;
    if (!exists) return 'nxdomain';
    if (labels.length === 0) return 'nodata';
    return kind === 'pod'
      ? this.#pod(name, labels, namespace, type)
      : this.#service(name, labels, namespace, type, zone);
  }

  #pod(name: string, labels: readonly string[], namespace: string, type: string): Found {
    const ip = labels.length === 1 ? labels[0]!.replaceAll('-', '.') : '';
    if (this.#options.pods === 'disabled' || Number.isNaN(parseIp(ip))) return 'nxdomain';
    if (
      this.#options.pods === 'verified' &&
      !this.#client
        .resource(refs.pods)
        .list({ namespace })
        .some((p) => p.status.podIP === ip)
    )
      return 'nxdomain';
    return type === 'A' || type === 'ANY' ? { answers: [this.#record(name, 'A', ip)] } : 'nodata';
  }

  #service(name: string, labels: string[], namespace: string, type: string, zone: string): Found {
    const serviceName = labels.pop()!;
    const service = this.#client.resource(refs.services).get(namespace, serviceName);
    if (!service) return 'nxdomain';
    const base = `${serviceName}.${namespace}.svc.${zone}`;
    const { spec } = service;
    if (spec.type === 'ExternalName')
      return labels.length > 0 ? 'nxdomain' : { external: absolute(spec.externalName ?? '') };
    const srv = labels.length === 2 && labels.every((l) => l.startsWith('_') || l === '*');
    const [first = ''] = labels;
    if (labels.length > 1 && !srv) return 'nxdomain';
    const port = srv ? { name: first.slice(1), protocol: labels[1]!.slice(1) } : undefined;
    const headless = spec.clusterIP === 'None' || !spec.clusterIP;
    if (!headless) {
      if (labels.length === 1) return this.#endpointName(name, service, first, type);
      return this.#clusterIP(name, service, base, port, type);
    }
    const endpoints = this.#endpoints(service);
    if (labels.length === 1) return this.#endpointName(name, service, first, type);
    const matching = port ? endpoints.filter((e) => e.ports.some((p) => fits(p, port))) : endpoints;
    if (matching.length === 0) return 'nxdomain';
    if (type === 'A' || type === 'ANY')
      return { answers: [...new Set(matching.map((e) => e.ip))].map((ip) => this.#record(name, 'A', ip)) };
    if (type !== 'SRV') return 'nodata';
    const answers: DnsRecord[] = [];
    const additional: DnsRecord[] = [];
    for (const { host, ip, ports } of matching) {
      additional.push(this.#record(`${host}.${base}`, 'A', ip));
      for (const p of ports)
        if (!port || fits(p, port))
          answers.push(this.#record(name, 'SRV', `0 ${Math.floor(100 / matching.length)} ${p.port} ${host}.${base}`));
    }
    return { answers, additional };
  }

  #clusterIP(
    name: string,
    { spec }: Service,
    base: string,
    port: { name: string; protocol: string } | undefined,
    type: string,
  ): Found {
    const ports = (spec.ports ?? []).map((p) => ({ name: p.name ?? '', port: p.port, protocol: p.protocol ?? 'TCP' }));
    const matching = port ? ports.filter((p) => fits(p, port)) : ports;
    if (port && matching.length === 0) return 'nxdomain';
    const addresses = (spec.clusterIPs ?? [spec.clusterIP!]).filter((ip) => !ip.includes(':'));
    if (type === 'A' || type === 'ANY') return { answers: addresses.map((ip) => this.#record(name, 'A', ip)) };
    if (type !== 'SRV') return 'nodata';
    return {
      answers: matching.map((p) => this.#record(name, 'SRV', `0 100 ${p.port} ${base}`)),
      additional: addresses.map((ip) => this.#record(base, 'A', ip)),
    };
  }

  #endpointName(name: string, service: Service, host: string, type: string): Found {
    const found = this.#endpoints(service).filter((e) => e.host === host);
    if (found.length === 0) return 'nxdomain';
    return type === 'A' || type === 'ANY'
      ? { answers: found.map((e) => this.#record(name, 'A', e.ip)) }
      : type === 'SRV'
        ? {
            answers: found.flatMap((e) => e.ports.map((p) => this.#record(name, 'SRV', `0 100 ${p.port} ${name}`))),
            additional: found.map((e) => this.#record(name, 'A', e.ip)),
          }
        : 'nodata';
  }

  #endpoints({ metadata }: Service): EndpointAddress[] {
    const slices = this.#client
      .resource(refs.endpointSlices)
      .informer.byIndex(bySlice, `${metadata.namespace}/${metadata.name}`);
    const found: EndpointAddress[] = [];
    for (const slice of slices) {
      const ports = (slice.ports ?? []).map((p) => ({
        name: p.name ?? '',
        port: p.port ?? 0,
        protocol: p.protocol ?? 'TCP',
      }));
      for (const { addresses, conditions, hostname } of slice.endpoints ?? []) {
        if (conditions?.ready === false) continue;
        for (const ip of addresses)
          if (!Number.isNaN(parseIp(ip))) found.push({ ip, host: hostname || ip.replaceAll('.', '-'), ports });
      }
    }
    return found;
  }

  #reverse(name: string): Found {
    const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa\.$/.exec(name);
    if (!parts) return 'nxdomain';
    const ip = parts.slice(1).reverse().join('.');
    const services = this.#client.resource(refs.services).list();
    const service = services.find((s) => s.spec.clusterIPs?.includes(ip));
    if (service) return { answers: [this.#record(name, 'PTR', this.#nameOf(service))] };
    for (const candidate of services) {
      const endpoint = this.#endpoints(candidate).find((e) => e.ip === ip);
      if (endpoint) return { answers: [this.#record(name, 'PTR', `${endpoint.host}.${this.#nameOf(candidate)}`)] };
    }
    return 'nxdomain';
  }

  #nameOf({ metadata }: Service): string {
    return `${metadata.name}.${metadata.namespace}.svc.${this.#zone}`;
  }
}

function fits(port: { name: string; protocol: string }, wanted: { name: string; protocol: string }): boolean {
  const { name, protocol } = wanted;
  return (
    (name === port.name.toLowerCase() || name === '') && (protocol === port.protocol.toLowerCase() || protocol === '')
  );
}
