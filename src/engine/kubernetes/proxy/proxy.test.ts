import { describe, expect, it } from 'vitest';
import { Network, parseIp, type NetworkNamespace } from '../../network/index.ts';
import { World } from '../../world/index.ts';
import type { Client } from '../client.ts';
import { Kindnet } from '../cni/kindnet.ts';
import type { EndpointSlice, KubeObject, Service } from '../types.ts';
import { IptablesProxier } from './iptables.ts';
import { IpvsProxier } from './ipvs.ts';
import { ServiceModel } from './model.ts';
import { chainNames } from './names.ts';
import { NftablesProxier } from './nftables.ts';

interface Handlers {
  add?(object: KubeObject): void;
  update?(object: KubeObject, previous: KubeObject): void;
  delete?(object: KubeObject): void;
}

const modes = ['iptables', 'ipvs', 'nftables'] as const;

/** Two nodes with a Pod each, a client outside, and Services without an API server. */
function cluster(mode: (typeof modes)[number]) {
  const network = new Network(new World({ seed: 1, epoch: 0 }));
  const handlers: Record<string, Handlers> = {};
  const client = {
    resource: ({ resource }: { resource: string }) => ({
      informer: { on: (on: Handlers) => void (handlers[resource] = on) },
    }),
  } as unknown as Client;
  const model = new ServiceModel(client);
  const nodes = ['a', 'b'].map((name, i) => network.addNamespace(name, [`172.18.0.${2 + i}/16`]));
  const cnis = nodes.map((ns, i) => new Kindnet(network, ns, `10.244.${i}.0/24`, '10.244.0.0/16'));
  cnis[0]!.addPeer('10.244.1.0/24', '172.18.0.3');
  cnis[1]!.addPeer('10.244.0.0/24', '172.18.0.2');
  const pods = ['10.244.0.5', '10.244.1.5'].map((ip, i) => {
    const pod = network.addNamespace(`pod-${i}`);
    cnis[i]!.add(pod, ip);
    pod.listen(8080, { protocol: 'http' });
    return pod;
  });
  for (const ns of nodes) {
    const node = { name: ns.name, zone: undefined };
    const proxier =
      mode === 'iptables'
        ? new IptablesProxier(ns, model, node, '10.244.0.0/16')
        : mode === 'nftables'
          ? new NftablesProxier(ns, model, node, '10.244.0.0/16')
          : new IpvsProxier(ns, model, node, '10.244.0.0/16', 'rr');
    model.onChange(() => ns.changed());
    ns.netfilter.attach({
      name: proxier.name,
      get stale() {
        return proxier.stale;
      },
      concerns: (p) => model.concerns(p.destination, p.destinationPort),
      sync: () => proxier.sync(),
    });
  }
  const outside = network.addNamespace('outside', ['172.18.0.100/16']);
  const service = (spec: Partial<Service['spec']>, status = {}) =>
    handlers['services']!.add!({ metadata: { namespace: 'default', name: 'web' }, spec: { clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.50'], ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }], type: 'NodePort', ...spec }, status } as unknown as Service); // prettier-ignore
  const endpoints = (list: { ip: string; node: string; ready?: boolean; terminating?: boolean }[]) =>
    handlers['endpointslices']!.add!({
      metadata: { namespace: 'default', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints: list.map((e) => ({
        addresses: [e.ip],
        nodeName: e.node,
        conditions: { ready: e.ready ?? true, serving: true, terminating: e.terminating ?? false },
      })),
    } as unknown as EndpointSlice);
  const both = [
    { ip: '10.244.0.5', node: 'a' },
    { ip: '10.244.1.5', node: 'b' },
  ];
  return { network, model, nodes, pods, outside, service, endpoints, both };
}

function spread(network: Network, from: NetworkNamespace, ip: string, port: number, n = 60): Map<string, number> {
  const seen = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const { outcome, flow } = network.connect(from, ip, port);
    const key = outcome === 'connected' ? flow.destination : outcome;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  return seen;
}

describe('chain names', () => {
  it('are those of upstream', () => {
    const port = { id: 'default/kubernetes:https', protocol: 'tcp' } as never;
    expect(chainNames(port).service).toBe('KUBE-SVC-NPX46M4PTMTKRN6Y');
  });
});

describe.each(modes)('kube-proxy in %s mode', (mode) => {
  it('spreads connections to a cluster IP over the endpoints, from Pods and nodes', () => {
    const { network, nodes, pods, service, endpoints, both } = cluster(mode);
    service({});
    endpoints(both);
    for (const from of [...nodes, ...pods]) {
      const seen = spread(network, from, '10.96.0.50', 80);
      expect([...seen.keys()].sort(), from.name).toEqual(['10.244.0.5', '10.244.1.5']);
    }
    // Pods are seen as themselves, but for the one that reaches itself.
    for (let i = 0; i < 20; i++) {
      const { flow } = network.connect(pods[0]!, '10.96.0.50', 80);
      expect(flow.seenSource).toBe(flow.destination === '10.244.0.5' ? '10.244.0.1' : '10.244.0.5');
    }
  });

  it('serves node ports on every node; with policy Local only where an endpoint is, with the source kept', () => {
    const { network, outside, service, endpoints } = cluster(mode);
    service({});
    endpoints([{ ip: '10.244.1.5', node: 'b' }]);
    const viaA = network.connect(outside, '172.18.0.2', 30080);
    expect([viaA.outcome, viaA.flow.destination, viaA.flow.seenSource]).toEqual([
      'connected',
      '10.244.1.5',
      '172.18.0.2',
    ]);
    service({ externalTrafficPolicy: 'Local' });
    const local = network.connect(outside, '172.18.0.3', 30080);
    expect([local.outcome, local.flow.seenSource]).toEqual(['connected', '172.18.0.100']);
    expect(network.connect(outside, '172.18.0.2', 30080).outcome).toBe(mode === 'ipvs' ? 'refused' : 'timeout');
  });

  it('refuses what has no endpoints, follows changes, and uses terminating endpoints last', () => {
    const { network, pods, service, endpoints, both } = cluster(mode);
    service({});
    endpoints([]);
    expect(network.connect(pods[0]!, '10.96.0.50', 80).outcome).toBe('refused');
    endpoints(both.map((e) => ({ ...e, ready: false, terminating: e.node === 'b' })));
    expect([...spread(network, pods[0]!, '10.96.0.50', 80).keys()]).toEqual(['10.244.1.5']);
    endpoints([both[0]!]);
    expect([...spread(network, pods[1]!, '10.96.0.50', 80).keys()]).toEqual(['10.244.0.5']);
  });

  it('keeps clients with their endpoint when asked to', () => {
    const { network, pods, service, endpoints, both } = cluster(mode);
    service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } } });
    endpoints(both);
    expect(spread(network, pods[0]!, '10.96.0.50', 80).size).toBe(1);
  });

  it('serves external and load balancer addresses', () => {
    const { network, nodes, outside, service, endpoints, both } = cluster(mode);
    service(
      { type: 'LoadBalancer', externalIPs: ['203.0.113.7'] },
      { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } },
    );
    endpoints(both);
    for (const ip of ['203.0.113.7', '203.0.113.9']) {
      outside.addRoute(`${ip}/32`, { via: '172.18.0.2', device: 'eth0' });
      expect(network.connect(outside, ip, 80).outcome, ip).toBe('connected');
      expect(network.connect(nodes[1]!, ip, 80).outcome, ip).toBe('connected');
    }
    expect(parseIp('203.0.113.7')).toBeGreaterThan(0);
  });
});
