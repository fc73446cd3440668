import { formatIp, parseCidr, parseIp, rule, type Network, type NetworkNamespace } from '../../network/index.ts';
import { vethName } from '../../network/links.ts';
import type { PeeredCni } from './cni.ts';
import { PortMap, type PortMapping } from './portmap.ts';

/**
 * The network of kind's nodes: the `ptp` plug-in (a veth pair for each Pod, no bridge, the node is the next hop) with
 * routes to the other nodes' Pod ranges, and a masquerading agent for what leaves the cluster.
 */
export class Kindnet implements PeeredCni {
  readonly name = 'kindnet';
  readonly #network: Network;
  readonly #node: NetworkNamespace;
  readonly #gateway: string;
  readonly #range: string;
  readonly #ports: PortMap;

  /** @param podCIDR the node's, e.g. `10.244.1.0/24` */
  constructor(network: Network, node: NetworkNamespace, podCIDR: string, clusterCIDR: string) {
    this.#network = network;
    this.#node = node;
    this.#range = podCIDR;
    this.#ports = new PortMap(node, podCIDR, this.name);
    this.#gateway = formatIp(parseCidr(podCIDR).network + 1);
    node.setSysctl('net.ipv4.ip_forward', '1');
    node.setSysctl('net.bridge.bridge-nf-call-iptables', '1');
    this.#masquerade(clusterCIDR);
  }

  #masquerade(clusterCIDR: string): void {
    const nat = this.#node.netfilter.iptables('nat');
    nat.chain('KIND-MASQ-AGENT').rules = [
      rule(
        { destination: { value: parseCidr(clusterCIDR) } },
        { kind: 'return' },
        'kind-masq-agent: local traffic is not subject to MASQUERADE',
      ),
      rule(
        {},
        { kind: 'masquerade' },
        'kind-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)',
      ),
    ];
    const postrouting = nat.chain('POSTROUTING');
    postrouting.rules = [
      ...postrouting.rules,
      rule(
        { addressType: { value: { side: 'destination', type: 'LOCAL' }, not: true } },
        { kind: 'jump', chain: 'KIND-MASQ-AGENT' },
        'kind-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom KIND-MASQ-AGENT chain',
      ),
    ];
    this.#node.netfilter.changed();
  }

  /** The way to another node's Pods. */
  addPeer(podCIDR: string, nodeIP: string): void {
    this.#node.addRoute(podCIDR, { via: nodeIP, device: 'eth0' });
  }

  add(pod: NetworkNamespace, ip: string, ports: readonly PortMapping[] = []): void {
    const node = this.#node;
    const [near, far] = this.#network.veth(
      { namespace: node, name: vethName(node, pod.name) },
      { namespace: pod, name: 'eth0' },
    );
    node.addAddress(near, `${this.#gateway}/32`);
    node.addRoute(`${ip}/32`, { device: near.name, scope: 'host', source: parseIp(this.#gateway) });
    pod.addAddress(far, `${ip}/24`, { route: false });
    pod.addRoute('default', { via: this.#gateway, device: 'eth0' });
    pod.addRoute(this.#range, { via: this.#gateway, device: 'eth0', source: parseIp(ip) });
    pod.addRoute(`${this.#gateway}/32`, { device: 'eth0', scope: 'link', source: parseIp(ip) });
    this.#ports.add(ip, pod.name, ports);
  }

  remove(_pod: NetworkNamespace, ip: string): void {
    this.#ports.remove(ip);
    this.#node.routes.removeNetwork(parseIp(ip), 32);
  }
}
