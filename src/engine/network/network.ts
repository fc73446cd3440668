import type { RandomStream, World } from '../world/index.ts';
import { formatIp, parseIp } from './address.ts';
import { Flow, FlowLog, type FlowOutcome } from './flow.ts';
import { Segment, type Interface } from './interface.ts';
import { NetworkNamespace } from './namespace.ts';
import type { Protocol } from './netfilter/rule.ts';
import type { Packet } from './packet.ts';
import type { Datagram, Listener } from './socket.ts';
import type { Plan, PlanNode } from './plan.ts';
import { Walk, type WalkContext } from './walk.ts';

export { NetworkNamespace } from './namespace.ts';
export { AddressInUse, type Datagram, type Listener, type Repeat, type Server } from './socket.ts';

/** Outcome of a TCP connection attempt. `flow` tells the way. */
export type ConnectResult =
  | { outcome: 'connected'; listener: Listener; namespace: NetworkNamespace; flow: Flow }
  | { outcome: 'refused' | 'timeout' | 'no-route'; flow: Flow };

export interface SendOptions {
  /** Own address to send from; by default the route's. */
  source?: string;
  sourcePort?: number;
  ttl?: number;
  /** A machine's own affair: watchers may leave it out. */
  probe?: boolean;
}

/** What became of a datagram; a reply may take the server some time. */
export type DatagramResult =
  | { outcome: 'delivered'; flow: Flow; reply: Datagram | undefined | Promise<Datagram | undefined> }
  | { outcome: Exclude<FlowOutcome, 'connected'>; flow: Flow };

/** Virtual ms on the cable of the room. */
const lanLatency = 0.1;

const protocolCodes: Record<Protocol, number> = { tcp: 0, udp: 1, icmp: 2, sctp: 3 };

function planKey(port: number, protocol: Protocol): number {
  return port * 4 + protocolCodes[protocol];
}

/** All namespaces of the machine room and the links between them. */
export class Network implements WalkContext {
  readonly world: World;
  readonly flows = new FlowLog();
  /** The switch that hosts are on which nobody has put elsewhere. */
  readonly lan = new Segment('lan', lanLatency);
  readonly #namespaces = new Map<string, NetworkNamespace>();
  readonly #byAddress = new Map<string, NetworkNamespace>();
  readonly #names = new Map<string, string>();
  readonly #random: RandomStream;
  readonly #separated = new Map<NetworkNamespace, Set<NetworkNamespace>>();
  #generation = 0;
  #macs = 0;

  constructor(world: World) {
    this.world = world;
    this.#random = world.random.stream('network');
    world.registerState('network', () => ({
      names: this.#names,
      flows: this.flows.count,
      namespaces: [...this.#namespaces].map(([name, ns]) => [name, ns.snapshot()]),
      separated: [...this.#separated].map(([ns, others]) => [ns.name, [...others].map((o) => o.name).sort()]),
    }));
  }

  // ---- building ----------------------------------------------------------------------------------------------------

  /**
   * Makes a network stack. With addresses it gets an `eth0` on the room's LAN, from where it sees everybody there;
   * without, it has only `lo`.
   */
  addNamespace(name: string, addresses: readonly string[] = []): NetworkNamespace {
    if (this.#namespaces.has(name)) throw new Error(`network namespace ${name} exists`);
    const namespace = new NetworkNamespace(name, this);
    this.#namespaces.set(name, namespace);
    for (const address of addresses) this.assign(namespace, address);
    return namespace;
  }

  namespace(name: string): NetworkNamespace | undefined {
    return this.#namespaces.get(name);
  }

  namespaces(): Iterable<NetworkNamespace> {
    return this.#namespaces.values();
  }

  removeNamespace(namespace: NetworkNamespace): void {
    this.#namespaces.delete(namespace.name);
    for (const address of namespace.addresses)
      if (this.#byAddress.get(address) === namespace) this.#byAddress.delete(address);
    for (const iface of [...namespace.interfaces.values()])
      if (iface.kind !== 'loopback') namespace.removeInterface(iface);
    this.#separated.delete(namespace);
    for (const others of this.#separated.values()) others.delete(namespace);
    this.changed();
  }

  /** Gives a host on the LAN one more address. */
  assign(namespace: NetworkNamespace, address: string): void {
    let eth0 = namespace.interfaces.get('eth0');
    if (!eth0) {
      eth0 = namespace.addInterface('eth0', 'ethernet');
      namespace.plug(eth0, this.lan);
      namespace.addRoute('default', { device: 'eth0', scope: 'link' });
    }
    namespace.addAddress(eth0, address);
    this.#byAddress.set(address.split('/')[0]!, namespace);
  }

  release(namespace: NetworkNamespace, address: string): void {
    const ip = parseIp(address);
    const iface = namespace.interfaceOf(ip);
    if (iface) namespace.removeAddress(iface, ip, 32);
    this.#byAddress.delete(address);
  }

  /** Connects two namespaces by a pair of virtual Ethernet devices. */
  veth(
    near: { namespace: NetworkNamespace; name: string; mac?: string; mtu?: number },
    far: { namespace: NetworkNamespace; name: string; mac?: string; mtu?: number },
  ): [Interface, Interface] {
    const a = near.namespace.addInterface(near.name, 'veth', near);
    const b = far.namespace.addInterface(far.name, 'veth', far);
    a.peer = b;
    b.peer = a;
    return [a, b];
  }

  /** Cuts (or mends) everything between two hosts that are on one link. */
  separate(a: NetworkNamespace, b: NetworkNamespace, apart = true): void {
    for (const [one, other] of [[a, b], [b, a]] as const) {
      let set = this.#separated.get(one);
      if (!set) this.#separated.set(one, (set = new Set()));
      if (apart) set.add(other);
      else set.delete(other);
    } // prettier-ignore
    this.changed();
  }

  separated(a: NetworkNamespace, b: NetworkNamespace): boolean {
    return this.#separated.size > 0 && this.#separated.get(a)?.has(b) === true;
  }

  /** Gives `hostname` an address for everybody, as public DNS would. */
  addName(hostname: string, address: string): void {
    this.#names.set(hostname.toLowerCase(), address);
  }

  removeName(hostname: string): void {
    this.#names.delete(hostname.toLowerCase());
  }

  resolve(hostname: string): string | undefined {
    if (!Number.isNaN(parseIp(hostname))) return hostname === '::1' ? '127.0.0.1' : hostname;
    if (hostname === 'localhost') return '127.0.0.1';
    return this.#names.get(hostname.toLowerCase());
  }

  /** The name that an address was given. */
  nameOf(address: string): string | undefined {
    for (const [name, at] of this.#names) if (at === address) return name;
    return undefined;
  }

  /** Whatever was remembered about ways is out of date. */
  changed(): void {
    this.#generation++;
  }

  nextMac(): string {
    const n = ++this.#macs;
    return ['02', '42', (n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
      .map((part) => (typeof part === 'number' ? part.toString(16).padStart(2, '0') : part))
      .join(':');
  }

  random(): number {
    return this.#random.float();
  }

  now(): number {
    return this.world.queue.now;
  }

  // ---- using -------------------------------------------------------------------------------------------------------

  /**
   * Tries to open a TCP connection. Takes no time itself: callers wait for `flow.roundTrip`, or as long as a failure
   * takes (`failureTime`). Close the flow when the connection ends.
   */
  connect(from: NetworkNamespace, address: string, port: number, options?: SendOptions): ConnectResult {
    const plan = this.#plan(from, 'tcp', address, port, options);
    if (plan.outcome !== 'delivered') {
      const outcome = plan.outcome === 'ttl-exceeded' ? 'no-route' : plan.outcome;
      return { outcome, flow: this.#log(from, 'tcp', address, port, plan, outcome, undefined, options) };
    }
    const listener = plan.namespace.listenerAt(formatIp(plan.destination), plan.destinationPort);
    const probe = plan.probe?.result;
    // Machines probe each other all the time: one flow stands for all that are alike.
    if (options?.probe && probe && probe.flow.listener === listener && probe.flow.from === from) {
      this.#rememberProbe(probe);
      probe.flow.at = this.world.queue.now;
      this.world.bus.emit('flow', probe.flow);
      return probe;
    }
    const outcome = listener ? 'connected' : 'refused';
    const flow = this.#log(from, 'tcp', address, port, plan, outcome, listener, options);
    const result: ConnectResult = listener
      ? { outcome: 'connected', listener, namespace: plan.namespace, flow }
      : { outcome: 'refused', flow };
    if (options?.probe) this.#rememberProbe(result);
    return result;
  }

  #rememberProbe(result: ConnectResult): void {
    const { from, plan, address, port } = result.flow;
    const fixed = plan.effects.length === 0 && from.plans?.get(address)?.get(planKey(port, 'tcp'))?.plan === plan;
    const { sockets } = plan.namespace;
    plan.probe = { result, generation: fixed ? this.#generation : -1, sockets };
  }

  /** Whether a probe would connect as it did before for sure: nothing on its way has changed, nor is it one of several. */
  unchanged({ flow }: ConnectResult): boolean {
    const { probe, namespace } = flow.plan;
    return probe?.generation === this.#generation && probe.result.flow === flow && probe.sockets === namespace.sockets;
  }

  /** Connects as a probe did before, which `unchanged` has allowed: all that comes of it is done once more. */
  repeat({ flow }: ConnectResult): void {
    for (const rule of flow.plan.rules) rule.packets++;
    flow.at = this.world.queue.now;
    this.world.bus.emit('flow', flow);
  }

  /** Sends a UDP datagram and hands over the answer to it. */
  datagram(
    from: NetworkNamespace,
    address: string,
    port: number,
    data: Datagram,
    options?: SendOptions,
  ): DatagramResult {
    const plan = this.#plan(from, 'udp', address, port, options);
    if (plan.outcome !== 'delivered')
      return {
        outcome: plan.outcome,
        flow: this.#log(from, 'udp', address, port, plan, plan.outcome, undefined, options),
      };
    const listener = plan.namespace.listenerAt(formatIp(plan.destination), plan.destinationPort, true);
    const outcome = listener ? 'connected' : 'refused';
    const flow = this.#log(from, 'udp', address, port, plan, outcome, listener, options);
    if (!listener) return { outcome: 'refused', flow };
    return { outcome: 'delivered', flow, reply: listener.server.datagram?.(data, flow.peer) };
  }

  /** Sends an ICMP echo request. */
  echo(from: NetworkNamespace, address: string, options?: SendOptions): Flow {
    const plan = this.#plan(from, 'icmp', address, 0, options);
    const outcome = plan.outcome === 'delivered' ? 'connected' : plan.outcome;
    return this.#log(from, 'icmp', address, 0, plan, outcome, undefined, options);
  }

  /** Virtual ms until a client learns that an attempt has failed, if it would wait for `limit` at most. */
  failureTime({ plan, outcome }: Flow, limit: number): number {
    if (outcome === 'refused' && plan.outcome === 'delivered') return Math.min(limit, plan.latency * 2);
    return Math.min(limit, plan.failsAfter);
  }

  #plan(from: NetworkNamespace, protocol: Protocol, address: string, port: number, options?: SendOptions): Plan {
    const source = options?.source === undefined ? 0 : parseIp(options.source);
    if (source !== 0 || options?.ttl !== undefined) return this.#walk(from, protocol, address, port, options);
    if (from.plansGeneration !== this.#generation) {
      from.plans = undefined;
      from.plansGeneration = this.#generation;
    }
    const plans = (from.plans ??= new Map());
    let byPort = plans.get(address);
    if (!byPort) plans.set(address, (byPort = new Map()));
    const key = planKey(port, protocol);
    let node = byPort.get(key);
    if (!node) byPort.set(key, (node = { children: [] }));
    const root = node;
    const made: number[] = [];
    while (!node.plan) {
      if (!node.decide) break;
      const choice = node.decide();
      made.push(choice);
      const next: PlanNode | undefined = node.children[choice + 1];
      if (!next) break;
      node = next;
    }
    const { plan } = node;
    if (!plan) return this.#walk(from, protocol, address, port, options, root, made);
    for (const rule of plan.rules) rule.packets++;
    for (const effect of plan.effects) effect();
    return plan;
  }

  #walk(
    from: NetworkNamespace,
    protocol: Protocol,
    address: string,
    port: number,
    options: SendOptions | undefined,
    root: PlanNode = { children: [] },
    made: number[] = [],
  ): Plan {
    const destination = parseIp(address);
    const packet: Packet = {
      protocol,
      source: options?.source === undefined ? 0 : parseIp(options.source),
      destination: Number.isNaN(destination) ? 0 : destination,
      sourcePort: options?.sourcePort ?? 0,
      destinationPort: port,
      mark: 0,
      ttl: options?.ttl ?? 64,
      state: 'NEW',
      dnat: false,
      namespace: from,
      in: undefined,
      out: undefined,
      bridged: false,
    };
    return new Walk(this, packet, root, made).run();
  }

  #log(
    from: NetworkNamespace,
    protocol: Protocol,
    address: string,
    port: number,
    plan: Plan,
    outcome: FlowOutcome,
    listener: Listener | undefined,
    options: SendOptions | undefined,
  ): Flow {
    const flow = new Flow({
      id: this.flows.count + 1,
      at: this.world.queue.now,
      protocol,
      from,
      plan,
      address,
      port,
      sourcePort: options?.sourcePort ?? from.ephemeralPort(),
      outcome,
      listener,
      probe: options?.probe ?? false,
    });
    for (const server of plan.balanced) server.active++;
    this.flows.add(flow);
    this.world.bus.emit('flow', flow);
    return flow;
  }
}
