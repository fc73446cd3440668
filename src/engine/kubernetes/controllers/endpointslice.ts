import { canonicalJson } from '../../world/index.ts';
import { refs, type Draft, type EndpointSlice, type Pod, type Service } from '../types.ts';
import { newControllerReference, splitKey, tolerateGone } from './owners.ts';
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
  type ResolvedPort,
} from './service-membership.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';
const zoneLabel = 'topology.kubernetes.io/zone';
const maxEndpoints = 100;

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

/** Writes each Service's EndpointSlices (pkg/controller/endpointslice, k8s.io/endpointslice). IPv4 only. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  component: 'endpoint-slice-controller',
  serviceAccount: 'endpointslice-controller',

  start(context) {
    const queue = context.queue({
      workers: 5,
      maxRetries: 15,
      baseDelay: 1000,
      reconcile: (key) => reconcile(context, key),
    });
    const slices = context.client.resource(refs.endpointSlices);
    indexByService(slices.informer);
    watchMembership(context, queue);
    const restore = ({ metadata }: EndpointSlice) => {
      const service = metadata.labels?.[serviceNameLabel];
      if (service && metadata.labels?.[managedByLabel] === manager) queue.add(`${metadata.namespace}/${service}`);
    };
    context.watch(refs.endpointSlices, { update: restore, delete: restore });
  },
};

const serviceIndex = 'service';

function serviceKeys({ metadata }: EndpointSlice): readonly string[] {
  const service = metadata.labels?.[serviceNameLabel];
  return service === undefined ? [] : [`${metadata.namespace}/${service}`];
}

function indexByService(informer: { addIndex(name: string, keys: typeof serviceKeys): void }): void {
  informer.addIndex(serviceIndex, serviceKeys);
}

function reconcile(context: ControllerContext, key: string): void {
  const [namespace, name] = splitKey(key);
  const service = context.client.resource(refs.services).get(namespace, name);
  // The slices of a deleted Service go with their owner.
  if (!service || service.metadata.deletionTimestamp !== undefined || !selectsPods(service)) return;
  const slices = context.client.resource(refs.endpointSlices);
  const existing = slices.informer
    .byIndex(serviceIndex, key)
    .filter(({ metadata }) => metadata.labels?.[managedByLabel] === manager && !metadata.deletionTimestamp);
  const pods = podsOf(context.client.resource(refs.pods), service, true);
  context.examined(pods.length);

  const groups = groupByPorts(context, service, pods);
  const plan = new SlicePlan(context, service);
  const unused = new Set(existing);
  for (const { ports, endpoints } of groups) {
    const id = canonicalJson(ports);
    const same = existing.filter((slice) => canonicalJson(slice.ports ?? []) === id);
    for (const slice of same) unused.delete(slice);
    plan.fill(same, ports, endpoints);
  }
  if (groups.length === 0) {
    // A Service without endpoints keeps one empty slice to show that it was looked at.
    const [first] = unused;
    if (first) unused.delete(first);
    plan.placeholder(first);
  }
  for (const slice of unused) {
    tolerateGone(() => slices.delete(namespace, slice.metadata.name));
  }
}

interface PortGroup {
  ports: ResolvedPort[];
  endpoints: Map<string, Endpoint>;
}

function groupByPorts(context: ControllerContext, service: Service, pods: readonly Pod[]): PortGroup[] {
  const groups = new Map<string, PortGroup>();
  let common: PortGroup | undefined;
  for (const pod of pods) {
    let group = hasNamedPorts(service) ? undefined : common;
    if (!group) {
      const ports = resolvePorts(service, pod);
      const id = canonicalJson(ports);
      group = groups.get(id);
      if (!group) groups.set(id, (group = { ports, endpoints: new Map() }));
      common = group;
    }
    group.endpoints.set(pod.metadata.uid, endpointOf(context, service, pod));
  }
  return [...groups.values()];
}

function endpointOf(context: ControllerContext, service: Service, pod: Pod): Endpoint {
  const { namespace, name, uid } = pod.metadata;
  const { nodeName } = pod.spec;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameFor(service, pod);
  const node = nodeName ? context.client.resource(refs.nodes).get(undefined, nodeName) : undefined;
  const zone = node?.metadata.labels?.[zoneLabel];
  return {
    addresses: [pod.status.podIP!],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? undefined : { hostname }),
    ...(nodeName ? { nodeName } : undefined),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone === undefined ? undefined : { zone }),
    ...hintsFor(service, ready, nodeName, zone),
  };
}

/** For whom an endpoint is meant, where the Service prefers near ones (upstream: pkg/controller/util/endpoint trafficdist). */
function hintsFor(
  { spec }: Service,
  ready: boolean,
  nodeName: string | undefined,
  zone: string | undefined,
): { hints?: Endpoint['hints'] } {
  const { trafficDistribution: wish } = spec;
  if (!ready || wish === undefined) return {};
  const forZones = zone === undefined ? undefined : [{ name: zone }];
  const forNodes = wish === 'PreferSameNode' && nodeName ? [{ name: nodeName }] : undefined;
  if (!forZones && !forNodes) return {};
  return { hints: { ...(forNodes ? { forNodes } : undefined), ...(forZones ? { forZones } : undefined) } };
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.addresses[0] === b.addresses[0] &&
    a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    a.hostname === b.hostname &&
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    canonicalJson(a.hints ?? {}) === canonicalJson(b.hints ?? {})
  );
}

/** Brings slices to what they shall hold with as few writes as possible. */
class SlicePlan {
  readonly #context: ControllerContext;
  readonly #service: Service;
  readonly #labels: Record<string, string>;
  readonly #slices;

  constructor(context: ControllerContext, service: Service) {
    this.#context = context;
    this.#service = service;
    this.#slices = context.client.resource(refs.endpointSlices);
    const { [headlessLabel]: _, ...own } = service.metadata.labels ?? {};
    this.#labels = {
      ...own,
      ...(isHeadless(service) ? { [headlessLabel]: '' } : undefined),
      [serviceNameLabel]: service.metadata.name,
      [managedByLabel]: manager,
    };
  }

  /** Endpoints stay in their slice; new ones fill slices that are written anyway, then others with room, then new ones. */
  fill(existing: readonly EndpointSlice[], ports: readonly ResolvedPort[], wanted: Map<string, Endpoint>): void {
    const missing = new Map(wanted);
    const contents = existing.map((slice) => {
      const endpoints: Endpoint[] = [];
      let changed = !this.#hasLabels(slice);
      for (const endpoint of slice.endpoints ?? []) {
        const uid = endpoint.targetRef?.uid ?? '';
        const desired = missing.get(uid);
        missing.delete(uid);
        if (desired && sameEndpoint(endpoint, desired)) {
          endpoints.push(endpoint);
        } else {
          changed = true;
          if (desired) endpoints.push(desired);
        }
      }
      return { slice, endpoints, changed };
    });
    const added = [...missing.values()];
    const byRoom = [...contents].sort(
      (a, b) => Number(b.changed) - Number(a.changed) || b.endpoints.length - a.endpoints.length,
    );
    for (const content of byRoom) {
      const room = maxEndpoints - content.endpoints.length;
      if (added.length === 0 || room <= 0) continue;
      content.endpoints.push(...added.splice(0, room));
      content.changed = true;
    }
    for (const { slice, endpoints, changed } of contents) {
      if (endpoints.length === 0)
        tolerateGone(() => this.#slices.delete(slice.metadata.namespace, slice.metadata.name));
      else if (changed) this.#update(slice, endpoints);
    }
    while (added.length > 0) this.#create(ports, added.splice(0, maxEndpoints));
  }

  placeholder(slice: EndpointSlice | undefined): void {
    if (!slice) this.#create([], []);
    else if ((slice.endpoints ?? []).length > 0 || (slice.ports ?? []).length > 0 || !this.#hasLabels(slice)) {
      this.#update({ ...slice, ports: [] }, []);
    }
  }

  #hasLabels({ metadata }: EndpointSlice): boolean {
    return canonicalJson(metadata.labels ?? {}) === canonicalJson(this.#labels);
  }

  #update(slice: EndpointSlice, endpoints: Endpoint[]): void {
    const annotations = { ...slice.metadata.annotations, ...this.#trigger() };
    const metadata = { ...slice.metadata, labels: this.#labels, annotations };
    tolerateGone(() => this.#slices.update({ ...slice, metadata, endpoints }));
  }

  #create(ports: readonly ResolvedPort[], endpoints: Endpoint[]): void {
    const { namespace, name } = this.#service.metadata;
    this.#slices.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: this.#labels,
        annotations: this.#trigger(),
        ownerReferences: [newControllerReference(this.#service)],
      },
      addressType: 'IPv4',
      endpoints,
      ports: [...ports],
    } as Draft<EndpointSlice>);
  }

  #trigger(): Record<string, string> {
    return { [triggerAnnotation]: this.#context.world.clock.timestamp() };
  }
}
