import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { parseCidr, parseIp, rule, type NetworkNamespace } from '../../network/index.ts';
import type { Chain } from '../../network/netfilter/table.ts';
import type { Match, Rule } from '../../network/netfilter/rule.ts';
import type { Pod } from '../types.ts';

/** A port of the node that leads to a Pod (`hostPort`). */
export interface PortMapping {
  readonly hostPort: number;
  /** Only this address of the node. */
  readonly hostIP?: string;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

/** The host ports that a Pod's containers ask for. */
export function hostPorts({ spec }: Pod): PortMapping[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, containerPort, protocol = 'TCP' }) =>
      hostPort === undefined
        ? []
        : {
            hostPort,
            containerPort,
            protocol: protocol.toLowerCase() as PortMapping['protocol'],
            ...(hostIP ? { hostIP } : undefined),
          },
    ),
  );
}

const mark = { value: 0x2000, mask: 0x2000 };

/** The `portmap` plug-in of the CNI project: host ports by rules of the nat table. */
export class PortMap {
  readonly #node: NetworkNamespace;
  readonly #podRange: string;
  readonly #name: string;
  /** Chain names of Pods by their address. */
  readonly #chains = new Map<string, string>();

  /** @param name of the network, as rules' comments have it */
  constructor(node: NetworkNamespace, podRange: string, name: string) {
    this.#name = name;
    this.#node = node;
    this.#podRange = podRange;
  }

  add(ip: string, pod: string, mappings: readonly PortMapping[]): void {
    if (mappings.length === 0) return;
    const { netfilter } = this.#node;
    const nat = netfilter.iptables('nat');
    this.#base();
    const name = `CNI-DN-${bytesToHex(sha256(utf8ToBytes(pod))).slice(0, 21)}`;
    const port = ({ hostPort, hostIP, protocol }: PortMapping): Match => ({
      protocol: { value: protocol },
      destinationPort: { value: { from: hostPort, to: hostPort } },
      ...(hostIP && hostIP !== '0.0.0.0' ? { destination: { value: parseCidr(`${hostIP}/32`) } } : undefined),
    });
    const toMark = { kind: 'jump', chain: 'CNI-HOSTPORT-SETMARK' } as const;
    nat.chain(name).rules = mappings.flatMap((mapping) => [
      rule({ ...port(mapping), source: { value: parseCidr(this.#podRange) } }, toMark),
      rule({ ...port(mapping), source: { value: parseCidr('127.0.0.1/32') } }, toMark),
      rule(port(mapping), { kind: 'dnat', ip: parseIp(ip), port: mapping.containerPort }),
    ]);
    const dispatch = nat.chain('CNI-HOSTPORT-DNAT');
    const comment = `dnat name: "${this.#name}" id: "${pod}"`;
    dispatch.rules = [
      ...dispatch.rules,
      ...mappings.map((mapping) => rule(port(mapping), { kind: 'jump', chain: name }, comment)),
    ];
    this.#chains.set(ip, name);
    netfilter.changed();
  }

  remove(ip: string): void {
    const name = this.#chains.get(ip);
    if (name === undefined) return;
    this.#chains.delete(ip);
    const { netfilter } = this.#node;
    const nat = netfilter.iptables('nat');
    const dispatch = nat.chain('CNI-HOSTPORT-DNAT');
    dispatch.rules = dispatch.rules.filter(({ target }) => target.kind !== 'jump' || target.chain !== name);
    nat.chains.delete(name);
    netfilter.changed();
  }

  /** The chains that all Pods share; made with the first host port. */
  #base(): void {
    const nat = this.#node.netfilter.iptables('nat');
    if (nat.chains.has('CNI-HOSTPORT-DNAT')) return;
    const local: Match = { addressType: { value: { side: 'destination', type: 'LOCAL' } } };
    append(nat.chain('PREROUTING'), rule(local, { kind: 'jump', chain: 'CNI-HOSTPORT-DNAT' }));
    append(nat.chain('OUTPUT'), rule(local, { kind: 'jump', chain: 'CNI-HOSTPORT-DNAT' }));
    const masquerade = nat.chain('POSTROUTING');
    masquerade.rules = [
      rule({}, { kind: 'jump', chain: 'CNI-HOSTPORT-MASQ' }, 'CNI portfwd requiring masquerade'),
      ...masquerade.rules,
    ];
    nat.chain('CNI-HOSTPORT-SETMARK').rules = [rule({}, { kind: 'mark', ...mark }, 'CNI portfwd masquerade mark')];
    nat.chain('CNI-HOSTPORT-MASQ').rules = [rule({ mark: { value: mark } }, { kind: 'masquerade' })];
    nat.chain('CNI-HOSTPORT-DNAT');
    // What the node sends to itself leaves towards the Pod.
    this.#node.setSysctl('net.ipv4.conf.all.route_localnet', '1');
  }
}

function append(chain: Chain, one: Rule): void {
  chain.rules = [...chain.rules, one];
}
