import { ApiError } from '../client.ts';
import { refs, type Node, type Pod } from '../types.ts';
import { isPodTerminal, podCondition, withPodCondition } from './pods.ts';
import type { Controller, ControllerContext } from './runtime.ts';

/** How often Pods are looked through (ms). */
const period = 20_000;
/** A node must be missing for this long (ms) before its Pods are removed. */
const quarantine = 40_000;
/** Finished Pods kept in the cluster. */
const terminatedPodThreshold = 12_500;

/** Removes Pods that nobody else will: of deleted nodes, never scheduled ones, too many finished ones (pkg/controller/podgc). */
export const podGcController: Controller = {
  name: 'pod-garbage-collector-controller',
  component: 'pod-garbage-collector',
  serviceAccount: 'pod-garbage-collector',

  start(context) {
    /** Virtual ms at which each missing node was missed first. */
    const missing = new Map<string, number>();
    context.state(() => [...missing]);
    context.every(period, () => collect(context, missing));
  },
};

function collect(context: ControllerContext, missing: Map<string, number>): void {
  const pods = context.client.resource(refs.pods).list();
  const nodes = context.client.resource(refs.nodes);
  const terminated = pods.filter(isPodTerminal);
  const surplus = terminated.length - terminatedPodThreshold;
  if (surplus > 0) {
    const oldestFirst = [...terminated].sort(
      (a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp),
    );
    for (const pod of oldestFirst.slice(0, surplus)) remove(context, pod);
  }
  const now = context.world.queue.now;
  const seen = new Set<string>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    if (!nodeName) {
      if (pod.metadata.deletionTimestamp !== undefined) remove(context, pod);
      continue;
    }
    const node = nodes.get(undefined, nodeName);
    if (!node) {
      seen.add(nodeName);
      const since = missing.get(nodeName);
      if (since === undefined) missing.set(nodeName, now);
      else if (now - since >= quarantine) remove(context, pod, 'PodGC: node no longer exists');
    } else if (pod.metadata.deletionTimestamp !== undefined && isOutOfService(node)) {
      remove(context, pod);
    }
  }
  for (const name of missing.keys()) if (!seen.has(name)) missing.delete(name);
}

function isOutOfService(node: Node): boolean {
  const ready = node.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return !ready && (node.spec.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/out-of-service');
}

/** Marks a Pod as failed, then deletes it without grace. */
function remove(context: ControllerContext, pod: Pod, disruption?: string): void {
  const pods = context.client.resource(refs.pods);
  const { namespace, name, uid } = pod.metadata;
  try {
    if (!isPodTerminal(pod)) {
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByPodGC',
        message: disruption ?? '',
      } as const;
      const marked =
        disruption === undefined || podCondition(pod, 'DisruptionTarget')
          ? pod
          : withPodCondition(pod, condition, context.world.clock.timestamp());
      pods.update({ ...marked, status: { ...marked.status, phase: 'Failed' } }, 'status');
    }
    pods.delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
