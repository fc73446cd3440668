import { claimsOf, type ClaimView } from './claims.ts';
import { componentsOf, type ComponentView } from './components.ts';
import { entrancesOf, type EntranceView, type RouteView } from './entrances.ts';
import { byName, type ListObjects, type TopologyObject } from './objects.ts';
import { podView, type PodView } from './pod-view.ts';
import { PodIndex, serviceView, type ServiceView } from './services.ts';
import { workloadsOf, type WorkloadView } from './workloads.ts';

/** What the picture shows: a pure function of API objects. Positions are `layout.ts`'s business. */
export interface Topology {
  nodes: NodeView[];
  pods: PodView[];
  services: ServiceView[];
  entrances: EntranceView[];
  routes: RouteView[];
  workloads: WorkloadView[];
  claims: ClaimView[];
  /** The cluster's own machinery, whether or not its namespaces are shown. */
  components: ComponentView[];
}

export interface NodeView {
  name: string;
  ready: boolean;
  /** Cordoned: takes no new Pods. */
  schedulable: boolean;
  controlPlane: boolean;
  /** Addresses of its own. */
  addresses: string[];
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

export function topologyOf(objectsOf: ListObjects, options: TopologyOptions = {}): Topology {
  const list = once(objectsOf);
  const shows = options.shows ?? ((namespace) => !systemNamespaces.has(namespace));
  const visible = (object: TopologyObject) => shows(object.metadata.namespace ?? 'default');
  const objects = list('/pods').filter(visible);
  const pods = objects.map(podView);
  const index = new PodIndex(objects);
  const nodes = [...list('/nodes')].sort(byName).map(nodeView);
  // Control plane first, workers in the order of their names after it.
  nodes.sort((a, b) => Number(b.controlPlane) - Number(a.controlPlane));
  return {
    nodes,
    pods,
    services: list('/services')
      .filter(visible)
      .sort(byName)
      .map((service) => serviceView(service, index)),
    ...entrancesOf(list, visible),
    workloads: workloadsOf(list, visible, pods),
    claims: claimsOf(list, visible, pods),
    components: componentsOf(list),
  };
}

/** Each resource is asked for once: those who give them may have to collect them. */
function once(list: ListObjects): ListObjects {
  const known = new Map<string, readonly TopologyObject[]>();
  return (resource) => {
    let objects = known.get(resource);
    if (!objects) known.set(resource, (objects = list(resource)));
    return objects;
  };
}

function nodeView(node: TopologyObject): NodeView {
  const conditions = (node.status?.conditions ?? []) as { type: string; status: string }[];
  const addresses = (node.status?.addresses ?? []) as { type: string; address: string }[];
  return {
    name: node.metadata.name,
    ready: conditions.some((c) => c.type === 'Ready' && c.status === 'True'),
    schedulable: node.spec?.unschedulable !== true,
    controlPlane: 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {}),
    addresses: addresses.filter(({ type }) => type !== 'Hostname').map(({ address }) => address),
  };
}
