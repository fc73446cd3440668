import { describe, expect, test, vi } from 'vitest';
import { TestCluster } from './cluster.test-support.ts';

const page = '/usr/share/nginx/html/index.html';

/** Probes of two kinds, files that change, a listener that goes, a host that is cut off. @param short as it is, or every probe at length */
async function scenario(short: boolean): Promise<{ cluster: TestCluster; log: string; inShort: number }> {
  const cluster = new TestCluster();
  const { network } = cluster;
  let inShort = 0;
  const unchanged = network.unchanged.bind(network);
  vi.spyOn(network, 'unchanged').mockImplementation((probe) => short && unchanged(probe));
  const repeat = network.repeat.bind(network);
  vi.spyOn(network, 'repeat').mockImplementation((probe) => (inShort++, repeat(probe)));
  const probe = (periodSeconds: number) => ({ httpGet: { port: 80, path: '/' }, periodSeconds });
  cluster.pod('web', {
    nodeName: 'kind-worker',
    containers: [{ name: 'c', image: 'nginx:1.27', readinessProbe: probe(3), livenessProbe: probe(5) }],
  });
  await cluster.until(() => cluster.ready('web'));
  await cluster.run(60_000);
  const { fs, processes } = cluster.container('web').machine;
  const data = fs.readText(page);
  fs.remove(page);
  await cluster.run(4_000);
  expect(cluster.events('web').some((e) => e.includes('Readiness probe failed: HTTP probe failed'))).toBe(true);
  fs.writeFile(page, data);
  await cluster.run(60_000);
  processes.signal(1, 'SIGHUP');
  await cluster.run(30_000);
  network.namespace('kind-worker2')!.up = false;
  await cluster.run(30_000);
  processes.signal(1, 'SIGTERM');
  await cluster.run(120_000);
  return { cluster, log: await cluster.logs('web', 'c'), inShort };
}

describe('a probe that is repeated in short', () => {
  test('leaves behind what one at length does', async () => {
    const [short, long] = [await scenario(true), await scenario(false)];
    expect(long.inShort).toBe(0);
    expect(short.inShort).toBeGreaterThan(80);
    expect(short.log).toBe(long.log);
    expect(short.log).toMatch(/"GET \/ HTTP\/1\.1" 200 615 "-" "kube-probe/);
    expect(short.cluster.events('web')).toEqual(long.cluster.events('web'));
    expect(short.cluster.world.stateHashes()).toEqual(long.cluster.world.stateHashes());
  });

  test('costs the log no text until it is read, and reading leaves no trace', async () => {
    const [read, unread] = [await scenario(true), await scenario(true)];
    read.cluster.container('web').log.lines();
    await Promise.all([read.cluster.run(10_000), unread.cluster.run(10_000)]);
    expect(read.cluster.world.stateHash()).toBe(unread.cluster.world.stateHash());
  });
});
