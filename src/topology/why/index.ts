import type { TopologyObject } from '../objects.ts';
import type { Cause, ObjectSource } from './cause.ts';
import { whyClaim, whyVolume } from './claim.ts';
import { whyAutoscaler, whyIngress, whyJob, whyNamespace, whyPolicy } from './others.ts';
import { whyPod } from './pod.ts';
import { whyService } from './service.ts';
import { whyTraffic, type TrafficFacts } from './traffic.ts';
import { isWorkload, whyWorkload } from './workload.ts';

export { causeCodes, type Cause, type CauseCode, type ObjectSource } from './cause.ts';
export type { TrafficFacts } from './traffic.ts';

type Explain = (object: TopologyObject, objects: ObjectSource) => Cause[];

/** Kinds that can be explained, by `group/resource`; workloads besides. */
const explained: Readonly<Record<string, Explain>> = {
  '/pods': whyPod,
  '/services': whyService,
  '/nodes': whyNodeState,
  '/persistentvolumeclaims': whyClaim,
  '/persistentvolumes': whyVolume,
  '/namespaces': whyNamespace,
  'batch/jobs': whyJob,
  'autoscaling/horizontalpodautoscalers': whyAutoscaler,
  'networking.k8s.io/ingresses': whyIngress,
  'networking.k8s.io/networkpolicies': whyPolicy,
};

/** What happened lately on the network. */
export interface RecentTraffic {
  /** Newest first. */
  readonly flows: readonly TrafficFacts[];
  /** Virtual ms since the world began. */
  readonly now: number;
}

/**
 * Why an object is in the state it is in: the chain of causes, outermost first. Never empty. What connections to it met
 * lately comes first.
 */
export function why(
  resource: string,
  object: TopologyObject,
  objects: ObjectSource,
  traffic: RecentTraffic = { flows: [], now: 0 },
): Cause[] {
  const seen = whyTraffic(resource, object, traffic.flows, traffic.now);
  const explain = Object.hasOwn(explained, resource) ? explained[resource] : undefined;
  const state = explain
    ? explain(object, objects)
    : isWorkload(resource)
      ? whyWorkload(resource, object, objects)
      : seen.length > 0
        ? []
        : [{ code: 'nothing_to_tell' as const, params: {} }];
  return [...seen, ...state];
}

function whyNodeState(node: TopologyObject): Cause[] {
  const { name } = node.metadata;
  const command = `kubectl describe node ${name}`;
  const conditions = (node.status?.conditions ?? []) as { type: string; status: string; message?: string }[];
  const ready = conditions.find((c) => c.type === 'Ready');
  if (ready?.status !== 'True')
    return [{ code: 'node_not_ready', params: { node: name }, evidence: ready?.message, command }];
  if (node.spec?.unschedulable === true) return [{ code: 'node_cordoned', params: { node: name }, command }];
  return [{ code: 'node_fine', params: { node: name }, command }];
}
