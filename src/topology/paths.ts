import { matchesLabelSelector, type LabelSelector } from '../engine/kubernetes/apimachinery/label-selector.ts';
import { PolicySet } from '../engine/kubernetes/policy/verdict.ts';
import type { Endpoint } from '../engine/kubernetes/policy/types.ts';
import { keyOf, type ListObjects } from './objects.ts';
import type { Topology } from './model.ts';
import { anywhere, endsOf, enforcesPolicies, networkPolicies, passes, policyResource, portsNamed } from './policies.ts';

/** Which ways are open to an object, by element ids (`pod <uid>`, `service <uid>`, `outside`). */
export interface Paths {
  /** Ways that a policy had a say in. */
  ways: { from: string; to: string }[];
  /** What it can neither reach nor be reached from. */
  denied: Set<string>;
}

const none: Paths = { ways: [], denied: new Set() };

/** More ways than this are not drawn one by one. */
const most = 60;

/**
 * The possible paths of a Pod, a Service or a policy's Pods among what is drawn. Where no policy has a say, every way is
 * open, and there is nothing to show but the object's own connections.
 */
export function possiblePaths(
  list: ListObjects,
  topology: Topology,
  subject: { resource: string; key: string },
): Paths {
  const policies = networkPolicies(list);
  if (policies.length === 0 || enforcesPolicies(list) === false) return none;
  const ends = endsOf(list);
  const set = new PolicySet(policies);
  const ports = portsNamed(policies);
  const own = subjectPods(list, topology, subject);
  if (own.size === 0) return none;
  const ownEnds = [...own].flatMap((id) => ends.get(id) ?? []);
  const isService = subject.resource === '/services';
  const reached = new Map<string, 'in' | 'out' | 'both' | 'no'>();
  const ways: Paths['ways'] = [];
  const denied = new Set<string>();
  const subjectId = isService ? `service ${serviceOf(topology, subject.key)?.id}` : undefined;
  const look = (element: string, other: Endpoint) => {
    const into = any(ownEnds, (end) => passes(set, other, end, ports));
    // A Service is not who asks: what its Pods may reach is their business.
    const out = isService ? { allowed: false, judged: false } : any(ownEnds, (end) => passes(set, end, other, ports));
    reached.set(element, into.allowed ? (out.allowed ? 'both' : 'in') : out.allowed ? 'out' : 'no');
    if (!into.allowed && !out.allowed) denied.add(element);
    const self = subjectId ?? `pod ${[...own][0]!}`;
    if (into.allowed && into.judged) ways.push({ from: element, to: self });
    if (out.allowed && out.judged) ways.push({ from: self, to: element });
  };
  for (const { id } of topology.pods) {
    const end = ends.get(id);
    if (end && !own.has(id)) look(`pod ${id}`, end);
  }
  look('outside', anywhere);
  if (!isService)
    for (const service of topology.services) {
      if (service.selects.length === 0 || service.selects.some((id) => own.has(id))) continue;
      if (service.selects.every((id) => ['no', 'in'].includes(reached.get(`pod ${id}`) ?? 'no')))
        denied.add(`service ${service.id}`);
    }
  // A policy's fence shows its ways itself.
  return { ways: subject.resource === policyResource || ways.length > most ? [] : ways, denied };
}

const serviceOf = ({ services }: Topology, key: string) =>
  services.find(({ namespace, name }) => `${namespace}/${name}` === key);

function subjectPods(
  list: ListObjects,
  topology: Topology,
  { resource, key }: { resource: string; key: string },
): Set<string> {
  if (resource === '/services') return new Set(serviceOf(topology, key)?.selects ?? []);
  if (resource === '/pods')
    return new Set(topology.pods.filter(({ namespace, name }) => `${namespace}/${name}` === key).map(({ id }) => id));
  const policy = list(policyResource).find((object) => keyOf(object) === key);
  if (resource !== policyResource || !policy) return new Set();
  const selector = (policy.spec?.podSelector ?? {}) as LabelSelector;
  return new Set(
    list('/pods')
      .filter(
        ({ metadata }) =>
          metadata.namespace === policy.metadata.namespace && matchesLabelSelector(selector, metadata.labels),
      )
      .map(({ metadata }) => metadata.uid),
  );
}

function any(
  ends: readonly Endpoint[],
  pass: (end: Endpoint) => { allowed: boolean; judged: boolean },
): { allowed: boolean; judged: boolean } {
  let judged = false;
  for (const end of ends) {
    const verdict = pass(end);
    if (verdict.allowed) return verdict;
    judged ||= verdict.judged;
  }
  return { allowed: false, judged };
}
