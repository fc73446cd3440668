import { canonicalJson } from '../../world/index.ts';
import { deepEqual } from '../apiserver/objects.ts';
import { refs, type Endpoints, type Pod, type Service } from '../types.ts';
import { splitKey } from './owners.ts';
import { isPodReady } from './pods.ts';
import type { Controller, ControllerContext } from './runtime.ts';
import {
  hasNamedPorts,
  hostnameFor,
  isHeadless,
  podsOf,
  resolvePorts,
  selectsPods,
  watchMembership,
} from './service-membership.ts';

const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';
const headlessLabel = 'service.kubernetes.io/headless';
const managedByLabel = 'endpoints.kubernetes.io/managed-by';
/** Addresses beyond this are left out. */
const maxAddresses = 1000;

/** The whole object is compared and written at every change, so big ones are looked at less often. */
const costPerAddress = 5;

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];

/** Writes the old Endpoints object of each Service (pkg/controller/endpoint). */
export const endpointsController: Controller = {
  name: 'endpoints-controller',
  component: 'endpoint-controller',
  serviceAccount: 'endpoint-controller',

  start(context) {
    const queue = context.queue({
      workers: 5,
      maxRetries: 15,
      baseDelay: 1000,
      reconcile: (key) => reconcile(context, key),
    });
    watchMembership(context, queue);
    context.watch(refs.endpoints, {
      // Somebody's change is put right.
      delete: ({ metadata }) => queue.add(`${metadata.namespace}/${metadata.name}`),
    });
  },
};

function reconcile(context: ControllerContext, key: string): void {
  const [namespace, name] = splitKey(key);
  const service = context.client.resource(refs.services).get(namespace, name);
  const endpoints = context.client.resource(refs.endpoints);
  const existing = endpoints.get(namespace, name);
  if (!service) {
    if (existing?.metadata.labels?.[managedByLabel]) endpoints.delete(namespace, name);
    return;
  }
  if (!selectsPods(service)) return;

  const all = podsOf(context.client.resource(refs.pods), service, service.spec.publishNotReadyAddresses ?? false);
  context.examined(all.length * costPerAddress);
  const subsets = subsetsOf(service, all.slice(0, maxAddresses));
  const { [headlessLabel]: _, ...own } = service.metadata.labels ?? {};
  const labels = {
    ...own,
    [managedByLabel]: 'endpoint-controller',
    ...(isHeadless(service) ? { [headlessLabel]: '' } : undefined),
  };
  const annotations: Record<string, string> = { ...existing?.metadata.annotations };
  delete annotations[overCapacityAnnotation];
  if (all.length > maxAddresses) annotations[overCapacityAnnotation] = 'truncated';
  const same =
    existing &&
    deepEqual(existing.subsets ?? [], subsets) &&
    deepEqual(existing.metadata.labels, labels) &&
    existing.metadata.annotations?.[overCapacityAnnotation] === annotations[overCapacityAnnotation];
  if (same) return;
  annotations[triggerAnnotation] = context.world.clock.timestamp();
  const content = subsets.length > 0 ? { subsets } : undefined;
  if (existing) {
    const { subsets: _old, ...rest } = existing;
    endpoints.update({ ...rest, metadata: { ...existing.metadata, labels, annotations }, ...content });
  } else {
    const metadata = { name, namespace, labels, annotations };
    endpoints.create({ apiVersion: 'v1', kind: 'Endpoints', metadata, ...content });
  }
}

/** Addresses grouped by the ports they have. */
function subsetsOf(service: Service, pods: readonly Pod[]): Subset[] {
  interface Group {
    ports: Subset['ports'];
    ready: Address[];
    notReady: Address[];
  }
  const groups = new Map<string, Group>();
  let common: Group | undefined;
  for (const pod of pods) {
    let group = hasNamedPorts(service) ? undefined : common;
    if (!group) {
      const resolved = resolvePorts(service, pod);
      if (resolved.length === 0 && (service.spec.ports ?? []).length > 0) continue;
      const ports = resolved.map(({ name, ...port }) => ({ ...(name ? { name } : undefined), ...port }));
      const id = canonicalJson(ports);
      group = groups.get(id) ?? { ports: ports as Subset['ports'], ready: [], notReady: [] };
      groups.set(id, group);
      common = group;
    }
    const ready = service.spec.publishNotReadyAddresses || isPodReady(pod);
    (ready ? group.ready : group.notReady).push(addressOf(service, pod));
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, ready, notReady }]) => ({
      ...(ready.length > 0 ? { addresses: ready.sort(byIP) } : undefined),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady.sort(byIP) } : undefined),
      ...(ports && ports.length > 0 ? { ports } : undefined),
    }));
}

function addressOf(service: Service, pod: Pod): Address {
  const { namespace, name, uid } = pod.metadata;
  const hostname = hostnameFor(service, pod);
  return {
    ip: pod.status.podIP!,
    ...(hostname === undefined ? undefined : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : undefined),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function byIP(a: Address, b: Address): number {
  return a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0;
}
