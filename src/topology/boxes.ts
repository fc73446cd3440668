import type { ComponentView } from './components.ts';
import type { NodeView, Topology } from './model.ts';
import type { PodView } from './pod-view.ts';
import { topOwners, type WorkloadView } from './workloads.ts';

/** By which order the picture is cut into boxes. */
export type PictureView = 'nodes' | 'applications' | 'control-plane';

/** What takes a slot: a Pod, many alike, or a program of the control plane. */
export type SlotItem =
  | { kind: 'pod'; id: string; pod: PodView }
  | { kind: 'group'; id: string; group: PodGroup }
  | { kind: 'component'; id: string; component: ComponentView };

/** Pods of one owner in one box, drawn as one. */
export interface PodGroup {
  id: string;
  name: string;
  pods: PodView[];
  ready: number;
  failing: number;
}

/** A node, an application of a namespace, or those that no node has yet. */
export interface BoxView {
  id: string;
  /** Boxes of one frame lie together; in the view by application that is the namespace. */
  frame: string;
  title: string;
  node?: NodeView;
  /** Owners inside, top ones first. */
  workloads: WorkloadView[];
  items: SlotItem[];
}

/** Box of the Pods that wait for a node. */
export const waiting = '';

/** More Pods than this are drawn in groups. */
const most = 200;
/** More than this are still too many when grouped by owner: then each box has one group. */
const mostItems = 300;

export interface BoxOptions {
  view: PictureView;
  /** Ids of the groups that are open. */
  open?: ReadonlySet<string>;
}

export function boxesOf(topology: Topology, { view, open = new Set() }: BoxOptions): BoxView[] {
  if (view === 'control-plane') return componentBoxes(topology);
  const tops = topOwners(topology.workloads);
  const boxes = view === 'nodes' ? nodeBoxes(topology) : applicationBoxes(topology, tops);
  if (topology.pods.length <= most) return boxes;
  const byOwner = boxes.map((box) => grouped(box, open, (pod) => tops.get(pod.id)?.name ?? pod.owner?.name ?? ''));
  const count = byOwner.reduce((sum, { items }) => sum + items.length, 0);
  return count <= mostItems ? byOwner : boxes.map((box) => grouped(box, open, () => '*'));
}

const podItem = (pod: PodView): SlotItem => ({ kind: 'pod', id: pod.id, pod });

function nodeBoxes({ nodes, pods }: Topology): BoxView[] {
  const boxes = new Map(nodes.map((node) => [node.name, nodeBox(node)]));
  const lane: BoxView = { id: waiting, frame: waiting, title: '', workloads: [], items: [] };
  // A Pod whose node has gone lies with those that have none.
  for (const pod of pods) (boxes.get(pod.node ?? '') ?? lane).items.push(podItem(pod));
  return [...boxes.values(), ...(lane.items.length > 0 ? [lane] : [])];
}

const nodeBox = (node: NodeView): BoxView => ({
  id: node.name,
  frame: '',
  title: node.name,
  node,
  workloads: [],
  items: [],
});

function componentBoxes({ nodes, components }: Topology): BoxView[] {
  const boxes = new Map(nodes.map((node) => [node.name, nodeBox(node)]));
  for (const component of components)
    boxes.get(component.node)?.items.push({ kind: 'component', id: component.id, component });
  return [...boxes.values()];
}

function applicationBoxes({ pods, workloads }: Topology, tops: ReadonlyMap<string, WorkloadView>): BoxView[] {
  const boxes = new Map<string, BoxView>();
  const boxOf = (namespace: string, name: string) => {
    const id = `${namespace}/${name}`;
    let box = boxes.get(id);
    if (!box) boxes.set(id, (box = { id, frame: namespace, title: name, workloads: [], items: [] }));
    return box;
  };
  const byWorkload = new Map<string, BoxView>();
  for (const pod of pods) {
    const top = tops.get(pod.id);
    const box = boxOf(pod.namespace, pod.app ?? top?.name ?? pod.owner?.name ?? pod.name);
    box.items.push(podItem(pod));
    if (pod.owner) byWorkload.set(pod.owner.id, box);
    if (top) byWorkload.set(top.id, box);
  }
  // Owners without Pods lie where their own owner or their name puts them.
  for (const workload of workloads) {
    const box =
      byWorkload.get(workload.id) ?? byWorkload.get(workload.owner ?? '') ?? boxOf(workload.namespace, workload.name);
    byWorkload.set(workload.id, box);
    box.workloads.push(workload);
  }
  return [...boxes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Those that share a name become one, unless they are alone or opened. */
function grouped(box: BoxView, open: ReadonlySet<string>, nameOf: (pod: PodView) => string): BoxView {
  const groups = new Map<string, PodView[]>();
  const items: SlotItem[] = [];
  for (const item of box.items) {
    if (item.kind !== 'pod') {
      items.push(item);
      continue;
    }
    const id = `${box.id} ${item.pod.namespace} ${nameOf(item.pod)}`;
    const others = groups.get(id);
    if (others) others.push(item.pod);
    else groups.set(id, [item.pod]);
  }
  for (const [id, pods] of groups) {
    if (pods.length === 1 || open.has(id)) items.push(...pods.map(podItem));
    else {
      const name = nameOf(pods[0]!);
      items.push({
        kind: 'group',
        id,
        group: {
          id,
          name: name === '*' ? '' : name,
          pods,
          ready: pods.filter(({ ready }) => ready).length,
          failing: pods.filter(({ tone }) => tone === 'failing').length,
        },
      });
    }
  }
  return { ...box, items };
}
