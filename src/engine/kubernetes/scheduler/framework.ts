import type { Client, ResourceClient } from '../client.ts';
import type { Namespace, Node, PersistentVolumeClaim, Pod, StorageClass } from '../types.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';

/**
 * The scheduling framework: what a plug-in may decide. One file each in `plugins/`, in the order of upstream's default
 * profile. A run holds what a plug-in works out for one attempt at one Pod.
 */
export interface Plugin {
  readonly name: string;
  /** Weight of its score. */
  readonly weight?: number;
  /** Prepares filtering; undefined if the plug-in has nothing to say about this Pod. */
  preFilter?(attempt: Attempt): FilterRun | Refusal | undefined;
  /** Prepares scoring; undefined if the plug-in has no preference for this Pod. */
  preScore?(attempt: Attempt, feasible: readonly NodeInfo[]): ScoreRun | undefined;
  /**
   * Prepares what the Pod needs on its node. False: that takes time, and it is called again when a claim changes.
   * @throws ApiError
   */
  preBind?(attempt: Attempt, node: string): boolean;
  /** Whether the event can make a Pod schedulable that this plug-in refused. */
  requeue(event: ClusterEvent, pod: Pod): boolean;
}

export interface FilterRun {
  /** Only these nodes are looked at. */
  nodes?: ReadonlySet<string>;
  /** Why the Pod cannot go there; undefined if it can. */
  filter(node: NodeInfo): Rejection | undefined;
}

export interface ScoreRun {
  score(node: NodeInfo): number;
  /** Brings the scores of all feasible nodes into 0..100, in place. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

export interface Rejection {
  plugin: string;
  reasons: readonly string[];
  /** False: not even removing other Pods would help. */
  resolvable: boolean;
}

/** A Pod that can go nowhere, whatever the nodes are. */
export interface Refusal {
  refused: Rejection;
}

/** One attempt at one Pod and the world it sees. */
export interface Attempt {
  info: PodInfo;
  pod: Pod;
  nodes: readonly NodeInfo[];
  anyRequiredAntiAffinity: boolean;
  /** Namespaces, for selectors over their labels. */
  namespaces: ResourceClient<Namespace>;
  /** Objects of other kinds that choose the Pod (Services, ReplicaSets, …): selectors for default spreading. */
  ownerSelectors(): readonly OwnerSelector[];
  /** How many nodes have an image of that name. */
  imageHolders(image: string): number;
  /** A claim of the Pod's namespace. */
  claim(name: string): PersistentVolumeClaim | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** For what plug-ins look up and write besides. */
  client: Client;
}

export interface OwnerSelector {
  matchLabels?: Readonly<Record<string, string>>;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** What happened in the cluster, as far as it can help a waiting Pod. */
export type ClusterEvent =
  | { type: 'NodeAdd'; node: Node }
  | { type: 'NodeUpdate'; node: Node; previous: Node }
  | { type: 'NodeDelete'; node: Node }
  | { type: 'AssignedPodAdd'; pod: Pod }
  | { type: 'AssignedPodUpdate'; pod: Pod; previous: Pod }
  | { type: 'AssignedPodDelete'; pod: Pod }
  | { type: 'PodUpdate'; pod: Pod; previous: Pod }
  | { type: 'ClaimChange'; claim: PersistentVolumeClaim }
  /** A PersistentVolume or a StorageClass. */
  | { type: 'VolumeChange' };

export const maxNodeScore = 100;

export function isRefusal(run: FilterRun | Refusal): run is Refusal {
  return 'refused' in run;
}

/** Scales scores to 0..100 by the highest; `reverse` makes the lowest the best. */
export function defaultNormalize(scores: number[], reverse: boolean): void {
  const highest = Math.max(0, ...scores);
  for (let i = 0; i < scores.length; i++) {
    const score = highest === 0 ? 0 : Math.trunc((maxNodeScore * scores[i]!) / highest);
    scores[i] = reverse ? maxNodeScore - score : score;
  }
}
