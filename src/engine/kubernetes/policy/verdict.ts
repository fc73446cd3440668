import { contains, parseCidr, parseIp, type Cidr } from '../../network/index.ts';
import { matchesSelector, selectorFrom, type Selector } from '../apimachinery/label-selector.ts';
import type {
  Attempt,
  Direction,
  EgressRule,
  Endpoint,
  IngressRule,
  NetworkPolicy,
  PodEndpoint,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
  Verdict,
} from './types.ts';

/** A rule with its selectors and blocks read. */
interface CompiledRule {
  /** Undefined: everybody. */
  readonly peers: readonly CompiledPeer[] | undefined;
  /** Undefined: every port. */
  readonly ports: readonly PolicyPort[] | undefined;
}

interface CompiledPeer {
  readonly pods?: Selector | undefined;
  readonly namespaces?: Selector | undefined;
  readonly block?: { readonly cidr: Cidr; readonly except: readonly Cidr[] };
}

interface CompiledPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly selects: Selector | undefined;
  /** Undefined: the policy says nothing about this direction. */
  readonly rules: Readonly<Record<Direction, readonly CompiledRule[] | undefined>>;
}

/**
 * Network policies, ready to judge connections (k8s.io/api/networking/v1 NetworkPolicySpec): a Pod that no policy selects
 * for a direction takes everything; one that is selected takes what any rule of any of those policies allows.
 */
export class PolicySet {
  readonly #byNamespace = new Map<string, CompiledPolicy[]>();
  readonly #isolatingPolicies = new WeakMap<PodEndpoint, Partial<Record<Direction, CompiledPolicy[]>>>();
  /** How many policies there are. */
  readonly size: number;

  constructor(policies: readonly NetworkPolicy[]) {
    this.size = policies.length;
    for (const policy of policies) {
      const compiled = compile(policy);
      const others = this.#byNamespace.get(compiled.namespace);
      if (others) others.push(compiled);
      else this.#byNamespace.set(compiled.namespace, [compiled]);
    }
  }

  /** @param directions those to be judged here: either end of a connection may be on another node */
  judge(attempt: Attempt, directions: readonly Direction[] = ['egress', 'ingress']): Verdict {
    const { from, to } = attempt;
    // A Pod always reaches itself.
    if (from.pod && to.pod && from.pod.name === to.pod.name && from.pod.namespace === to.pod.namespace)
      return { allowed: true, by: [] };
    const by: PolicyRule[] = [];
    for (const direction of directions) {
      const own = direction === 'egress' ? from.pod : to.pod;
      const isolating = own ? this.#isolating(own, direction) : [];
      if (isolating.length === 0) continue;
      const rule = firstRule(isolating, direction, attempt);
      if (!rule)
        return {
          allowed: false,
          direction,
          isolatedBy: isolating.map(({ namespace, name }) => ({ namespace, policy: name })),
        };
      by.push(rule);
    }
    return { allowed: true, by };
  }

  #isolating(pod: PodEndpoint, direction: Direction): CompiledPolicy[] {
    let known = this.#isolatingPolicies.get(pod);
    if (!known) this.#isolatingPolicies.set(pod, (known = {}));
    return (known[direction] ??= (this.#byNamespace.get(pod.namespace) ?? []).filter(
      (policy) => policy.rules[direction] && matchesSelector(policy.selects, pod.labels),
    ));
  }
}

function compile({ metadata, spec = {} }: NetworkPolicy): CompiledPolicy {
  const { podSelector, ingress = [], egress } = spec;
  // As the API server defaults it (SetDefaults_NetworkPolicy).
  const types = spec.policyTypes ?? ['Ingress', ...(egress && egress.length > 0 ? ['Egress'] : [])];
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    selects: selectorFrom(podSelector ?? {}),
    rules: {
      ingress: types.includes('Ingress') ? ingress.map((rule) => compileRule(rule.from, rule)) : undefined,
      egress: types.includes('Egress') ? (egress ?? []).map((rule) => compileRule(rule.to, rule)) : undefined,
    },
  };
}

function compileRule(peers: readonly PolicyPeer[] | undefined, { ports }: IngressRule | EgressRule): CompiledRule {
  return {
    peers: peers && peers.length > 0 ? peers.map(compilePeer) : undefined,
    ports: ports && ports.length > 0 ? ports : undefined,
  };
}

function compilePeer({ podSelector, namespaceSelector, ipBlock }: PolicyPeer): CompiledPeer {
  if (ipBlock) return { block: { cidr: parseCidr(ipBlock.cidr), except: (ipBlock.except ?? []).map(parseCidr) } };
  return {
    ...(podSelector ? { pods: selectorFrom(podSelector) } : {}),
    ...(namespaceSelector ? { namespaces: selectorFrom(namespaceSelector) } : {}),
  };
}

function firstRule(
  policies: readonly CompiledPolicy[],
  direction: Direction,
  attempt: Attempt,
): PolicyRule | undefined {
  const peer = direction === 'egress' ? attempt.to : attempt.from;
  for (const { namespace, name, rules } of policies) {
    const rule = rules[direction]!.findIndex(
      ({ peers, ports }) =>
        (!peers || peers.some((one) => isPeer(one, peer, namespace))) &&
        (!ports || ports.some((one) => isPort(one, attempt))),
    );
    if (rule >= 0) return { namespace, policy: name, direction, rule };
  }
  return undefined;
}

/** @param namespace of the policy: Pods are looked for there unless a namespaceSelector says otherwise */
function isPeer(peer: CompiledPeer, { ip, pod }: Endpoint, namespace: string): boolean {
  if (peer.block) {
    const address = parseIp(ip);
    return contains(peer.block.cidr, address) && !peer.block.except.some((except) => contains(except, address));
  }
  if (!pod) return false;
  if ('namespaces' in peer ? !matchesSelector(peer.namespaces, pod.namespaceLabels) : pod.namespace !== namespace)
    return false;
  return !('pods' in peer) || matchesSelector(peer.pods, pod.labels);
}

function isPort({ protocol = 'TCP', port, endPort }: PolicyPort, attempt: Attempt): boolean {
  if (protocol !== attempt.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'number')
    return endPort === undefined ? port === attempt.port : attempt.port >= port && attempt.port <= endPort;
  // A name means whatever the Pod that is reached calls so.
  return (attempt.to.pod?.ports ?? []).some(
    (declared) =>
      declared.name === port && declared.containerPort === attempt.port && (declared.protocol ?? 'TCP') === protocol,
  );
}
