import { expect, it } from 'vitest';
import { createBridge } from '../../../network/links.ts';
import { Network } from '../../../network/index.ts';
import { servers, systemServers } from '../../../programs/servers/index.ts';
import { pump, World } from '../../../world/index.ts';
import { createCluster } from '../../cluster.ts';
import { refs, type Draft, type Pod, type Service } from '../../types.ts';

const hop = () => new Promise<void>((resolve) => setImmediate(resolve));

it('a Service of type LoadBalancer gets an address that leads to healthy nodes', async () => {
  const world = new World({ seed: 1, epoch: 1_763_835_000_000 });
  const network = new Network(world);
  const edge = network.addNamespace('edge', ['192.168.1.1/24']);
  const link = createBridge(edge, 'br0', '172.18.0.1/16');
  const cluster = createCluster({
    world,
    network,
    name: 'cloud',
    link,
    cloud: { network, edge, device: 'br0', pool: '203.0.113.0/24' },
    programs: new Map([...systemServers, ...servers]),
    nodes: [
      { name: 'cp', ip: '172.18.0.2', role: 'control-plane' },
      { name: 'w1', ip: '172.18.0.3', role: 'worker' },
      { name: 'w2', ip: '172.18.0.4', role: 'worker' },
    ],
  });
  const run = (ms: number) => pump(world.queue, hop, { until: world.queue.now + ms });
  const client = cluster.client({ manager: 'test', user: 'kubernetes-admin' });
  const services = client.resource(refs.services);
  const labels = { app: 'web' };
  client.resource(refs.pods).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', labels },
    spec: { nodeName: 'w2', containers: [{ name: 'c', image: 'nginx:1.27' }] },
  } as unknown as Draft<Pod>);
  services.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80 }], externalTrafficPolicy: 'Local' },
  } as unknown as Draft<Service>);
  await run(30_000);
  const service = services.get('default', 'web')!;
  const ip = service.status.loadBalancer?.ingress?.[0]?.ip;
  expect(ip).toBe('203.0.113.1');
  // Only the node with the Pod passes the check, and the client is seen as it is.
  const routed = () => edge.routes.list().find((r) => r.bits === 32)?.nextHops?.length;
  expect(routed()).toBe(1);
  const { outcome, flow } = network.connect(edge, ip!, 80);
  expect([outcome, flow.seenSource, flow.to.name.startsWith('pod/default/web')]).toEqual([
    'connected',
    '172.18.0.1',
    true,
  ]);
  services.patch('default', 'web', { type: 'merge', body: { spec: { externalTrafficPolicy: 'Cluster' } } });
  await run(20_000);
  // kubeadm keeps control planes out of load balancers.
  expect(routed()).toBe(2);
  cluster.nodes.get('w1')!.power(false);
  await run(30_000);
  expect(routed()).toBe(1);
  expect(network.connect(edge, ip!, 80).outcome).toBe('connected');
  services.delete('default', 'web');
  await run(5_000);
  expect(services.get('default', 'web')).toBeUndefined();
  expect(routed()).toBeUndefined();
});
