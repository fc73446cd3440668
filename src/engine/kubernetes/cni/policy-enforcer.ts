import { formatIp, parseIp, type Network, type NetworkNamespace } from '../../network/index.ts';
import type { Packet } from '../../network/packet.ts';
import type { HookVerdict, Reason } from '../../network/netfilter/evaluate.ts';
import type { Client, ResourceClient } from '../client.ts';
import type { Direction, Endpoint, NetworkPolicy, PodEndpoint, PolicyRule, Verdict } from '../policy/types.ts';
import { PolicySet } from '../policy/verdict.ts';
import type { Cni } from './cni.ts';
import { refs, type KubeObject, type Namespace, type Pod, type ResourceRef } from '../types.ts';

type StoredPolicy = NetworkPolicy & KubeObject;

const networkPolicies: ResourceRef<StoredPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
};

/** Pods with a network of their own, by their addresses; one that has ended has given its address back. */
const byAddress = 'policy/podIP';
const addressKeys = ({ spec, status }: Pod): readonly string[] =>
  spec.hostNetwork || status.phase === 'Succeeded' || status.phase === 'Failed'
    ? []
    : (status.podIPs ?? []).map(({ ip }) => ip ?? '').filter(Boolean);

const protocols = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP', icmp: 'ICMP' } as const;

/**
 * The NetworkPolicy agent of a network plug-in on all nodes of a cluster: what a node forwards from or to one of its Pods
 * passes the policies, after translation and before the source is hidden (kube-network-policies of SIG Network). What
 * a node sends to its own Pods is not forwarded, so probes always pass. Denied packets are dropped without an answer.
 */
export class PolicyEnforcer {
  readonly #network: Network;
  readonly #pods: ResourceClient<Pod>;
  readonly #namespaces: ResourceClient<Namespace>;
  readonly #policies: ResourceClient<StoredPolicy>;
  /** Undefined: something has changed since it was made. */
  #set: PolicySet | undefined;
  #endpoints = new WeakMap<Pod, PodEndpoint>();
  /** Pods by their addresses since these were given out: statuses tell them only later. */
  readonly #sandboxes = new Map<number, { namespace: string; name: string }>();

  constructor(client: Client, network: Network) {
    this.#network = network;
    this.#pods = client.resource(refs.pods);
    this.#namespaces = client.resource(refs.namespaces);
    this.#policies = client.resource(networkPolicies);
    this.#pods.informer.addIndex(byAddress, addressKeys);
    const changed = () => this.#changed();
    this.#policies.informer.on({ add: changed, update: changed, delete: changed });
    this.#namespaces.informer.on({
      update: (now, before) => {
        if (!sameLabels(now, before)) this.#changed();
      },
    });
    this.#pods.informer.on({
      add: (pod) => this.#podChanged(pod),
      update: (now, before) => {
        if (!sameLabels(now, before) || addressKeys(now).join() !== addressKeys(before).join()) this.#podChanged(now);
      },
      delete: (pod) => this.#podChanged(pod),
    });
  }

  /** Judges what a node forwards. @returns an undo */
  attach(node: NetworkNamespace): () => void {
    return node.netfilter.addFilter({
      name: 'network-policies',
      hook: 'FORWARD',
      priority: 5,
      judge: (packet) => this.#judge(node.name, packet),
    });
  }

  /** The plug-in, with what it gives out noted: a Pod is isolated from its first packet on. */
  noting(cni: Cni): Cni {
    const sandboxes = this.#sandboxes;
    return {
      name: cni.name,
      add: (pod, ip, ports) => {
        const [, namespace = '', name = ''] = pod.name.split('/');
        sandboxes.set(parseIp(ip), { namespace, name });
        cni.add(pod, ip, ports);
      },
      remove: (pod, ip) => {
        sandboxes.delete(parseIp(ip));
        cni.remove(pod, ip);
      },
    };
  }

  #changed(): void {
    this.#set = undefined;
    this.#endpoints = new WeakMap();
    this.#network.changed();
  }

  /** Ways depend on Pods' labels only where there are policies. */
  #podChanged(pod: Pod): void {
    if (!pod.spec.hostNetwork && this.#compiled().size > 0) this.#network.changed();
  }

  #compiled(): PolicySet {
    return (this.#set ??= new PolicySet(this.#policies.list()));
  }

  #judge(node: string, packet: Packet): HookVerdict | undefined {
    // Replies belong to a connection that has been judged.
    if (packet.state !== 'NEW') return undefined;
    const set = this.#compiled();
    if (set.size === 0) return undefined;
    const [source, target] = [this.#podAt(packet.source), this.#podAt(packet.destination)];
    const directions: Direction[] = [];
    if (source?.spec.nodeName === node) directions.push('egress');
    if (target?.spec.nodeName === node) directions.push('ingress');
    if (directions.length === 0) return undefined;
    const attempt = {
      from: this.#endpoint(packet.source, source),
      to: this.#endpoint(packet.destination, target),
      protocol: protocols[packet.protocol],
      port: packet.destinationPort,
    };
    return hookVerdict(set.judge(attempt, directions));
  }

  #podAt(address: number): Pod | undefined {
    const sandbox = this.#sandboxes.get(address);
    if (sandbox) return this.#pods.get(sandbox.namespace, sandbox.name);
    return this.#pods.informer.byIndex(byAddress, formatIp(address))[0];
  }

  #endpoint(address: number, pod: Pod | undefined): Endpoint {
    const ip = formatIp(address);
    if (!pod) return { ip };
    let known = this.#endpoints.get(pod);
    if (!known) {
      const { namespace = '', name, labels = {} } = pod.metadata;
      known = {
        namespace,
        name,
        labels,
        namespaceLabels: this.#namespaces.get(undefined, namespace)?.metadata.labels ?? {},
        ports: [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ ports = [] }) => ports),
      };
      this.#endpoints.set(pod, known);
    }
    return { ip, pod: known };
  }
}

function sameLabels({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean {
  return a.labels === b.labels || JSON.stringify(a.labels) === JSON.stringify(b.labels);
}

function hookVerdict(verdict: Verdict): HookVerdict | undefined {
  if (verdict.allowed) {
    const [first] = verdict.by;
    if (!first) return undefined;
    const list = (what: (one: PolicyRule) => string) => verdict.by.map(what).join(', ');
    const params = {
      policy: list(({ namespace, policy }) => `${namespace}/${policy}`),
      direction: list(({ direction }) => direction),
      rule: list(({ rule }) => String(rule)),
    };
    return { verdict: 'accept', reason: reason(params) };
  }
  const policy = verdict.isolatedBy.map((by) => `${by.namespace}/${by.policy}`).join(', ');
  return { verdict: 'drop', reason: reason({ policy, direction: verdict.direction }) };
}

function reason(params: Record<string, string>): Reason {
  return { code: 'network-policy', params };
}
