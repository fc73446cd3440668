import { maxNodeScore, type Plugin, type Rejection } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { allocatableOf, podResources, type Resources } from '../resources.ts';

const name = 'NodeResourcesFit';

/** Why the requests do not fit; more than the node has at all is not resolvable. */
function misfit(requests: Resources, node: NodeInfo): Rejection | undefined {
  return fits(requests, node) ? undefined : shortage(requests, node);
}

function fits(
  { cpu, memory, ephemeralStorage, others }: Resources,
  { pods, allocatable, requested }: NodeInfo,
): boolean {
  if (pods.size + 1 > allocatable.pods) return false;
  if (cpu > 0 && cpu > allocatable.cpu - requested.cpu) return false;
  if (memory > 0 && memory > allocatable.memory - requested.memory) return false;
  if (ephemeralStorage > 0 && ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage)
    return false;
  if (others.size === 0) return true;
  for (const [resource, wanted] of others)
    if (wanted > 0 && wanted > (allocatable.others.get(resource) ?? 0) - (requested.others.get(resource) ?? 0))
      return false;
  return true;
}

function shortage(requests: Resources, node: NodeInfo): Rejection {
  const reasons: string[] = [];
  let resolvable = true;
  const check = (resource: string, wanted: number, allocatable: number, used: number) => {
    if (wanted === 0 || wanted <= allocatable - used) return;
    reasons.push(`Insufficient ${resource}`);
    if (wanted > allocatable) resolvable = false;
  };
  const { allocatable, requested } = node;
  if (node.pods.size + 1 > allocatable.pods) reasons.push('Too many pods');
  check('cpu', requests.cpu, allocatable.cpu, requested.cpu);
  check('memory', requests.memory, allocatable.memory, requested.memory);
  check('ephemeral-storage', requests.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage);
  for (const [resource, wanted] of requests.others) {
    check(resource, wanted, allocatable.others.get(resource) ?? 0, requested.others.get(resource) ?? 0);
  }
  return { plugin: name, reasons, resolvable };
}

function unusedShare(allocatable: number, used: number): number {
  if (allocatable === 0 || used > allocatable) return 0;
  return Math.trunc(((allocatable - used) * maxNodeScore) / allocatable);
}

/** Requests must fit into what is left of the node's allocatable; emptier nodes score higher (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name,
  weight: 1,
  preFilter: ({ info }) => ({ filter: (node) => misfit(info.requests, node) }),
  preScore: ({ info }) => ({
    score: ({ allocatable, scored }) => {
      const cpu = unusedShare(allocatable.cpu, scored.cpu + info.scored.cpu);
      const memory = unusedShare(allocatable.memory, scored.memory + info.scored.memory);
      const resources = Number(allocatable.cpu > 0) + Number(allocatable.memory > 0);
      return resources === 0 ? 0 : Math.trunc((cpu + memory) / resources);
    },
  }),
  requeue: (event, pod) => {
    switch (event.type) {
      case 'AssignedPodDelete':
      case 'AssignedPodUpdate':
        return true;
      case 'NodeAdd':
      case 'NodeUpdate': {
        if (event.type === 'NodeUpdate' && event.node.status.allocatable === event.previous.status.allocatable) {
          return false;
        }
        const { requests } = podResources(pod.spec);
        const allocatable = allocatableOf(event.node);
        return (
          requests.cpu <= allocatable.cpu &&
          requests.memory <= allocatable.memory &&
          requests.ephemeralStorage <= allocatable.ephemeralStorage &&
          [...requests.others].every(([resource, wanted]) => wanted <= (allocatable.others.get(resource) ?? 0))
        );
      }
      case 'PodUpdate':
        return event.pod.spec !== event.previous.spec;
      default:
        return false;
    }
  },
};
