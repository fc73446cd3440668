import { canonicalJson } from '../../world/index.ts';
import { refs, type Draft, type Endpoints, type EndpointSlice } from '../types.ts';
import { managedByLabel, serviceNameLabel } from './endpointslice.ts';
import { keyOf, newControllerReference, splitKey, tolerateGone } from './owners.ts';
import type { Controller, ControllerContext } from './runtime.ts';

const manager = 'endpointslicemirroring-controller.k8s.io';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';
const notCopied = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);
/** Addresses mirrored of one subset. */
const maxPerSubset = 1000;
const maxPerSlice = 100;

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
type Address = NonNullable<NonNullable<NonNullable<Endpoints['subsets']>[number]['addresses']>[number]>;
interface Content {
  addressType: 'IPv4' | 'IPv6';
  ports: object[];
  endpoints: Endpoint[];
}

/** Mirrors Endpoints that people write for Services without a selector (pkg/controller/endpointslicemirroring). */
export const endpointSliceMirroringController: Controller = {
  name: 'endpointslice-mirroring-controller',
  component: 'endpoint-slice-mirroring-controller',
  serviceAccount: 'endpointslicemirroring-controller',

  start(context) {
    const queue = context.queue({
      workers: 5,
      maxRetries: 15,
      baseDelay: 1000,
      reconcile: (key) => reconcile(context, key),
    });
    const enqueue = (object: Parameters<typeof keyOf>[0]) => queue.add(keyOf(object));
    const restore = ({ metadata }: EndpointSlice) => {
      const service = metadata.labels?.[serviceNameLabel];
      if (service && metadata.labels?.[managedByLabel] === manager) queue.add(`${metadata.namespace}/${service}`);
    };
    context.watch(refs.endpoints, { add: enqueue, update: enqueue, delete: enqueue });
    context.watch(refs.services, { add: enqueue, update: enqueue, delete: enqueue });
    context.watch(refs.endpointSlices, { update: restore, delete: restore });
  },
};

function reconcile(context: ControllerContext, key: string): void {
  const [namespace, name] = splitKey(key);
  const slices = context.client.resource(refs.endpointSlices);
  const existing = slices.list({
    namespace: namespace!,
    labels: (labels) => labels[serviceNameLabel] === name && labels[managedByLabel] === manager,
  });
  const endpoints = context.client.resource(refs.endpoints).get(namespace, name);
  const service = context.client.resource(refs.services).get(namespace, name);
  const selects = Object.keys(service?.spec.selector ?? {}).length > 0;
  const wanted = endpoints && service && !selects && isMirrored(endpoints) ? contentsOf(endpoints) : [];
  const unused = [...existing];
  for (const content of wanted) {
    const shape = canonicalJson([content.addressType, content.ports]);
    const at = unused.findIndex((slice) => canonicalJson([slice.addressType, slice.ports ?? []]) === shape);
    const [slice] = at < 0 ? [] : unused.splice(at, 1);
    write(context, endpoints!, slice, content);
  }
  for (const { metadata } of unused) tolerateGone(() => slices.delete(namespace, metadata.name));
}

function isMirrored({ metadata }: Endpoints): boolean {
  return metadata.labels?.[skipLabel] !== 'true' && metadata.annotations?.[leaderAnnotation] === undefined;
}

/** What the slices shall hold: one for each subset and address family, cut to size. */
function contentsOf({ subsets = [] }: Endpoints): Content[] {
  const contents: Content[] = [];
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const all = [
      ...addresses.map((address) => endpointOf(address, true)),
      ...notReadyAddresses.map((address) => endpointOf(address, false)),
    ].slice(0, maxPerSubset);
    const slicePorts = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? undefined : { appProtocol }),
    }));
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const family = all.filter((endpoint) => endpoint.addresses[0]!.includes(':') === (addressType === 'IPv6'));
      for (let i = 0; i < family.length; i += maxPerSlice)
        contents.push({ addressType, ports: slicePorts, endpoints: family.slice(i, i + maxPerSlice) });
    }
  }
  return contents;
}

function endpointOf({ ip, hostname, nodeName, targetRef }: Address, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : undefined),
    ...(nodeName ? { nodeName } : undefined),
    ...(targetRef ? { targetRef } : undefined),
  };
}

function write(
  context: ControllerContext,
  owner: Endpoints,
  slice: EndpointSlice | undefined,
  { addressType, ports, endpoints }: Content,
): void {
  const { namespace, name, labels, annotations } = owner.metadata;
  const client = context.client.resource(refs.endpointSlices);
  const marks = { ...labels, [serviceNameLabel]: name, [managedByLabel]: manager };
  const notes = Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !notCopied.has(key)));
  if (slice) {
    const { labels: oldLabels = {}, annotations: oldNotes = {} } = slice.metadata;
    const same =
      canonicalJson([oldLabels, oldNotes, slice.endpoints ?? []]) === canonicalJson([marks, notes, endpoints]);
    if (same) return;
    const metadata = { ...slice.metadata, labels: marks, annotations: notes };
    return tolerateGone(() => client.update({ ...slice, metadata, endpoints }));
  }
  client.create({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: marks,
      ...(Object.keys(notes).length > 0 ? { annotations: notes } : undefined),
      ownerReferences: [newControllerReference(owner)],
    },
    addressType,
    endpoints,
    ports,
  } as unknown as Draft<EndpointSlice>);
}
