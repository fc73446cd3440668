import { createCluster } from '../engine/kubernetes/cluster.ts';
import { refs, type Draft, type EndpointSlice, type Service } from '../engine/kubernetes/types.ts';
import { Network } from '../engine/network/index.ts';
import { pump, World } from '../engine/world/index.ts';
import { programs } from '../session/programs.ts';
import { nodeHop } from './hop.ts';
import { headlessEpoch } from './runner.ts';

/** What the network costs: requests through a Service, and kube-proxy's rules. */
export interface NetworkCosts {
  /** ms for 100,000 HTTP requests to a cluster IP with ten endpoints. */
  requests: number;
  /** ms to build the rules of 1,000 Services with ten endpoints each on one node. */
  rules: number;
  /** ms to follow the change of one endpoint. */
  change: number;
}

const slice = (service: string, addresses: readonly string[]): Draft<EndpointSlice> =>
  ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  }) as unknown as Draft<EndpointSlice>;

export async function networkCosts(): Promise<NetworkCosts> {
  const world = new World({ seed: 1, epoch: headlessEpoch });
  const network = new Network(world);
  const cluster = createCluster({
    world,
    network,
    name: 'bench',
    programs,
    nodes: [
      { name: 'control-plane', ip: '172.18.0.2', role: 'control-plane' },
      { name: 'worker', ip: '172.18.0.3', role: 'worker' },
    ],
  });
  await pump(world.queue, nodeHop, { until: 5_000 });
  const client = cluster.client({ manager: 'bench', user: 'kubernetes-admin' });
  const services = client.resource(refs.services);
  const slices = client.resource(refs.endpointSlices);
  const create = (name: string) =>
    services.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    } as unknown as Draft<Service>);
  const worker = network.namespace('worker')!;
  const pods = Array.from({ length: 10 }, (_, i) => {
    const ip = `172.18.9.${i + 1}`;
    network.addNamespace(`server-${i}`, [ip]).listen(80, {
      protocol: 'http',
      http: () => ({ status: 200, headers: {}, body: new Uint8Array(10) }),
    });
    return ip;
  });
  const web = create('web');
  slices.create(slice('web', pods));
  for (let i = 0; i < 1_000; i++) {
    create(`s${i}`);
    slices.create(
      slice(
        `s${i}`,
        Array.from({ length: 10 }, (_, j) => `10.${20 + (i >> 8)}.${i & 255}.${j + 1}`),
      ),
    );
  }
  await pump(world.queue, nodeHop, { until: world.queue.now + 5_000 });
  const timed = (run: () => void) => {
    const started = performance.now();
    run();
    return performance.now() - started;
  };
  const rules = timed(() => worker.netfilter.refresh());
  const stored = slices.get('default', 's500-1')!;
  slices.update({ ...stored, endpoints: stored.endpoints!.slice(1) });
  await pump(world.queue, nodeHop, { until: world.queue.now + 1_000 });
  const change = timed(() => worker.netfilter.refresh());
  const address = web.spec.clusterIP!;
  const request = { method: 'GET', path: '/', headers: { host: 'web' } };
  const requests = timed(() => {
    for (let i = 0; i < 100_000; i++) {
      const result = network.connect(worker, address, 80);
      if (result.outcome !== 'connected') throw new Error(`request ${i}: ${result.outcome}`);
      void result.listener.server.http!({ ...request, peer: result.flow.peer });
      result.flow.close();
    }
  });
  return { requests, rules, change };
}
