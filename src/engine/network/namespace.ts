import { formatIp, maskOf, parseCidr, parseIp } from './address.ts';
import { Interface, Segment, type InterfaceKind } from './interface.ts';
import { Ipvs } from './ipvs.ts';
import { Netfilter } from './netfilter/netfilter.ts';
import { RouteTable, type Route } from './routes.ts';
import { AddressInUse, type Listener, type Server } from './socket.ts';
import type { PlanNode } from './plan.ts';

/** What a namespace tells the network that it is part of. */
export interface NamespaceOwner {
  /** A way may lead elsewhere now: whatever was remembered about ways is out of date. */
  changed(): void;
  nextMac(): string;
}

const defaultSysctls: ReadonlyMap<string, string> = new Map([
  ['net.ipv4.ip_forward', '0'],
  ['net.bridge.bridge-nf-call-iptables', '0'],
  ['net.ipv4.conf.all.route_localnet', '0'],
]);

/** A network stack: of a host, of a container, of a Pod. */
export class NetworkNamespace {
  readonly name: string;
  /** Addresses other than loopback ones, in the order in which they came. */
  readonly addresses = new Set<string>();
  readonly interfaces = new Map<string, Interface>();
  readonly routes: RouteTable;
  readonly netfilter: Netfilter;
  readonly ipvs: Ipvs;
  /** Kernel settings that matter here; `sysctl -w` and `/proc/sys` write them. */
  get sysctls(): ReadonlyMap<string, string> {
    return this.#sysctls ?? defaultSysctls;
  }
  /** Remembered ways of connections that begin here; see `walk.ts`. */
  plans: Map<string, Map<number, PlanNode>> | undefined;
  plansGeneration = -1;
  /** Test hook: a port that is taken can be opened again; the first one answers. */
  sharesPorts = false;
  readonly #owner: NamespaceOwner;
  readonly #local = new Set<number>();
  readonly #sockets = new Map<number, readonly Listener[]>();
  #sysctls: Map<string, string> | undefined;
  #socketChanges = 0;
  #up = true;
  #nextIndex = 1;
  #nextPort: number;

  constructor(name: string, owner: NamespaceOwner) {
    this.name = name;
    this.#owner = owner;
    const changed = () => owner.changed();
    this.routes = new RouteTable(changed);
    this.netfilter = new Netfilter(changed);
    this.ipvs = new Ipvs(changed);
    let hash = 7;
    for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) >>> 0;
    this.#nextPort = 32_768 + (hash % 14_000) * 2;
    this.addInterface('lo', 'loopback');
  }

  /** Has power. */
  get up(): boolean {
    return this.#up;
  }

  set up(up: boolean) {
    if (up === this.#up) return;
    this.#up = up;
    this.changed();
  }

  /** Says that something a packet's way depends on is different. */
  changed(): void {
    this.#owner.changed();
  }

  // ---- devices -----------------------------------------------------------------------------------------------------

  addInterface(
    name: string,
    kind: InterfaceKind,
    options: { mac?: string; mtu?: number; vni?: number } = {},
  ): Interface {
    if (this.interfaces.has(name)) throw new Error(`RTNETLINK answers: File exists`);
    const mac = options.mac ?? (kind === 'loopback' ? undefined : this.#owner.nextMac());
    const iface = new Interface(this, {
      ...options,
      ...(mac ? { mac } : undefined),
      index: this.#nextIndex++,
      name,
      kind,
    });
    this.interfaces.set(name, iface);
    this.changed();
    return iface;
  }

  removeInterface(iface: Interface): void {
    for (const { ip, bits } of iface.addresses) this.removeAddress(iface, ip, bits);
    this.routes.remove((route) => route.device === iface.name);
    this.interfaces.delete(iface.name);
    iface.up = false;
    iface.segment?.members.delete(iface);
    iface.master?.ports.delete(iface);
    const { peer } = iface;
    iface.peer = undefined;
    if (peer) {
      peer.peer = undefined;
      peer.namespace.removeInterface(peer);
    }
    this.changed();
  }

  setLink(iface: Interface, up: boolean): void {
    iface.up = up;
    this.changed();
  }

  /** Makes an interface a port of a bridge of this namespace, or takes it out. */
  setMaster(iface: Interface, bridge: Interface | undefined): void {
    iface.master?.ports.delete(iface);
    iface.master = bridge;
    bridge?.ports.add(iface);
    this.changed();
  }

  /** Plugs an interface into a segment. */
  plug(iface: Interface, segment: Segment | undefined): void {
    iface.segment?.members.delete(iface);
    iface.segment = segment;
    segment?.members.add(iface);
    this.changed();
  }

  /**
   * Gives an interface an address (`10.0.0.1/24`) and the route to its network.
   * @throws RangeError for something that is no address
   */
  addAddress(iface: Interface, text: string, { route = true }: { route?: boolean } = {}): void {
    const [address = '', length] = text.split('/');
    const ip = parseIp(address);
    const bits = length === undefined ? 32 : Number(length);
    if (Number.isNaN(ip) || !(bits >= 0 && bits <= 32)) throw new RangeError(`invalid address: ${text}`);
    if (iface.has(ip)) return;
    iface.addresses = [...iface.addresses, { ip, bits, scope: iface.kind === 'loopback' ? 'host' : 'global' }];
    this.#local.add(ip);
    if (iface.kind !== 'loopback') this.addresses.add(formatIp(ip));
    if (route && bits < 32)
      this.routes.add({
        network: ip & maskOf(bits), bits, device: iface.name, source: ip, scope: 'link', protocol: 'kernel',
      }); // prettier-ignore
    this.changed();
  }

  removeAddress(iface: Interface, ip: number, bits: number): void {
    iface.addresses = iface.addresses.filter((a) => a.ip !== ip);
    if (![...this.interfaces.values()].some((other) => other.has(ip))) {
      this.#local.delete(ip);
      this.addresses.delete(formatIp(ip));
    }
    const network = (ip & maskOf(bits)) >>> 0;
    this.routes.remove((r) => r.device === iface.name && r.protocol === 'kernel' && r.network === network);
    this.changed();
  }

  /** One of this host's own addresses. */
  isLocal(ip: number): boolean {
    return this.#local.has(ip) || ip >>> 24 === 127;
  }

  /** The interface that has an address. */
  interfaceOf(ip: number): Interface | undefined {
    for (const iface of this.interfaces.values()) if (iface.has(ip)) return iface;
    return undefined;
  }

  /** The route that a packet to `ip` takes; undefined: network is unreachable. */
  route(ip: number): Route | undefined {
    const found = this.routes.lookup(ip, (name) => this.interfaces.get(name)?.up === true);
    return found?.device === undefined ? undefined : found;
  }

  /** Adds a route in the words of ip(8): destination `default` or a CIDR, next hop and device. @throws RangeError */
  addRoute(to: string, options: { via?: string; device: string } & Partial<Omit<Route, 'via' | 'device'>>): void {
    const { network, bits } = to === 'default' ? { network: 0, bits: 0 } : parseCidr(to);
    const { via, ...rest } = options;
    this.routes.add({ ...rest, network, bits, ...(via === undefined ? undefined : { via: parseIp(via) }) });
  }

  enabled(sysctl: string): boolean {
    return this.sysctls.get(sysctl) === '1';
  }

  setSysctl(name: string, value: string): void {
    (this.#sysctls ??= new Map(defaultSysctls)).set(name, value);
    this.changed();
  }

  // ---- sockets -----------------------------------------------------------------------------------------------------

  /**
   * Opens a listening socket (TCP), or a bound one (`server.protocol` `udp`).
   * @param address '' or '0.0.0.0' for every address of the namespace.
   * @throws AddressInUse
   */
  listen(port: number, server: Server, address = '0.0.0.0', owner?: { pid: number; name: string }): Listener {
    const key = socketKey(server.protocol === 'udp', port);
    const at = address === '' || address === '::' ? '0.0.0.0' : address;
    const others = this.#sockets.get(key) ?? [];
    const taken = others.some((o) => o.address === at || o.address === '0.0.0.0' || at === '0.0.0.0');
    if (taken && !this.sharesPorts) throw new AddressInUse(at, port);
    const listener: Listener = {
      address: at,
      port,
      server,
      owner,
      close: () => {
        this.#socketChanges++;
        const rest = (this.#sockets.get(key) ?? []).filter((other) => other !== listener);
        if (rest.length > 0) this.#sockets.set(key, rest);
        else this.#sockets.delete(key);
      },
    };
    this.#socketChanges++;
    if (!taken) this.#sockets.set(key, [...others, listener]);
    return listener;
  }

  /** Grows whenever a socket is opened or closed: who answered before still does while it stays. */
  get sockets(): number {
    return this.#socketChanges;
  }

  /** The socket that answers at an address of this namespace. */
  listenerAt(address: string, port: number, udp = false): Listener | undefined {
    const sockets = this.#sockets.get(socketKey(udp, port));
    if (!sockets) return undefined;
    let anywhere: Listener | undefined;
    for (const socket of sockets) {
      if (socket.address === address) return socket;
      if (socket.address === '0.0.0.0') anywhere = socket;
    }
    return anywhere;
  }

  listeners(): Listener[] {
    return [...this.#sockets.values()].flat();
  }

  /** The next free port for the near end of a connection. */
  ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port + 2 > 60_999 ? 32_768 + (port & 1) : port + 2;
    return port;
  }

  snapshot(): unknown {
    return {
      up: this.#up,
      port: this.#nextPort,
      interfaces: [...this.interfaces.values()].map((i) => i.snapshot()),
      routes: this.routes.snapshot(),
      netfilter: this.netfilter.snapshot(),
      sockets: this.listeners().map((l) => `${l.server.protocol} ${l.address}:${l.port}`),
      sysctls: this.sysctls,
    };
  }
}

function socketKey(udp: boolean, port: number): number {
  return port * 2 + (udp ? 1 : 0);
}
