import type { Container as RuntimeContainer } from '../../runtime/index.ts';
import type { Pod } from '../types.ts';

export type ContainerSpec = Pod['spec']['containers'][number] & { restartPolicy?: string };
export type ContainerStatus = NonNullable<Pod['status']['containerStatuses']>[number];
export type PodCondition = NonNullable<Pod['status']['conditions']>[number] & { observedGeneration?: number };
export type Probe = NonNullable<ContainerSpec['livenessProbe']>;
export type LifecycleHandler = NonNullable<NonNullable<ContainerSpec['lifecycle']>['preStop']>;
export type VolumeSpec = NonNullable<Pod['spec']['volumes']>[number];

export type ContainerKind = 'init' | 'regular' | 'ephemeral';

/** What the kubelet knows of one container of a Pod, over all its restarts. */
export interface ContainerRecord {
  readonly name: string;
  readonly kind: ContainerKind;
  current?: RuntimeContainer;
  /** `docker.io/library/nginx:1.27` and `…@sha256:…` of `current`. */
  imageName?: string;
  imageID?: string;
  /** `spec.image` when `current` was made. */
  wantedImage?: string;
  /** The one before, kept for `logs --previous` and `lastState`. */
  previous?: RuntimeContainer;
  restartCount: number;
  /** Why it isn't running (upstream's reason cache). */
  waiting?: { reason: string; message?: string };
  /** Where the startup probe of `current`, or the lack of one, has got to. */
  started: boolean;
  ready: boolean;
  /** Set when `current` is to end: no restart until it has. */
  stopping: boolean;
}

/** The record of a container that has not been made yet. */
export function newRecord(name: string, kind: ContainerKind): ContainerRecord {
  return { name, kind, restartCount: 0, started: false, ready: false, stopping: false };
}

/** The record as a kubelet begins with it that finds the container dead. */
export function foundDead({ waiting: _, ...record }: ContainerRecord): ContainerRecord {
  return { ...record, started: false, ready: false, stopping: false };
}

/** Init containers that keep running beside the main ones. */
export function isSidecar(container: ContainerSpec): boolean {
  return container.restartPolicy === 'Always';
}

export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** `name_namespace(uid)`, as kubelet messages write a Pod. */
export function formatPod(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}

export function fieldPath(kind: ContainerKind, name: string): string {
  const list = { init: 'initContainers', regular: 'containers', ephemeral: 'ephemeralContainers' }[kind];
  return `spec.${list}{${name}}`;
}
