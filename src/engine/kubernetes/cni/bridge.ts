import { formatIp, parseCidr, parseIp, plugIn, rule, type BridgeNetwork, type Network, type NetworkNamespace } from '../../network/index.ts'; // prettier-ignore
import type { Cni, PeeredCni } from './cni.ts';
import { PortMap, type PortMapping } from './portmap.ts';

/** What distinguishes plug-ins that plug Pods into a bridge of their node. */
interface BridgeFlavour {
  readonly name: 'flannel' | 'bridge';
  readonly bridge: string;
  /** Other nodes' Pods are reached through a tunnel. */
  readonly vxlan: boolean;
}

export const flannel: BridgeFlavour = { name: 'flannel', bridge: 'cni0', vxlan: true };
export const bridge: BridgeFlavour = { name: 'bridge', bridge: 'bridge', vxlan: false };

const tunnel = 'flannel.1';

/**
 * The `bridge` plug-in with the node as gateway: alone as minikube has it on its one node, or under flannel, which adds a
 * VXLAN device with the node's block's first address to it.
 */
export class BridgeCni implements PeeredCni, Cni {
  readonly name: string;
  readonly #network: Network;
  readonly #node: NetworkNamespace;
  readonly #link: BridgeNetwork;
  readonly #ports: PortMap;
  readonly #vxlan: boolean;

  /** @param podCIDR the node's, e.g. `10.244.1.0/24` */
  constructor(flavour: BridgeFlavour, network: Network, node: NetworkNamespace, podCIDR: string, clusterCIDR: string) {
    this.name = flavour.name;
    this.#network = network;
    this.#node = node;
    this.#vxlan = flavour.vxlan;
    this.#ports = new PortMap(node, podCIDR, flavour.name);
    node.setSysctl('net.ipv4.ip_forward', '1');
    node.setSysctl('net.bridge.bridge-nf-call-iptables', '1');
    const { network: block, bits } = parseCidr(podCIDR);
    const gateway = formatIp(block + 1);
    const device = node.addInterface(flavour.bridge, 'bridge');
    node.addAddress(device, `${gateway}/${bits}`);
    this.#link = { host: node, bridge: device, gateway, bits };
    if (flavour.vxlan) {
      const vxlan = node.addInterface(tunnel, 'vxlan', { vni: 1, mtu: 1450 });
      node.addAddress(vxlan, `${formatIp(block)}/32`);
    }
    this.#masquerade(flavour, clusterCIDR);
  }

  /** Pods' addresses stay as they are inside the cluster only. */
  #masquerade({ name }: BridgeFlavour, clusterCIDR: string): void {
    const nat = this.#node.netfilter.iptables('nat');
    const cluster = { value: parseCidr(clusterCIDR) };
    const chain = name === 'flannel' ? 'FLANNEL-POSTRTG' : 'CNI-BRIDGE-MASQ';
    nat.chain(chain).rules = [
      rule({ source: cluster, destination: cluster }, { kind: 'return' }, `${name} masq`),
      rule({ source: cluster }, { kind: 'masquerade' }, `${name} masq`),
    ];
    const postrouting = nat.chain('POSTROUTING');
    postrouting.rules = [...postrouting.rules, rule({}, { kind: 'jump', chain }, `${name} masq`)];
    this.#node.netfilter.changed();
  }

  addPeer(podCIDR: string, nodeIP: string): void {
    if (!this.#vxlan) return this.#node.addRoute(podCIDR, { via: nodeIP, device: 'eth0' });
    const { network: block } = parseCidr(podCIDR);
    this.#node.interfaces.get(tunnel)!.forwardingDatabase.set(block, parseIp(nodeIP));
    this.#node.addRoute(podCIDR, { via: formatIp(block), device: tunnel, onlink: true });
  }

  add(pod: NetworkNamespace, ip: string, ports: readonly PortMapping[] = []): void {
    plugIn(this.#network, this.#link, pod, ip);
    this.#ports.add(ip, pod.name, ports);
  }

  remove(_pod: NetworkNamespace, ip: string): void {
    this.#ports.remove(ip);
  }
}
