import type { Client } from '../../client.ts';
import { refs, type EndpointSlice, type Service } from '../../types.ts';

/** Where a proxy sends requests to. */
export interface Upstream {
  readonly ip: string;
  readonly port: number;
}

export type ServiceLookup =
  | { readonly kind: 'endpoints'; readonly service: Service; readonly upstreams: readonly Upstream[] }
  /** A Service of type ExternalName. */
  | { readonly kind: 'external'; readonly service: Service; readonly host: string; readonly port: number }
  | { readonly kind: 'no-service' }
  | { readonly kind: 'no-port'; readonly service: Service };

const byService = 'reverse-proxy/service';

const sliceKeys = ({ metadata }: EndpointSlice): readonly string[] => [
  `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
];

/** What proxies that pass Services by and speak with their endpoints need to know of them. */
export class ServiceEndpoints {
  readonly #services;
  readonly #slices;

  constructor(client: Client) {
    this.#services = client.resource(refs.services);
    this.#slices = client.resource(refs.endpointSlices);
    this.#slices.informer.addIndex(byService, sliceKeys);
  }

  /** @param port number or name of one of the Service's ports */
  find(namespace: string, name: string, port: number | string): ServiceLookup {
    const service = this.#services.get(namespace, name);
    if (!service) return { kind: 'no-service' };
    const { ports = [], type, externalName = '' } = service.spec;
    const wanted = ports.find((p) => p.port === port || p.name === port);
    if (type === 'ExternalName')
      return { kind: 'external', service, host: externalName, port: wanted?.port ?? (Number(port) || 80) };
    if (!wanted) return { kind: 'no-port', service };
    const upstreams: Upstream[] = [];
    for (const slice of this.#slices.informer.byIndex(byService, `${namespace}/${name}`)) {
      if (slice.addressType !== 'IPv4') continue;
      const own = (slice.ports ?? []).find((p) => (p.name ?? '') === (wanted.name ?? ''));
      if (own?.port === undefined) continue;
      for (const { addresses, conditions } of slice.endpoints ?? [])
        if (conditions?.ready !== false) for (const ip of addresses) upstreams.push({ ip, port: own.port });
    }
    upstreams.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port));
    return { kind: 'endpoints', service, upstreams };
  }
}
