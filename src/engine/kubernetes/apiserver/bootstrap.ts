import type { ApiServerCore } from './core.ts';
import { bootstrapFlowControl, bootstrapObjects, bootstrapServiceCidr } from './bootstrap-objects.ts';
import { InProcessClient } from './client.ts';
import { bootstrapRbac } from './rbac/index.ts';
import { keepOwnObjects } from './self-upkeep.ts';
import { restoreServiceAddresses } from './service-addresses.ts';
import { refs, type Draft } from '../types.ts';

/** What a fresh control plane finds or makes by itself: its namespaces and the Service it is reached by. */

const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const serviceCidr = '10.96.0.0/16';
/** First address of the Service network. */
export const kubernetesServiceAddress = '10.96.0.1';
export const serverPort = 6443;

/**
 * Makes what the control plane needs and keeps it.
 * @param address where the server listens, for the Service's endpoints
 */
export function bootstrap(core: ApiServerCore, address = '172.18.0.5'): void {
  const client = new InProcessClient(core, { manager: 'kube-apiserver', user: 'system:apiserver' });
  if (!core.find('', 'v1', 'namespaces')) return;
  for (const name of namespaces) {
    client
      .resource(refs.namespaces)
      .create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } } as Draft as never);
  }
  ownService(core, client, address);
  bootstrapObjects(core, client);
  if (core.find('rbac.authorization.k8s.io', 'v1', 'clusterroles')) bootstrapRbac(client);
  keepOwnObjects(core, () => {
    ownService(core, client, address);
    bootstrapFlowControl(core, client);
    restoreServiceAddresses(core);
  });
}

/** The Service that the server is reached by, as far as it is missing. */
function ownService(core: ApiServerCore, client: InProcessClient, address: string): void {
  bootstrapServiceCidr(core, client, serviceCidr);
  const ports = [{ name: 'https', port: serverPort, protocol: 'TCP' }];
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const isMissing = (group: string, resource: string) =>
    core.find(group, 'v1', resource) !== undefined && !core.get(group, resource, 'default', 'kubernetes');
  if (isMissing('', 'services')) {
    client.resource(refs.services).create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: kubernetesServiceAddress,
        clusterIPs: [kubernetesServiceAddress],
        ports: [{ name: 'https', port: 443, targetPort: serverPort, protocol: 'TCP' }],
      },
    } as Draft as never);
  }
  if (isMissing('', 'endpoints')) {
    client.resource(refs.endpoints).create({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: address }], ports }],
    } as Draft as never);
  }
  if (isMissing('discovery.k8s.io', 'endpointslices')) {
    client.resource(refs.endpointSlices).create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports,
    } as Draft as never);
  }
}
