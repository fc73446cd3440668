import { formatIp, type Cidr } from './address.ts';
import type { NetworkNamespace } from './namespace.ts';

export type InterfaceKind = 'loopback' | 'ethernet' | 'veth' | 'bridge' | 'vxlan' | 'ipip' | 'dummy';

export interface InterfaceAddress {
  readonly ip: number;
  readonly bits: number;
  readonly scope: 'global' | 'link' | 'host';
}

/** A cable, or a switch that no host owns: interfaces on one segment hear each other. */
export class Segment {
  readonly name: string;
  /** Virtual ms from one interface to another. */
  readonly latency: number;
  readonly members = new Set<Interface>();

  constructor(name: string, latency: number) {
    this.name = name;
    this.latency = latency;
  }
}

/** A network device. Change it through its namespace, which tells the network that ways have changed. */
export class Interface {
  readonly index: number;
  name: string;
  readonly kind: InterfaceKind;
  readonly mac: string;
  mtu: number;
  up = true;
  namespace: NetworkNamespace;
  addresses: readonly InterfaceAddress[] = [];
  /** The bridge that it is a port of. */
  master: Interface | undefined;
  /** Ports, of a bridge. */
  get ports(): Set<Interface> {
    return (this.#ports ??= new Set());
  }
  /** The other end, of a veth. */
  peer: Interface | undefined;
  segment: Segment | undefined;
  /** Answers ARP requests for every address (Calico's `169.254.1.1`). */
  proxyArp = false;
  /** Addresses that somebody answers ARP requests for here, without the host having them (MetalLB's speakers). */
  readonly announced = new Set<number>();
  /** Of a vxlan: whose VTEP a next hop is behind. Empty for ipip, where the next hop is the remote end itself. */
  get forwardingDatabase(): Map<number, number> {
    return (this.#forwardingDatabase ??= new Map());
  }
  readonly vni: number | undefined;
  #ports: Set<Interface> | undefined;
  #forwardingDatabase: Map<number, number> | undefined;

  constructor(
    namespace: NetworkNamespace,
    options: { index: number; name: string; kind: InterfaceKind; mac?: string; mtu?: number; vni?: number },
  ) {
    this.namespace = namespace;
    this.index = options.index;
    this.name = options.name;
    this.kind = options.kind;
    this.mac = options.mac ?? '00:00:00:00:00:00';
    this.mtu = options.mtu ?? (options.kind === 'loopback' ? 65_536 : 1500);
    this.vni = options.vni;
  }

  has(ip: number): boolean {
    for (const address of this.addresses) if (address.ip === ip) return true;
    return false;
  }

  /** Answers ARP requests for an address. */
  answers(ip: number): boolean {
    return this.proxyArp || this.has(ip) || this.announced.has(ip);
  }

  /** Carrier and administrative state. */
  get running(): boolean {
    return this.up && (this.kind !== 'veth' || this.peer?.up === true);
  }

  snapshot(): unknown {
    return [
      this.index,
      this.name,
      this.kind,
      this.up,
      this.mtu,
      this.addresses.map((a) => `${formatIp(a.ip)}/${a.bits}`),
      this.master?.name,
      this.peer && `${this.peer.namespace.name}/${this.peer.name}`,
      this.segment?.name,
      ...[...this.announced].map(formatIp),
    ];
  }
}

/** What a frame meets on its way to the next hop. */
export interface LinkPath {
  readonly target: Interface;
  /** Bridges that switch it from port to port. */
  readonly bridges: readonly Interface[];
  /** Virtual ms. */
  readonly latency: number;
}

const vethLatency = 0.03;

/** Who answers an ARP request for `ip` that is sent out of an interface; undefined if nobody does. */
export function resolveLink(out: Interface, ip: number): LinkPath | undefined {
  if (!out.up) return undefined;
  if (out.segment) return onSegment(out.segment, out, ip, []);
  if (out.kind === 'bridge') return throughBridge(out, undefined, ip, []);
  const { peer } = out;
  if (!peer?.up || !peer.namespace.up) return undefined;
  return arriveAt(peer, ip, []);
}

function arriveAt(port: Interface, ip: number, bridges: readonly Interface[]): LinkPath | undefined {
  const { master } = port;
  if (master) return master.up ? throughBridge(master, port, ip, bridges) : undefined;
  return port.answers(ip) || answersFor(port, ip) ? { target: port, bridges, latency: vethLatency } : undefined;
}

/** Linux answers ARP on any of its interfaces for every address it has (arp_ignore = 0). */
function answersFor(port: Interface, ip: number): boolean {
  return port.namespace.isLocal(ip);
}

function throughBridge(
  bridge: Interface,
  from: Interface | undefined,
  ip: number,
  before: readonly Interface[],
): LinkPath | undefined {
  if (before.length > 4 || !bridge.namespace.up) return undefined;
  if (from && bridge.has(ip)) return { target: bridge, bridges: before, latency: vethLatency };
  const bridges = from ? [...before, bridge] : before;
  for (const port of bridge.ports) {
    if (port === from || !port.up) continue;
    const found = port.segment
      ? onSegment(port.segment, port, ip, bridges)
      : port.peer?.up &&
          port.peer.namespace.up &&
          (port.peer.master !== undefined || port.peer.has(ip) || port.peer.announced.has(ip))
        ? arriveAt(port.peer, ip, bridges)
        : undefined;
    if (found) return found;
  }
  return from && answersFor(bridge, ip) ? { target: bridge, bridges: before, latency: vethLatency } : undefined;
}

function onSegment(segment: Segment, from: Interface, ip: number, bridges: readonly Interface[]): LinkPath | undefined {
  for (const member of segment.members) {
    if (member === from || !member.up || !member.namespace.up) continue;
    if (member.answers(ip)) return { target: member, bridges, latency: segment.latency };
    if (member.master && member.master !== from.master) {
      const found = throughBridge(member.master, member, ip, bridges);
      if (found) return { ...found, latency: found.latency + segment.latency };
    }
  }
  return undefined;
}

/** Whether an address of a block is used by an interface. */
export function covers(iface: Interface, { network, bits }: Cidr): boolean {
  return iface.addresses.some((a) => a.ip === network && a.bits === bits);
}
