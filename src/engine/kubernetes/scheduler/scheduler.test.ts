import { describe, expect, it } from 'vitest';
import { TestCluster } from '../controllers/cluster.test-support.ts';
import { refs, type Pod, type ResourceRef } from '../types.ts';

const tail =
  'no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.';

function scheduled(pod: Pod) {
  return pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
}

describe('scheduler', () => {
  it('says why a Pod fits nowhere', () => {
    const cluster = new TestCluster();
    cluster.run(100);
    const request = (requests: object, limits?: object) => ({
      containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests, ...(limits && { limits }) } }],
    });
    const terms = [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['x'] }] }];
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
    const podAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'none' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    };
    const cases: [string, object, string][] = [
      ['cpu', request({ cpu: '50' }), '3 Insufficient cpu'],
      ['memory', request({ cpu: '50', memory: '1Ti' }), '3 Insufficient cpu, 3 Insufficient memory'],
      ['gpu', request({}, { 'nvidia.com/gpu': '1' }), '3 Insufficient nvidia.com/gpu'],
      ['selector', { nodeSelector: { disk: 'ssd' } }, "3 node(s) didn't match Pod's node affinity/selector"],
      ['affinity', { affinity: { nodeAffinity } }, "3 node(s) didn't match Pod's node affinity/selector"],
      ['together', { affinity: { podAffinity } }, "3 node(s) didn't match pod affinity rules"],
    ];
    for (const [name, spec] of cases) cluster.pod(name, { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec });
    cluster.run(100);
    for (const [name, , reasons] of cases) {
      const text = `0/4 nodes are available: 1 node(s) had untolerated taint(s), ${reasons}. ${tail}`;
      expect(scheduled(cluster.get(refs.pods, name))).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
        message: text,
      });
      expect(cluster.events(name)).toEqual([`FailedScheduling: ${text}`]);
    }
  });

  it('tries again when a node changes', () => {
    const cluster = new TestCluster();
    cluster.pod('wants-ssd', { nodeSelector: { disk: 'ssd' } });
    cluster.run(1000);
    const nodes = cluster.client.resource(refs.nodes);
    nodes.patch(undefined, 'kind-worker3', { type: 'merge', body: { metadata: { labels: { disk: 'ssd' } } } });
    cluster.run(1000);
    const pod = cluster.get(refs.pods, 'wants-ssd');
    expect(pod.spec.nodeName).toBe('kind-worker3');
    expect(cluster.events('wants-ssd')).toContain('Scheduled: Successfully assigned default/wants-ssd to kind-worker3');
    const attempt = cluster.scheduler!.attempt(pod.metadata.uid);
    expect(attempt?.node).toBe('kind-worker3');
    expect(attempt?.verdicts.map(({ node, rejection }) => `${node} ${rejection?.plugin ?? '-'}`)).toEqual([
      'kind-control-plane TaintToleration',
      'kind-worker NodeAffinity',
      'kind-worker2 NodeAffinity',
      'kind-worker3 -',
    ]);
  });

  it('spreads the Pods of a Deployment over nodes', () => {
    const cluster = new TestCluster();
    cluster.deployment('web', { replicas: 6 });
    cluster.run(2000);
    const perNode = new Map<string, number>();
    for (const { spec } of cluster.list(refs.pods)) perNode.set(spec.nodeName!, (perNode.get(spec.nodeName!) ?? 0) + 1);
    expect(Object.fromEntries(perNode)).toEqual({ 'kind-worker': 2, 'kind-worker2': 2, 'kind-worker3': 2 });
  });

  it('keeps Pods apart that want to be apart', () => {
    const cluster = new TestCluster();
    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'apart' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    };
    const metadata = { labels: { app: 'apart' } };
    const spec = { affinity: { podAntiAffinity }, containers: [{ name: 'c', image: 'nginx:1.27' }] };
    cluster.deployment('apart', { replicas: 4, template: { metadata, spec } });
    cluster.run(3000);
    const pods = cluster.list(refs.pods);
    expect(new Set(pods.map((pod) => pod.spec.nodeName)).size).toBe(4);
    expect(scheduled(pods.find((pod) => !pod.spec.nodeName)!)?.message).toBe(
      "0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 node(s) didn't match pod anti-affinity rules. " +
        'no new claims to deallocate, preemption: 0/4 nodes are available: ' +
        '1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.',
    );
  });

  it('removes less important Pods for more important ones', () => {
    const cluster = new TestCluster();
    const priorityClasses: ResourceRef = {
      group: 'scheduling.k8s.io',
      version: 'v1',
      resource: 'priorityclasses',
      kind: 'PriorityClass',
      namespaced: false,
    };
    const metadata = { name: 'vip' };
    cluster.create(priorityClasses, {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata,
      value: 100_000,
    });
    const big = (priorityClassName?: string) => ({
      ...(priorityClassName && { priorityClassName }),
      nodeSelector: { 'kubernetes.io/hostname': 'kind-worker3' },
      containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests: { cpu: '7' } } }],
    });
    cluster.pod('low', big());
    cluster.run(2000);
    const vip = cluster.pod('vip', big('vip'));
    cluster.run(3000);
    expect(cluster.get(refs.pods, 'vip').spec.nodeName).toBe('kind-worker3');
    expect(cluster.get(refs.pods, 'vip').status.nominatedNodeName).toBeUndefined();
    expect(() => cluster.get(refs.pods, 'low')).toThrow();
    expect(cluster.events('low')).toContain(`Preempted: Preempted by pod ${vip.metadata.uid} on node kind-worker3`);
  });

  it('lets Pods wait for their claims', () => {
    const cluster = new TestCluster();
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    cluster.pod('db', { volumes });
    cluster.run(1000);
    expect(scheduled(cluster.get(refs.pods, 'db'))?.message).toBe(
      `0/4 nodes are available: persistentvolumeclaim "data" not found. not found`,
    );
    const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } };
    cluster.create(refs.persistentVolumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: volume,
    });
    const spec = { volumeName: 'pv', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const metadata = { name: 'data', namespace: 'default' };
    cluster.create(refs.persistentVolumeClaims, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec });
    cluster.run(1000);
    expect(cluster.get(refs.pods, 'db').spec.nodeName).toBeDefined();
  });
});
