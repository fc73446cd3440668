import { describe, expect, it } from 'vitest';
import { World } from '../world/index.ts';
import { Network, parseCidr, parseIp, rule, type NetworkNamespace } from './index.ts';

const http = { protocol: 'http', http: () => ({ status: 200, headers: {}, body: new Uint8Array() }) } as const;

function room() {
  const network = new Network(new World({ seed: 1, epoch: 0 }));
  return { network, host: network.addNamespace('host', ['192.168.1.20/24']) };
}

/** A container on a bridge, as Docker connects it. */
function container(network: Network, host: NetworkNamespace, name: string, ip: string): NetworkNamespace {
  let bridge = host.interfaces.get('docker0');
  if (!bridge) {
    bridge = host.addInterface('docker0', 'bridge');
    host.addAddress(bridge, '172.17.0.1/16');
    host.setSysctl('net.ipv4.ip_forward', '1');
    host.netfilter.iptables('nat').chain('POSTROUTING').rules = [
      rule(
        { source: { value: parseCidr('172.17.0.0/16') }, out: { value: 'docker0', not: true } },
        { kind: 'masquerade' },
      ),
    ];
  }
  const ns = network.addNamespace(name);
  const [near, far] = network.veth({ namespace: host, name: `veth-${name}` }, { namespace: ns, name: 'eth0' });
  host.setMaster(near, bridge);
  ns.addAddress(far, `${ip}/16`);
  ns.addRoute('default', { via: '172.17.0.1', device: 'eth0' });
  return ns;
}

describe('connections', () => {
  it('reach listening sockets on the LAN and on loopback, and are refused or lost elsewhere', () => {
    const { network, host } = room();
    const other = network.addNamespace('other', ['192.168.1.30/24']);
    other.listen(80, http);
    other.listen(81, http, '127.0.0.1');
    expect(network.connect(host, '192.168.1.30', 80).outcome).toBe('connected');
    expect(network.connect(host, '192.168.1.30', 81).outcome).toBe('refused');
    expect(network.connect(other, '127.0.0.1', 81).outcome).toBe('connected');
    expect(network.connect(host, '192.168.1.31', 80).outcome).toBe('no-route');
    network.separate(host, other);
    expect(network.connect(host, '192.168.1.30', 80).outcome).toBe('timeout');
    network.separate(host, other, false);
    other.up = false;
    expect(network.connect(host, '192.168.1.30', 80).outcome).toBe('no-route');
  });

  it('cross bridges directly, and leave them masqueraded', () => {
    const { network, host } = room();
    const a = container(network, host, 'a', '172.17.0.2');
    const b = container(network, host, 'b', '172.17.0.3');
    const outside = network.addNamespace('outside', ['192.168.1.30/24']);
    b.listen(80, http);
    outside.listen(80, http);
    const direct = network.connect(a, '172.17.0.3', 80);
    expect(direct.outcome).toBe('connected');
    expect(direct.flow.hops.map((h) => [h.namespace, h.action])).toEqual([
      ['a', 'send'],
      ['host', 'bridge'],
      ['b', 'deliver'],
    ]);
    const out = network.connect(a, '192.168.1.30', 80);
    expect(out.outcome).toBe('connected');
    expect(out.flow.seenSource).toBe('192.168.1.20');
    expect(out.flow.hops.find((h) => h.action === 'masquerade')?.reason?.chains).toEqual(['POSTROUTING']);
    host.setSysctl('net.ipv4.ip_forward', '0');
    const stopped = network.connect(a, '192.168.1.30', 80);
    expect([stopped.outcome, stopped.flow.reason?.code]).toEqual(['timeout', 'forwarding-off']);
  });

  it('follow published ports, and the replies find back', () => {
    const { network, host } = room();
    const web = container(network, host, 'web', '172.17.0.2');
    web.listen(80, http);
    const client = network.addNamespace('client', ['192.168.1.30/24']);
    expect(network.connect(client, '192.168.1.20', 8080).outcome).toBe('refused');
    host.netfilter.iptables('nat').chain('DOCKER').rules = [
      rule(
        { protocol: { value: 'tcp' }, destinationPort: { value: { from: 8080, to: 8080 } } },
        { kind: 'dnat', ip: parseIp('172.17.0.2'), port: 80 },
      ),
    ];
    host.netfilter.iptables('nat').chain('PREROUTING').rules = [
      rule({ addressType: { value: { side: 'destination', type: 'LOCAL' } } }, { kind: 'jump', chain: 'DOCKER' }),
    ];
    host.netfilter.changed();
    const published = network.connect(client, '192.168.1.20', 8080);
    expect(published.outcome).toBe('connected');
    expect(published.flow.hops.find((h) => h.action === 'dnat')?.reason?.chains).toEqual(['PREROUTING', 'DOCKER']);
    expect([published.flow.seenSource, published.flow.destination]).toEqual(['192.168.1.30', '172.17.0.2']);
  });

  it('obey filters, with the rule that decided', () => {
    const { network, host } = room();
    const other = network.addNamespace('other', ['192.168.1.30/24']);
    host.listen(80, http);
    const input = host.netfilter.iptables('filter').chain('INPUT');
    const drop = rule({ protocol: { value: 'tcp' } }, { kind: 'drop' });
    input.rules = [drop];
    host.netfilter.changed();
    const dropped = network.connect(other, '192.168.1.20', 80);
    expect([dropped.outcome, dropped.flow.reason?.rule]).toEqual(['timeout', drop]);
    input.rules = [rule({}, { kind: 'reject', with: 'icmp-port-unreachable' })];
    host.netfilter.changed();
    expect(network.connect(other, '192.168.1.20', 80).outcome).toBe('refused');
    // A reply that is dropped is a time-out, too.
    input.rules = [];
    host.netfilter.iptables('filter').chain('OUTPUT').rules = [drop];
    host.netfilter.changed();
    expect(network.connect(other, '192.168.1.20', 80).outcome).toBe('timeout');
  });

  it('spread by chance, with remembered ways as without', () => {
    const { network, host } = room();
    const seen = new Map<string, number>();
    for (const [name, ip] of [['a', '172.17.0.2'], ['b', '172.17.0.3']] as const) container(network, host, name, ip).listen(80, http); // prettier-ignore
    const to = (ip: string) => ({ kind: 'dnat', ip: parseIp(ip), port: 80 }) as const;
    const virtual = { destination: { value: parseCidr('10.96.0.1') } };
    const output = host.netfilter.iptables('nat').chain('OUTPUT');
    output.rules = [rule({ ...virtual, probability: 0.5 }, to('172.17.0.2')), rule(virtual, to('172.17.0.3'))];
    host.netfilter.changed();
    for (let i = 0; i < 1000; i++) {
      const { flow, outcome } = network.connect(host, '10.96.0.1', 80);
      expect(outcome).toBe('connected');
      seen.set(flow.destination, (seen.get(flow.destination) ?? 0) + 1);
    }
    expect(seen.get('172.17.0.2')).toBeGreaterThan(400);
    expect(seen.get('172.17.0.3')).toBeGreaterThan(400);
    expect(output.rules[0]!.packets).toBe(seen.get('172.17.0.2'));
  });

  it('answer datagrams and echo requests; routers tell when a packet has lived too long', async () => {
    const { network, host } = room();
    const a = container(network, host, 'a', '172.17.0.2');
    const outside = network.addNamespace('outside', ['192.168.1.30/24']);
    outside.listen(53, { protocol: 'udp', datagram: (data) => data });
    const sent = network.datagram(a, '192.168.1.30', 53, new Uint8Array([7]));
    expect(sent.outcome === 'delivered' && (await sent.reply)).toEqual(new Uint8Array([7]));
    expect(network.datagram(a, '192.168.1.30', 54, new Uint8Array()).outcome).toBe('refused');
    expect(network.echo(a, '192.168.1.30').outcome).toBe('connected');
    const first = network.echo(a, '192.168.1.30', { ttl: 1 });
    expect([first.outcome, first.plan.answeredBy]).toEqual(['ttl-exceeded', parseIp('172.17.0.1')]);
    expect(network.echo(a, '192.168.1.30', { ttl: 2 }).outcome).toBe('connected');
  });
});
