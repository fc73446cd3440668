import type { TopologyObject } from '../objects.ts';
import type { Cause, ObjectSource } from './cause.ts';
import { whyPod } from './pod.ts';
import { whyService } from './service.ts';
import { isWorkload, whyWorkload } from './workload.ts';

export { causeCodes, type Cause, type CauseCode, type ObjectSource } from './cause.ts';

/** Why an object is in the state it is in: the chain of causes, outermost first. Never empty. */
export function why(resource: string, object: TopologyObject, objects: ObjectSource): Cause[] {
  if (resource === '/pods') return whyPod(object, objects);
  if (resource === '/services') return whyService(object, objects);
  if (resource === '/nodes') return whyNodeState(object);
  if (isWorkload(resource)) return whyWorkload(resource, object, objects);
  return [{ code: 'nothing_to_tell', params: {} }];
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
