import { labelMatcher, type LabelMatcher } from '../apimachinery/label-matcher.ts';
import type { LabelSelector } from '../apimachinery/label-selector.ts';
import type { Node, Pod } from '../types.ts';
import { addTo, allocatableOf, noResources, podResources, type Resources } from './resources.ts';

export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

/** One required or preferred term of pod (anti-)affinity, ready to match. */
export interface AffinityTerm {
  topologyKey: string;
  /** Empty with a namespace selector: that decides. */
  namespaces: ReadonlySet<string>;
  namespaceSelector: LabelMatcher | undefined;
  selector: LabelMatcher;
  weight: number;
}

/** What the scheduler works out of a Pod once. */
export interface PodInfo {
  pod: Pod;
  requests: Resources;
  scored: Resources;
  ports: readonly HostPort[];
  requiredAffinity: readonly AffinityTerm[];
  requiredAntiAffinity: readonly AffinityTerm[];
  preferredAffinity: readonly AffinityTerm[];
  preferredAntiAffinity: readonly AffinityTerm[];
}

type RawTerm = {
  topologyKey: string;
  labelSelector?: LabelSelector;
  namespaces?: readonly string[];
  namespaceSelector?: LabelSelector;
  matchLabelKeys?: readonly string[];
  mismatchLabelKeys?: readonly string[];
};

export function podInfo(pod: Pod): PodInfo {
  const { requests, scored } = podResources(pod.spec);
  const { podAffinity, podAntiAffinity } = (pod.spec.affinity ?? {}) as {
    podAffinity?: RawAffinity;
    podAntiAffinity?: RawAffinity;
  };
  return {
    pod,
    requests,
    scored,
    ports: hostPorts(pod),
    requiredAffinity: required(pod, podAffinity),
    requiredAntiAffinity: required(pod, podAntiAffinity),
    preferredAffinity: preferred(pod, podAffinity),
    preferredAntiAffinity: preferred(pod, podAntiAffinity),
  };
}

interface RawAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: readonly RawTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: readonly { weight: number; podAffinityTerm: RawTerm }[];
}

const noTerms: readonly AffinityTerm[] = [];

function required(pod: Pod, affinity: RawAffinity | undefined): readonly AffinityTerm[] {
  return affinity?.requiredDuringSchedulingIgnoredDuringExecution?.map((term) => affinityTerm(pod, term, 0)) ?? noTerms;
}

function preferred(pod: Pod, affinity: RawAffinity | undefined): readonly AffinityTerm[] {
  const terms = affinity?.preferredDuringSchedulingIgnoredDuringExecution;
  return terms?.map(({ weight, podAffinityTerm }) => affinityTerm(pod, podAffinityTerm, weight)) ?? noTerms;
}

function affinityTerm(pod: Pod, term: RawTerm, weight: number): AffinityTerm {
  const named = term.namespaces ?? [];
  const own = named.length === 0 && term.namespaceSelector === undefined;
  return {
    topologyKey: term.topologyKey,
    namespaces: new Set(own ? [pod.metadata.namespace ?? ''] : named),
    namespaceSelector: term.namespaceSelector && labelMatcher(term.namespaceSelector),
    selector: labelMatcher(term.labelSelector),
    weight,
  };
}

const noPorts: readonly HostPort[] = [];

function hostPorts(pod: Pod): readonly HostPort[] {
  let ports: HostPort[] | undefined;
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort) (ports ??= []).push({ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort });
    }
  }
  return ports ?? noPorts;
}

/** Counts Pods by selector without looking at all of them for every Pod that is scheduled. */
interface SelectorCount {
  namespace: string;
  matches: LabelMatcher;
  count: number;
  /** Order of the last question. */
  asked: number;
}

/** Selectors counted per node; the one unused for longest gives way. */
const maxCounts = 64;

/** A node with the Pods on it, summed up; kept up to date Pod by Pod. */
export class NodeInfo {
  node: Node;
  allocatable: Resources & { pods: number };
  /** Bytes of each image on the node, by every name it has. */
  images: ReadonlyMap<string, number>;
  readonly pods = new Map<string, PodInfo>();
  readonly requested = noResources();
  /** Like `requested`, with defaults for containers that request nothing. */
  readonly scored = noResources();
  readonly withAffinity = new Set<PodInfo>();
  readonly withRequiredAntiAffinity = new Set<PodInfo>();
  readonly #counts = new Map<string, SelectorCount>();
  #questions = 0;

  constructor(node: Node) {
    this.node = node;
    this.allocatable = allocatableOf(node);
    this.images = imagesOf(node);
  }

  get name(): string {
    return this.node.metadata.name;
  }

  setNode(node: Node): void {
    const previous = this.node;
    this.node = node;
    if (node.status === previous.status) return;
    this.allocatable = allocatableOf(node);
    if (node.status.images !== previous.status.images) this.images = imagesOf(node);
  }

  addPod(info: PodInfo): void {
    this.pods.set(info.pod.metadata.uid, info);
    addTo(this.requested, info.requests);
    addTo(this.scored, info.scored);
    if (hasAffinity(info)) this.withAffinity.add(info);
    if (info.requiredAntiAffinity.length > 0) this.withRequiredAntiAffinity.add(info);
    this.#count(info.pod, 1);
  }

  removePod(uid: string): PodInfo | undefined {
    const info = this.pods.get(uid);
    if (!info) return undefined;
    this.pods.delete(uid);
    addTo(this.requested, info.requests, -1);
    addTo(this.scored, info.scored, -1);
    this.withAffinity.delete(info);
    this.withRequiredAntiAffinity.delete(info);
    this.#count(info.pod, -1);
    return info;
  }

  /**
   * How many Pods of the namespace match, those being deleted left out.
   * @param key identifies namespace and selector
   */
  countMatching(key: string, namespace: string, matches: LabelMatcher): number {
    let known = this.#counts.get(key);
    if (!known) {
      known = { namespace, matches, count: 0, asked: 0 };
      for (const { pod } of this.pods.values()) if (counted(known, pod)) known.count++;
      if (this.#counts.size >= maxCounts) this.#forgetCount();
      this.#counts.set(key, known);
    }
    known.asked = ++this.#questions;
    return known.count;
  }

  #forgetCount(): void {
    let oldest: string | undefined;
    let asked = Infinity;
    for (const [key, known] of this.#counts)
      if (known.asked < asked) {
        asked = known.asked;
        oldest = key;
      }
    if (oldest !== undefined) this.#counts.delete(oldest);
  }

  /** A copy on which Pods can be added and removed for trial. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.node);
    for (const info of this.pods.values()) copy.addPod(info);
    return copy;
  }

  #count(pod: Pod, sign: 1 | -1): void {
    for (const known of this.#counts.values()) if (counted(known, pod)) known.count += sign;
  }
}

function counted({ namespace, matches }: SelectorCount, { metadata }: Pod): boolean {
  return metadata.namespace === namespace && metadata.deletionTimestamp === undefined && matches(metadata.labels);
}

function hasAffinity(info: PodInfo): boolean {
  return (
    info.requiredAffinity.length > 0 ||
    info.requiredAntiAffinity.length > 0 ||
    info.preferredAffinity.length > 0 ||
    info.preferredAntiAffinity.length > 0
  );
}

function imagesOf(node: Node): ReadonlyMap<string, number> {
  const images = new Map<string, number>();
  for (const { names, sizeBytes } of node.status.images ?? []) {
    for (const name of names ?? []) images.set(name, sizeBytes ?? 0);
  }
  return images;
}
