import { matchesLabelSelector, type Labels } from '../engine/kubernetes/apimachinery/label-selector.ts';
import { cniOfDaemonSet, abilitiesOf } from '../engine/kubernetes/cni/abilities.ts';
import type { Attempt, Direction, Endpoint, NetworkPolicy } from '../engine/kubernetes/policy/types.ts';
import { PolicySet } from '../engine/kubernetes/policy/verdict.ts';
import { byName, keyOf, type ListObjects, type PodFields, type TopologyObject } from './objects.ts';

export const policyResource = 'networking.k8s.io/networkpolicies';

/** A NetworkPolicy as a fence: whom it isolates, and which ways it leaves open. */
export interface PolicyView {
  id: string;
  key: string;
  name: string;
  /** Of traffic that it isolates from. */
  directions: Direction[];
  /** Ids of the Pods it selects. */
  isolates: string[];
  /** Who may come in and where they may go out, as this policy alone says. */
  open: OpenWay[];
}

export interface OpenWay {
  direction: Direction;
  /** Id of a Pod; undefined: outside the cluster. */
  pod?: string;
  /** `80, 443/UDP`; empty for all. */
  ports: string;
}

/** An address that stands for the internet (RFC 5737). */
const anywhere: Endpoint = { ip: '203.0.113.1' };

/** Whether the cluster's network plug-in looks at policies; undefined if it isn't a known one. */
export function enforcesPolicies(list: ListObjects): boolean | undefined {
  const cni = list('apps/daemonsets')
    .map(({ metadata }) => cniOfDaemonSet(metadata.name))
    .find((name) => name !== undefined);
  return cni && abilitiesOf(cni).enforcesPolicies;
}

export const networkPolicies = (list: ListObjects): readonly NetworkPolicy[] =>
  list(policyResource) as unknown as readonly NetworkPolicy[];

/** One end per Pod that has an address or will have one, by Pod id. */
export function endsOf(list: ListObjects): Map<string, Endpoint> {
  const namespaces = new Map(list('/namespaces').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  return new Map(list('/pods').map((pod) => [pod.metadata.uid, endOf(pod, namespaces)]));
}

function endOf(pod: TopologyObject, namespaces: ReadonlyMap<string, Labels>): Endpoint {
  const { spec, status } = pod as unknown as PodFields;
  const { namespace = 'default', name, labels = {} } = pod.metadata;
  return {
    ip: status.podIP ?? '0.0.0.0',
    pod: {
      namespace,
      name,
      labels,
      namespaceLabels: namespaces.get(namespace) ?? { 'kubernetes.io/metadata.name': namespace },
      ports: spec.containers.flatMap(({ ports = [] }) => ports),
    },
  };
}

/** Every port that somebody could try at a Pod: those it declares, and those that rules name. */
export function attemptsAt(
  from: Endpoint,
  to: Endpoint,
  ports: readonly { port: number; protocol: Attempt['protocol'] }[],
): Attempt[] {
  const declared = (to.pod?.ports ?? []).map(({ containerPort, protocol = 'TCP' }) => ({
    port: containerPort,
    protocol: protocol as Attempt['protocol'],
  }));
  const all = [...declared, ...ports];
  return (all.length > 0 ? all : [{ port: 80, protocol: 'TCP' as const }]).map((at) => ({ from, to, ...at }));
}

/** Ports that the rules of policies name by number. */
export function portsNamed(policies: readonly NetworkPolicy[]): { port: number; protocol: Attempt['protocol'] }[] {
  const ports = new Map<string, { port: number; protocol: Attempt['protocol'] }>();
  for (const { spec } of policies)
    for (const { ports: named = [] } of [...(spec?.ingress ?? []), ...(spec?.egress ?? [])])
      for (const { port, protocol = 'TCP' } of named)
        if (typeof port === 'number')
          ports.set(`${port}/${protocol}`, { port, protocol: protocol as Attempt['protocol'] });
  return [...ports.values()];
}

export function policyViews(list: ListObjects, visible: (namespace: string) => boolean): PolicyView[] {
  const ends = endsOf(list);
  return [...list(policyResource)]
    .filter(({ metadata }) => visible(metadata.namespace ?? 'default'))
    .sort(byName)
    .map((object) => policyView(object, ends));
}

function policyView(object: TopologyObject, ends: ReadonlyMap<string, Endpoint>): PolicyView {
  const policy = object as unknown as NetworkPolicy;
  const { namespace = 'default', name, uid } = object.metadata;
  const { podSelector = {}, policyTypes, ingress = [], egress = [] } = policy.spec ?? {};
  const types = policyTypes ?? ['Ingress', ...(egress.length > 0 ? ['Egress'] : [])];
  const directions = (['ingress', 'egress'] as const).filter((d) => types.some((type) => type.toLowerCase() === d));
  const isolated = [...ends].filter(
    ([, { pod }]) => pod?.namespace === namespace && matchesLabelSelector(podSelector, pod.labels),
  );
  const set = new PolicySet([policy]);
  const named = portsNamed([policy]);
  const open: OpenWay[] = [];
  const inside = new Set(isolated.map(([id]) => id));
  for (const direction of directions) {
    const rules = direction === 'ingress' ? ingress : egress;
    const blocks = rules.some((rule) =>
      ('from' in rule ? rule.from : 'to' in rule ? rule.to : [])?.some((p) => p.ipBlock),
    );
    const ports = portText(
      rules.flatMap((rule) => rule.ports ?? []),
      rules.some((rule) => !rule.ports?.length),
    );
    const may = (peer: Endpoint) =>
      isolated.some(([, own]) => {
        const [from, to] = direction === 'ingress' ? [peer, own] : [own, peer];
        return attemptsAt(from, to, named).some((attempt) => set.judge(attempt, [direction]).allowed);
      });
    for (const [id, peer] of ends) if (!inside.has(id) && may(peer)) open.push({ direction, pod: id, ports });
    if (blocks || may(anywhere)) open.push({ direction, ports });
  }
  return { id: uid, key: keyOf(object), name, directions, isolates: [...inside], open };
}

function portText(
  ports: readonly { port?: number | string; endPort?: number; protocol?: string }[],
  all: boolean,
): string {
  if (all) return '';
  const texts = ports.map(({ port = '*', endPort, protocol = 'TCP' }) =>
    [port, endPort ? `-${endPort}` : '', protocol === 'TCP' ? '' : `/${protocol}`].join(''),
  );
  return [...new Set(texts)].join(', ');
}

/** Whether anything can pass from one end to the other, and whether a policy had a say in it. */
export function passes(
  set: PolicySet,
  from: Endpoint,
  to: Endpoint,
  ports: readonly { port: number; protocol: Attempt['protocol'] }[],
): { allowed: boolean; judged: boolean } {
  let judged = false;
  for (const attempt of attemptsAt(from, to, ports)) {
    const verdict = set.judge(attempt);
    if (verdict.allowed) return { allowed: true, judged: verdict.by.length > 0 };
    judged = true;
  }
  return { allowed: false, judged };
}

export { anywhere };
