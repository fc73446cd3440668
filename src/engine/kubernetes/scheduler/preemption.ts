import { labelMatcher, isEmptySelector } from '../apimachinery/label-matcher.ts';
import type { Pod, PodDisruptionBudget } from '../types.ts';
import { firstRejection, preFilter } from './algorithm.ts';
import { fitErrorText, type Diagnosis } from './fit-error.ts';
import type { Attempt, Plugin, Rejection } from './framework.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';

/** Makes room for a Pod by removing less important ones (plug-in DefaultPreemption). */

export interface Candidate {
  node: string;
  victims: readonly Pod[];
  /** Victims whose disruption budget does not allow it. */
  violations: number;
}

export type PreemptionResult = { candidate: Candidate } | { message: string };

const name = 'DefaultPreemption';
const noVictims: Rejection = {
  plugin: name,
  reasons: ['No preemption victims found for incoming pod'],
  resolvable: false,
};
const notHelpful: Rejection = {
  plugin: name,
  reasons: ['Preemption is not helpful for scheduling'],
  resolvable: false,
};
/** At least so many nodes, and this share of all, are tried. */
const minCandidates = 100;
const minCandidatesShare = 0.1;

export function priorityOf(pod: Pod): number {
  return pod.spec.priority ?? 0;
}

/** Finds the node where preemption does the least harm, or says why there is none. */
export function findPreemption(
  plugins: readonly Plugin[],
  attempt: Attempt,
  diagnosis: Diagnosis,
  budgets: readonly PodDisruptionBudget[],
): PreemptionResult {
  const { pod, nodes } = attempt;
  if (pod.spec.preemptionPolicy === 'Never') return { message: 'not eligible due to preemptionPolicy=Never.' };
  if (waitsForVictims(attempt, diagnosis)) {
    return { message: 'not eligible due to a terminating pod on the nominated node.' };
  }
  const promising = nodes.filter((node) => diagnosis.rejections.get(node.name)?.resolvable);
  const limit = Math.max(minCandidates, Math.trunc(nodes.length * minCandidatesShare));
  const rejections = new Map<string, Rejection>();
  const candidates: Candidate[] = [];
  for (const node of promising) {
    if (candidates.length >= limit) break;
    const result = victimsOn(plugins, attempt, node, budgets);
    if ('victims' in result) candidates.push(result);
    else rejections.set(node.name, result);
  }
  const best = leastHarm(candidates);
  if (best) return { candidate: best };
  return { message: fitErrorText({ nodes: nodes.length, rejections, absent: notHelpful }) };
}

/** Victims of an earlier preemption are still on their way out. */
function waitsForVictims({ pod, nodes }: Attempt, diagnosis: Diagnosis): boolean {
  const nominated = pod.status.nominatedNodeName;
  if (!nominated || diagnosis.rejections.get(nominated)?.resolvable === false) return false;
  const node = nodes.find((candidate) => candidate.name === nominated);
  return [...(node?.pods.values() ?? [])].some(
    (other) => other.pod.metadata.deletionTimestamp !== undefined && priorityOf(other.pod) < priorityOf(pod),
  );
}

function victimsOn(
  plugins: readonly Plugin[],
  attempt: Attempt,
  node: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
): Candidate | Rejection {
  const trial = node.clone();
  const lower = [...node.pods.values()].filter(({ pod }) => priorityOf(pod) < priorityOf(attempt.pod));
  if (lower.length === 0) return noVictims;
  for (const { pod } of lower) trial.removePod(pod.metadata.uid);
  const why = trialRejection(plugins, attempt, node, trial);
  if (why) return why;

  lower.sort((a, b) => byImportance(a.pod, b.pod));
  const violating = budgetViolations(lower, budgets);
  const victims: Pod[] = [];
  let violations = 0;
  // Whoever can stay stays, the important ones and those under a budget first.
  const reprieve = (info: PodInfo): boolean => {
    trial.addPod(info);
    if (!trialRejection(plugins, attempt, node, trial)) return true;
    trial.removePod(info.pod.metadata.uid);
    victims.push(info.pod);
    return false;
  };
  for (const info of lower) if (violating.has(info) && !reprieve(info)) violations++;
  for (const info of lower) if (!violating.has(info)) reprieve(info);
  victims.sort(byImportance);
  return { node: node.name, victims, violations };
}

function trialRejection(
  plugins: readonly Plugin[],
  attempt: Attempt,
  node: NodeInfo,
  trial: NodeInfo,
): Rejection | undefined {
  const nodes = attempt.nodes.map((other) => (other === node ? trial : other));
  const prepared = preFilter(plugins, { ...attempt, nodes });
  return 'refusal' in prepared ? prepared.refusal : firstRejection(prepared.runs, trial);
}

function startOf(pod: Pod): number {
  return Date.parse(pod.status.startTime ?? pod.metadata.creationTimestamp);
}

/** Higher priority first, then the one that started earlier. */
function byImportance(a: Pod, b: Pod): number {
  return priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b);
}

function budgetViolations(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): Set<PodInfo> {
  const left = new Map(budgets.map((budget) => [budget, budget.status.disruptionsAllowed ?? 0]));
  const violating = new Set<PodInfo>();
  for (const info of pods) {
    const { namespace, name: podName, labels } = info.pod.metadata;
    for (const budget of budgets) {
      if (budget.metadata.namespace !== namespace || isEmptySelector(budget.spec.selector)) continue;
      if (!labelMatcher(budget.spec.selector)(labels) || budget.status.disruptedPods?.[podName]) continue;
      left.set(budget, left.get(budget)! - 1);
      if (left.get(budget)! < 0) violating.add(info);
    }
  }
  return violating;
}

/**
 * Fewest budget violations; then the lowest of the highest victims' priorities; the smallest sum of priorities; the fewest
 * victims; the latest start of the most important one; the first.
 */
function leastHarm(candidates: readonly Candidate[]): Candidate | undefined {
  const keyOf = ({ violations, victims }: Candidate) => {
    const highest = Math.max(...victims.map(priorityOf));
    const starts = victims.filter((pod) => priorityOf(pod) === highest).map(startOf);
    const priorities = victims.reduce((sum, pod) => sum + priorityOf(pod) + 2 ** 31, 0);
    return [violations, highest, priorities, victims.length, -Math.min(...starts)];
  };
  let best: Candidate | undefined;
  let bestKey: number[] = [];
  for (const candidate of candidates) {
    const key = keyOf(candidate);
    const difference = key.map((value, i) => value - bestKey[i]!).find((d) => d !== 0) ?? 0;
    if (!best || difference < 0) [best, bestKey] = [candidate, key];
  }
  return best;
}
