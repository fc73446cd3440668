import type { Pod } from '../../types.ts';
import { maxNodeScore, type Attempt, type FilterRun, type Plugin, type ScoreRun } from '../framework.ts';
import { podInfo, type AffinityTerm, type NodeInfo } from '../node-info.ts';

const name = 'InterPodAffinity';
const affinityUnmet = { plugin: name, reasons: ["node(s) didn't match pod affinity rules"], resolvable: false };
const antiAffinityUnmet = { plugin: name, reasons: ["node(s) didn't match pod anti-affinity rules"], resolvable: true };
const keptAway = {
  plugin: name,
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  resolvable: true,
};
/** Weight of an existing Pod's required affinity when nodes are scored. */
const hardPodAffinityWeight = 1;

/** Numbers by topology domain, e.g. of zone a. */
class Domains {
  readonly #numbers = new Map<string, number>();

  get empty(): boolean {
    return this.#numbers.size === 0;
  }

  add(node: NodeInfo, topologyKey: string, amount: number): void {
    const key = domainOf(node, topologyKey);
    if (key !== undefined) this.#numbers.set(key, (this.#numbers.get(key) ?? 0) + amount);
  }

  at(node: NodeInfo, topologyKey: string): number {
    const key = domainOf(node, topologyKey);
    return key === undefined ? 0 : (this.#numbers.get(key) ?? 0);
  }
}

function domainOf(node: NodeInfo, topologyKey: string): string | undefined {
  const value = node.node.metadata.labels?.[topologyKey];
  return value === undefined ? undefined : `${topologyKey}\0${value}`;
}

function matches(term: AffinityTerm, pod: Pod, attempt: Pick<Attempt, 'namespaces'>): boolean {
  const namespace = pod.metadata.namespace ?? '';
  if (!term.namespaces.has(namespace)) {
    if (!term.namespaceSelector) return false;
    const labels = attempt.namespaces.get(undefined, namespace)?.metadata.labels;
    if (!term.namespaceSelector(labels)) return false;
  }
  return term.selector(pod.metadata.labels);
}

function preFilter(attempt: Attempt): FilterRun | undefined {
  const { info, pod, nodes } = attempt;
  const { requiredAffinity, requiredAntiAffinity } = info;
  const own = requiredAffinity.length > 0 || requiredAntiAffinity.length > 0;
  if (!own && !attempt.anyRequiredAntiAffinity) return undefined;

  const existing = new Domains();
  const existingKeys = new Set<string>();
  const affinity = new Domains();
  const antiAffinity = new Domains();
  for (const node of nodes) {
    for (const other of node.withRequiredAntiAffinity) {
      for (const term of other.requiredAntiAffinity) {
        if (!matches(term, pod, attempt)) continue;
        existing.add(node, term.topologyKey, 1);
        existingKeys.add(term.topologyKey);
      }
    }
    if (!own) continue;
    for (const other of node.pods.values()) {
      if (requiredAffinity.length > 0 && requiredAffinity.every((term) => matches(term, other.pod, attempt))) {
        for (const term of requiredAffinity) affinity.add(node, term.topologyKey, 1);
      }
      for (const term of requiredAntiAffinity) {
        if (matches(term, other.pod, attempt)) antiAffinity.add(node, term.topologyKey, 1);
      }
    }
  }
  if (!own && existing.empty) return undefined;
  // The first of a group that wants to be together may go anywhere.
  const first = affinity.empty && requiredAffinity.every((term) => matches(term, pod, attempt));

  return {
    filter: (node) => {
      for (const term of requiredAffinity) {
        if (domainOf(node, term.topologyKey) === undefined) return affinityUnmet;
        if (!first && affinity.at(node, term.topologyKey) === 0) return affinityUnmet;
      }
      if (requiredAntiAffinity.some((term) => antiAffinity.at(node, term.topologyKey) > 0)) return antiAffinityUnmet;
      for (const key of existingKeys) if (existing.at(node, key) > 0) return keptAway;
      return undefined;
    },
  };
}

function preScore(attempt: Attempt): ScoreRun | undefined {
  const { info, pod, nodes } = attempt;
  const { preferredAffinity, preferredAntiAffinity } = info;
  const prefers = preferredAffinity.length > 0 || preferredAntiAffinity.length > 0;
  const scores = new Domains();
  const keys = new Set<string>();
  const add = (node: NodeInfo, term: AffinityTerm, other: Pod, amount: number) => {
    if (!matches(term, other, attempt)) return;
    scores.add(node, term.topologyKey, amount);
    keys.add(term.topologyKey);
  };
  for (const node of nodes) {
    if (prefers) {
      for (const other of node.pods.values()) {
        for (const term of preferredAffinity) add(node, term, other.pod, term.weight);
        for (const term of preferredAntiAffinity) add(node, term, other.pod, -term.weight);
      }
    }
    for (const other of node.withAffinity) {
      for (const term of other.requiredAffinity) add(node, term, pod, hardPodAffinityWeight);
      for (const term of other.preferredAffinity) add(node, term, pod, term.weight);
      for (const term of other.preferredAntiAffinity) add(node, term, pod, -term.weight);
    }
  }
  if (scores.empty) return undefined;
  return {
    score: (node) => {
      let sum = 0;
      for (const key of keys) sum += scores.at(node, key);
      return sum;
    },
    normalize: (values) => {
      const low = Math.min(...values);
      const high = Math.max(...values);
      for (let i = 0; i < values.length; i++) {
        values[i] = high > low ? Math.trunc((maxNodeScore * (values[i]! - low)) / (high - low)) : 0;
      }
    },
  };
}

/** Pod affinity and anti-affinity, of the Pod itself and of those that run already. */
export const interPodAffinity: Plugin = {
  name,
  weight: 2,
  preFilter,
  preScore,
  requeue: (event, pod) => {
    switch (event.type) {
      case 'NodeAdd':
        return true;
      case 'NodeUpdate':
        return event.node.metadata.labels !== event.previous.metadata.labels;
      case 'AssignedPodAdd':
      case 'AssignedPodUpdate':
        return podInfo(pod).requiredAffinity.some((term) => mayMatch(term, event.pod));
      case 'AssignedPodDelete':
        return (
          podInfo(pod).requiredAntiAffinity.some((term) => mayMatch(term, event.pod)) ||
          podInfo(event.pod).requiredAntiAffinity.some((term) => mayMatch(term, pod))
        );
      case 'PodUpdate':
        return event.pod.metadata.labels !== event.previous.metadata.labels;
      default:
        return false;
    }
  },
};

/** Like `matches`, taking it that namespace selectors match. */
function mayMatch(term: AffinityTerm, pod: Pod): boolean {
  const inScope = term.namespaces.has(pod.metadata.namespace ?? '') || term.namespaceSelector !== undefined;
  return inScope && term.selector(pod.metadata.labels);
}
