import type { Node, Pod } from '../types.ts';
import { NodeInfo, podInfo } from './node-info.ts';

/** Nodes and the Pods assigned to them, as far as the scheduler knows: bindings count from the moment they are made. */
export class SchedulerCache {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Node name by Pod UID; a node may be unknown yet. */
  readonly #assigned = new Map<string, string>();
  /** Pods on nodes that are not there (yet, or any more). */
  readonly #homeless = new Map<string, Map<string, Pod>>();
  #ordered: readonly NodeInfo[] | undefined;
  #antiAffinityNodes = 0;
  /** Nodes that have an image, by its name; counted when asked for. */
  readonly #imageHolders = new Map<string, number>();

  /** All nodes, by name. */
  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= [...this.#nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#ordered;
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  /** Whether any Pod's required anti-affinity may keep others away. */
  get anyRequiredAntiAffinity(): boolean {
    return this.#antiAffinityNodes > 0;
  }

  /** How many nodes have the image. */
  imageHolders(image: string): number {
    let holders = this.#imageHolders.get(image);
    if (holders === undefined) {
      holders = 0;
      for (const node of this.#nodes.values()) if (node.images.has(image)) holders++;
      this.#imageHolders.set(image, holders);
    }
    return holders;
  }

  setNode(node: Node): void {
    const { name } = node.metadata;
    const known = this.#nodes.get(name);
    if (known) {
      const { images } = known;
      known.setNode(node);
      if (known.images !== images) this.#imageHolders.clear();
      return;
    }
    this.#imageHolders.clear();
    this.#nodes.set(name, new NodeInfo(node));
    this.#ordered = undefined;
    const waiting = this.#homeless.get(name);
    this.#homeless.delete(name);
    for (const pod of waiting?.values() ?? []) this.#place(pod, name);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    if (info.withRequiredAntiAffinity.size > 0) this.#antiAffinityNodes--;
    this.#nodes.delete(name);
    this.#ordered = undefined;
    this.#imageHolders.clear();
    for (const { pod } of info.pods.values()) this.#keepHomeless(pod, name);
  }

  /** Adds an assigned Pod, or takes a new version of it. */
  setPod(pod: Pod): void {
    const { uid } = pod.metadata;
    const node = pod.spec.nodeName ?? '';
    const before = this.#assigned.get(uid);
    if (before === node) {
      const known = this.#nodes.get(node)?.pods.get(uid);
      const same =
        known &&
        known.pod.spec === pod.spec &&
        known.pod.metadata.labels === pod.metadata.labels &&
        known.pod.metadata.deletionTimestamp === pod.metadata.deletionTimestamp;
      if (same) {
        known.pod = pod;
        return;
      }
    }
    this.removePod(uid);
    this.#assigned.set(uid, node);
    this.#place(pod, node);
  }

  removePod(uid: string): void {
    const node = this.#assigned.get(uid);
    if (node === undefined) return;
    this.#assigned.delete(uid);
    this.#homeless.get(node)?.delete(uid);
    const info = this.#nodes.get(node);
    if (!info) return;
    const before = info.withRequiredAntiAffinity.size;
    info.removePod(uid);
    if (before > 0 && info.withRequiredAntiAffinity.size === 0) this.#antiAffinityNodes--;
  }

  #place(pod: Pod, node: string): void {
    const info = this.#nodes.get(node);
    if (!info) return this.#keepHomeless(pod, node);
    const before = info.withRequiredAntiAffinity.size;
    info.addPod(podInfo(pod));
    if (before === 0 && info.withRequiredAntiAffinity.size > 0) this.#antiAffinityNodes++;
  }

  #keepHomeless(pod: Pod, node: string): void {
    let pods = this.#homeless.get(node);
    if (!pods) this.#homeless.set(node, (pods = new Map()));
    pods.set(pod.metadata.uid, pod);
  }
}
