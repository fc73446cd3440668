import { tolerates, untoleratedTaint, type Taint } from '../../apimachinery/taints.ts';
import type { Node, Pod } from '../../types.ts';
import { defaultNormalize, type Plugin } from '../framework.ts';

const name = 'TaintToleration';
const rejection = { plugin: name, reasons: ['node(s) had untolerated taint(s)'], resolvable: false };

function untolerated(node: Node, pod: Pod): Taint | undefined {
  return untoleratedTaint(node.spec.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute']);
}

/** Keeps Pods off nodes with taints that they do not tolerate; PreferNoSchedule only lowers the score. */
export const taintToleration: Plugin = {
  name,
  weight: 3,
  preFilter: ({ pod }) => ({ filter: ({ node }) => (untolerated(node, pod) ? rejection : undefined) }),
  preScore: ({ pod }) => {
    const tolerations = (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return {
      score: ({ node }) => {
        const { taints } = node.spec;
        if (!taints) return 0;
        return taints.filter(
          (taint) => taint.effect === 'PreferNoSchedule' && !tolerations.some((t) => tolerates(t, taint)),
        ).length;
      },
      normalize: (scores) => defaultNormalize(scores, true),
    };
  },
  requeue: (event, pod) => {
    if (event.type === 'NodeAdd') return !untolerated(event.node, pod);
    if (event.type === 'NodeUpdate') return !!untolerated(event.previous, pod) && !untolerated(event.node, pod);
    return event.type === 'PodUpdate' && event.pod.spec.tolerations !== event.previous.spec.tolerations;
  },
};
