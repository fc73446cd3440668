import { canonicalJson } from '../../../world/index.ts';
import { labelMatcher, type LabelMatcher } from '../../apimachinery/label-matcher.ts';
import { nodeMatches, type NodeChoice } from '../../apimachinery/node-selector.ts';
import { untoleratedTaint } from '../../apimachinery/taints.ts';
import type { Pod } from '../../types.ts';
import {
  maxNodeScore,
  type Attempt,
  type FilterRun,
  type OwnerSelector,
  type Plugin,
  type ScoreRun,
} from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

const name = 'PodTopologySpread';
const unmet = { plugin: name, reasons: ["node(s) didn't match pod topology spread constraints"], resolvable: true };
const noLabel = {
  plugin: name,
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  resolvable: false,
};
const hostname = 'kubernetes.io/hostname';

interface Constraint {
  maxSkew: number;
  topologyKey: string;
  minDomains: number;
  honourAffinity: boolean;
  honourTaints: boolean;
  matches: LabelMatcher;
  /** Identifies namespace and selector. */
  countKey: string;
}

type RawConstraint = NonNullable<Pod['spec']['topologySpreadConstraints']>[number];

function constraintsOf(pod: Pod, whenUnsatisfiable: string): Constraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter((raw) => raw.whenUnsatisfiable === whenUnsatisfiable)
    .map((raw) => constraint(pod, raw));
}

function constraint(pod: Pod, raw: RawConstraint): Constraint {
  const selectors: OwnerSelector[] = raw.labelSelector ? [raw.labelSelector as OwnerSelector] : [];
  const byKeys = (raw.matchLabelKeys ?? []).flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  if (byKeys.length > 0) selectors.push({ matchLabels: Object.fromEntries(byKeys) });
  return {
    maxSkew: raw.maxSkew,
    topologyKey: raw.topologyKey,
    minDomains: raw.minDomains ?? 1,
    honourAffinity: raw.nodeAffinityPolicy !== 'Ignore',
    honourTaints: raw.nodeTaintsPolicy === 'Honor',
    ...selection(pod, selectors),
  };
}

const selectorKeys = new WeakMap<OwnerSelector, string>();

function selectorKey(selector: OwnerSelector): string {
  let key = selectorKeys.get(selector);
  if (key === undefined) selectorKeys.set(selector, (key = canonicalJson(selector)));
  return key;
}

type Selection = Pick<Constraint, 'matches' | 'countKey'>;

/** The last selection made: a workload's Pods come one after the other, and all have the same. */
let last: { namespace: string; selectors: readonly OwnerSelector[]; selection: Selection } | undefined;

function selection(pod: Pod, selectors: readonly OwnerSelector[]): Selection {
  const namespace = pod.metadata.namespace ?? '';
  const same =
    last?.namespace === namespace &&
    last.selectors.length === selectors.length &&
    last.selectors.every((selector, i) => selector === selectors[i]);
  if (!same) last = { namespace, selectors, selection: newSelection(pod, selectors) };
  return last!.selection;
}

function newSelection(pod: Pod, selectors: readonly OwnerSelector[]): Selection {
  const matchers = selectors.map((selector) => labelMatcher(selector));
  return {
    matches: (labels) => matchers.length > 0 && matchers.every((matches) => matches(labels)),
    countKey: [pod.metadata.namespace, ...selectors.map(selectorKey)].join('\0'),
  };
}

/** What spreads Pods that say nothing themselves: over nodes, and a little over zones. */
function defaultConstraints(attempt: Attempt): Constraint[] {
  const selectors = attempt.ownerSelectors();
  if (selectors.length === 0) return [];
  const common = { minDomains: 1, honourAffinity: true, honourTaints: false, ...selection(attempt.pod, selectors) };
  return [
    { ...common, maxSkew: 3, topologyKey: hostname },
    { ...common, maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone' },
  ];
}

function counts(node: NodeInfo, pod: Pod, { honourAffinity, honourTaints }: Constraint): boolean {
  if (honourAffinity && !nodeMatches(pod.spec as NodeChoice, node.node)) return false;
  const taint = honourTaints
    ? untoleratedTaint(node.node.spec.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute'])
    : undefined;
  return taint === undefined;
}

function matching(node: NodeInfo, pod: Pod, { countKey, matches }: Constraint): number {
  return node.countMatching(countKey, pod.metadata.namespace ?? '', matches);
}

function valueOf(node: NodeInfo, topologyKey: string): string | undefined {
  return node.node.metadata.labels?.[topologyKey];
}

function preFilter({ pod, nodes }: Attempt): FilterRun | undefined {
  const constraints = constraintsOf(pod, 'DoNotSchedule');
  if (constraints.length === 0) return undefined;
  const domains = constraints.map(() => new Map<string, number>());
  for (const node of nodes) {
    if (constraints.some(({ topologyKey }) => valueOf(node, topologyKey) === undefined)) continue;
    constraints.forEach((c, i) => {
      if (!counts(node, pod, c)) return;
      const value = valueOf(node, c.topologyKey)!;
      domains[i]!.set(value, (domains[i]!.get(value) ?? 0) + matching(node, pod, c));
    });
  }
  const minima = constraints.map(({ minDomains }, i) => {
    return domains[i]!.size < minDomains ? 0 : Math.min(...domains[i]!.values());
  });
  return {
    filter: (node) => {
      for (const [i, c] of constraints.entries()) {
        const value = valueOf(node, c.topologyKey);
        if (value === undefined) return noLabel;
        const self = c.matches(pod.metadata.labels) ? 1 : 0;
        const minimum = domains[i]!.size === 0 ? 0 : minima[i]!;
        if ((domains[i]!.get(value) ?? 0) + self - minimum > c.maxSkew) return unmet;
      }
      return undefined;
    },
  };
}

function preScore(attempt: Attempt, feasible: readonly NodeInfo[]): ScoreRun | undefined {
  const { pod, nodes } = attempt;
  const own = constraintsOf(pod, 'ScheduleAnyway');
  const asked = (pod.spec.topologySpreadConstraints ?? []).length > 0;
  const constraints = asked ? own : defaultConstraints(attempt);
  if (constraints.length === 0) return undefined;
  const hasAll = (node: NodeInfo) => constraints.every(({ topologyKey }) => valueOf(node, topologyKey) !== undefined);
  // Nodes without the labels that the Pod asks for get no score; the defaults are not that strict.
  const ignored = new Set(asked ? feasible.filter((node) => !hasAll(node)).map(({ name }) => name) : []);
  const scored = ignored.size === 0 ? feasible : feasible.filter((node) => !ignored.has(node.name));

  const domains = constraints.map(({ topologyKey }) => {
    if (topologyKey === hostname) return undefined;
    const numbers = new Map<string, number>();
    for (const node of scored) {
      const value = valueOf(node, topologyKey);
      if (value !== undefined) numbers.set(value, 0);
    }
    return numbers;
  });
  const weights = constraints.map((_, i) => Math.log((domains[i]?.size ?? scored.length) + 2));
  if (domains.some((values) => values !== undefined && values.size > 0)) {
    for (const node of nodes) {
      if (asked && !hasAll(node)) continue;
      constraints.forEach((c, i) => {
        const value = valueOf(node, c.topologyKey);
        const known = value === undefined ? undefined : domains[i]?.get(value);
        if (known === undefined || !counts(node, pod, c)) return;
        domains[i]!.set(value!, known + matching(node, pod, c));
      });
    }
  }
  // Without a node in any of its domains a constraint says nothing.
  const telling = constraints.flatMap((_, i) => (domains[i]?.size === 0 ? [] : [i]));
  return {
    score: (node) => {
      if (ignored.size > 0 && ignored.has(node.name)) return 0;
      let sum = 0;
      for (const i of telling) {
        const c = constraints[i]!;
        const value = valueOf(node, c.topologyKey);
        if (value === undefined) continue;
        const domain = domains[i];
        const count = domain ? (domain.get(value) ?? 0) : matching(node, pod, c);
        sum += count * weights[i]! + (c.maxSkew - 1);
      }
      return Math.round(sum);
    },
    normalize: (scores, scoredNodes) => {
      const counting = ignored.size === 0 ? scores : scores.filter((_, i) => !ignored.has(scoredNodes[i]!.name));
      const low = Math.min(...counting);
      const high = Math.max(...counting);
      for (let i = 0; i < scores.length; i++) {
        if (ignored.size > 0 && ignored.has(scoredNodes[i]!.name)) scores[i] = 0;
        else if (high === 0) scores[i] = maxNodeScore;
        else scores[i] = Math.trunc((maxNodeScore * (high + low - scores[i]!)) / high);
      }
    },
  };
}

/** Spreads Pods over topology domains: constraints filter or score; without any, owners' Pods are spread by score. */
export const podTopologySpread: Plugin = {
  name,
  weight: 2,
  preFilter,
  preScore,
  requeue: (event, pod) => {
    switch (event.type) {
      case 'NodeAdd':
      case 'NodeDelete':
        return true;
      case 'NodeUpdate':
        return (
          event.node.metadata.labels !== event.previous.metadata.labels ||
          event.node.spec.taints !== event.previous.spec.taints
        );
      case 'AssignedPodAdd':
      case 'AssignedPodUpdate':
      case 'AssignedPodDelete':
        return (
          event.pod.metadata.namespace === pod.metadata.namespace &&
          constraintsOf(pod, 'DoNotSchedule').some(({ matches }) => matches(event.pod.metadata.labels))
        );
      case 'PodUpdate':
        return event.pod.metadata.labels !== event.previous.metadata.labels;
      default:
        return false;
    }
  },
};
