import type { Network, NetworkNamespace } from '../../network/index.ts';
import type { HostResources, PidNamespace, Program } from '../../process/index.ts';
import type { FileSystem, RandomStream, World } from '../../world/index.ts';
import type { Client } from '../client.ts';
import type { Cni } from '../cni/cni.ts';
import type { EventRecorder } from '../events.ts';
import type { Pod } from '../types.ts';
import type { Backoff } from './backoff.ts';
import type { ImageManager } from './image-manager.ts';

/** What the workers of all Pods on a node share. */
export interface NodeContext {
  readonly world: World;
  readonly network: Network;
  readonly programs: ReadonlyMap<string, Program>;
  /** Writes as this node's kubelet. */
  readonly client: Client;
  readonly events: EventRecorder;
  readonly random: RandomStream;
  readonly node: { name: string; ip: string; allocatable: Readonly<Record<string, string>> };
  /** The node's own network namespace and files. */
  readonly net: NetworkNamespace;
  readonly hostFs: FileSystem;
  /** The node's own processes, for Pods with `hostPID`. */
  readonly hostPids: PidNamespace;
  readonly persistent: Map<string, FileSystem>;
  /** CPUs and memory that its containers share. */
  readonly resources: HostResources;
  readonly images: ImageManager;
  /** Restarts of crashing containers, by Pod uid and container. */
  readonly crashes: Backoff;
  readonly clusterDNS: string;
  readonly clusterDomain: string;
  /** For recordings: Pods' `oracle.fail/…` annotations fail their probes, containers of a Pod may share ports. */
  readonly testHooks: boolean;
  /** Virtual time of the next look at the runtime. */
  nextRelist(): number;
  /** Virtual time at which statuses are next compared with what is stored. */
  nextStatusSync(): number;
  /** Connects Pods. */
  readonly cni: Cni;
  allocateIP(): string;
  releaseIP(ip: string): void;
  /** Why the node doesn't take the Pod. */
  admit(pod: Pod): { reason: string; message: string } | undefined;
  /** The Pod no longer counts. */
  release(pod: Pod): void;
  /** The worker has nothing left to do. */
  forget(pod: Pod): void;
  imagesChanged(): void;
  /** A container has written files. */
  storageChanged(): void;
}
