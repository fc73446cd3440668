import { expect, it } from 'vitest';
import { networkTools } from '../../programs/net/index.ts';
import { Collector } from '../../world/index.ts';
import { TestCluster } from '../kubelet/cluster.test-support.ts';
import { refs, type ConfigMap, type Draft, type Service } from '../types.ts';
import type { createMachine } from '../../process/index.ts';

const cluster = new TestCluster();
const client = cluster.cluster.client({ manager: 'test', user: 'kubernetes-admin' });

/** Runs a tool on a node and gives what it prints. */
async function on(node: string, ...argv: string[]): Promise<string> {
  const machine = cluster.cluster.nodes.get(node)!.machine as ReturnType<typeof createMachine>;
  const out = new Collector();
  const child = machine.processes.run(networkTools.get(argv[0]!)!, argv, undefined, { stdout: out, stderr: out });
  await cluster.until(() => child.status !== undefined, 120_000);
  return out.text();
}

function service(name: string, spec: Record<string, unknown>): void {
  const draft = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
  client.resource(refs.services).create(draft as unknown as Draft<Service>);
}

async function setMode(mode: string): Promise<void> {
  const maps = client.resource(refs.configMaps);
  const map = maps.get('kube-system', 'kube-proxy')!;
  const text = (map.data as Record<string, string>)['config.conf']!.replace(/mode: .*/, `mode: ${mode}`);
  maps.update({ ...map, data: { ...map.data, 'config.conf': text } } as ConfigMap);
  const pods = client.resource(refs.pods);
  for (const pod of pods.list({ namespace: 'kube-system' }))
    if (pod.metadata.labels?.['k8s-app'] === 'kube-proxy') pods.delete('kube-system', pod.metadata.name);
  await cluster.run(60_000);
}

it('nodes show the rules of kube-proxy in each mode, and traffic follows them', async () => {
  cluster.pod('web', { containers: [{ name: 'c', image: 'nginx:1.27' }], nodeName: 'kind-worker2' });
  await cluster.until(() => cluster.ready('web'));
  client.resource(refs.pods).patch('default', 'web', { type: 'merge', body: { metadata: { labels: { app: 'web' } } } });
  service('web', {
    selector: { app: 'web' },
    clusterIP: '10.96.7.7',
    type: 'NodePort',
    ports: [{ port: 80, nodePort: 30080 }],
  });
  await cluster.run(3_000);
  const ip = cluster.get('web').status.podIP!;
  expect(await on('kind-worker', 'curl', '-s', '127.0.0.1:10249/proxyMode')).toBe('iptables');
  const saved = await on('kind-worker', 'iptables-save', '-t', 'nat');
  expect(saved).toContain(
    '-A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-',
  );
  expect(saved).toMatch(
    /-A KUBE-SEP-\w{16} -p tcp -m comment --comment "default\/web" -m tcp -j DNAT --to-destination /,
  );
  expect(await on('kind-worker', 'iptables', '-t', 'nat', '-L', 'KUBE-MARK-MASQ', '-n')).toContain('MARK or 0x4000');
  expect(await on('kind-worker', 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '10.96.7.7')).toBe('200');
  expect(await on('kind-worker', 'conntrack', '-L', '-d', '10.96.7.7')).toContain(`src=${ip} `);
  expect(await on('kind-worker3', 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '172.18.0.4:30080')).toBe(
    '200',
  );

  await setMode('ipvs');
  expect(await on('kind-worker', 'curl', '-s', '127.0.0.1:10249/proxyMode')).toBe('ipvs');
  const table = await on('kind-worker', 'ipvsadm', '-Ln');
  expect(table).toContain(`TCP  10.96.7.7:80 rr\n  -> ${ip}:80`);
  expect(await on('kind-worker', 'ipset', 'list', 'KUBE-NODE-PORT-TCP')).toContain('\n30080\n');
  expect(await on('kind-worker', 'ip', 'addr', 'show', 'kube-ipvs0')).toContain('inet 10.96.7.7/32');
  expect(await on('kind-worker', 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '10.96.7.7')).toBe('200');

  await setMode('nftables');
  const ruleset = await on('kind-worker', 'nft', 'list', 'table', 'ip', 'kube-proxy');
  expect(ruleset).toMatch(/10\.96\.7\.7 \. tcp \. 80 : goto service-\w{8}-default\/web\/tcp\//);
  expect(await on('kind-worker', 'ipvsadm', '-Ln')).not.toContain('10.96.7.7');
  expect(await on('kind-worker', 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '10.96.7.7')).toBe('200');
}, 30_000);
