import { parseCidr, parseIp, rule, type NetworkNamespace } from '../../engine/network/index.ts';

/** A port of the workstation that leads to one of a node (`extraPortMappings` of kind). */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
}

/**
 * Publishes ports of a node on the workstation as Docker does without its userland proxy: by translation, for loopback
 * addresses too, so that one sees the whole way.
 */
export function publishNodePorts(host: NetworkNamespace, nodeIP: string, mappings: readonly PortMapping[]): void {
  if (mappings.length === 0) return;
  host.setSysctl('net.ipv4.conf.all.route_localnet', '1');
  const nat = host.netfilter.iptables('nat');
  const local = { addressType: { value: { side: 'destination', type: 'LOCAL' } } } as const;
  for (const { hostPort, containerPort } of mappings) {
    const match = { ...local, protocol: { value: 'tcp' }, destinationPort: { value: { from: hostPort, to: hostPort } } } as const; // prettier-ignore
    const target = { kind: 'dnat', ip: parseIp(nodeIP), port: containerPort } as const;
    for (const name of ['PREROUTING', 'OUTPUT']) {
      const chain = nat.chain(name);
      chain.rules = [...chain.rules, rule(match, target)];
    }
    // The port is taken, and by whom.
    host.listen(hostPort, { protocol: 'tcp' }, '0.0.0.0', { pid: 0, name: 'docker-proxy' });
  }
  const postrouting = nat.chain('POSTROUTING');
  const loopback = { source: { value: parseCidr('127.0.0.0/8') }, destination: { value: parseCidr(`${nodeIP}/32`) } };
  postrouting.rules = [...postrouting.rules, rule(loopback, { kind: 'masquerade' })];
  host.netfilter.changed();
}
