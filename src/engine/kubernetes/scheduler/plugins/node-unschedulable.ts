import { tolerates } from '../../apimachinery/taints.ts';
import type { Pod } from '../../types.ts';
import type { Plugin } from '../framework.ts';

const name = 'NodeUnschedulable';
const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function toleratesCordon(pod: Pod): boolean {
  return (pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, cordon));
}

/** Keeps Pods off cordoned nodes. */
export const nodeUnschedulable: Plugin = {
  name,
  preFilter: ({ pod }) => ({
    filter: ({ node }) =>
      node.spec.unschedulable && !toleratesCordon(pod)
        ? { plugin: name, reasons: ['node(s) were unschedulable'], resolvable: false }
        : undefined,
  }),
  requeue: (event, pod) =>
    (event.type === 'NodeAdd' && !event.node.spec.unschedulable) ||
    (event.type === 'NodeUpdate' && !!event.previous.spec.unschedulable && !event.node.spec.unschedulable) ||
    (event.type === 'PodUpdate' && toleratesCordon(pod)),
};
