import { byName, type ListObjects, type TopologyObject } from './objects.ts';
import type { PodView } from './pod-view.ts';

/** A Deployment, ReplicaSet or another owner of Pods. */
export interface WorkloadView {
  id: string;
  resource: string;
  kind: string;
  namespace: string;
  name: string;
  desired: number;
  ready: number;
  /** What it says instead of a count: a CronJob's schedule. */
  note?: string;
  /** Id of its own owner. */
  owner?: string;
  /** Ids of the Pods it owns. */
  pods: string[];
}

/** Owners first, so that who comes later finds its own. */
const kinds: readonly (readonly [resource: string, kind: string])[] = [
  ['batch/cronjobs', 'CronJob'],
  ['apps/deployments', 'Deployment'],
  ['apps/replicasets', 'ReplicaSet'],
  ['apps/statefulsets', 'StatefulSet'],
  ['apps/daemonsets', 'DaemonSet'],
  ['batch/jobs', 'Job'],
  ['/replicationcontrollers', 'ReplicationController'],
];

export function workloadsOf(
  list: ListObjects,
  visible: (object: TopologyObject) => boolean,
  pods: readonly PodView[],
): WorkloadView[] {
  const podsByOwner = new Map<string, string[]>();
  for (const { id, owner } of pods) {
    if (!owner) continue;
    const owned = podsByOwner.get(owner.id);
    if (owned) owned.push(id);
    else podsByOwner.set(owner.id, [id]);
  }
  const views: WorkloadView[] = [];
  for (const [resource, kind] of kinds)
    for (const object of list(resource).filter(visible).sort(byName)) {
      const { uid, namespace = '', name, ownerReferences } = object.metadata;
      const { spec = {}, status = {} } = object;
      const owned = podsByOwner.get(uid) ?? [];
      const desired = Number(
        spec.replicas ?? spec.completions ?? spec.parallelism ?? status.desiredNumberScheduled ?? 0,
      );
      // Old ReplicaSets without Pods are history, not picture.
      if (resource === 'apps/replicasets' && desired === 0 && owned.length === 0) continue;
      const owner = ownerReferences?.find(({ controller }) => controller)?.uid;
      views.push({
        id: uid,
        resource,
        kind,
        namespace,
        name,
        desired,
        ready: Number(
          (kind === 'Job' ? status.succeeded : undefined) ?? status.readyReplicas ?? status.numberReady ?? 0,
        ),
        ...(typeof spec.schedule === 'string' ? { note: spec.schedule } : {}),
        ...(owner === undefined ? {} : { owner }),
        pods: owned,
      });
    }
  return views;
}

/** The topmost owner of each Pod that has one among `workloads`, by Pod id. */
export function topOwners(workloads: readonly WorkloadView[]): Map<string, WorkloadView> {
  const byId = new Map(workloads.map((workload) => [workload.id, workload]));
  const tops = new Map<string, WorkloadView>();
  for (const workload of workloads) {
    let top = workload;
    for (let above: WorkloadView | undefined = top; above; above = byId.get(above.owner ?? '')) top = above;
    for (const pod of workload.pods) tops.set(pod, top);
  }
  return tops;
}
