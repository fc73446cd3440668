import { describe, expect, test } from 'vitest';
import { refs } from '../types.ts';
import { TestCluster } from './cluster.test-support.ts';

const nginx = (name: string, more: Record<string, unknown> = {}, container: Record<string, unknown> = {}) => ({
  name,
  spec: { nodeName: 'kind-worker', containers: [{ name: 'c', image: 'nginx:1.27', ...container }], ...more },
});

describe('a Pod that starts', () => {
  test('is pulled, created, started and reported as a real kubelet does', async () => {
    const cluster = new TestCluster();
    cluster.pod('web', {
      nodeName: 'kind-worker',
      containers: [{ name: 'c', image: 'nginx:1.27.3', resources: { requests: { cpu: '100m' } } }],
    });
    await cluster.until(() => cluster.ready('web'));
    const { status } = cluster.get('web');
    expect(status.phase).toBe('Running');
    expect(status.conditions?.map((c) => `${c.type}=${c.status}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    expect(status).toMatchObject({
      hostIP: '172.18.0.3',
      podIP: '10.244.1.2',
      podIPs: [{ ip: '10.244.1.2' }],
      qosClass: 'Burstable',
      observedGeneration: 1,
    });
    expect(status.containerStatuses?.[0]).toMatchObject({
      name: 'c',
      image: 'docker.io/library/nginx:1.27.3',
      imageID: expect.stringMatching(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/) as string,
      containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/) as string,
      allocatedResources: { cpu: '100m' },
      resources: { requests: { cpu: '100m' } },
      restartCount: 0,
      ready: true,
      started: true,
      lastState: {},
    });
    expect(cluster.events('web').map((e) => e.replace(/in [\d.]+m?s \(.*waiting\)/, 'in T'))).toEqual([
      'Normal Pulling Pulling image "nginx:1.27.3"',
      'Normal Pulled Successfully pulled image "nginx:1.27.3" in T. Image size: 73738705 bytes.',
      'Normal Created Container created',
      'Normal Started Container started',
    ]);
  });

  test('finds an image that is there', async () => {
    const cluster = new TestCluster();
    for (const name of ['one', 'two']) {
      cluster.pod(name, nginx(name).spec);
      await cluster.until(() => cluster.ready(name));
    }
    expect(cluster.events('two')[0]).toBe(
      'Normal Pulled Container image "nginx:1.27" already present on machine and can be accessed by the pod',
    );
  });

  test('runs init containers one after the other, then the rest; a sidecar stays', async () => {
    const cluster = new TestCluster();
    cluster.pod('p', {
      nodeName: 'kind-worker',
      initContainers: [
        { name: 'a', image: 'busybox:1.36', command: ['echo', 'first'] },
        { name: 'side', image: 'nginx:1.27', restartPolicy: 'Always' },
        { name: 'b', image: 'busybox:1.36', command: ['echo', 'second'] },
      ],
      containers: [{ name: 'main', image: 'redis:7.4' }],
    });
    await cluster.until(() => cluster.ready('p'));
    const { initContainerStatuses = [] } = cluster.get('p').status;
    expect(initContainerStatuses.map((s) => [s.name, s.ready, s.state?.terminated?.reason ?? 'running'])).toEqual([
      ['a', true, 'Completed'],
      ['side', true, 'running'],
      ['b', true, 'Completed'],
    ]);
    expect(await cluster.logs('p', 'b')).toBe('second\n');
  });
});

describe('a Pod that can not start', () => {
  test('backs off from an image that does not exist', async () => {
    const cluster = new TestCluster();
    cluster.pod('bad', { nodeName: 'kind-worker', containers: [{ name: 'c', image: 'nginx:doesnotexist' }] });
    await cluster.until(() => cluster.waiting('bad')?.reason === 'ErrImagePull');
    await cluster.until(() => cluster.waiting('bad')?.reason === 'ImagePullBackOff');
    await expect(cluster.logs('bad', 'c')).rejects.toThrow(
      'container "c" in pod "bad" is waiting to start: trying and failing to pull image',
    );
    expect(cluster.world.queue.now).toBeGreaterThan(10_000);
    expect(cluster.events('bad').sort()).toEqual(
      [
        'Normal Pulling Pulling image "nginx:doesnotexist"',
        'Warning Failed Failed to pull image "nginx:doesnotexist": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:doesnotexist": failed to resolve reference "docker.io/library/nginx:doesnotexist": docker.io/library/nginx:doesnotexist: not found',
        'Warning Failed Error: ErrImagePull',
        'Normal BackOff Back-off pulling image "nginx:doesnotexist"',
        'Warning Failed Error: ImagePullBackOff',
      ].sort(),
    );
  });

  test('says what is wrong with its configuration or command', async () => {
    const cluster = new TestCluster();
    const config = [{ name: 'c', image: 'nginx:1.27', envFrom: [{ configMapRef: { name: 'none' } }] }];
    cluster.pod('nocm', { nodeName: 'kind-worker', containers: config });
    cluster.pod('nocmd', {
      nodeName: 'kind-worker',
      containers: [{ name: 'c', image: 'nginx:1.27', command: ['nope'] }],
    });
    await cluster.run(3000);
    expect(cluster.waiting('nocm')).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configmap "none" not found',
    });
    expect(
      cluster.get('nocmd').status.containerStatuses?.[0]?.lastState?.terminated ?? cluster.waiting('nocmd'),
    ).toMatchObject({
      message: expect.stringMatching(/exec: "nope": executable file not found in \$PATH$/) as string,
    });
  });

  test('is refused where it does not fit', async () => {
    const cluster = new TestCluster();
    cluster.pod('big', {
      nodeName: 'kind-worker',
      containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '100' } } }],
    });
    await cluster.run(1000);
    expect(cluster.get('big').status).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 100000, used: 0, capacity: 8000",
    });
  });
});

describe('a Pod that ends', () => {
  test('is restarted with back-off when it crashes', async () => {
    const cluster = new TestCluster();
    cluster.pod('crash', {
      nodeName: 'kind-worker',
      containers: [{ name: 'app', image: 'busybox:1.36', command: ['false'] }],
    });
    const restarts: number[] = [];
    for (let count = 1; count <= 4; count++) {
      await cluster.until(() => cluster.get('crash').status.containerStatuses?.[0]?.restartCount === count, 600_000);
      restarts.push(Math.round(cluster.world.queue.now / 1000));
    }
    const gaps = restarts.slice(1).map((at, i) => at - restarts[i]!);
    expect(gaps[0]).toBeGreaterThanOrEqual(10);
    expect(gaps[0]).toBeLessThanOrEqual(13);
    expect(gaps[1]).toBeGreaterThanOrEqual(20);
    expect(gaps[1]).toBeLessThanOrEqual(23);
    expect(gaps[2]).toBeGreaterThanOrEqual(40);
    const last = cluster.get('crash');
    await cluster.until(() => cluster.waiting('crash')?.reason === 'CrashLoopBackOff', 120_000);
    expect(cluster.waiting('crash')?.message).toBe(
      `back-off 1m20s restarting failed container=app pod=crash_default(${last.metadata.uid})`,
    );
    const shown = cluster.world.queue.now;
    await cluster.until(() => cluster.get('crash').status.containerStatuses?.[0]?.restartCount === 5, 120_000);
    expect(cluster.world.queue.now - shown).toBeGreaterThan(15_000);
  });

  test('succeeds or fails for good with restartPolicy Never', async () => {
    const cluster = new TestCluster();
    for (const [name, command] of [
      ['ok', 'true'],
      ['ko', 'false'],
    ] as const)
      cluster.pod(name, {
        nodeName: 'kind-worker',
        restartPolicy: 'Never',
        containers: [{ name: 'c', image: 'busybox:1.36', command: [command] }],
      });
    await cluster.run(4000);
    expect(cluster.get('ok').status.phase).toBe('Succeeded');
    expect(cluster.get('ko').status.phase).toBe('Failed');
    const ready = cluster.get('ok').status.conditions?.find((c) => c.type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'PodCompleted' });
    expect(cluster.get('ok').status.conditions?.[0]).toMatchObject({
      type: 'PodReadyToStartContainers',
      status: 'False',
    });
  });

  test('goes at once if it is a server, and after its grace period if it ignores SIGTERM', async () => {
    const cluster = new TestCluster();
    cluster.pod('server', nginx('server').spec);
    cluster.pod('deaf', {
      nodeName: 'kind-worker',
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', '1000'] }],
    });
    await cluster.until(() => cluster.ready('server') && cluster.ready('deaf'));
    const from = cluster.world.queue.now;
    cluster.delete('server');
    cluster.delete('deaf');
    await cluster.until(() => !cluster.find('server'));
    expect(cluster.world.queue.now - from).toBeLessThan(1000);
    await cluster.until(() => !cluster.find('deaf'));
    const took = cluster.world.queue.now - from;
    expect(took).toBeGreaterThanOrEqual(5000);
    expect(took).toBeLessThan(6500);
    expect(cluster.events('deaf').at(-1)).toBe('Normal Killing Stopping container c');
  });
});

describe('probes', () => {
  test('keep a Pod unready, restart it, and honour the test hooks', async () => {
    const cluster = new TestCluster();
    const tcp = { readinessProbe: { tcpSocket: { port: 8082 }, periodSeconds: 1 } };
    cluster.pod('unready', nginx('unready', {}, tcp).spec);
    const get = { livenessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1, failureThreshold: 2 } };
    cluster.pod('live', nginx('live', { terminationGracePeriodSeconds: 1 }, get).spec, {
      'oracle.fail/liveness': 'true',
    });
    const good = {
      startupProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
      readinessProbe: { httpGet: { path: '/', port: 80 } },
    };
    cluster.pod('good', nginx('good', {}, good).spec);
    await cluster.until(() => cluster.ready('good'));
    await cluster.until(() => cluster.get('live').status.containerStatuses?.[0]?.restartCount === 1);
    expect(cluster.events('live')).toContain(
      'Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500',
    );
    expect(cluster.events('live')).toContain('Normal Killing Container c failed liveness probe, will be restarted');
    const { status } = cluster.get('unready');
    expect(status.conditions?.find((c) => c.type === 'ContainersReady')?.message).toBe(
      'containers with unready status: [c]',
    );
    expect(cluster.events('unready')).toContain(
      `Warning Unhealthy Readiness probe failed: dial tcp ${status.podIP}:8082: connect: connection refused`,
    );
  });
});

describe('a node', () => {
  test('that loses its power takes its containers along; they start again with it', async () => {
    const cluster = new TestCluster();
    cluster.pod('left', nginx('left').spec);
    await cluster.until(() => cluster.ready('left'));
    const node = cluster.cluster.nodes.get('kind-worker')!;
    node.power(false);
    const conditions = () => cluster.node('kind-worker').status.conditions;
    await cluster.until(
      () => conditions()?.some((c) => c.type === 'Ready' && c.status === 'Unknown') ?? false,
      120_000,
    );
    node.power(true);
    await cluster.until(() => cluster.get('left').status.containerStatuses?.[0]?.restartCount === 1, 120_000);
    expect(conditions()?.find((c) => c.type === 'Ready')?.status).toBe('True');
    expect(cluster.get('left').status.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 255,
      reason: 'Unknown',
    });
  });

  test('costs nothing but heartbeats while its Pods are idle', async () => {
    const cluster = new TestCluster();
    for (let i = 0; i < 20; i++) cluster.pod(`p${i}`, nginx(`p${i}`).spec);
    await cluster.run(60_000);
    const before = cluster.world.queue.steps;
    await cluster.run(600_000);
    // Four nodes: a Lease every 10 s and a status every 5 min, with the watches and monitors of both.
    expect(cluster.world.queue.steps - before).toBeLessThan(2000);
  });
});

test('a mirror Pod that is deleted comes back, and what it mirrors has not stopped', async () => {
  const cluster = new TestCluster();
  const pods = cluster.cluster.client({ manager: 'test' }).resource(refs.pods);
  const find = () => pods.get('kube-system', 'etcd-kind-control-plane');
  const before = find()!;
  pods.delete('kube-system', 'etcd-kind-control-plane');
  await cluster.until(() => find() !== undefined && find()!.metadata.uid !== before.metadata.uid);
  await cluster.run(1000);
  expect(find()!.status.containerStatuses?.[0]?.containerID).toBe(before.status.containerStatuses?.[0]?.containerID);
});

test('two runs of the same inputs end in the same state', async () => {
  const hashes: string[] = [];
  for (let i = 0; i < 2; i++) {
    const cluster = new TestCluster();
    cluster.pod('web', nginx('web').spec);
    cluster.pod('crash', {
      nodeName: 'kind-worker2',
      containers: [{ name: 'app', image: 'busybox:1.36', command: ['false'] }],
    });
    await cluster.run(30_000);
    cluster.delete('web');
    await cluster.run(10_000);
    hashes.push(cluster.world.stateHash());
  }
  expect(hashes[0]).toBe(hashes[1]);
});
