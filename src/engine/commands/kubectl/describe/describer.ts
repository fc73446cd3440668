import type { RestClient } from '../client/rest.ts';
import { type ApiMetadata, type ApiObject, groupVersion, type RestMapping } from '../client/types.ts';
import type { DescriptionWriter } from './writer.ts';

/** An object on the way out of the server: what the server always sets is there. */
export type Live<T> = Omit<T, 'metadata' | 'spec' | 'status'> & {
  metadata: ApiMetadata & { name: string };
} & (T extends { spec?: infer S } ? { spec: NonNullable<S> } : unknown) &
  (T extends { status?: infer S } ? { status: NonNullable<S> } : unknown);

/** What a describer may ask for. */
export interface DescribeContext {
  readonly client: RestClient;
  /** Unix ms. */
  readonly now: number;
  readonly showEvents: boolean;
  /** Page size for lists; 0 asks for everything at once. */
  readonly chunkSize: number;
}

/** Describes one kind. One file each, listed in `registry.ts`. */
export interface Describer<T = ApiObject> {
  readonly group: string;
  readonly kind: string;
  /** Writes the description, events included where the kind shows them. */
  describe(w: DescriptionWriter, object: Live<T>, context: DescribeContext): Promise<void> | void;
}

/** A describer as the registry holds it: the type of its objects is the kind's business. */
export type AnyDescriber = Describer<never>;

export function describer<T>(describes: Describer<T>): AnyDescriber {
  return describes as unknown as AnyDescriber;
}

function mapping(group: string, version: string, resource: string, kind: string, namespaced = true): RestMapping {
  return { group, version, resource, kind, namespaced };
}

/** Kinds that commands look at besides those on the command line. */
export const wellKnown = {
  pods: mapping('', 'v1', 'pods', 'Pod'),
  events: mapping('', 'v1', 'events', 'Event'),
  services: mapping('', 'v1', 'services', 'Service'),
  nodes: mapping('', 'v1', 'nodes', 'Node', false),
  namespaces: mapping('', 'v1', 'namespaces', 'Namespace', false),
  resourceQuotas: mapping('', 'v1', 'resourcequotas', 'ResourceQuota'),
  limitRanges: mapping('', 'v1', 'limitranges', 'LimitRange'),
  replicationControllers: mapping('', 'v1', 'replicationcontrollers', 'ReplicationController'),
  endpointSlices: mapping('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  replicaSets: mapping('apps', 'v1', 'replicasets', 'ReplicaSet'),
  deployments: mapping('apps', 'v1', 'deployments', 'Deployment'),
  daemonSets: mapping('apps', 'v1', 'daemonsets', 'DaemonSet'),
  statefulSets: mapping('apps', 'v1', 'statefulsets', 'StatefulSet'),
  controllerRevisions: mapping('apps', 'v1', 'controllerrevisions', 'ControllerRevision'),
  jobs: mapping('batch', 'v1', 'jobs', 'Job'),
  leases: mapping('coordination.k8s.io', 'v1', 'leases', 'Lease'),
} as const;

/** All objects of a list, page by page. @throws StatusError */
export async function listAll<T>(
  context: Pick<DescribeContext, 'client' | 'chunkSize'>,
  kind: RestMapping,
  namespace: string,
  options: { labelSelector?: string; fieldSelector?: string } = {},
): Promise<Live<T>[]> {
  const items: Live<T>[] = [];
  let next: string | undefined;
  do {
    const list = await context.client.list(kind, namespace, {
      ...options,
      limit: context.chunkSize || undefined,
      continue: next,
    });
    // Items of a list carry no kind of their own.
    for (const item of list.items) items.push(live<T>({ ...item, apiVersion: groupVersion(kind), kind: kind.kind }));
    next = list.metadata.continue || undefined;
  } while (next);
  return items;
}

export function live<T>(object: ApiObject): Live<T> {
  return { ...object, spec: object['spec'] ?? {}, status: object['status'] ?? {} } as unknown as Live<T>;
}

export function controllerOf(metadata: ApiMetadata): { kind: string; name: string; uid: string } | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller);
}

/** `Kind/name` of the object's controller. */
export function controlledBy(metadata: ApiMetadata): string | undefined {
  const owner = controllerOf(metadata);
  return owner && `${owner.kind}/${owner.name}`;
}
