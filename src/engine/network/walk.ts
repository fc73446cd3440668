import { formatIp, isLoopback } from './address.ts';
import { resolveLink, type Interface, type LinkPath } from './interface.ts';
import { schedule, type RealServer } from './ipvs.ts';
import type { NetworkNamespace } from './namespace.ts';
import { evaluateBase, type Evaluation, type HookVerdict, type Reason } from './netfilter/evaluate.ts';
import type { Rule } from './netfilter/rule.ts';
import type { HookName } from './netfilter/table.ts';
import type { Packet } from './packet.ts';
import type { Hop, Outcome, Plan, PlanNode, Tracked } from './plan.ts';

/**
 * How the first packet of a connection finds its way: route by route, hook by hook, host by host, and the reply back.
 * What comes out is a plan, which later connections from the same place to the same destination follow without walking,
 * until something on the network changes (docs/decisions/0009-network.md).
 */

/** Hosts a packet passes at most. */
const hopLimit = 32;
/** Neighbour discovery gives up after three requests. */
const neighbourTimeout = 3_060;

export interface WalkContext {
  random(): number;
  now(): number;
  /** Frames between these hosts are lost. */
  separated(a: NetworkNamespace, b: NetworkNamespace): boolean;
}

export class Walk implements Evaluation {
  readonly #context: WalkContext;
  readonly #packet: Packet;
  readonly #hops: Hop[] = [];
  readonly #tracked: Tracked[] = [];
  readonly #rules: Rule[] = [];
  readonly #effects: (() => void)[] = [];
  readonly #balanced: RealServer[] = [];
  readonly #client: NetworkNamespace;
  #node: PlanNode;
  /** Choices that were made before it turned out that nobody has gone this way yet. */
  readonly #made: number[];
  #latency = 0;
  /** The connection's two ends as the client knows them. */
  #clientAddress = 0;
  #firstDestination = 0;
  #host: NetworkNamespace;
  #visits = 0;
  #reply = false;
  /** It left by a default route. */
  #outside = false;
  #plan: Plan | undefined;
  /** What a filter of the host let pass, and why. */
  #admitted: Reason | undefined;
  cacheable = true;

  constructor(context: WalkContext, packet: Packet, root: PlanNode, made: number[] = []) {
    this.#context = context;
    this.#packet = packet;
    this.#node = root;
    this.#made = made;
    this.#client = this.#host = packet.namespace;
  }

  get netfilter() {
    return this.#host.netfilter;
  }

  choose(decide: () => number): number {
    this.#node.decide ??= decide;
    const choice = this.#made.length > 0 ? this.#made.shift()! : decide();
    this.#node = this.#node.children[choice + 1] ??= { children: [] };
    return choice;
  }

  random(): number {
    return this.#context.random();
  }

  now(): number {
    return this.#context.now();
  }

  effect(run: () => void): void {
    this.#effects.push(run);
    run();
  }

  count(rule: Rule): void {
    this.#rules.push(rule);
    rule.packets++;
  }

  uncacheable(): void {
    this.cacheable = false;
  }

  /** Goes all the way. */
  run(): Plan {
    this.#originate();
    if (this.cacheable) this.#node.plan = this.#plan!;
    return this.#plan!;
  }

  // ---- from the sender ---------------------------------------------------------------------------------------------

  #originate(): void {
    const packet = this.#packet;
    const ns = packet.namespace;
    if (!ns.up) return this.#end('timeout', Infinity, { code: 'power-off' });
    let route = this.#routeOf(ns, packet.destination);
    if (!route) return this.#fail('no-route', 0, { code: 'no-route' });
    const { source: asked } = packet;
    if (asked === 0) packet.source = route.source;
    this.#clientAddress = packet.source;
    this.#firstDestination = packet.destination;
    const entry = this.#enter(ns);
    const before = packet.destination;
    if (this.#nat('OUTPUT')) return;
    this.#balance();
    if (packet.destination !== before) {
      route = this.#routeOf(ns, packet.destination);
      if (!route) return this.#fail('no-route', 0, { code: 'no-route' });
    }
    packet.out = route.out;
    if (this.#filter('OUTPUT')) return;
    if (route.out.kind === 'loopback') {
      if (this.#postrouting(route.out, route.source)) return;
      this.#leave(entry);
      packet.in = route.out;
      packet.out = undefined;
      this.#note('send', 'lo');
      return this.#input();
    }
    if (isLoopback(packet.source) && !ns.enabled('net.ipv4.conf.all.route_localnet'))
      return this.#end('timeout', Infinity, { code: 'martian-source' });
    if (this.#postrouting(route.out, route.source)) return;
    this.#leave(entry);
    this.#note('send', route.out.name);
    this.#transmit(route.out, route.nextHop);
  }

  #routeOf(ns: NetworkNamespace, ip: number): { out: Interface; nextHop: number; source: number } | undefined {
    if (ns.isLocal(ip)) {
      const out = ns.interfaces.get('lo')!;
      return { out, nextHop: ip, source: ip };
    }
    this.#outside = false;
    const route = ns.route(ip);
    const out = route && ns.interfaces.get(route.device!);
    if (!route || !out) return undefined;
    this.#outside = route.bits === 0;
    const source = route.source ?? out.addresses[0]?.ip ?? firstAddress(ns);
    const { nextHops: hops } = route;
    const via = hops ? hops[this.choose(() => Math.floor(this.random() * hops.length))] : route.via;
    return { out, nextHop: via ?? ip, source };
  }

  // ---- between hosts -----------------------------------------------------------------------------------------------

  #transmit(out: Interface, nextHop: number): void {
    const { namespace } = out;
    if (++this.#visits > hopLimit) return this.#fail('timeout', Infinity, { code: 'loop' });
    if (out.kind === 'vxlan' || out.kind === 'ipip') return this.#encapsulate(out, nextHop);
    const path = this.#link(out, nextHop);
    if (!path) {
      // Somewhere on the Internet nobody answers.
      if (out.segment && this.#outside) return this.#end('timeout', Infinity, { code: 'nobody-there' });
      const code = out.up ? 'host-unreachable' : 'link-down';
      return this.#fail('no-route', neighbourTimeout, { code, params: { address: formatIp(nextHop) } });
    }
    const { target } = path;
    if (this.#context.separated(namespace, target.namespace))
      return this.#end('timeout', Infinity, { code: 'partition', params: { to: target.namespace.name } });
    for (const bridge of path.bridges) if (this.#bridge(bridge)) return;
    this.#latency += path.latency;
    this.#receive(target);
  }

  #link(out: Interface, nextHop: number): LinkPath | undefined {
    const path = resolveLink(out, nextHop);
    return path && path.target.namespace.up ? path : undefined;
  }

  /** A frame that is switched from port to port of a bridge meets its host's rules only if br_netfilter says so. */
  #bridge(bridge: Interface): boolean {
    const host = bridge.namespace;
    this.#note('bridge', bridge.name, { namespace: host });
    if (!host.enabled('net.bridge.bridge-nf-call-iptables') || host.netfilter.empty) return false;
    const packet = this.#packet;
    const [ns, input, output, bridged] = [packet.namespace, packet.in, packet.out, packet.bridged];
    this.#visit(host, bridge);
    packet.bridged = true;
    const entry = this.#enter(host);
    if (this.#nat('PREROUTING')) return true;
    packet.out = bridge;
    if (this.#filter('FORWARD')) return true;
    if (this.#postrouting(bridge, bridge.addresses[0]?.ip ?? 0)) return true;
    this.#leave(entry);
    Object.assign(packet, { namespace: ns, in: input, out: output, bridged });
    this.#host = ns;
    return false;
  }

  /** Carries the packet inside another one to the tunnel's other end. */
  #encapsulate(tunnel: Interface, nextHop: number): void {
    const host = tunnel.namespace;
    const remote = tunnel.kind === 'ipip' ? nextHop : tunnel.forwardingDatabase.get(nextHop);
    if (remote === undefined)
      return this.#fail('no-route', neighbourTimeout, {
        code: 'host-unreachable',
        params: { address: formatIp(nextHop) },
      });
    this.#note('encapsulate', tunnel.name, { reason: { code: 'tunnel', params: { to: formatIp(remote) } } });
    const far = this.#carry(host, remote);
    const end = far && [...far.interfaces.values()].find((i) => i.kind === tunnel.kind && i.vni === tunnel.vni);
    if (!end?.up) return this.#end('timeout', Infinity, { code: 'tunnel-lost', params: { to: formatIp(remote) } });
    this.#receive(end);
  }

  /** Follows the outer packet of a tunnel; gives the host that has the remote end's address. */
  #carry(from: NetworkNamespace, remote: number): NetworkNamespace | undefined {
    let host = from;
    for (let i = 0; i < hopLimit && !host.isLocal(remote); i++) {
      const route = this.#routeOf(host, remote);
      const path = route && this.#link(route.out, route.nextHop);
      if (!path || this.#context.separated(host, path.target.namespace)) return undefined;
      this.#latency += path.latency;
      host = path.target.namespace;
    }
    return host;
  }

  #visit(ns: NetworkNamespace, device: Interface): void {
    const packet = this.#packet;
    packet.namespace = this.#host = ns;
    packet.in = device;
    packet.out = undefined;
    packet.mark = 0;
    packet.dnat = false;
    packet.bridged = false;
  }

  // ---- at a host ---------------------------------------------------------------------------------------------------

  #receive(device: Interface): void {
    const ns = device.namespace;
    const packet = this.#packet;
    this.#visit(ns, device);
    const entry = this.#enter(ns);
    if (this.#nat('PREROUTING')) return;
    if (ns.isLocal(packet.destination)) {
      if (!ns.ipvs.empty && this.#balance()) return this.#forward(ns, entry);
      this.#leave(entry);
      return this.#input();
    }
    this.#forward(ns, entry);
  }

  #forward(ns: NetworkNamespace, entry: Entry | undefined): void {
    const packet = this.#packet;
    if (ns.isLocal(packet.destination)) {
      this.#leave(entry);
      return this.#input();
    }
    if (!ns.enabled('net.ipv4.ip_forward')) return this.#end('timeout', Infinity, { code: 'forwarding-off' });
    if (--packet.ttl <= 0) {
      packet.ttl = 1;
      this.#note('ttl-exceeded', packet.in?.name);
      return this.#finish(
        'ttl-exceeded',
        this.#latency * 2,
        undefined,
        packet.in?.addresses[0]?.ip ?? firstAddress(ns),
      );
    }
    const route = this.#routeOf(ns, packet.destination);
    if (!route) return this.#fail('no-route', this.#latency * 2, { code: 'no-route' });
    packet.out = route.out;
    this.#admitted = undefined;
    if (this.#filter('FORWARD')) return;
    if (this.#postrouting(route.out, route.source)) return;
    this.#leave(entry);
    this.#note('forward', route.out.name, this.#admitted ? { reason: this.#admitted } : {});
    this.#transmit(route.out, route.nextHop);
  }

  #input(): void {
    const packet = this.#packet;
    if (this.#filter('INPUT')) return;
    if (this.#reply) return this.#returned();
    this.#note('deliver', packet.in?.name);
    const forward = this.#capture('delivered', Infinity, undefined, undefined);
    if (packet.namespace === this.#client && packet.in?.kind === 'loopback') return void (this.#plan = forward);
    this.#sendReply(forward);
  }

  // ---- the way back ------------------------------------------------------------------------------------------------

  /** A connection stands only if the reply finds back, with its addresses translated as they were on the way here. */
  #sendReply(forward: Plan): void {
    const packet = this.#packet;
    const ns = packet.namespace;
    this.#reply = true;
    const { source, sourcePort } = packet;
    packet.source = packet.destination;
    packet.sourcePort = packet.destinationPort;
    packet.destination = source;
    packet.destinationPort = sourcePort;
    packet.state = 'ESTABLISHED';
    packet.ttl = 64;
    this.#visits = 0;
    packet.in = undefined;
    this.#plan = forward;
    this.#untranslate(ns);
    const route = this.#routeOf(ns, packet.destination);
    if (!route) return this.#end('timeout', Infinity, { code: 'no-route-back' });
    packet.out = route.out;
    packet.dnat = false;
    if (this.#filter('OUTPUT')) return;
    if (route.out.kind === 'loopback') {
      packet.in = route.out;
      return this.#input();
    }
    this.#transmit(route.out, route.nextHop);
  }

  #returned(): void {
    const packet = this.#packet;
    const arrived = packet.namespace === this.#client && packet.destination === this.#clientAddress;
    if (!arrived || packet.source !== this.#firstDestination)
      this.#end('timeout', Infinity, { code: 'reply-untranslated', params: { from: formatIp(packet.source) } });
  }

  /** Undoes what connection tracking of a host has done to the connection. True if it knows it. */
  #untranslate(ns: NetworkNamespace): boolean {
    const packet = this.#packet;
    for (let i = this.#tracked.length - 1; i >= 0; i--) {
      const t = this.#tracked[i]!;
      if (t.namespace !== ns || t.toDestination !== packet.source || t.toSource !== packet.destination) continue;
      if (packet.protocol !== 'icmp' && t.toPort !== packet.sourcePort) continue;
      packet.source = t.destination;
      packet.sourcePort = t.destinationPort;
      packet.destination = t.source;
      return true;
    }
    return false;
  }

  // ---- connection tracking and netfilter ---------------------------------------------------------------------------

  #enter(ns: NetworkNamespace): Entry | undefined {
    const packet = this.#packet;
    if (this.#reply) {
      this.#untranslate(ns);
      return undefined;
    }
    const { source, destination, destinationPort } = packet;
    return { namespace: ns, source, destination, destinationPort };
  }

  #leave(entry: Entry | undefined): void {
    if (!entry || (entry.namespace.netfilter.empty && entry.namespace.ipvs.empty)) return;
    const { source, destination, destinationPort } = this.#packet;
    this.#tracked.push({ ...entry, toSource: source, toDestination: destination, toPort: destinationPort });
  }

  /** Translates the destination. True if the packet has ended. */
  #nat(hook: 'PREROUTING' | 'OUTPUT'): boolean {
    return this.#pass(hook, -Infinity, hook === 'PREROUTING' ? Infinity : 0);
  }

  #filter(hook: HookName): boolean {
    return this.#pass(hook, hook === 'OUTPUT' ? 0 : -Infinity, Infinity);
  }

  /** What hangs at a hook with a priority of at least `from` and below `to`: locally made packets are routed again at 0. */
  #pass(hook: HookName, from: number, to: number): boolean {
    const { netfilter } = this.#host;
    if (netfilter.empty) return false;
    const packet = this.#packet;
    netfilter.refresh(packet);
    for (const item of netfilter.at(hook)) {
      const { priority, type } = 'judge' in item ? { priority: item.priority, type: 'filter' } : item.chain.hook!;
      // Only the first packet of a connection passes nat chains.
      if (priority < from || priority >= to || (type === 'nat' && this.#reply)) continue;
      const verdict = 'judge' in item ? item.judge(packet) : evaluateBase(item.table, item.chain, packet, this);
      if (verdict && this.#apply(verdict, hook)) return true;
      if (verdict?.verdict === 'accept' && 'judge' in item) this.#admitted = verdict.reason;
    }
    return false;
  }

  #apply(verdict: HookVerdict, hook: HookName): boolean {
    const packet = this.#packet;
    switch (verdict.verdict) {
      case 'dnat':
      case 'redirect':
        packet.destination = verdict.verdict === 'dnat' ? verdict.ip! : (packet.in?.addresses[0]?.ip ?? 0x7f000001);
        packet.destinationPort = verdict.port!;
        packet.dnat = true;
        this.#note('dnat', packet.in?.name, { hook, reason: verdict.reason });
        return false;
      case 'drop':
        this.#note('drop', packet.in?.name, { hook, reason: verdict.reason });
        this.#finish('timeout', Infinity, verdict.reason);
        return true;
      case 'reject': {
        this.#note('reject', packet.in?.name, { hook, reason: verdict.reason });
        const refused = /port-unreach|tcp-reset/.test(verdict.with ?? '');
        this.#finish(refused ? 'refused' : 'no-route', this.#latency * 2, verdict.reason, firstAddress(this.#host));
        return true;
      }
      default:
        return false;
    }
  }

  /** Translates the source. True if the packet has ended. */
  #postrouting(out: Interface, own: number): boolean {
    const { netfilter } = this.#host;
    if (netfilter.empty || this.#reply) return false;
    const packet = this.#packet;
    packet.out = out;
    netfilter.refresh(packet);
    for (const item of netfilter.at('POSTROUTING')) {
      const verdict = 'judge' in item ? item.judge(packet) : evaluateBase(item.table, item.chain, packet, this);
      if (!verdict) continue;
      if (verdict.verdict === 'snat' || verdict.verdict === 'masquerade') {
        const source = verdict.verdict === 'snat' ? verdict.ip! : out.kind === 'loopback' ? packet.source : own;
        packet.source = source;
        this.#note(verdict.verdict, out.name, { hook: 'POSTROUTING', reason: verdict.reason });
      } else if (this.#apply(verdict, 'POSTROUTING')) return true;
    }
    return false;
  }

  /** Lets IPVS pick a real server. True if it did. */
  #balance(): boolean {
    const ns = this.#host;
    if (this.#reply || ns.ipvs.empty) return false;
    const packet = this.#packet;
    const virtual = ns.ipvs.find(packet.protocol, packet.destination, packet.destinationPort);
    if (!virtual) return false;
    const { source } = packet;
    const at = this.choose(() => schedule(virtual, source, this.now()));
    const server = virtual.servers[at];
    if (!server) return false;
    this.#balanced.push(server);
    packet.destination = server.ip;
    packet.destinationPort = server.port;
    packet.dnat = true;
    this.#note('balance', packet.in?.name, { reason: { code: 'ipvs', params: { scheduler: virtual.scheduler } } });
    return true;
  }

  // ---- ends --------------------------------------------------------------------------------------------------------

  #note(
    action: Hop['action'],
    device: string | undefined,
    more: { hook?: HookName; reason?: Reason; namespace?: NetworkNamespace } = {},
  ): void {
    const packet = this.#packet;
    if (this.#reply && action !== 'drop' && action !== 'reject' && action !== 'unreachable') return;
    this.#hops.push({
      namespace: (more.namespace ?? this.#host).name,
      action,
      ...(device === undefined ? undefined : { device }),
      source: formatIp(packet.source),
      destination: formatIp(packet.destination),
      destinationPort: packet.destinationPort,
      ...(more.hook ? { hook: more.hook } : undefined),
      ...(more.reason ? { reason: more.reason } : undefined),
      at: this.#latency,
      ...(this.#reply ? { reply: true as const } : undefined),
    });
  }

  /** A router (or the sender itself) says that there is no way. */
  #fail(outcome: Outcome, after: number, reason: Reason): void {
    this.#note('unreachable', undefined, { reason });
    this.#finish(outcome, after, reason, firstAddress(this.#host));
  }

  #end(outcome: Outcome, after: number, reason: Reason): void {
    this.#note('drop', undefined, { reason });
    this.#finish(outcome, after, reason);
  }

  #finish(outcome: Outcome, after: number, reason: Reason | undefined, by?: number): void {
    // Whatever happens to a reply, the client hears nothing.
    this.#plan = this.#reply
      ? this.#capture('timeout', Infinity, reason, undefined)
      : this.#capture(outcome, after, reason, by);
  }

  #capture(outcome: Outcome, failsAfter: number, reason: Reason | undefined, by: number | undefined): Plan {
    const packet = this.#packet;
    return {
      outcome,
      namespace: packet.namespace,
      hops: this.#hops,
      tracked: this.#tracked,
      clientAddress: this.#clientAddress,
      source: packet.source,
      destination: packet.destination,
      destinationPort: packet.destinationPort,
      latency: this.#latency,
      failsAfter,
      reason,
      answeredBy: by,
      rules: this.#rules,
      effects: this.#effects,
      balanced: this.#balanced,
    };
  }
}

function firstAddress(ns: NetworkNamespace): number {
  for (const iface of ns.interfaces.values())
    if (iface.kind !== 'loopback' && iface.addresses[0]) return iface.addresses[0].ip;
  return 0x7f000001;
}

type Entry = Pick<Tracked, 'namespace' | 'source' | 'destination' | 'destinationPort'>;
