import { describe, expect, it } from 'vitest';
import { TestCluster } from '../controllers/cluster.test-support.ts';
import { refs, type KubeObject, type ResourceRef } from '../types.ts';

const csiNodes: ResourceRef<KubeObject> = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csinodes',
  kind: 'CSINode',
  namespaced: false,
};

function volume(cluster: TestCluster, name: string, labels: object = {}, mode = 'ReadWriteOnce'): void {
  cluster.create(refs.persistentVolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: [mode],
      csi: { driver: 'disk.example.com', volumeHandle: name },
      storageClassName: '',
      persistentVolumeReclaimPolicy: 'Retain',
    },
  });
  cluster.create(refs.persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: {
      accessModes: [mode],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: '',
      volumeName: name,
    },
  });
}

const using = (claim: string) => ({
  volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claim } }],
});

function whyNot(cluster: TestCluster, pod: string): string | undefined {
  const { conditions } = cluster.get(refs.pods, pod).status;
  return conditions?.find(({ type }) => type === 'PodScheduled')?.message?.split('. ')[0];
}

describe('volumes and nodes', () => {
  it('lets one Pod use a ReadWriteOncePod claim, and the next when that has gone', () => {
    const cluster = new TestCluster();
    volume(cluster, 'single', {}, 'ReadWriteOncePod');
    cluster.run(1000);
    cluster.pod('first', using('single'));
    cluster.run(2000);
    cluster.pod('second', using('single'));
    cluster.run(2000);
    expect(cluster.get(refs.pods, 'first').spec.nodeName).toBeDefined();
    expect(whyNot(cluster, 'second')).toBe(
      '0/4 nodes are available: 1 node(s) had untolerated taint(s), ' +
        '3 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
    );
    cluster.client.resource(refs.pods).delete('default', 'first');
    cluster.run(20_000);
    expect(cluster.get(refs.pods, 'second').spec.nodeName).toBeDefined();
  });

  it('goes to the zone of its volume', () => {
    const cluster = new TestCluster();
    const zone = 'topology.kubernetes.io/zone';
    const nodes = cluster.client.resource(refs.nodes);
    for (const [node, value] of [
      ['kind-worker', 'a'],
      ['kind-worker2', 'b'],
      ['kind-worker3', 'b'],
    ] as const)
      nodes.patch(undefined, node, { type: 'merge', body: { metadata: { labels: { [zone]: value } } } });
    volume(cluster, 'in-a', { [zone]: 'a' });
    volume(cluster, 'in-c', { [zone]: 'c__d' });
    cluster.run(1000);
    cluster.pod('here', using('in-a'));
    cluster.pod('nowhere', using('in-c'));
    cluster.run(2000);
    expect(cluster.get(refs.pods, 'here').spec.nodeName).toBe('kind-worker');
    expect(whyNot(cluster, 'nowhere')).toBe(
      '0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 node(s) had no available volume zone',
    );
  });

  it("counts a driver's volumes on a node", () => {
    const cluster = new TestCluster({ nodes: 1 });
    const drivers = [{ name: 'disk.example.com', nodeID: 'n', allocatable: { count: 2 } }];
    cluster.create(csiNodes, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name: 'kind-worker' },
      spec: { drivers },
    });
    for (const name of ['one', 'two', 'three']) volume(cluster, name);
    cluster.run(1000);
    for (const name of ['one', 'two', 'three']) {
      cluster.pod(name, using(name));
      cluster.run(2000);
    }
    expect(cluster.get(refs.pods, 'two').spec.nodeName).toBe('kind-worker');
    expect(whyNot(cluster, 'three')).toBe(
      '0/2 nodes are available: 1 node(s) exceed max volume count, 1 node(s) had untolerated taint(s)',
    );
  });
});
