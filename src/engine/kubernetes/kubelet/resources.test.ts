import { describe, expect, test } from 'vitest';
import { TestCluster } from './cluster.test-support.ts';

const MiB = 1 << 20;

const stress = (name: string, args: readonly string[], resources: object = {}, more: object = {}) => ({
  nodeName: 'kind-worker',
  containers: [{ name, image: 'polinux/stress', command: ['stress'], args, resources }],
  ...more,
});

describe('a container with limits', () => {
  test('is killed for using more memory than its limit, restarted, and put off', async () => {
    const cluster = new TestCluster();
    cluster.pod(
      'hog',
      stress('hog', ['--vm', '1', '--vm-bytes', '250M', '--vm-hang', '1'], { limits: { memory: '100Mi' } }),
    );
    await cluster.until(() => cluster.waiting('hog')?.reason === 'CrashLoopBackOff');
    const status = cluster.get('hog').status.containerStatuses![0]!;
    expect(status.restartCount).toBeGreaterThanOrEqual(1);
    expect(status.lastState?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
    expect(cluster.events('hog').some((e) => e.includes('Back-off restarting failed container hog'))).toBe(true);
  });

  test('lives within it', async () => {
    const cluster = new TestCluster();
    cluster.pod(
      'fits',
      stress('c', ['--vm', '1', '--vm-bytes', '150M', '--vm-hang', '1'], { limits: { memory: '200Mi' } }),
    );
    await cluster.until(() => cluster.ready('fits'));
    await cluster.run(60_000);
    const { usage } = cluster.container('fits');
    expect(cluster.get('fits').status.containerStatuses![0]!.restartCount).toBe(0);
    expect(Math.floor(usage.memoryBytes / MiB)).toBe(151);
  });

  test('sees its limits and its use in files', async () => {
    const cluster = new TestCluster();
    const command = 'cd /sys/fs/cgroup; cat cpu.max memory.max pids.current; ps -o pid,rss,args';
    cluster.pod('looks', {
      nodeName: 'kind-worker',
      restartPolicy: 'Never',
      containers: [
        {
          name: 'c',
          image: 'busybox',
          command: ['sh', '-c', command],
          resources: { limits: { cpu: '250m', memory: '64Mi' } },
        },
      ],
    });
    await cluster.until(() => cluster.get('looks').status.phase === 'Succeeded');
    const log = await cluster.logs('looks', 'c');
    expect(log).toMatch(/^25000 100000\n67108864\n2\n/);
    expect(log).toMatch(/^ +1 +450 sh -c/m);
  });

  test('is slowed down by its CPU limit', async () => {
    const cluster = new TestCluster();
    cluster.pod('busy', stress('c', ['--cpu', '2'], { limits: { cpu: '500m' } }));
    await cluster.until(() => cluster.ready('busy'));
    const before = cluster.container('busy').usage.cpuNanos;
    await cluster.run(60_000);
    const { cpuNanos, throttling } = cluster.container('busy').usage;
    expect((cpuNanos - before) / 1e9).toBeCloseTo(30, 1);
    expect(throttling.throttledPeriods).toBeGreaterThan(590);
  });

  test('uses memory for files in a tmpfs', async () => {
    const cluster = new TestCluster();
    cluster.pod('tmpfs', {
      nodeName: 'kind-worker',
      containers: [
        {
          name: 'c',
          image: 'busybox',
          command: ['sh', '-c', 'sleep 2; dd if=/dev/zero of=/cache/file bs=1M count=80; sleep 3600'],
          resources: { limits: { memory: '64Mi' } },
          volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
        },
      ],
      volumes: [{ name: 'cache', emptyDir: { medium: 'Memory' } }],
    });
    await cluster.until(
      () =>
        cluster.get('tmpfs').status.containerStatuses?.[0]?.lastState?.terminated !== undefined ||
        cluster.get('tmpfs').status.containerStatuses?.[0]?.state?.terminated !== undefined,
    );
    const { state, lastState } = cluster.get('tmpfs').status.containerStatuses![0]!;
    expect((state?.terminated ?? lastState?.terminated)?.reason).toBe('OOMKilled');
  });

  test('whose processes read for ever grows until the kernel ends it', async () => {
    const cluster = new TestCluster();
    cluster.pod('tail', {
      nodeName: 'kind-worker',
      restartPolicy: 'Never',
      containers: [
        { name: 'c', image: 'busybox', command: ['tail', '/dev/zero'], resources: { limits: { memory: '50Mi' } } },
      ],
    });
    await cluster.until(() => cluster.get('tail').status.phase === 'Failed');
    expect(cluster.get('tail').status.containerStatuses![0]!.state!.terminated).toMatchObject({
      reason: 'OOMKilled',
      exitCode: 137,
    });
  });
});

test('an idle node uses what its daemons use, and nothing happens in it', async () => {
  const cluster = new TestCluster();
  for (let i = 0; i < 20; i++)
    cluster.pod(`idle-${i}`, {
      nodeName: 'kind-worker',
      containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10' }],
    });
  await cluster.run(20_000);
  const kubelet = cluster.cluster.nodes.get('kind-worker')!.kubelet;
  const before = kubelet.resources.cpu.usedAt(cluster.world.queue.now);
  const steps = cluster.world.queue.steps;
  await cluster.run(3_600_000);
  expect(kubelet.resources.cpu.usedAt(cluster.world.queue.now) - before).toBeCloseTo(0.0588 * 3_600_000, -4);
  // Heartbeats and controllers' periods only.
  expect(cluster.world.queue.steps - steps).toBeLessThan(30_000);
});
