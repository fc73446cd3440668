import { beforeAll, describe, expect, it } from 'vitest';
import { networkTools } from '../../programs/net/index.ts';
import type { Flow } from '../../network/index.ts';
import type { createMachine } from '../../process/index.ts';
import { Collector } from '../../world/index.ts';
import { TestCluster } from '../kubelet/cluster.test-support.ts';
import type { CniName } from './abilities.ts';
import { refs, type Draft, type Namespace, type Pod, type ResourceRef } from '../types.ts';

const networkPolicies: ResourceRef = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
};

class Scenario {
  readonly cluster: TestCluster;
  readonly client;
  readonly flows: Flow[] = [];

  constructor(cni?: CniName) {
    this.cluster = new TestCluster(undefined, cni);
    this.client = this.cluster.cluster.client({ manager: 'test', user: 'kubernetes-admin' });
    this.cluster.world.bus.on('flow', (flow) => void this.flows.push(flow as Flow));
  }

  create(ref: ResourceRef, object: Record<string, unknown>): void {
    this.client.resource(ref).create(object as unknown as Draft);
  }

  namespace(name: string, labels: Record<string, string>): void {
    this.create(refs.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } };
    this.create(refs.serviceAccounts as ResourceRef, account);
  }

  async pod(
    namespace: string,
    name: string,
    labels: Record<string, string>,
    image = 'busybox',
    nodeName = 'kind-worker',
  ) {
    const command = image === 'busybox' ? { command: ['sleep', '100000'] } : {};
    this.create(refs.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels },
      spec: { nodeName, containers: [{ name: 'c', image, ...command, ports: [{ name: 'http', containerPort: 80 }] }] },
    });
    await this.cluster.until(() => this.ready(namespace, name));
  }

  ready(namespace: string, name: string): boolean {
    const pod = this.client.resource(refs.pods).get(namespace, name);
    return pod?.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  }

  ip(namespace: string, name: string): string {
    return this.client.resource(refs.pods).get(namespace, name)!.status.podIP!;
  }

  policy(name: string, spec: Record<string, unknown>, namespace = 'default'): void {
    this.create(networkPolicies, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec }); // prettier-ignore
  }

  async drop(name: string, namespace = 'default'): Promise<void> {
    this.client.resource(networkPolicies).delete(namespace, name);
    await this.cluster.run(10);
  }

  /** What a tool prints in a Pod's container. */
  async run(namespace: string, name: string, ...argv: string[]): Promise<string> {
    const pod: Pod = this.client.resource(refs.pods).get(namespace, name)!;
    const worker = this.cluster.cluster.nodes.get(pod.spec.nodeName!)!.kubelet.worker(pod)!;
    const { machine } = [...worker.records.values()][0]!.current!;
    const out = new Collector();
    const run = machine as ReturnType<typeof createMachine>;
    const child = run.processes.run(networkTools.get(argv[0]!)!, argv, undefined, { stdout: out, stderr: out });
    await this.cluster.until(() => child.status !== undefined, 300_000);
    return out.text();
  }

  async wget(from: [string, string], url: string, seconds = 2): Promise<string> {
    const text = await this.run(...from, 'wget', '-qO-', `-T${seconds}`, url);
    return text.includes('Welcome to nginx') ? 'ok' : text.trim();
  }

  /** The last drop, for people to see. */
  get refusal() {
    return this.flows.filter((f) => f.reason?.code === 'network-policy').at(-1)?.reason?.params;
  }
}

describe('network policies of a cluster', () => {
  const s = new Scenario();
  let web = '';
  const a: [string, string] = ['default', 'a'];
  const shop: [string, string] = ['shop', 'a'];
  const ops: [string, string] = ['shop', 'b'];

  beforeAll(async () => {
    s.namespace('shop', { team: 'shop' });
    await s.pod('default', 'web', { app: 'web' }, 'nginx:1.27', 'kind-worker2');
    await s.pod('default', 'a', { app: 'a' });
    await s.pod('shop', 'a', { app: 'a' });
    await s.pod('shop', 'b', { app: 'b' });
    web = `http://${s.ip('default', 'web')}`;
    s.create(refs.services as ResourceRef, {
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] },
    }); // prettier-ignore
    await s.cluster.run(5_000);
  }, 30_000);

  it('close what they select: default deny', async () => {
    expect(await s.wget(a, web)).toBe('ok');
    s.policy('deny', { podSelector: {}, policyTypes: ['Ingress'] });
    await s.cluster.run(10);
    expect(await s.wget(a, web)).toBe('wget: download timed out');
    expect(s.refusal).toEqual({ policy: 'default/deny', direction: 'ingress' });
    const flow = s.flows.filter((f) => f.outcome === 'timeout').at(-1)!;
    expect(flow.hops.at(-1)).toMatchObject({ action: 'drop', namespace: 'kind-worker2', hook: 'FORWARD' });
    expect(await s.wget(a, 'http://web')).toBe('wget: download timed out');
    // The node's own kubelet always gets through: the Pod stays ready.
    const { machine } = s.cluster.cluster.nodes.get('kind-worker2')!;
    expect(machine.network.connect(machine.net, s.ip('default', 'web'), 80).outcome).toBe('connected');
    const other = s.cluster.cluster.nodes.get('kind-worker3')!.machine;
    expect(other.network.connect(other.net, s.ip('default', 'web'), 80).outcome).toBe('timeout');
    await s.drop('deny');
    expect(await s.wget(a, web)).toBe('ok');
  });

  it('allow from a namespace, and follow its labels', async () => {
    const from = [{ namespaceSelector: { matchLabels: { team: 'shop' } } }];
    s.policy('from-shop', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ from, ports: [{ port: 'http' }] }],
    });
    await s.cluster.run(10);
    expect(await s.wget(a, web)).toContain('timed out');
    expect(await s.wget(shop, web)).toBe('ok');
    const admitted = s.flows.at(-1)!.hops.find((hop) => hop.reason?.code === 'network-policy');
    expect(admitted?.reason?.params).toEqual({ policy: 'default/from-shop', direction: 'ingress', rule: '0' });
    const namespaces = s.client.resource(refs.namespaces);
    const namespace = namespaces.get(undefined, 'shop')!;
    const renamed = { ...namespace, metadata: { ...namespace.metadata, labels: { team: 'none' } } } as Namespace;
    namespaces.update(renamed);
    await s.cluster.run(10);
    expect(await s.wget(shop, web)).toContain('timed out');
    const now = namespaces.get(undefined, 'shop')!;
    namespaces.update({ ...now, metadata: { ...now.metadata, labels: { team: 'shop' } } } as Namespace);
    await s.drop('from-shop');
  });

  it('take both selectors of one peer together', async () => {
    const both = { namespaceSelector: { matchLabels: { team: 'shop' } }, podSelector: { matchLabels: { app: 'a' } } };
    s.policy('both', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [both] }] });
    await s.cluster.run(10);
    expect([await s.wget(shop, web), await s.wget(ops, web), await s.wget(a, web)]).toEqual([
      'ok',
      'wget: download timed out',
      'wget: download timed out',
    ]);
    await s.drop('both');
  });

  it('allow blocks of addresses, but for some', async () => {
    const { network } = s.cluster.cluster.nodes.get('kind-worker2')!.machine;
    const outside = network.addNamespace('outside', ['172.18.0.100/16', '172.18.0.101/16']);
    const ipBlock = { cidr: '172.18.0.0/16', except: ['172.18.0.101/32'] };
    s.policy('block', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ ipBlock }] }] });
    const services = s.client.resource(refs.services);
    const service = services.get('default', 'web')!;
    services.update({ ...service, spec: { ...service.spec, externalTrafficPolicy: 'Local' } });
    await s.cluster.run(1_000);
    const reach = (source: string) => network.connect(outside, '172.18.0.4', 30080, { source }).outcome;
    expect([reach('172.18.0.100'), reach('172.18.0.101')]).toEqual(['connected', 'timeout']);
    await s.drop('block');
    expect(reach('172.18.0.101')).toBe('connected');
  });

  it('that restrict egress stop name lookups as well, until DNS is allowed', async () => {
    const to = [{ podSelector: { matchLabels: { app: 'web' } } }];
    s.policy('out', { podSelector: { matchLabels: { app: 'a' } }, policyTypes: ['Egress'], egress: [{ to }] });
    await s.cluster.run(10);
    expect(await s.wget(a, web)).toBe('ok');
    const began = s.cluster.world.queue.now;
    expect(await s.wget(a, 'http://web')).toBe("wget: bad address 'web'");
    expect(s.cluster.world.queue.now - began).toBeGreaterThan(5_000);
    expect(s.refusal).toEqual({ policy: 'default/out', direction: 'egress' });
    const dns = { to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] };
    s.policy('dns', { podSelector: {}, policyTypes: ['Egress'], egress: [dns] });
    await s.cluster.run(10);
    expect(await s.wget(a, 'http://web')).toBe('ok');
    await s.drop('out');
    await s.drop('dns');
  });

  it('are judged once for each way: a hundred policies cost further connections nothing', async () => {
    for (let i = 0; i < 100; i++)
      s.policy(`p${i}`, { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: i === 99 ? 'a' : `x${i}` } } }] }] }); // prettier-ignore
    await s.cluster.run(10);
    const { network } = s.cluster.cluster.nodes.get('kind-worker2')!.machine;
    const pod = [...network.namespaces()].find((ns) => ns.name.startsWith('pod/default/a/'))!;
    expect(network.connect(pod, s.ip('default', 'web'), 80).flow.plan).toBe(
      network.connect(pod, s.ip('default', 'web'), 80).flow.plan,
    );
  });
});

it('have no effect where the plug-in does not look at them', async () => {
  const s = new Scenario('flannel');
  await s.pod('default', 'web', { app: 'web' }, 'nginx:1.27', 'kind-worker2');
  await s.pod('default', 'a', { app: 'a' });
  s.policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  await s.cluster.run(10);
  expect(await s.wget(['default', 'a'], `http://${s.ip('default', 'web')}`)).toBe('ok');
  expect(s.flows.at(-1)!.hops.some(({ action }) => action === 'encapsulate')).toBe(true);
});
