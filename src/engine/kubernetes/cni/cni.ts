import type { Network, NetworkNamespace } from '../../network/index.ts';
import type { CniName } from './abilities.ts';
import { bridge, BridgeCni, flannel } from './bridge.ts';
import { Kindnet } from './kindnet.ts';
import type { PortMapping } from './portmap.ts';

/** Connects Pods to the network of their node. */
export interface Cni {
  readonly name: string;
  /** Gives a Pod's fresh namespace its interface and address, and makes host ports lead to it. */
  add(pod: NetworkNamespace, ip: string, ports?: readonly PortMapping[]): void;
  /** Takes the Pod off the network again; its namespace is removed after that. */
  remove(pod: NetworkNamespace, ip: string): void;
}

export interface PeeredCni extends Cni {
  /** The way to another node's Pods. */
  addPeer(podCIDR: string, nodeIP: string): void;
}

/** The plug-in of that name on one node. Where a plug-in has no data plane of its own here, it is kindnet's: routed. */
export function createCni(
  name: CniName,
  network: Network,
  node: NetworkNamespace,
  podCIDR: string,
  clusterCIDR: string,
): PeeredCni {
  if (name === 'flannel') return new BridgeCni(flannel, network, node, podCIDR, clusterCIDR);
  if (name === 'bridge') return new BridgeCni(bridge, network, node, podCIDR, clusterCIDR);
  return new Kindnet(network, node, podCIDR, clusterCIDR);
}
