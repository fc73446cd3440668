import { expect, it } from 'vitest';
import { refs, type Service } from '../../types.ts';
import { TrafficCluster } from '../traffic.test-support.ts';
import { parseRange } from './allocator.ts';
import { metallbManifest } from './manifest.ts';
import { metallbRefs } from './types.ts';

it('reads ranges as CIDRs and as pairs', () => {
  expect(parseRange('10.0.0.0/30')).toEqual({ first: 0x0a000000, last: 0x0a000003 });
  expect(parseRange('10.0.0.5-10.0.0.9')).toEqual({ first: 0x0a000005, last: 0x0a000009 });
  expect(() => parseRange('10.0.0.9-10.0.0.5')).toThrow('start IP "10.0.0.9" is after the end IP "10.0.0.5"');
});

it('gives addresses from pools, announced by one node, and by another when that is gone', async () => {
  const t = new TrafficCluster();
  t.applyText(metallbManifest());
  t.web('shop', 2);
  await t.ready(refs.pods, 'metallb-system', 'controller');
  await t.ready(refs.pods, 'metallb-system', 'speaker');
  const services = t.client.resource(refs.services);
  const balanced = (name: string, more: Record<string, unknown> = {}) =>
    t.create(refs.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { type: 'LoadBalancer', selector: { app: 'shop' }, ports: [{ port: 80 }], ...more },
    });
  const ip = (name: string) => (services.get('default', name) as Service).status.loadBalancer?.ingress?.[0]?.ip;
  balanced('one');
  await t.cluster.run(1_000);
  expect(ip('one')).toBeUndefined();

  t.create(metallbRefs.pools, {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'lan', namespace: 'metallb-system' },
    spec: { addresses: ['172.18.255.200-172.18.255.201'] },
  });
  await t.cluster.run(1_000);
  expect(ip('one')).toBe('172.18.255.200');
  expect(t.cluster.events('one')).toContain('Normal IPAllocated Assigned IP ["172.18.255.200"]');
  const { network } = t.machine('kind-worker');
  const outside = network.addNamespace('outside', ['172.18.0.100/16']);
  const reach = () => network.connect(outside, '172.18.255.200', 80);
  // Nodes know the address by kube-proxy's rules; nobody else does before it is announced.
  expect(await t.curl('http://172.18.255.200/')).toContain('Name: shop');
  expect(reach().outcome).toBe('no-route');
  t.create(metallbRefs.l2, {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'L2Advertisement',
    metadata: { name: 'lan', namespace: 'metallb-system' },
    spec: {},
  });
  await t.cluster.run(1_000);
  const first = reach();
  expect(first.outcome).toBe('connected');
  const announcer = t.cluster.events('one').find((e) => e.includes('nodeAssigned'))!;
  const node = /announcing from node "(.*)" with protocol "layer2"/.exec(announcer)![1]!;
  expect(first.flow.hops.find((hop) => hop.action === 'dnat')?.namespace).toBe(node);
  expect(node).not.toBe('kind-control-plane');

  balanced('two');
  balanced('three');
  await t.cluster.run(1_000);
  expect(ip('two')).toBe('172.18.255.201');
  expect(t.cluster.events('three')).toContain(
    'Warning AllocationFailed Failed to allocate IP for "default/three": no available IPs',
  );
  services.delete('default', 'two');
  await t.cluster.run(1_000);
  expect(ip('three')).toBe('172.18.255.201');

  t.cluster.cluster.nodes.get(node)!.power(false);
  expect(reach().outcome).not.toBe('connected');
  await t.cluster.run(60_000);
  let outcome: string = reach().outcome;
  for (let i = 0; i < 5 && outcome !== 'connected'; i++) outcome = reach().outcome;
  expect(outcome).toBe('connected');
});
