import { formatCidr, parseCidr, parseIp } from './address.ts';
import type { Interface } from './interface.ts';
import type { NetworkNamespace } from './namespace.ts';
import { rule } from './netfilter/rule.ts';
import type { Network } from './network.ts';

/** Things that are built of interfaces, routes and rules more than once. */

export interface BridgeNetwork {
  /** The host that has the bridge. */
  host: NetworkNamespace;
  bridge: Interface;
  gateway: string;
  /** Prefix length of the subnet. */
  bits: number;
}

/**
 * A bridge on a host that routes for what is plugged into it and hides it behind its own address.
 * @param gateway the host's own address there, with the subnet's length: `172.18.0.1/16`
 */
export function createBridge(host: NetworkNamespace, name: string, gateway: string): BridgeNetwork {
  const bridge = host.addInterface(name, 'bridge');
  host.addAddress(bridge, gateway);
  host.setSysctl('net.ipv4.ip_forward', '1');
  const postrouting = host.netfilter.iptables('nat').chain('POSTROUTING');
  const source = { value: parseCidr(gateway) };
  postrouting.rules = [...postrouting.rules, rule({ source, out: { value: name, not: true } }, { kind: 'masquerade' })];
  host.netfilter.changed();
  const [address = '', bits] = gateway.split('/');
  return { host, bridge, gateway: address, bits: Number(bits) };
}

/** Plugs a namespace into a bridge: a veth pair, an address on `eth0` and the default route. Gives the inner end. */
export function plugIn(
  network: Network,
  { host, bridge, gateway, bits }: BridgeNetwork,
  namespace: NetworkNamespace,
  address: string,
  { device = 'eth0', port, mac }: { device?: string; port?: string; mac?: string } = {},
): Interface {
  const [near, far] = network.veth(
    { namespace: host, name: port ?? vethName(host, namespace.name + device) },
    { namespace, name: device, ...(mac === undefined ? undefined : { mac }) },
  );
  host.setMaster(near, bridge);
  namespace.addAddress(far, `${address}/${bits}`);
  if (!namespace.route(parseIp('192.0.2.1'))) namespace.addRoute('default', { via: gateway, device });
  return far;
}

/** `veth` and eight hexadecimal digits of a name, as CNI plug-ins and Docker call their devices. */
export function vethName(host: NetworkNamespace, name: string): string {
  for (let salt = 0; ; salt++) {
    let hash = 0x811c9dc5 ^ salt;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    const device = `veth${(hash >>> 0).toString(16).padStart(8, '0')}`;
    if (!host.interfaces.has(device)) return device;
  }
}

/** The text of a block that an address with a prefix length lies in. */
export function subnetOf(address: string): string {
  return formatCidr(parseCidr(address));
}
