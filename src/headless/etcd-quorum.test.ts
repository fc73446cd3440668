import { expect, it } from 'vitest';
import { createCluster } from '../engine/kubernetes/cluster.ts';
import { refs, type Deployment, type Draft } from '../engine/kubernetes/types.ts';
import { Network } from '../engine/network/index.ts';
import { pump, World } from '../engine/world/index.ts';
import { programs } from '../session/programs.ts';
import { nodeHop } from './hop.ts';

/** Kubelets and controllers get errors for all they write, and go on when they can write again. */
it('a cluster outlives ten minutes without etcd', async () => {
  const world = new World({ seed: 1, epoch: 1_750_000_000_000 });
  const cluster = createCluster({
    world,
    network: new Network(world),
    name: 'quorum',
    programs,
    nodes: [
      { name: 'control-plane', ip: '172.18.0.2', role: 'control-plane' },
      { name: 'worker', ip: '172.18.0.3', role: 'worker' },
    ],
  });
  const pass = (ms: number) => pump(world.queue, nodeHop, { until: world.queue.now + ms });
  const deployments = cluster.client({ manager: 'test' }).resource(refs.deployments);
  const labels = { app: 'web' };
  const containers = [{ name: 'c', image: 'nginx:1.27' }];
  deployments.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  } as unknown as Draft<Deployment>);
  await pass(2_000);
  const { etcd } = cluster.server.core;
  etcd.setRunning('etcd-0', false);
  await pass(600_000);
  expect(() => deployments.delete('default', 'web')).toThrow('etcdserver: request timed out');
  etcd.setRunning('etcd-0', true);
  await pass(360_000);
  expect(cluster.client({ manager: 'test' }).resource(refs.pods).list({ namespace: 'default' })).toHaveLength(2);
  const nodes = cluster.client({ manager: 'test' }).resource(refs.nodes).list();
  for (const { status } of nodes) {
    expect(status.conditions!.find(({ type }) => type === 'Ready')!.status).toBe('True');
  }
  deployments.delete('default', 'web');
  await pass(60_000);
  expect(cluster.client({ manager: 'test' }).resource(refs.pods).list({ namespace: 'default' })).toHaveLength(0);
});
