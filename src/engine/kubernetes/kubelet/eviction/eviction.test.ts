import { describe, expect, test } from 'vitest';
import { TestCluster } from '../cluster.test-support.ts';
import { defaultEviction, thresholdsMet } from './thresholds.ts';

const worker = 'kind-worker';

function condition(cluster: TestCluster, type: string) {
  const { status, reason } = cluster.node(worker).status.conditions!.find((c) => c.type === type)!;
  return `${status} ${reason}`;
}

const hog = (bytes: string, more: object = {}, resources: object = {}) => ({
  nodeName: worker,
  containers: [
    {
      name: 'hog',
      image: 'polinux/stress',
      command: ['stress'],
      args: ['--vm', '1', '--vm-bytes', bytes, '--vm-hang', '0'],
      resources,
    },
  ],
  tolerations: [{ operator: 'Exists' }],
  ...more,
});

describe('thresholds', () => {
  test('are quantities or shares, and stay met until more is free', () => {
    const observe = (available: number) => ({ 'memory.available': { available, capacity: 1000 * 2 ** 20 } });
    const config = { ...defaultEviction, evictionMinimumReclaim: { 'memory.available': '50Mi' } } as const;
    expect(thresholdsMet(config, observe(99 * 2 ** 20))).toMatchObject([
      { resource: 'memory', condition: 'MemoryPressure' },
    ]);
    expect(thresholdsMet(config, observe(120 * 2 ** 20))).toEqual([]);
    expect(thresholdsMet(config, observe(120 * 2 ** 20), new Set(['memory.available']))).toHaveLength(1);
    const disk = {
      'nodefs.available': { available: 9, capacity: 100 },
      'imagefs.available': { available: 9, capacity: 100 },
    };
    expect(thresholdsMet(defaultEviction, disk).map((t) => t.signal)).toEqual([
      'imagefs.available',
      'nodefs.available',
    ]);
  });
});

describe('a node that runs out of memory', () => {
  test('evicts who uses most beyond its request, and is tainted until five minutes after', async () => {
    const cluster = new TestCluster();
    cluster.pod('modest', { nodeName: worker, containers: [{ name: 'c', image: 'nginx' }] });
    await cluster.until(() => cluster.ready('modest'));
    const { memory } = cluster.cluster.nodes.get(worker)!.kubelet.resources;
    const free = 16_000 - memory.bytes / 2 ** 20;
    cluster.pod('hog', hog(`${Math.floor(free - 60)}M`));
    await cluster.until(() => cluster.get('hog').status.phase === 'Failed');
    const { status } = cluster.get('hog');
    expect(status.reason).toBe('Evicted');
    expect(status.message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d+Ki\. Container hog was using \d+Ki, request is 0, has larger consumption of memory\. $/,
    );
    expect(status.conditions?.find((c) => c.type === 'DisruptionTarget')).toMatchObject({
      reason: 'TerminationByKubelet',
    });
    expect(
      cluster.events('hog').some((e) => e.startsWith('Warning Evicted The node was low on resource: memory.')),
    ).toBe(true);
    expect(cluster.ready('modest')).toBe(true);
    expect(condition(cluster, 'MemoryPressure')).toBe('True KubeletHasInsufficientMemory');
    await cluster.run(6000);
    expect(cluster.node(worker).spec.taints).toContainEqual(
      expect.objectContaining({ key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }),
    );
    cluster.pod('late', { nodeName: worker, containers: [{ name: 'c', image: 'nginx' }] });
    await cluster.until(() => cluster.get('late').status.phase === 'Failed');
    await cluster.run(400_000);
    expect(condition(cluster, 'MemoryPressure')).toBe('False KubeletHasSufficientMemory');
    expect(cluster.node(worker).spec.taints ?? []).toEqual([]);
  });

  test('at once has the kernel kill the container with the highest score', async () => {
    const cluster = new TestCluster();
    cluster.pod(
      'safe',
      hog('6000M', {}, { requests: { cpu: '1', memory: '7Gi' }, limits: { cpu: '1', memory: '7Gi' } }),
    );
    await cluster.run(20_000);
    cluster.pod('hog', hog('20G', { restartPolicy: 'Never' }));
    await cluster.until(() => cluster.get('hog').status.phase === 'Failed');
    expect(cluster.get('hog').status.containerStatuses![0]!.state!.terminated).toMatchObject({
      reason: 'OOMKilled',
      exitCode: 137,
    });
    expect(cluster.get('safe').status.containerStatuses![0]!.restartCount).toBe(0);
    expect(
      cluster
        .events(worker)
        .some((e) => /^Warning SystemOOM System OOM encountered, victim process: stress, pid: \d+$/.test(e)),
    ).toBe(true);
  });
});

describe('storage', () => {
  const writer = (megabytes: number, more: object, resources: object = {}) => ({
    nodeName: worker,
    restartPolicy: 'Never',
    containers: [
      {
        name: 'c',
        image: 'busybox',
        command: ['sh', '-c', `sleep 1; dd if=/dev/zero of=/data/f bs=1M count=${megabytes}; sleep 3600`],
        resources,
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    ...more,
  });

  test('beyond the limit of a volume ends the Pod', async () => {
    const cluster = new TestCluster();
    cluster.pod('big', writer(30, { volumes: [{ name: 'data', emptyDir: { sizeLimit: '20Mi' } }] }));
    cluster.pod('small', writer(10, { volumes: [{ name: 'data', emptyDir: { sizeLimit: '20Mi' } }] }));
    await cluster.until(() => cluster.get('big').status.phase === 'Failed');
    expect(cluster.get('big').status).toMatchObject({
      reason: 'Evicted',
      message: 'Usage of EmptyDir volume "data" exceeds the limit "20Mi". ',
    });
    expect(cluster.ready('small')).toBe(true);
  });

  test('beyond the limits of the containers ends it, too', async () => {
    const cluster = new TestCluster();
    cluster.pod(
      'big',
      writer(30, { volumes: [{ name: 'data', emptyDir: {} }] }, { limits: { 'ephemeral-storage': '20Mi' } }),
    );
    await cluster.until(() => cluster.get('big').status.phase === 'Failed');
    expect(cluster.get('big').status.message).toBe(
      'Pod ephemeral local storage usage exceeds the total limit of containers 20Mi. ',
    );
  });

  test('that a small disk lacks is taken from unused images, then from Pods', async () => {
    const cluster = new TestCluster({ 'ephemeral-storage': '1900Mi' });
    cluster.pod('old', {
      nodeName: worker,
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: 'python:3.12', command: ['true'] }],
    });
    await cluster.until(() => cluster.get('old').status.phase !== 'Pending');
    cluster.delete('old');
    await cluster.run(30_000);
    const { images } = cluster.cluster.nodes.get(worker)!.kubelet;
    const has = (name: string) => images.list().some(({ tags }) => tags.some((tag) => tag.includes(name)));
    cluster.pod(
      'writer',
      writer(400, { volumes: [{ name: 'data', emptyDir: {} }], tolerations: [{ operator: 'Exists' }] }),
    );
    await cluster.run(40_000);
    expect(has('python')).toBe(false);
    expect(condition(cluster, 'DiskPressure')).toMatch(/^True/);
  });
});
