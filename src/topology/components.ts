import { byName, keyOf, type ListObjects, type TopologyObject } from './objects.ts';
import { podView, type PodTone } from './pod-view.ts';

/** A part of the cluster's own machinery: a program on a node. */
export interface ComponentView {
  id: string;
  /** The program: `kube-apiserver`, `etcd`, `kubelet`. */
  name: string;
  node: string;
  tone: PodTone;
  status: string;
  restarts: number;
  /** The Pod it runs in; a kubelet is its node. */
  resource: string;
  key: string;
}

/** Of each talker, to whom it talks. Everything but the API server leaves etcd alone. */
const talks: Readonly<Record<string, string>> = {
  'kube-apiserver': 'etcd',
  'kube-controller-manager': 'kube-apiserver',
  'kube-scheduler': 'kube-apiserver',
  'cloud-controller-manager': 'kube-apiserver',
  kubelet: 'kube-apiserver',
  'kube-proxy': 'kube-apiserver',
  coredns: 'kube-apiserver',
};

/** In this order on a node. */
const order = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'];

/** The control plane's static Pods, each node's kubelet, kube-proxy and name server. */
export function componentsOf(list: ListObjects): ComponentView[] {
  const components: ComponentView[] = [];
  for (const node of [...list('/nodes')].sort(byName)) components.push(kubeletOf(node));
  for (const pod of list('/pods')
    .filter(({ metadata }) => metadata.namespace === 'kube-system')
    .sort(byName)) {
    const name = programOf(pod);
    const view = podView(pod);
    if (name === undefined || view.node === undefined) continue;
    const { id, node, tone, status, restarts } = view;
    components.push({ id, name, node, tone, status, restarts, resource: '/pods', key: keyOf(pod) });
  }
  const rank = ({ name }: ComponentView) => (order.includes(name) ? order.indexOf(name) : order.length);
  return components.sort((a, b) => rank(a) - rank(b));
}

/** Ids of those who talk to each other: on the same node if the other side is there too, else with all of them. */
export function talksOf(components: readonly ComponentView[]): { from: string; to: string }[] {
  return components.flatMap((component) => {
    const others = components.filter(({ name }) => name === talks[component.name]);
    const near = others.filter(({ node }) => node === component.node);
    return (near.length > 0 ? near : others).map(({ id }) => ({ from: component.id, to: id }));
  });
}

function programOf({ metadata: { labels = {} } }: TopologyObject): string | undefined {
  if (labels.tier === 'control-plane') return labels.component;
  const app = labels['k8s-app'];
  return app === 'kube-proxy' ? app : app === 'kube-dns' ? 'coredns' : undefined;
}

function kubeletOf(node: TopologyObject): ComponentView {
  const conditions = (node.status?.conditions ?? []) as { type: string; status: string; reason?: string }[];
  const ready = conditions.find(({ type }) => type === 'Ready');
  return {
    id: `kubelet-${node.metadata.uid}`,
    name: 'kubelet',
    node: node.metadata.name,
    tone: ready?.status === 'True' ? 'ready' : ready?.status === 'Unknown' ? 'failing' : 'starting',
    status: ready?.reason ?? 'Unknown',
    restarts: 0,
    resource: '/nodes',
    key: node.metadata.name,
  };
}
