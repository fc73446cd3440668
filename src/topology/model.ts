import { podView, type PodView } from './pod-view.ts';
import { servicePods } from './services.ts';
import type { TopologyObject } from './objects.ts';

/** What the picture shows: a pure function of API objects. Positions are `layout.ts`'s business. */
export interface Topology {
  nodes: NodeView[];
  /** Pods that no node has yet. */
  unscheduled: PodView[];
  services: ServiceView[];
  workloads: WorkloadView[];
}

export interface NodeView {
  name: string;
  ready: boolean;
  /** Cordoned: takes no new Pods. */
  schedulable: boolean;
  controlPlane: boolean;
  pods: PodView[];
}

export interface ServiceView {
  id: string;
  namespace: string;
  name: string;
  type: string;
  ports: string;
  /** Without one, somebody else supplies its endpoints. */
  hasSelector: boolean;
  /** Ids of the Pods that the selector matches. */
  selects: string[];
  /** How many of them are ready to be sent traffic. */
  ready: number;
}

/** A Deployment, ReplicaSet or another owner of Pods. */
export interface WorkloadView {
  id: string;
  resource: string;
  kind: string;
  namespace: string;
  name: string;
  desired: number;
  ready: number;
  /** Id of its own owner. */
  owner?: string;
  /** Ids of the Pods it owns. */
  pods: string[];
}

export interface TopologyOptions {
  /** Namespaces to show; by default all but the system's. */
  shows?: (namespace: string) => boolean;
}

/** Namespaces of the cluster itself, hidden at first. */
export const systemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

const workloadResources = [
  'apps/deployments',
  'apps/replicasets',
  'apps/statefulsets',
  'apps/daemonsets',
  'batch/jobs',
  '/replicationcontrollers',
];

/** @param list objects of a resource, e.g. `apps/deployments`, `/pods` */
export function topologyOf(
  list: (resource: string) => readonly TopologyObject[],
  options: TopologyOptions = {},
): Topology {
  const shows = options.shows ?? ((namespace) => !systemNamespaces.has(namespace));
  const visible = (object: TopologyObject) => shows(object.metadata.namespace ?? 'default');
  const pods = list('/pods').filter(visible);
  const views = pods.map(podView);
  const byNode = new Map<string, PodView[]>();
  for (const view of views) {
    const key = view.node ?? '';
    const group = byNode.get(key);
    if (group) group.push(view);
    else byNode.set(key, [view]);
  }
  const nodes = [...list('/nodes')].sort(byName).map((node): NodeView => {
    const labels = node.metadata.labels ?? {};
    const conditions = (node.status?.conditions ?? []) as { type: string; status: string }[];
    return {
      name: node.metadata.name,
      ready: conditions.some((c) => c.type === 'Ready' && c.status === 'True'),
      schedulable: node.spec?.unschedulable !== true,
      controlPlane: 'node-role.kubernetes.io/control-plane' in labels,
      pods: byNode.get(node.metadata.name) ?? [],
    };
  });
  // Control plane first, workers in the order of their names after it.
  nodes.sort((a, b) => Number(b.controlPlane) - Number(a.controlPlane));
  const services = list('/services')
    .filter(visible)
    .sort(byName)
    .map((service) => servicePods(service, pods));
  return { nodes, unscheduled: byNode.get('') ?? [], services, workloads: workloadsOf(list, visible, pods) };
}

function workloadsOf(
  list: (resource: string) => readonly TopologyObject[],
  visible: (object: TopologyObject) => boolean,
  pods: readonly TopologyObject[],
): WorkloadView[] {
  const podsByOwner = new Map<string, string[]>();
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find((o) => o.controller)?.uid;
    if (owner === undefined) continue;
    const owned = podsByOwner.get(owner);
    if (owned) owned.push(pod.metadata.uid);
    else podsByOwner.set(owner, [pod.metadata.uid]);
  }
  const views: WorkloadView[] = [];
  for (const resource of workloadResources)
    for (const object of list(resource).filter(visible).sort(byName)) {
      const owned = podsByOwner.get(object.metadata.uid) ?? [];
      const desired = Number(
        object.spec?.replicas ?? object.spec?.parallelism ?? object.status?.desiredNumberScheduled ?? 0,
      );
      // Old ReplicaSets without Pods are history, not picture.
      if (resource === 'apps/replicasets' && desired === 0 && owned.length === 0) continue;
      views.push({
        id: object.metadata.uid,
        resource,
        kind: object.kind ?? '',
        namespace: object.metadata.namespace ?? '',
        name: object.metadata.name,
        desired,
        ready: Number(object.status?.readyReplicas ?? object.status?.numberReady ?? object.status?.ready ?? 0),
        owner: object.metadata.ownerReferences?.find((o) => o.controller)?.uid,
        pods: owned,
      });
    }
  return views;
}

function byName(a: TopologyObject, b: TopologyObject): number {
  const x = `${a.metadata.namespace ?? ''}/${a.metadata.name}`;
  const y = `${b.metadata.namespace ?? ''}/${b.metadata.name}`;
  return x < y ? -1 : x > y ? 1 : 0;
}
