import type { Rejection } from './framework.ts';

/** Why a Pod fits nowhere, node by node. */
export interface Diagnosis {
  /** Number of nodes in the cluster. */
  nodes: number;
  /** By node name; nodes that were not looked at are missing. */
  rejections: ReadonlyMap<string, Rejection>;
  /** What holds for the nodes that are missing. */
  absent?: Rejection;
  /** The Pod was refused before any node was looked at. */
  refusal?: Rejection;
}

/** `0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 Insufficient cpu.` (framework.FitError) */
export function fitErrorText({ nodes, rejections, absent, refusal }: Diagnosis): string {
  const head = `0/${nodes} nodes are available:`;
  if (refusal) return `${head} ${refusal.reasons.join(', ')}.`;
  const histogram = new Map<string, number>();
  const count = (rejection: Rejection | undefined, times: number) => {
    for (const reason of rejection?.reasons ?? []) histogram.set(reason, (histogram.get(reason) ?? 0) + times);
  };
  for (const rejection of rejections.values()) count(rejection, 1);
  if (rejections.size < nodes) count(absent, nodes - rejections.size);
  const reasons = [...histogram].map(([reason, times]) => `${times} ${reason}`).sort();
  return reasons.length > 0 ? `${head} ${reasons.join(', ')}.` : head;
}
