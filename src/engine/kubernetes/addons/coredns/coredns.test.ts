import { describe, expect, it } from 'vitest';
import { askDns, dnsServer, publicDns, type DnsReply, type DnsType } from '../../../network/index.ts';
import { resolveName } from '../../../process/index.ts';
import { TestCluster } from '../../kubelet/cluster.test-support.ts';
import { refs, type ConfigMap, type Draft, type Service } from '../../types.ts';
import { CorefileError, parseCorefile } from './corefile.ts';

describe('a Corefile', () => {
  it('has server blocks, snippets and nested directives', () => {
    const text =
      '(common) {\n  errors\n}\n.:53 example.org {\n import common\n forward . 8.8.8.8 { # comment\n  except a.b\n }\n}\n';
    const [block] = parseCorefile(text, 'Corefile', new Map());
    expect(block!.keys).toEqual(['.:53', 'example.org']);
    expect(block!.directives.map((d) => [d.name, d.args, d.block.length])).toEqual([
      ['errors', [], 0],
      ['forward', ['.', '8.8.8.8'], 1],
    ]);
    expect(() => parseCorefile('.:53 {\n errors\n', 'Corefile', new Map())).toThrow(CorefileError);
  });
});

describe('CoreDNS in a cluster', () => {
  const cluster = new TestCluster();
  const client = cluster.cluster.client({ manager: 'test', user: 'kubernetes-admin' });
  const services = client.resource(refs.services);
  const { network } = cluster.cluster.nodes.get('kind-worker')!.machine;
  network.addNamespace('gateway', ['172.18.0.1']).listen(53, dnsServer(publicDns(network)));
  const service = (name: string, spec: Record<string, unknown>) =>
    services.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec,
    } as unknown as Draft<Service>);

  async function ask(name: string, qtype: DnsType = 'A'): Promise<DnsReply | string> {
    const { machine } = cluster.container('box');
    let result: DnsReply | string | undefined;
    void askDns(machine.network, machine.net, '10.96.0.10', { type: 'dns', name, qtype }, 5_000).then((r) => {
      result = 'reply' in r ? r.reply : r.failure;
    });
    await cluster.until(() => result !== undefined);
    return result!;
  }
  const data = async (name: string, type: DnsType = 'A') => {
    const reply = await ask(name, type);
    return typeof reply === 'string'
      ? reply
      : reply.answers.length > 0
        ? reply.answers.map((r) => `${r.type} ${r.data}`)
        : reply.code;
  };

  it('answers for Services, headless ones, external names, Pods and addresses', async () => {
    cluster.pod('box', {
      containers: [{ name: 'c', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }],
      hostname: 'box',
      subdomain: 'sub',
    });
    await cluster.until(() => cluster.ready('box'));
    service('web', { clusterIP: '10.96.7.7', ports: [{ name: 'http', port: 80 }] });
    service('ext', { type: 'ExternalName', externalName: 'kind-worker' });
    client
      .resource(refs.pods)
      .patch('default', 'box', { type: 'merge', body: { metadata: { labels: { app: 'box' } } } });
    service('sub', { clusterIP: 'None', selector: { app: 'box' }, ports: [{ name: 'http', port: 80 }] });
    await cluster.run(3_000);
    const ip = cluster.get('box').status.podIP!;
    expect(await data('web.default.svc.cluster.local')).toEqual(['A 10.96.7.7']);
    expect(await data('_http._tcp.web.default.svc.cluster.local', 'SRV')).toEqual([
      'SRV 0 100 80 web.default.svc.cluster.local.',
    ]);
    expect(await data('sub.default.svc.cluster.local')).toEqual([`A ${ip}`]);
    expect(await data('box.sub.default.svc.cluster.local')).toEqual([`A ${ip}`]);
    expect(await data('ext.default.svc.cluster.local')).toEqual(['CNAME kind-worker.', 'A 172.18.0.3']);
    expect(await data('10-244-1-9.default.pod.cluster.local')).toEqual(['A 10.244.1.9']);
    expect(await data('7.7.96.10.in-addr.arpa', 'PTR')).toEqual(['PTR web.default.svc.cluster.local.']);
    expect(await data('nope.default.svc.cluster.local')).toBe('NXDOMAIN');
    expect(await data('web.default.svc.cluster.local', 'AAAA')).toBe('NOERROR');
  });

  it('is asked by names of the search list', async () => {
    const { machine } = cluster.container('box');
    let found: unknown;
    void resolveName(machine, 'web').then((r) => (found = r));
    await cluster.until(() => found !== undefined);
    expect(found).toEqual({ addresses: ['10.96.7.7'], canonical: 'web.default.svc.cluster.local' });
  });

  it('follows its ConfigMap, and falls silent when nothing of it runs', async () => {
    const maps = client.resource(refs.configMaps);
    const map = maps.get('kube-system', 'coredns')!;
    const text = (map.data as { Corefile: string }).Corefile.replace(
      'ready',
      'ready\n    hosts {\n      10.9.8.7 my.host\n      fallthrough\n    }',
    );
    maps.update({ ...map, data: { Corefile: text } } as ConfigMap);
    await cluster.run(150_000);
    expect(await data('my.host')).toEqual(['A 10.9.8.7']);
    const deployments = client.resource(refs.deployments);
    deployments.patch('kube-system', 'coredns', { type: 'merge', body: { spec: { replicas: 0 } } });
    await cluster.run(60_000);
    expect(await data('web.default.svc.cluster.local')).toBe('refused');
  });
});
