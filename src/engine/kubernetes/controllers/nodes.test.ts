import { describe, expect, it } from 'vitest';
import { refs, type Node } from '../types.ts';
import { TestCluster } from './cluster.test-support.ts';

function taints({ spec }: Node): string[] {
  return (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();
}

describe('nodes', () => {
  it('are unknown when their kubelet is silent, and their Pods are evicted', () => {
    const cluster = new TestCluster();
    cluster.pod('left', { nodeName: 'kind-worker' });
    cluster.run(2000);
    cluster.silence('kind-worker');
    cluster.run(75_000);
    const node = cluster.get(refs.nodes, 'kind-worker');
    expect(node.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(taints(node)).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ]);
    expect(cluster.events('kind-worker')).toContain('NodeNotReady: Node kind-worker status is now: NodeNotReady');
    const pod = cluster.get(refs.pods, 'left');
    expect(pod.status.phase).toBe('Running');
    expect(pod.status.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
    cluster.run(300_000);
    expect(cluster.get(refs.pods, 'left').metadata.deletionTimestamp).toBeDefined();
    expect(cluster.events('left')).toContain('TaintManagerEviction: Marking for deletion Pod default/left');
  });

  it('that are cordoned get the taint', () => {
    const cluster = new TestCluster();
    const nodes = cluster.client.resource(refs.nodes);
    cluster.run(100);
    nodes.patch(undefined, 'kind-worker2', { type: 'merge', body: { spec: { unschedulable: true } } });
    cluster.run(100);
    expect(taints(cluster.get(refs.nodes, 'kind-worker2'))).toEqual(['node.kubernetes.io/unschedulable:NoSchedule']);
    nodes.patch(undefined, 'kind-worker2', { type: 'merge', body: { spec: { unschedulable: null } } });
    cluster.run(100);
    expect(taints(cluster.get(refs.nodes, 'kind-worker2'))).toEqual([]);
  });

  it('take their Pods along when they are deleted', () => {
    const cluster = new TestCluster();
    cluster.pod('there', { nodeName: 'kind-worker3' });
    cluster.run(2000);
    cluster.silence('kind-worker3');
    cluster.client.resource(refs.nodes).delete(undefined, 'kind-worker3');
    cluster.run(120_000);
    expect(cluster.list(refs.pods)).toEqual([]);
  });

  it('get their share of the Pod network', () => {
    const cluster = new TestCluster();
    cluster.run(1000);
    const ranges = cluster
      .list(refs.nodes)
      .map(({ spec }) => spec.podCIDR)
      .sort();
    expect(ranges).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24', '10.244.3.0/24']);
  });
});

describe('namespaces', () => {
  it('get a ServiceAccount and the CA, and go with all they hold', () => {
    const cluster = new TestCluster();
    cluster.create(refs.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lab' } });
    cluster.run(100);
    expect(cluster.client.resource(refs.serviceAccounts).get('lab', 'default')).toBeDefined();
    expect(cluster.client.resource(refs.configMaps).get('lab', 'kube-root-ca.crt')?.data).toEqual({
      'ca.crt': 'test CA',
    });
    cluster.client.resource(refs.namespaces).delete(undefined, 'lab');
    cluster.run(1000);
    expect(cluster.client.resource(refs.namespaces).get(undefined, 'lab')).toBeUndefined();
    expect(cluster.client.resource(refs.configMaps).list({ namespace: 'lab' })).toEqual([]);
    expect(cluster.client.resource(refs.serviceAccounts).list({ namespace: 'lab' })).toEqual([]);
  });
});

describe('garbage collector', () => {
  it('deletes what has lost its owner, unless it is orphaned', () => {
    const cluster = new TestCluster();
    const configMaps = cluster.client.resource(refs.configMaps);
    const add = (name: string, owner?: { metadata: { name: string; uid: string } }) =>
      cluster.create(refs.configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name,
          namespace: 'default',
          ...(owner && {
            ownerReferences: [
              { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid },
            ],
          }),
        },
      });
    add('child', add('parent'));
    add('kept', add('other'));
    add('lost', { metadata: { name: 'nobody', uid: 'no-such-uid' } });
    configMaps.delete('default', 'parent');
    configMaps.delete('default', 'other', { propagationPolicy: 'Orphan' });
    cluster.run(1000);
    expect(cluster.list(refs.configMaps).map(({ metadata }) => metadata.name)).toEqual(['kept', 'kube-root-ca.crt']);
    expect(cluster.get(refs.configMaps, 'kept').metadata.ownerReferences).toBeUndefined();
  });
});

describe('endpoints', () => {
  it('follow the Pods of a Service', () => {
    const cluster = new TestCluster();
    cluster.deployment('web', { replicas: 3 });
    cluster.create(refs.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        selector: { app: 'web' },
        ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
        clusterIP: '10.96.9.9',
      },
    });
    cluster.run(300);
    expect(cluster.get(refs.endpoints, 'web').subsets).toBeUndefined();
    cluster.run(2000);
    const slices = () =>
      cluster
        .list(refs.endpointSlices)
        .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
    expect(slices()).toHaveLength(1);
    const [slice] = slices();
    expect(slice!.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    expect(slice!.endpoints?.map(({ conditions }) => conditions)).toEqual(
      Array.from({ length: 3 }, () => ({ ready: true, serving: true, terminating: false })),
    );
    expect(cluster.get(refs.endpoints, 'web').subsets?.[0]?.addresses).toHaveLength(3);
    cluster.patch(refs.deployments, 'web', { spec: { replicas: 0 } });
    cluster.run(1000);
    expect(slices()).toHaveLength(1);
    expect(slices()[0]!.endpoints).toEqual([]);
    expect(cluster.get(refs.endpoints, 'web').subsets).toBeUndefined();
    cluster.client.resource(refs.services).delete('default', 'web');
    cluster.run(1000);
    expect(slices()).toEqual([]);
    expect(() => cluster.get(refs.endpoints, 'web')).toThrow();
  });
});
