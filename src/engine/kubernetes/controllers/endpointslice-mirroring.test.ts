import { expect, it } from 'vitest';
import { refs } from '../types.ts';
import { TestCluster } from './cluster.test-support.ts';

it('mirrors Endpoints of a Service without a selector, and takes the slices back', () => {
  const cluster = new TestCluster();
  const metadata = { name: 'outside', namespace: 'default' };
  cluster.create(refs.services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }] } });
  const subsets = [
    {
      addresses: [{ ip: '192.0.2.1' }],
      notReadyAddresses: [{ ip: '192.0.2.2', hostname: 'b' }],
      ports: [{ port: 8080 }],
    },
  ];
  cluster.create(refs.endpoints, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: { team: 'a' } },
    subsets,
  });
  cluster.run(2000);
  const slices = () =>
    cluster.list(refs.endpointSlices).filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === 'outside');
  expect(slices()).toHaveLength(1);
  const [slice] = slices();
  expect(slice!.metadata.labels).toMatchObject({
    team: 'a',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  });
  expect(slice!.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Endpoints', name: 'outside', controller: true });
  expect(slice!.endpoints).toEqual([
    { addresses: ['192.0.2.1'], conditions: { ready: true } },
    { addresses: ['192.0.2.2'], conditions: { ready: false }, hostname: 'b' },
  ]);
  expect(slice!.ports).toMatchObject([{ port: 8080, protocol: 'TCP' }]);

  cluster.client.resource(refs.endpoints).patch('default', 'outside', {
    type: 'merge',
    body: { metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } },
  });
  cluster.run(2000);
  expect(slices()).toEqual([]);
});
