/**
 * Typed views of API objects for the components that use them. The schema (generated) decides what is valid; these are
 * only the TypeScript side of it. Objects from the store are deeply frozen: make new ones with spread.
 */
import type { IControllerRevision } from 'kubernetes-models/apps/v1/ControllerRevision';
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IReplicaSet } from 'kubernetes-models/apps/v1/ReplicaSet';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { ILease } from 'kubernetes-models/coordination.k8s.io/v1/Lease';
import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice';
import type { IEvent } from 'kubernetes-models/events.k8s.io/v1/Event';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IStorageClass } from 'kubernetes-models/storage.k8s.io/v1/StorageClass';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IEndpoints } from 'kubernetes-models/v1/Endpoints';
import type { IEvent as ICoreEvent } from 'kubernetes-models/v1/Event';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import type { INode } from 'kubernetes-models/v1/Node';
import type { IPersistentVolume } from 'kubernetes-models/v1/PersistentVolume';
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IReplicationController } from 'kubernetes-models/v1/ReplicationController';
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota';
import type { ISecret } from 'kubernetes-models/v1/Secret';
import type { IService } from 'kubernetes-models/v1/Service';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Record<string, unknown>;
  subresource?: string;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  ownerReferences?: readonly OwnerReference[];
  finalizers?: readonly string[];
  managedFields?: readonly ManagedFieldsEntry[];
}

/** Any stored object: TypeMeta, ObjectMeta and whatever its kind has. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object on its way in: metadata may lack what the server sets. */
export type Draft<T extends KubeObject = KubeObject> = Omit<T, 'metadata'> & { metadata: Partial<ObjectMeta> };

type Stored<T, Present extends keyof T = never> = Omit<T, 'metadata' | 'apiVersion' | 'kind' | Present> &
  KubeObject & { [K in Present]-?: NonNullable<T[K]> };

export type Pod = Stored<IPod, 'spec' | 'status'>;
export type Node = Stored<INode, 'spec' | 'status'>;
export type Namespace = Stored<INamespace, 'spec' | 'status'>;
export type Lease = Stored<ILease, 'spec'>;
export type Deployment = Stored<IDeployment, 'spec' | 'status'>;
export type ReplicaSet = Stored<IReplicaSet, 'spec' | 'status'>;
export type DaemonSet = Stored<IDaemonSet, 'spec' | 'status'>;
export type StatefulSet = Stored<IStatefulSet, 'spec' | 'status'>;
export type ControllerRevision = Stored<IControllerRevision>;
export type ReplicationController = Stored<IReplicationController, 'spec' | 'status'>;
export type PodDisruptionBudget = Stored<IPodDisruptionBudget, 'spec' | 'status'>;
export type PersistentVolumeClaim = Stored<IPersistentVolumeClaim, 'spec' | 'status'>;
export type PersistentVolume = Stored<IPersistentVolume, 'spec' | 'status'>;
export type StorageClass = Stored<IStorageClass>;
export type Job = Stored<IJob, 'spec' | 'status'>;
export type CronJob = Stored<ICronJob, 'spec' | 'status'>;
export type HorizontalPodAutoscaler = Stored<IHorizontalPodAutoscaler, 'spec' | 'status'>;
export type ResourceQuota = Stored<IResourceQuota, 'spec' | 'status'>;
export type Service = Stored<IService, 'spec' | 'status'>;
export type Endpoints = Stored<IEndpoints>;
export type EndpointSlice = Stored<IEndpointSlice>;
export type ConfigMap = Stored<IConfigMap>;
export type Secret = Stored<ISecret>;
export type ServiceAccount = Stored<IServiceAccount>;
export type Event = Stored<IEvent>;
export type CoreEvent = Stored<ICoreEvent>;

/** Names a served resource; `T` is what its objects look like. */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, lower case. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries `T`; never set. */
  readonly _type?: T;
}

function ref<T extends KubeObject>(group: string, version: string, resource: string, kind: string, namespaced = true) {
  return { group, version, resource, kind, namespaced } as ResourceRef<T>;
}

export const refs = {
  pods: ref<Pod>('', 'v1', 'pods', 'Pod'),
  nodes: ref<Node>('', 'v1', 'nodes', 'Node', false),
  namespaces: ref<Namespace>('', 'v1', 'namespaces', 'Namespace', false),
  services: ref<Service>('', 'v1', 'services', 'Service'),
  endpoints: ref<Endpoints>('', 'v1', 'endpoints', 'Endpoints'),
  configMaps: ref<ConfigMap>('', 'v1', 'configmaps', 'ConfigMap'),
  secrets: ref<Secret>('', 'v1', 'secrets', 'Secret'),
  serviceAccounts: ref<ServiceAccount>('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  leases: ref<Lease>('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  deployments: ref<Deployment>('apps', 'v1', 'deployments', 'Deployment'),
  replicaSets: ref<ReplicaSet>('apps', 'v1', 'replicasets', 'ReplicaSet'),
  daemonSets: ref<DaemonSet>('apps', 'v1', 'daemonsets', 'DaemonSet'),
  statefulSets: ref<StatefulSet>('apps', 'v1', 'statefulsets', 'StatefulSet'),
  controllerRevisions: ref<ControllerRevision>('apps', 'v1', 'controllerrevisions', 'ControllerRevision'),
  replicationControllers: ref<ReplicationController>('', 'v1', 'replicationcontrollers', 'ReplicationController'),
  podDisruptionBudgets: ref<PodDisruptionBudget>('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  persistentVolumeClaims: ref<PersistentVolumeClaim>('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  persistentVolumes: ref<PersistentVolume>('', 'v1', 'persistentvolumes', 'PersistentVolume', false),
  storageClasses: ref<StorageClass>('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false),
  jobs: ref<Job>('batch', 'v1', 'jobs', 'Job'),
  cronJobs: ref<CronJob>('batch', 'v1', 'cronjobs', 'CronJob'),
  horizontalPodAutoscalers: ref<HorizontalPodAutoscaler>(
    'autoscaling',
    'v2',
    'horizontalpodautoscalers',
    'HorizontalPodAutoscaler',
  ),
  resourceQuotas: ref<ResourceQuota>('', 'v1', 'resourcequotas', 'ResourceQuota'),
  endpointSlices: ref<EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  /** Stored once, served by both APIs: core v1 and events.k8s.io/v1. */
  events: ref<Event>('events.k8s.io', 'v1', 'events', 'Event'),
  /** The same objects as `events`, in the form that controllers and kubelet write. */
  coreEvents: ref<CoreEvent>('', 'v1', 'events', 'Event'),
} as const;
