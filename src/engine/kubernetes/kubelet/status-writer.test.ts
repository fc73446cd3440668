import { describe, expect, test } from 'vitest';
import { refs, type Pod } from '../types.ts';
import { TestCluster } from './cluster.test-support.ts';

const spec = { nodeName: 'kind-worker', containers: [{ name: 'c', image: 'nginx:1.27' }] };

/** Writes a Pod's status as a controller would. */
function write(cluster: TestCluster, change: (status: Pod['status']) => Pod['status']): void {
  const pods = cluster.cluster.client({ manager: 'test', user: 'kubernetes-admin' }).resource(refs.pods);
  const pod = cluster.get('web');
  pods.update({ ...pod, status: change(pod.status) }, 'status');
}

const notReady = (status: Pod['status']): Pod['status'] => ({
  ...status,
  conditions: status.conditions!.map((c) => (c.type === 'Ready' ? { ...c, status: 'False' } : c)),
});

async function running(): Promise<TestCluster> {
  const cluster = new TestCluster();
  cluster.pod('web', spec);
  await cluster.until(() => cluster.ready('web'));
  return cluster;
}

describe('a status that somebody else has written', () => {
  test('is put right within ten seconds, as it was', async () => {
    const cluster = await running();
    const before = cluster.get('web').status;
    write(cluster, notReady);
    expect(cluster.ready('web')).toBe(false);
    await cluster.run(10_000);
    expect(cluster.get('web').status).toEqual(before);
  });

  test('is left alone where it is not the kubelet that knows', async () => {
    const cluster = await running();
    const told = { type: 'example.com/checked', status: 'True', lastTransitionTime: '2025-11-22T14:30:00Z' };
    write(cluster, (status) => notReady({ ...status, conditions: [...status.conditions!, told as never] }));
    await cluster.run(10_000);
    expect(cluster.ready('web')).toBe(true);
    expect(cluster.get('web').status.conditions).toContainEqual(told);
    const { resourceVersion } = cluster.get('web').metadata;
    await cluster.run(60_000);
    expect(cluster.get('web').metadata.resourceVersion).toBe(resourceVersion);
  });

  test('stays when the node has no power to say otherwise', async () => {
    const cluster = await running();
    cluster.cluster.nodes.get('kind-worker')!.kubelet.stop();
    write(cluster, notReady);
    await cluster.run(20_000);
    expect(cluster.ready('web')).toBe(false);
  });
});
