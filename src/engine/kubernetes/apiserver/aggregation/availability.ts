import type { Service, KubeObject } from '../../types.ts';
import type { ApiServerCore } from '../core.ts';
import type { ExtensionApi } from './extension-api.ts';

/** Whether an APIService can be used (kube-aggregator's remote availability controller). */

export type ApiService = KubeObject & {
  spec: {
    group?: string;
    version: string;
    service?: { namespace: string; name: string; port?: number };
  };
  status?: { conditions?: Condition[] };
};

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  lastTransitionTime: string;
  reason: string;
  message: string;
}

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;

type EndpointSlice = KubeObject & {
  ports?: { name?: string; port?: number }[];
  endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[];
};

/** How long (ms) an attempt at discovery may take. */
export const discoveryTimeout = 5000;

const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });

/** The Available condition that is due. */
export function availability(core: ApiServerCore, { spec }: ApiService, api: ExtensionApi | undefined): Verdict {
  const { namespace, name, port = 443 } = spec.service!;
  const service = core.get('', 'services', namespace, name) as Service | undefined;
  if (!service) return no('ServiceNotFound', `service/${name} in ${JSON.stringify(namespace)} is not present`);
  const found = service.spec.ports?.find((p) => p.port === port);
  if (!found && service.spec.type !== 'ExternalName')
    return no('ServicePortError', `service/${name} in ${JSON.stringify(namespace)} is not listening on port ${port}`);
  const portName = found?.name ?? '';
  const slices = core
    .context()
    .list('discovery.k8s.io', 'endpointslices', namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name) as readonly EndpointSlice[];
  if (slices.length === 0)
    return no('EndpointsNotFound', `cannot find endpointslices for service/${name} in ${JSON.stringify(namespace)}`);
  const addresses = slices
    .filter(({ ports }) => ports?.some((p) => (p.name ?? '') === portName))
    .flatMap(({ endpoints = [] }) => endpoints.filter((e) => e.conditions?.ready !== false))
    .flatMap((endpoint) => endpoint.addresses);
  if (addresses.length === 0) {
    const what = `endpointslices for service/${name} in ${JSON.stringify(namespace)}`;
    return no('MissingEndpoints', `${what} have no addresses with port name ${JSON.stringify(portName)}`);
  }
  if (api && addresses.some((address) => api.servedBy(address)))
    return { status: 'True', reason: 'Passed', message: 'all checks passed' };
  const url = `https://${service.spec.clusterIP}:${port}/apis/${spec.group}/${spec.version}`;
  return no('FailedDiscoveryCheck', `failing or missing response from ${url}: bad status from ${url}: 404`);
}
