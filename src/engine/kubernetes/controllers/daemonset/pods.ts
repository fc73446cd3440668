import { nodeMatches, type NodeChoice } from '../../apimachinery/node-selector.ts';
import { untoleratedTaint, type Toleration } from '../../apimachinery/taints.ts';
import type { DaemonSet, Draft, Node, Pod } from '../../types.ts';
import { revisionHashLabel } from '../history.ts';
import { podFromTemplate } from '../podcontrol.ts';

const generationAnnotation = 'deprecated.daemonset.template.generation';
const generationLabel = 'pod-template-generation';

function exists(key: string, effect: string): Toleration {
  return { key, operator: 'Exists', effect };
}

/** What daemons put up with on their nodes. */
const daemonTolerations: readonly Toleration[] = [
  exists('node.kubernetes.io/not-ready', 'NoExecute'),
  exists('node.kubernetes.io/unreachable', 'NoExecute'),
  exists('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  exists('node.kubernetes.io/unschedulable', 'NoSchedule'),
];
const networkToleration = exists('node.kubernetes.io/network-unavailable', 'NoSchedule');

function tolerationsOf(daemonSet: DaemonSet): Toleration[] {
  const { tolerations = [], hostNetwork } = daemonSet.spec.template.spec ?? { containers: [] };
  const added = hostNetwork ? [...daemonTolerations, networkToleration] : daemonTolerations;
  const own = tolerations as Toleration[];
  return [...own, ...added.filter(({ key, effect }) => !own.some((t) => t.key === key && t.effect === effect))];
}

/** Whether a daemon shall start on the node, and whether one that runs there may stay. */
export function placement(daemonSet: DaemonSet, node: Node): { run: boolean; stay: boolean } {
  const spec = daemonSet.spec.template.spec;
  const named = !spec?.nodeName || spec.nodeName === node.metadata.name;
  if (!named || !nodeMatches((spec ?? {}) as NodeChoice, node)) return { run: false, stay: false };
  const tolerations = tolerationsOf(daemonSet);
  if (!untoleratedTaint(node.spec.taints, tolerations, ['NoSchedule', 'NoExecute'])) return { run: true, stay: true };
  return { run: false, stay: !untoleratedTaint(node.spec.taints, tolerations, ['NoExecute']) };
}

/** The daemon for one node: the scheduler is told the node by affinity. */
export function daemonPod(daemonSet: DaemonSet, node: string, hash: string): Draft<Pod> {
  const { template } = daemonSet.spec;
  const generation = daemonSet.metadata.annotations?.[generationAnnotation];
  const pod = podFromTemplate(template as Parameters<typeof podFromTemplate>[0], daemonSet);
  const labels = {
    ...template.metadata?.labels,
    [revisionHashLabel]: hash,
    ...(generation === undefined ? undefined : { [generationLabel]: generation }),
  };
  const affinity = template.spec?.affinity ?? {};
  const required = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
  };
  const terms = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const combined = terms
    ? { nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields: required.nodeSelectorTerms[0]!.matchFields })) }
    : required;
  const spec = {
    ...pod.spec,
    affinity: {
      ...affinity,
      nodeAffinity: { ...affinity.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: combined },
    },
    tolerations: tolerationsOf(daemonSet),
  } as Pod['spec'];
  return { ...pod, metadata: { ...pod.metadata, labels }, spec };
}

/** The node that a daemon is on or meant for. */
export function nodeOf(pod: Pod): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  for (const { matchFields = [] } of terms ?? []) {
    const named = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named?.values?.length === 1) return named.values[0];
  }
  return undefined;
}

/** Whether a Pod is of the current template. */
export function isUpdated(daemonSet: DaemonSet, pod: Pod, hash: string): boolean {
  const generation = daemonSet.metadata.annotations?.[generationAnnotation];
  const { labels } = pod.metadata;
  return (generation !== undefined && labels?.[generationLabel] === generation) || labels?.[revisionHashLabel] === hash;
}
