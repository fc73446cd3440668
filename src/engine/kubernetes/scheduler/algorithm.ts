import type { RandomStream } from '../../world/index.ts';
import type { ScoreTable } from './attempts.ts';
import type { Diagnosis } from './fit-error.ts';
import { isRefusal, type Attempt, type FilterRun, type Plugin, type Rejection, type ScoreRun } from './framework.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';

/** Which nodes a Pod can go to, and the best of them (pkg/scheduler, schedule_one.go). */

export type Filtered = { runs: readonly FilterRun[]; nodes: readonly NodeInfo[] | undefined } | { refusal: Rejection };

/** Lets all plug-ins prepare; a plug-in may restrict the nodes, or refuse the Pod altogether. */
export function preFilter(plugins: readonly Plugin[], attempt: Attempt): Filtered {
  const runs: FilterRun[] = [];
  let allowed: ReadonlySet<string> | undefined;
  for (const plugin of plugins) {
    const run = plugin.preFilter?.(attempt);
    if (!run) continue;
    if (isRefusal(run)) return { refusal: run.refused };
    runs.push(run);
    const { nodes } = run;
    if (nodes) allowed = allowed ? new Set([...allowed].filter((name) => nodes.has(name))) : nodes;
  }
  const restriction = allowed;
  return { runs, nodes: restriction && attempt.nodes.filter(({ name }) => restriction.has(name)) };
}

/** The first plug-in's objection to a node. */
export function firstRejection(runs: readonly FilterRun[], node: NodeInfo): Rejection | undefined {
  for (const run of runs) {
    const rejection = run.filter(node);
    if (rejection) return rejection;
  }
  return undefined;
}

/** In big clusters not every node is looked at: enough feasible ones will do. */
function enough(nodes: number): number {
  const minimum = 100;
  if (nodes < minimum) return nodes;
  const percentage = Math.max(5, 50 - Math.trunc(nodes / 125));
  return Math.max(minimum, Math.trunc((nodes * percentage) / 100));
}

const notNamed: Rejection = {
  plugin: 'NodeAffinity',
  reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"],
  resolvable: false,
};

export interface FilterResult {
  feasible: NodeInfo[];
  diagnosis: Diagnosis;
  /** Nodes looked at. */
  examined: number;
}

/**
 * Sorts nodes into feasible ones and rejected ones.
 * @param start index of the node to begin with, so that all get their turn.
 * @param nominated Pods of at least the same priority that room was made for on a node.
 */
export function filterNodes(
  plugins: readonly Plugin[],
  attempt: Attempt,
  start: number,
  nominated: (node: string) => readonly PodInfo[],
): FilterResult {
  const total = attempt.nodes.length;
  const rejections = new Map<string, Rejection>();
  const prepared = preFilter(plugins, attempt);
  if ('refusal' in prepared) {
    return { feasible: [], diagnosis: { nodes: total, rejections, refusal: prepared.refusal }, examined: 0 };
  }
  const nodes = prepared.nodes ?? attempt.nodes;
  const wanted = enough(nodes.length);
  const feasible: NodeInfo[] = [];
  let examined = 0;
  for (; examined < nodes.length && feasible.length < wanted; examined++) {
    const node = nodes[(start + examined) % nodes.length]!;
    const rejection = rejectionWithNominated(prepared.runs, node, nominated(node.name));
    if (rejection) rejections.set(node.name, rejection);
    else feasible.push(node);
  }
  const diagnosis = { nodes: total, rejections, ...(prepared.nodes ? { absent: notNamed } : undefined) };
  return { feasible, diagnosis, examined };
}

/** The Pod must fit whether those that room was made for come or not. */
function rejectionWithNominated(
  runs: readonly FilterRun[],
  node: NodeInfo,
  nominated: readonly PodInfo[],
): Rejection | undefined {
  if (nominated.length > 0) {
    const crowded = node.clone();
    for (const info of nominated) crowded.addPod(info);
    const rejection = firstRejection(runs, crowded);
    if (rejection) return rejection;
  }
  return firstRejection(runs, node);
}

/** Weighted scores of all feasible nodes. */
export function scoreNodes(plugins: readonly Plugin[], attempt: Attempt, feasible: readonly NodeInfo[]): ScoreTable {
  const runs: { plugin: Plugin; run: ScoreRun }[] = [];
  for (const plugin of plugins) {
    const run = plugin.preScore?.(attempt, feasible);
    if (run) runs.push({ plugin, run });
  }
  const width = runs.length;
  const values = new Float32Array(feasible.length * width);
  runs.forEach(({ plugin, run }, column) => {
    const weight = plugin.weight ?? 1;
    if (!run.normalize) {
      for (let row = 0; row < feasible.length; row++) values[row * width + column] = run.score(feasible[row]!) * weight;
      return;
    }
    const scores: number[] = [];
    for (const node of feasible) scores.push(run.score(node));
    run.normalize(scores, feasible);
    for (let row = 0; row < scores.length; row++) values[row * width + column] = scores[row]! * weight;
  });
  return { nodes: feasible.map(({ name }) => name), plugins: runs.map(({ plugin }) => plugin.name), values };
}

/** The node with the highest total; among equals chance decides. */
export function bestNode(
  feasible: readonly NodeInfo[],
  { values, plugins }: ScoreTable,
  random: RandomStream,
): NodeInfo {
  const width = plugins.length;
  const best: NodeInfo[] = [];
  let highest = -Infinity;
  for (let row = 0; row < feasible.length; row++) {
    let total = 0;
    for (let column = 0; column < width; column++) total += values[row * width + column]!;
    if (total < highest) continue;
    if (total > highest) best.length = 0;
    highest = total;
    best.push(feasible[row]!);
  }
  return best.length === 1 ? best[0]! : random.pick(best);
}
