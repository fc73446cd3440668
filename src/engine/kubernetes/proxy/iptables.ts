import {
  Chain,
  parseCidr,
  rule,
  type Match,
  type NetworkNamespace,
  type Rule,
  type Table,
} from '../../network/index.ts';
import {
  categorize,
  type Categories,
  type ProxyEndpoint,
  type ProxyNode,
  type ServiceModel,
  type ServicePort,
} from './model.ts';
import { chainNames, endpointChain } from './names.ts';
import { addJump, masqueradeMark, removeChains, type Proxier } from './proxier.ts';

/** kube-proxy's rules in iptables mode. */

/** What one port of a Service adds to the tables. */
interface Piece {
  readonly signature: string;
  readonly chains: ReadonlyMap<string, readonly Rule[]>;
  /** Rules of the chains that all Services share. */
  readonly shared: Readonly<Record<SharedChain, readonly Rule[]>>;
}

type SharedChain = 'services' | 'nodePorts' | 'rejects' | 'externalRejects' | 'healthPorts' | 'firewall';
const sharedChains: readonly SharedChain[] = [
  'services',
  'nodePorts',
  'rejects',
  'externalRejects',
  'healthPorts',
  'firewall',
];

const loopback = parseCidr('127.0.0.0/8');
const tcp = { value: 'tcp' } as const;
const toMark = { kind: 'jump', chain: 'KUBE-MARK-MASQ' } as const;

/** What `iptables:` in the configuration file says. */
export interface IptablesOptions {
  masqueradeAll?: boolean;
  localhostNodePorts?: boolean;
}

export class IptablesProxier implements Proxier {
  readonly name = 'kube-proxy iptables';
  readonly #ns: NetworkNamespace;
  readonly #model: ServiceModel;
  readonly #node: ProxyNode;
  readonly #podCIDR: string;
  readonly #masqueradeAll: boolean;
  readonly #localhostNodePorts: boolean;
  readonly #pieces = new Map<string, readonly Piece[]>();
  readonly #nat: Table;
  readonly #filter: Table;
  #revision = -1;

  constructor(
    ns: NetworkNamespace,
    model: ServiceModel,
    node: ProxyNode,
    podCIDR: string,
    { masqueradeAll = false, localhostNodePorts = true }: IptablesOptions = {},
  ) {
    this.#masqueradeAll = masqueradeAll;
    this.#localhostNodePorts = localhostNodePorts;
    this.#ns = ns;
    this.#model = model;
    this.#node = node;
    this.#podCIDR = podCIDR;
    this.#nat = ns.netfilter.iptables('nat');
    this.#filter = ns.netfilter.iptables('filter');
    if (localhostNodePorts) ns.setSysctl('net.ipv4.conf.all.route_localnet', '1');
  }

  get stale(): boolean {
    return this.#revision !== this.#model.revision;
  }

  sync(): void {
    const model = this.#model;
    if (this.#revision < 0) this.#skeleton();
    const keys = this.#revision < 0 ? model.keys() : model.changedSince(this.#revision);
    let shared = this.#revision < 0;
    for (const key of keys) shared = this.#update(key) || shared;
    this.#revision = model.revision;
    if (shared) this.#shared();
  }

  cleanUp(): void {
    for (const table of [this.#nat, this.#filter]) removeChains(table, (name) => name.startsWith('KUBE-'));
    this.#ns.netfilter.changed();
  }

  /** @returns whether chains that all Services share must be written anew */
  #update(key: string): boolean {
    const old = this.#pieces.get(key) ?? [];
    const pieces = this.#model.ports(key).map((port, i) => this.#piece(port, old[i]));
    if (pieces.length > 0) this.#pieces.set(key, pieces);
    else this.#pieces.delete(key);
    const { chains } = this.#nat;
    for (const piece of old) for (const name of piece.chains.keys()) chains.delete(name);
    for (const piece of pieces)
      for (const [name, rules] of piece.chains) chains.set(name, new Chain(name, undefined, rules));
    return pieces.length !== old.length || pieces.some((piece, i) => piece.shared !== old[i]!.shared);
  }

  #skeleton(): void {
    const [nat, filter] = [this.#nat, this.#filter];
    const portals = 'kubernetes service portals';
    for (const hook of ['PREROUTING', 'OUTPUT']) addJump(nat, hook, 'KUBE-SERVICES', {}, portals);
    addJump(nat, 'POSTROUTING', 'KUBE-POSTROUTING', {}, 'kubernetes postrouting rules');
    nat.chain('KUBE-MARK-MASQ').rules = [rule({}, { kind: 'mark', value: masqueradeMark, mask: masqueradeMark })];
    nat.chain('KUBE-POSTROUTING').rules = [
      rule({ mark: { value: { value: masqueradeMark, mask: masqueradeMark }, not: true } }, { kind: 'return' }),
      rule({}, { kind: 'mark', value: masqueradeMark, mask: 0, xor: true }),
      rule({}, { kind: 'masquerade', fully: true }, 'kubernetes service traffic requiring SNAT'),
    ];
    nat.chain('KUBE-PROXY-CANARY');
    const fresh: Match = { state: { value: ['NEW'] } };
    for (const hook of ['INPUT', 'FORWARD', 'OUTPUT'])
      addJump(filter, hook, 'KUBE-PROXY-FIREWALL', fresh, 'kubernetes load balancer firewall');
    addJump(filter, 'INPUT', 'KUBE-NODEPORTS', {}, 'kubernetes health check service ports');
    addJump(filter, 'FORWARD', 'KUBE-FORWARD', {}, 'kubernetes forwarding rules');
    for (const hook of ['FORWARD', 'OUTPUT']) addJump(filter, hook, 'KUBE-SERVICES', fresh, portals);
    for (const hook of ['INPUT', 'FORWARD'])
      addJump(filter, hook, 'KUBE-EXTERNAL-SERVICES', fresh, 'kubernetes externally-visible service portals');
    for (const hook of ['INPUT', 'OUTPUT']) addJump(filter, hook, 'KUBE-FIREWALL', {}, undefined);
    filter.chain('KUBE-PROXY-CANARY');
    filter.chain('KUBE-FIREWALL').rules = [
      rule(
        {
          source: { value: loopback, not: true },
          destination: { value: loopback },
          state: { value: ['RELATED', 'ESTABLISHED', 'DNAT'], not: true },
        },
        { kind: 'drop' },
        'block incoming localnet connections',
      ),
    ];
    filter.chain('KUBE-FORWARD').rules = [
      rule({ state: { value: ['INVALID'] }, accounting: 'ct_state_invalid_dropped_pkts' }, { kind: 'drop' }),
      rule(
        { mark: { value: { value: masqueradeMark, mask: masqueradeMark } } },
        { kind: 'accept' },
        'kubernetes forwarding rules',
      ),
      rule(
        { state: { value: ['RELATED', 'ESTABLISHED'] } },
        { kind: 'accept' },
        'kubernetes forwarding conntrack rule',
      ),
    ];
    this.#ns.netfilter.changed();
  }

  #shared(): void {
    const collected: Record<SharedChain, Rule[]> = {
      services: [], nodePorts: [], rejects: [], externalRejects: [], healthPorts: [], firewall: [],
    }; // prettier-ignore
    for (const key of [...this.#pieces.keys()].sort())
      for (const piece of this.#pieces.get(key)!)
        for (const name of sharedChains) for (const r of piece.shared[name]) collected[name].push(r);
    collected.services.push(
      rule(
        {
          ...(this.#localhostNodePorts ? undefined : { destination: { value: loopback, not: true } }),
          addressType: { value: { side: 'destination', type: 'LOCAL' } },
        },
        { kind: 'jump', chain: 'KUBE-NODEPORTS' },
        'kubernetes service nodeports; NOTE: this must be the last rule in this chain',
      ),
    );
    this.#nat.chain('KUBE-SERVICES').rules = collected.services;
    this.#nat.chain('KUBE-NODEPORTS').rules = collected.nodePorts;
    this.#filter.chain('KUBE-SERVICES').rules = collected.rejects;
    this.#filter.chain('KUBE-EXTERNAL-SERVICES').rules = collected.externalRejects;
    this.#filter.chain('KUBE-NODEPORTS').rules = collected.healthPorts;
    this.#filter.chain('KUBE-PROXY-FIREWALL').rules = collected.firewall;
  }

  #piece(port: ServicePort, old: Piece | undefined): Piece {
    const categories = categorize(port, this.#node);
    const chains = new Map<string, readonly Rule[]>();
    const { cluster, local, reachable, hasAny } = categories;
    const names = chainNames(port);
    if (hasAny) {
      if (cluster.length > 0) chains.set(names.service, this.#balance(port, cluster, true));
      if (local.length > 0) chains.set(names.local, this.#balance(port, local, port.internalLocal));
      if (isExternal(port)) chains.set(names.external, this.#external(port, categories));
      if (port.sourceRanges.length > 0 && port.loadBalancerIPs.length > 0) chains.set(names.firewall, firewall(port));
      for (const endpoint of reachable) {
        const name = endpointChain(port, endpoint.at);
        chains.set(name, endpointRules(port, endpoint, name));
      }
    }
    const signature = signatureOf(port, hasAny, cluster.length > 0, local.length > 0);
    const shared = old?.signature === signature ? old.shared : this.#sharedRules(port, categories);
    return { signature, chains, shared };
  }

  #sharedRules(port: ServicePort, { cluster, local, hasAny }: Categories): Piece['shared'] {
    const { id, protocol, nodePort, externalLocal, internalLocal } = port;
    const names = chainNames(port);
    const to = (ip: string, p = port.port): Match => ({
      destination: { value: parseCidr(ip) },
      ...portMatch(protocol, p),
    });
    const local_: Match = {
      addressType: { value: { side: 'destination', type: 'LOCAL' } },
      ...portMatch(protocol, nodePort),
    };
    const services: Rule[] = [];
    const nodePorts: Rule[] = [];
    const rejects: Rule[] = [];
    const externalRejects: Rule[] = [];
    const firewallRules: Rule[] = [];
    const reject = { kind: 'reject', with: 'icmp-port-unreachable' } as const;
    const none = `${id} has no endpoints`;
    const noLocal = `${id} has no local endpoints`;
    const internal = internalLocal ? local : cluster;
    if (internal.length > 0)
      services.push(
        rule(
          to(port.clusterIP),
          { kind: 'jump', chain: internalLocal ? names.local : names.service },
          `${id} cluster IP`,
        ),
      );
    else
      rejects.push(
        hasAny ? rule(to(port.clusterIP), { kind: 'drop' }, noLocal) : rule(to(port.clusterIP), reject, none),
      );
    const refuse = (match: Match) => {
      if (!hasAny) externalRejects.push(rule(match, reject, none));
      else if (externalLocal && local.length === 0) externalRejects.push(rule(match, { kind: 'drop' }, noLocal));
    };
    for (const ip of port.externalIPs) {
      if (hasAny) services.push(rule(to(ip), { kind: 'jump', chain: names.external }, `${id} external IP`));
      refuse(to(ip));
    }
    const guarded = port.sourceRanges.length > 0;
    for (const ip of port.loadBalancerIPs) {
      const chain = guarded ? names.firewall : names.external;
      if (hasAny) services.push(rule(to(ip), { kind: 'jump', chain }, `${id} loadbalancer IP`));
      if (guarded)
        firewallRules.push(rule(to(ip), { kind: 'drop' }, `${id} traffic not accepted by ${names.firewall}`));
      refuse(to(ip));
    }
    if (nodePort !== 0) {
      const jump = { kind: 'jump', chain: names.external } as const;
      const match = portMatch(protocol, nodePort);
      if (hasAny) {
        if (this.#localhostNodePorts)
          nodePorts.push(
            rule({ ...match, destination: { value: loopback }, accounting: 'localhost_nps_accepted_pkts' }, jump, id),
          );
        nodePorts.push(rule(match, jump, id));
      }
      refuse(local_);
    }
    const healthPorts =
      port.healthCheckNodePort === 0
        ? []
        : [
            rule(
              { ...portMatch('tcp', port.healthCheckNodePort), protocol: tcp },
              { kind: 'accept' },
              `${id} health check node port`,
            ),
          ];
    return { services, nodePorts, rejects, externalRejects, healthPorts, firewall: firewallRules };
  }

  #external(port: ServicePort, { local }: Categories): Rule[] {
    const { id, externalLocal } = port;
    const { service, local: localChain } = chainNames(port);
    const mark = { kind: 'jump', chain: 'KUBE-MARK-MASQ' } as const;
    if (!externalLocal)
      return [
        rule({}, mark, `masquerade traffic for ${id} external destinations`),
        rule({}, { kind: 'jump', chain: service }),
      ];
    const fromHere: Match = { addressType: { value: { side: 'source', type: 'LOCAL' } } };
    return [
      rule({ source: { value: parseCidr(this.#podCIDR) } }, { kind: 'jump', chain: service }, `pod traffic for ${id} external destinations`),
      rule(fromHere, mark, `masquerade LOCAL traffic for ${id} external destinations`),
      rule(fromHere, { kind: 'jump', chain: service }, `route LOCAL traffic for ${id} external destinations`),
      ...(local.length > 0 ? [rule({}, { kind: 'jump', chain: localChain })] : []),
    ]; // prettier-ignore
  }

  #balance(port: ServicePort, endpoints: readonly ProxyEndpoint[], internal: boolean): Rule[] {
    const { id, affinity, protocol } = port;
    const rules: Rule[] = [];
    if (internal)
      rules.push(
        rule(
          {
            ...(this.#masqueradeAll ? undefined : { source: { value: parseCidr(this.#podCIDR), not: true } }),
            destination: { value: parseCidr(port.clusterIP) },
            ...portMatch(protocol, port.port),
          },
          { kind: 'jump', chain: 'KUBE-MARK-MASQ' },
          `${id} cluster IP`,
        ),
      );
    const all = endpoints.map((e) => ({ at: e.at, chain: endpointChain(port, e.at) }));
    if (affinity !== undefined)
      for (const { at, chain } of all)
        rules.push(
          rule(
            { recent: { name: chain, mode: 'check', seconds: affinity } },
            { kind: 'jump', chain },
            `${id} -> ${at}`,
          ),
        );
    all.forEach(({ at, chain }, i) => {
      const left = all.length - i;
      rules.push(rule(left > 1 ? { probability: 1 / left } : {}, { kind: 'jump', chain }, `${id} -> ${at}`));
    });
    return rules;
  }
}

function portMatch(protocol: ServicePort['protocol'], port: number): Match {
  return { protocol: { value: protocol }, destinationPort: { value: { from: port, to: port } } };
}

/** What the rules that all Services share depend on. */
function signatureOf(port: ServicePort, ...has: boolean[]): string {
  return [
    port.id, port.protocol, port.clusterIP, port.port, port.nodePort, port.externalIPs, port.loadBalancerIPs, port.sourceRanges,
    port.externalLocal, port.internalLocal, port.healthCheckNodePort, has,
  ].join(' '); // prettier-ignore
}

function isExternal({ nodePort, externalIPs, loadBalancerIPs }: ServicePort): boolean {
  return nodePort !== 0 || externalIPs.length > 0 || loadBalancerIPs.length > 0;
}

function firewall(port: ServicePort): Rule[] {
  const { id, sourceRanges } = port;
  const { external, firewall: own } = chainNames(port);
  return [
    ...sourceRanges.map((range) =>
      rule({ source: { value: parseCidr(range) } }, { kind: 'jump', chain: external }, `${id} loadbalancer IP`),
    ),
    rule({}, { kind: 'none' }, `other traffic to ${id} will be dropped by KUBE-PROXY-FIREWALL`),
  ].filter(() => own !== '');
}

function endpointRules(port: ServicePort, { address, port: number }: ProxyEndpoint, name: string): Rule[] {
  const { id, protocol, affinity } = port;
  const remembers = affinity === undefined ? undefined : { recent: { name, mode: 'set' } as const };
  return [
    rule({ source: { value: { network: address, bits: 32 } } }, toMark, id),
    rule({ protocol: { value: protocol }, ...remembers }, { kind: 'dnat', ip: address, port: number }, id),
  ];
}
