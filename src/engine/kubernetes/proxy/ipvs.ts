import {
  formatIp,
  parseCidr,
  parseIp,
  rule,
  type Interface,
  type NetworkNamespace,
  type Protocol,
  type Scheduler,
} from '../../network/index.ts';
import { categorize, type ProxyEndpoint, type ProxyNode, type ServiceModel, type ServicePort } from './model.ts';
import { addJump, masqueradeMark, removeChains, type Proxier } from './proxier.ts';

/** kube-proxy in ipvs mode: virtual servers in the kernel, sets of addresses, and a handful of rules. */

const setTypes: Readonly<Record<string, [type: string, comment: string]>> = {
  'KUBE-CLUSTER-IP': ['hash:ip,port', 'Kubernetes service cluster ip + port for masquerade purpose'],
  'KUBE-EXTERNAL-IP': ['hash:ip,port', 'Kubernetes service external ip + port for masquerade and filter purpose'],
  'KUBE-EXTERNAL-IP-LOCAL': ['hash:ip,port', 'Kubernetes service external ip + port with externalTrafficPolicy=local'],
  'KUBE-LOAD-BALANCER': ['hash:ip,port', 'Kubernetes service lb portal'],
  'KUBE-LOAD-BALANCER-LOCAL': ['hash:ip,port', 'Kubernetes service load balancer ip + port with externalTrafficPolicy=local'],
  'KUBE-LOOP-BACK': ['hash:ip,port,ip', 'Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose'],
  'KUBE-NODE-PORT-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port for masquerade purpose'],
  'KUBE-NODE-PORT-LOCAL-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port with externalTrafficPolicy=local'],
  'KUBE-NODE-PORT-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port for masquerade purpose'],
  'KUBE-NODE-PORT-LOCAL-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port with externalTrafficPolicy=local'],
}; // prettier-ignore

export class IpvsProxier implements Proxier {
  readonly name = 'kube-proxy ipvs';
  readonly #ns: NetworkNamespace;
  readonly #model: ServiceModel;
  readonly #node: ProxyNode;
  readonly #podCIDR: string;
  readonly #scheduler: Scheduler;
  readonly #servers = new Map<string, string[]>();
  #dummy: Interface | undefined;
  #revision = -1;

  constructor(ns: NetworkNamespace, model: ServiceModel, node: ProxyNode, podCIDR: string, scheduler: Scheduler) {
    this.#ns = ns;
    this.#model = model;
    this.#node = node;
    this.#podCIDR = podCIDR;
    this.#scheduler = scheduler;
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
    this.#sets();
  }

  cleanUp(): void {
    const { netfilter, ipvs } = this.#ns;
    for (const name of ['nat', 'filter'] as const) removeChains(netfilter.iptables(name), (c) => c.startsWith('KUBE-'));
    for (const name of Object.keys(setTypes)) netfilter.ipsets.delete(name);
    ipvs.clear();
    if (this.#dummy) this.#ns.removeInterface(this.#dummy);
    netfilter.changed();
  }

  #nodeAddresses(): string[] {
    const found: string[] = [];
    for (const iface of this.#ns.interfaces.values())
      if (iface.kind !== 'loopback' && iface !== this.#dummy)
        for (const { ip } of iface.addresses) if (!found.includes(formatIp(ip))) found.push(formatIp(ip));
    return found;
  }

  #update(key: string): void {
    const { ipvs } = this.#ns;
    const wanted: string[] = [];
    for (const port of this.#model.ports(key)) {
      const { cluster, local } = categorize(port, this.#node);
      const internal = port.internalLocal ? local : cluster;
      const external = port.externalLocal ? local : cluster;
      this.#serve(wanted, port, port.clusterIP, port.port, internal);
      for (const ip of [...port.externalIPs, ...port.loadBalancerIPs])
        this.#serve(wanted, port, ip, port.port, external);
      if (port.nodePort !== 0)
        for (const ip of this.#nodeAddresses()) this.#serve(wanted, port, ip, port.nodePort, external, false);
    }
    for (const old of this.#servers.get(key) ?? []) {
      if (wanted.includes(old)) continue;
      const [protocol = 'tcp', ip = '', port] = old.split(' ');
      ipvs.remove(protocol as Protocol, parseIp(ip), Number(port));
      this.#release(ip);
    }
    if (wanted.length > 0) this.#servers.set(key, wanted);
    else this.#servers.delete(key);
  }

  #serve(
    wanted: string[],
    port: ServicePort,
    ip: string,
    number: number,
    endpoints: readonly ProxyEndpoint[],
    bind = true,
  ): void {
    wanted.push(`${port.protocol} ${ip} ${number}`);
    if (bind && !this.#dummy!.has(parseIp(ip))) this.#ns.addAddress(this.#dummy!, `${ip}/32`);
    this.#ns.ipvs.set(port.protocol, parseIp(ip), number, {
      scheduler: this.#scheduler,
      ...(port.affinity === undefined ? undefined : { persistent: port.affinity }),
      servers: endpoints.map((e) => ({ ip: parseIp(e.ip), port: e.port, weight: 1 })),
    });
  }

  #release(address: string): void {
    const ip = parseIp(address);
    const used = [...this.#servers.values()].flat().filter((s) => s.split(' ')[1] === address).length > 1;
    if (!used && this.#dummy?.has(ip)) this.#ns.removeAddress(this.#dummy, ip, 32);
  }

  #sets(): void {
    const entries = new Map(Object.keys(setTypes).map((name) => [name, new Set<string>()]));
    for (const key of this.#model.keys())
      for (const port of this.#model.ports(key)) {
        const { protocol, externalLocal } = port;
        const { cluster, local, reachable } = categorize(port, this.#node);
        if ((port.internalLocal ? local : cluster).length > 0)
          entries.get('KUBE-CLUSTER-IP')!.add(`${port.clusterIP},${protocol}:${port.port}`);
        for (const ip of port.externalIPs) {
          entries.get('KUBE-EXTERNAL-IP')!.add(`${ip},${protocol}:${port.port}`);
          if (externalLocal) entries.get('KUBE-EXTERNAL-IP-LOCAL')!.add(`${ip},${protocol}:${port.port}`);
        }
        for (const ip of port.loadBalancerIPs) {
          entries.get('KUBE-LOAD-BALANCER')!.add(`${ip},${protocol}:${port.port}`);
          if (externalLocal) entries.get('KUBE-LOAD-BALANCER-LOCAL')!.add(`${ip},${protocol}:${port.port}`);
        }
        const suffix = protocol.toUpperCase();
        if (port.nodePort !== 0) {
          entries.get(`KUBE-NODE-PORT-${suffix}`)?.add(String(port.nodePort));
          if (externalLocal) entries.get(`KUBE-NODE-PORT-LOCAL-${suffix}`)?.add(String(port.nodePort));
        }
        for (const e of reachable)
          if (e.nodeName === this.#node.name)
            entries.get('KUBE-LOOP-BACK')!.add(`${e.ip},${protocol}:${e.port},${e.ip}`);
      }
    const { ipsets } = this.#ns.netfilter;
    for (const [name, [type, comment]] of Object.entries(setTypes))
      ipsets.set(name, { type, comment, entries: entries.get(name)! });
  }

  #skeleton(): void {
    const ns = this.#ns;
    this.#dummy = ns.interfaces.get('kube-ipvs0') ?? ns.addInterface('kube-ipvs0', 'dummy');
    const [nat, filter] = [ns.netfilter.iptables('nat'), ns.netfilter.iptables('filter')];
    for (const hook of ['PREROUTING', 'OUTPUT']) addJump(nat, hook, 'KUBE-SERVICES', {}, 'kubernetes service portals');
    addJump(nat, 'POSTROUTING', 'KUBE-POSTROUTING', {}, 'kubernetes postrouting rules');
    const mark = { kind: 'jump', chain: 'KUBE-MARK-MASQ' } as const;
    const set = (name: string, flags: string) => ({ set: { value: { name, flags } } });
    const comment = (name: string) => setTypes[name]![1];
    nat.chain('KUBE-MARK-MASQ').rules = [rule({}, { kind: 'mark', value: masqueradeMark, mask: masqueradeMark })];
    nat.chain('KUBE-LOAD-BALANCER').rules = [rule({}, mark)];
    nat.chain('KUBE-NODE-PORT').rules = (['tcp', 'udp'] as const).flatMap((protocol) => {
      const [local, any] = [
        `KUBE-NODE-PORT-LOCAL-${protocol.toUpperCase()}`,
        `KUBE-NODE-PORT-${protocol.toUpperCase()}`,
      ];
      const match = { protocol: { value: protocol } };
      return [
        rule({ ...match, ...set(local, 'dst') }, { kind: 'return' }, comment(local)),
        rule({ ...match, ...set(any, 'dst') }, mark, comment(any)),
      ];
    });
    const fromOutside = { source: { value: parseCidr(this.#podCIDR), not: true } };
    nat.chain('KUBE-SERVICES').rules = [
      rule(set('KUBE-LOAD-BALANCER-LOCAL', 'dst,dst'), { kind: 'return' }, comment('KUBE-LOAD-BALANCER-LOCAL')),
      rule(set('KUBE-LOAD-BALANCER', 'dst,dst'), { kind: 'jump', chain: 'KUBE-LOAD-BALANCER' }, comment('KUBE-LOAD-BALANCER')),
      rule({ ...fromOutside, ...set('KUBE-CLUSTER-IP', 'dst,dst') }, mark, comment('KUBE-CLUSTER-IP')),
      rule(set('KUBE-EXTERNAL-IP-LOCAL', 'dst,dst'), { kind: 'return' }, comment('KUBE-EXTERNAL-IP-LOCAL')),
      rule(set('KUBE-EXTERNAL-IP', 'dst,dst'), mark, comment('KUBE-EXTERNAL-IP')),
      rule({ addressType: { value: { side: 'destination', type: 'LOCAL' } } }, { kind: 'jump', chain: 'KUBE-NODE-PORT' }),
      rule(set('KUBE-CLUSTER-IP', 'dst,dst'), { kind: 'accept' }),
    ]; // prettier-ignore
    nat.chain('KUBE-POSTROUTING').rules = [
      rule(set('KUBE-LOOP-BACK', 'dst,dst,src'), { kind: 'masquerade' }, comment('KUBE-LOOP-BACK')),
      rule({ mark: { value: { value: masqueradeMark, mask: masqueradeMark }, not: true } }, { kind: 'return' }),
      rule({}, { kind: 'mark', value: masqueradeMark, mask: 0, xor: true }),
      rule({}, { kind: 'masquerade', fully: true }, 'kubernetes service traffic requiring SNAT'),
    ];
    addJump(filter, 'FORWARD', 'KUBE-FORWARD', {}, 'kubernetes forwarding rules');
    filter.chain('KUBE-FORWARD').rules = [
      rule({ mark: { value: { value: masqueradeMark, mask: masqueradeMark } } }, { kind: 'accept' }, 'kubernetes forwarding rules'),
      rule({ state: { value: ['RELATED', 'ESTABLISHED'] } }, { kind: 'accept' }, 'kubernetes forwarding conntrack rule'),
    ]; // prettier-ignore
    ns.netfilter.changed();
  }
}
