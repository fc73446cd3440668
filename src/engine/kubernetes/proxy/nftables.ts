import {
  Chain,
  parseCidr,
  parseIp,
  rule,
  Table,
  type Hook,
  type Match,
  type NetworkNamespace,
  type Rule,
  type VerdictMap,
} from '../../network/index.ts';
import { categorize, type ProxyEndpoint, type ProxyNode, type ServiceModel, type ServicePort } from './model.ts';
import { nftEndpointName, nftName } from './names.ts';
import { masqueradeMark, type Proxier } from './proxier.ts';

/** kube-proxy in nftables mode: one table, with maps from service addresses to chains. */

const byAddress = 'ip daddr . meta l4proto . th dport';
const byPort = 'meta l4proto . th dport';

interface Piece {
  readonly chains: ReadonlyMap<string, readonly Rule[]>;
  /** Map name, key and verdict. */
  readonly elements: readonly (readonly [map: string, key: string, verdict: string])[];
}

export class NftablesProxier implements Proxier {
  readonly name = 'kube-proxy nftables';
  readonly #ns: NetworkNamespace;
  readonly #model: ServiceModel;
  readonly #node: ProxyNode;
  readonly #podCIDR: string;
  readonly #pieces = new Map<string, Piece>();
  readonly #table = new Table('ip', 'kube-proxy', 'rules for kube-proxy');
  #revision = -1;

  constructor(ns: NetworkNamespace, model: ServiceModel, node: ProxyNode, podCIDR: string) {
    this.#ns = ns;
    this.#model = model;
    this.#node = node;
    this.#podCIDR = podCIDR;
  }

  get stale(): boolean {
    return this.#revision !== this.#model.revision;
  }

  sync(): void {
    const model = this.#model;
    const first = this.#revision < 0;
    if (first) this.#skeleton();
    for (const key of first ? model.keys() : model.changedSince(this.#revision)) this.#update(key);
    this.#revision = model.revision;
  }

  cleanUp(): void {
    this.#ns.netfilter.remove(this.#table);
  }

  #map(name: string): VerdictMap {
    return this.#table.maps.get(name)!;
  }

  #update(key: string): void {
    const { chains } = this.#table;
    const old = this.#pieces.get(key);
    for (const name of old?.chains.keys() ?? []) chains.delete(name);
    for (const [map, element] of old?.elements ?? []) this.#map(map).elements.delete(element);
    const piece = this.#piece(this.#model.ports(key));
    for (const [name, rules] of piece.chains) chains.set(name, new Chain(name, undefined, rules));
    for (const [map, element, verdict] of piece.elements) this.#map(map).elements.set(element, verdict);
    if (piece.elements.length > 0) this.#pieces.set(key, piece);
    else this.#pieces.delete(key);
  }

  #piece(ports: readonly ServicePort[]): Piece {
    const chains = new Map<string, readonly Rule[]>();
    const elements: [string, string, string][] = [];
    for (const port of ports) {
      const { cluster, local, reachable, hasAny } = categorize(port, this.#node);
      const { protocol } = port;
      const name = nftName(port);
      const [service, localService, external] = [`service-${name}`, `local-${name}`, `external-${name}`];
      const internal = port.internalLocal ? local : cluster;
      const none = hasAny ? 'drop' : 'goto reject-chain';
      if (cluster.length > 0) chains.set(service, this.#balance(port, cluster, !port.internalLocal));
      if (local.length > 0) chains.set(localService, this.#balance(port, local, port.internalLocal));
      const clusterKey = `${port.clusterIP} . ${protocol} . ${port.port}`;
      if (internal.length > 0)
        elements.push(['service-ips', clusterKey, `goto ${port.internalLocal ? localService : service}`]);
      else elements.push(['no-endpoint-services', clusterKey, none]);
      const outside = port.externalLocal ? local : cluster;
      const addresses = [...port.externalIPs, ...port.loadBalancerIPs];
      if (cluster.length > 0 && (addresses.length > 0 || port.nodePort !== 0))
        chains.set(external, this.#external(port, local.length > 0, service, localService));
      for (const ip of addresses) {
        const element = `${ip} . ${protocol} . ${port.port}`;
        if (hasAny) elements.push(['service-ips', element, `goto ${external}`]);
        if (outside.length === 0) elements.push(['no-endpoint-services', element, none]);
      }
      if (port.nodePort !== 0) {
        const element = `${protocol} . ${port.nodePort}`;
        if (hasAny) elements.push(['service-nodeports', element, `goto ${external}`]);
        if (outside.length === 0) elements.push(['no-endpoint-nodeports', element, none]);
      }
      for (const e of reachable) chains.set(`endpoint-${nftEndpointName(port, e.ip, e.port)}`, endpointRules(port, e));
    }
    return { chains, elements };
  }

  #external(port: ServicePort, hasLocal: boolean, service: string, localService: string): Rule[] {
    const mark = { kind: 'jump', chain: 'mark-for-masquerade' } as const;
    if (!port.externalLocal) return [rule({}, mark), rule({}, { kind: 'goto', chain: service })];
    const fromHere: Match = { addressType: { value: { side: 'source', type: 'LOCAL' } } };
    return [
      rule({ source: { value: parseCidr(this.#podCIDR) } }, { kind: 'goto', chain: service }, 'short-circuit pod traffic'),
      rule(fromHere, mark, 'masquerade local traffic'),
      rule(fromHere, { kind: 'goto', chain: service }, 'short-circuit local traffic'),
      ...(hasLocal ? [rule({}, { kind: 'goto', chain: localService })] : []),
    ]; // prettier-ignore
  }

  #balance(port: ServicePort, endpoints: readonly ProxyEndpoint[], internal: boolean): Rule[] {
    const chains = endpoints.map((e) => `endpoint-${nftEndpointName(port, e.ip, e.port)}`);
    const rules: Rule[] = [];
    if (internal)
      rules.push(
        rule(
          {
            destination: { value: parseCidr(port.clusterIP) },
            protocol: { value: port.protocol },
            destinationPort: { value: { from: port.port, to: port.port } },
            source: { value: parseCidr(this.#podCIDR), not: true },
          },
          { kind: 'jump', chain: 'mark-for-masquerade' },
        ),
      );
    if (port.affinity !== undefined)
      for (const chain of chains)
        rules.push(
          rule({ recent: { name: chain.replace('endpoint-', 'affinity-'), mode: 'check', seconds: port.affinity } }, { kind: 'goto', chain }),
        ); // prettier-ignore
    rules.push(rule({}, { kind: 'random', chains }));
    return rules;
  }

  #skeleton(): void {
    const table = this.#table;
    const base = (name: string, hook: Hook['name'], priority: number, type: Hook['type'], rules: Rule[]) =>
      table.chains.set(name, new Chain(name, { name: hook, priority, type }, rules));
    const jump = (chain: string, match: Match = {}) => rule(match, { kind: 'jump', chain });
    const fresh: Match = { state: { value: ['NEW'] } };
    for (const [name, fields, comment] of [
      ['firewall-ips', byAddress, 'destinations that are subject to LoadBalancerSourceRanges'],
      ['no-endpoint-nodeports', byPort, 'vmap to drop or reject packets to service nodeports with no endpoints'],
      ['no-endpoint-services', byAddress, 'vmap to drop or reject packets to services with no endpoints'],
      ['service-ips', byAddress, 'ClusterIP, ExternalIP and LoadBalancer IP traffic'],
      ['service-nodeports', byPort, 'NodePort traffic'],
    ] as const) {
      const type =
        fields === byPort ? 'inet_proto . inet_service : verdict' : 'ipv4_addr . inet_proto . inet_service : verdict';
      table.maps.set(name, { fields, type, comment, elements: new Map() });
    }
    const masquerade = { value: masqueradeMark, mask: masqueradeMark };
    const local: Match = { addressType: { value: { side: 'destination', type: 'LOCAL' } } };
    const set = (name: string, rules: Rule[]) => table.chains.set(name, new Chain(name, undefined, rules));
    set('mark-for-masquerade', [rule({}, { kind: 'mark', ...masquerade })]);
    set('masquerading', [
      rule({ mark: { value: masquerade, not: true } }, { kind: 'return' }),
      rule({}, { kind: 'mark', value: masqueradeMark, mask: 0, xor: true }),
      rule({}, { kind: 'masquerade', fully: true }),
    ]);
    set('services', [
      rule({}, { kind: 'vmap', map: 'service-ips' }),
      rule({ ...local, destination: { value: parseCidr('127.0.0.0/8'), not: true } }, { kind: 'vmap', map: 'service-nodeports' }),
    ]); // prettier-ignore
    set('service-endpoints-check', [rule({}, { kind: 'vmap', map: 'no-endpoint-services' })]);
    set('nodeport-endpoints-check', [rule(local, { kind: 'vmap', map: 'no-endpoint-nodeports' })]);
    set('firewall-check', [rule({}, { kind: 'vmap', map: 'firewall-ips' })]);
    set('reject-chain', [rule({}, { kind: 'reject', with: 'icmp-port-unreachable' })]);
    base('filter-prerouting', 'PREROUTING', -110, 'filter', [jump('firewall-check', fresh)]);
    base('filter-output', 'OUTPUT', -110, 'filter', [
      jump('service-endpoints-check', fresh),
      jump('firewall-check', fresh),
    ]);
    base('filter-input', 'INPUT', -110, 'filter', [
      jump('nodeport-endpoints-check', fresh),
      jump('service-endpoints-check', fresh),
    ]);
    base('filter-forward', 'FORWARD', -110, 'filter', [jump('service-endpoints-check', fresh)]);
    base('nat-prerouting', 'PREROUTING', -100, 'nat', [jump('services')]);
    base('nat-output', 'OUTPUT', -100, 'nat', [jump('services')]);
    base('nat-postrouting', 'POSTROUTING', 100, 'nat', [jump('masquerading')]);
    this.#ns.netfilter.put(table);
  }
}

function endpointRules(port: ServicePort, { ip, port: number }: ProxyEndpoint): Rule[] {
  const name = `affinity-${nftEndpointName(port, ip, number)}`;
  return [
    rule({ source: { value: parseCidr(ip) } }, { kind: 'jump', chain: 'mark-for-masquerade' }),
    ...(port.affinity === undefined ? [] : [rule({ recent: { name, mode: 'set' } }, { kind: 'none' })]),
    rule({ protocol: { value: port.protocol } }, { kind: 'dnat', ip: parseIp(ip), port: number }),
  ];
}
