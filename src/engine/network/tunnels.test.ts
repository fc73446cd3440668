import { describe, expect, it } from 'vitest';
import { World } from '../world/index.ts';
import { Network, parseCidr, parseIp, plugIn, createBridge, rule, type NetworkNamespace } from './index.ts';

const http = { protocol: 'http' } as const;

/** Two hosts on the LAN, each with a bridge and a Pod, as flannel makes them. */
function hosts() {
  const network = new Network(new World({ seed: 1, epoch: 0 }));
  const both = [1, 2].map((n) => {
    const host = network.addNamespace(`host${n}`, [`192.168.1.${n}/24`]);
    const bridge = createBridge(host, 'cni0', `10.244.${n}.1/24`);
    const pod = network.addNamespace(`pod${n}`);
    plugIn(network, bridge, pod, `10.244.${n}.2`);
    pod.listen(80, http);
    // Traffic between Pods keeps its source.
    host.netfilter.iptables('nat').chain('POSTROUTING').rules = [];
    host.netfilter.changed();
    return { host, pod, bridge };
  });
  return { network, a: both[0]!, b: both[1]! };
}

function vxlan(host: NetworkNamespace, own: number, other: number): void {
  const device = host.addInterface('flannel.1', 'vxlan', { vni: 1, mtu: 1450 });
  host.addAddress(device, `10.244.${own}.0/32`);
  device.forwardingDatabase.set(parseIp(`10.244.${other}.0`), parseIp(`192.168.1.${other}`));
  host.addRoute(`10.244.${other}.0/24`, { via: `10.244.${other}.0`, device: 'flannel.1', onlink: true });
}

describe('tunnels', () => {
  it('carry packets between hosts in UDP (vxlan), and lose them when one end is missing', () => {
    const { network, a, b } = hosts();
    vxlan(a.host, 1, 2);
    expect(network.connect(a.pod, '10.244.2.2', 80).outcome).toBe('timeout');
    vxlan(b.host, 2, 1);
    const { outcome, flow } = network.connect(a.pod, '10.244.2.2', 80);
    expect([outcome, flow.seenSource]).toEqual(['connected', '10.244.1.2']);
    expect(flow.hops.map((h) => [h.namespace, h.action])).toContainEqual(['host1', 'encapsulate']);
    network.separate(a.host, b.host);
    expect(network.connect(a.pod, '10.244.2.2', 80).outcome).toBe('timeout');
  });

  it('carry packets in IP (ipip), whose remote end is the next hop', () => {
    const { network, a, b } = hosts();
    for (const [{ host }, other] of [[a, 2], [b, 1]] as const) {
      host.addInterface('tunl0', 'ipip', { mtu: 1480 });
      host.addRoute(`10.244.${other}.0/24`, { via: `192.168.1.${other}`, device: 'tunl0', onlink: true });
    } // prettier-ignore
    expect(network.connect(a.pod, '10.244.2.2', 80).outcome).toBe('connected');
  });
});

describe('routes', () => {
  it('with several next hops take one for each connection', () => {
    const { network, a, b } = hosts();
    const client = network.addNamespace('client', ['192.168.1.9/24']);
    for (const { host } of [a, b]) {
      const lo = host.addInterface('dummy0', 'dummy');
      host.addAddress(lo, '203.0.113.1/32');
      host.listen(80, http);
    }
    client.routes.add({
      network: parseIp('203.0.113.1'),
      bits: 32,
      device: 'eth0',
      nextHops: [parseIp('192.168.1.1'), parseIp('192.168.1.2')],
    });
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) seen.add(network.connect(client, '203.0.113.1', 80).flow.to.name);
    expect([...seen].sort()).toEqual(['host1', 'host2']);
  });
});

describe('bridged frames', () => {
  it('bypass the translation of their host unless br_netfilter calls iptables', () => {
    const { network, a } = hosts();
    const other = network.addNamespace('pod1b');
    plugIn(network, a.bridge, other, '10.244.1.3');
    other.listen(80, http);
    const { host } = a;
    host.netfilter.iptables('nat').chain('PREROUTING').rules = [
      rule(
        { destination: { value: parseCidr('10.96.0.1/32') } },
        { kind: 'dnat', ip: parseIp('10.244.1.3'), port: 80 },
      ),
    ];
    host.netfilter.changed();
    // The reply goes from port to port, and comes from an address that the client has never asked.
    const lost = network.connect(a.pod, '10.96.0.1', 80);
    expect([lost.outcome, lost.flow.reason?.code]).toEqual(['timeout', 'reply-untranslated']);
    host.setSysctl('net.bridge.bridge-nf-call-iptables', '1');
    expect(network.connect(a.pod, '10.96.0.1', 80).outcome).toBe('connected');
  });
});
