import type { KubeObject } from '../state/objects.svelte.ts';

export interface Fact {
  /** The API's own name for it. */
  name: string;
  value: string;
}

type Fields = Record<string, unknown>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const pairs = (value: unknown): string =>
  Object.entries(fields(value))
    .map(([name, text]) => `${name}=${String(text)}`)
    .join(',');
const images = (podSpec: unknown): string =>
  list(fields(podSpec).containers)
    .map(({ image }) => String(image))
    .join(', ');

const readers: Record<string, (spec: Fields, status: Fields, object: KubeObject) => Record<string, unknown>> = {
  '/pods': (spec, status) => ({
    node: spec.nodeName,
    podIP: status.podIP,
    image: images(spec),
    restartPolicy: spec.restartPolicy,
    message: status.message,
  }),
  '/nodes': (spec, status) => ({
    address: list(status.addresses).find(({ type }) => type === 'InternalIP')?.address,
    cpu: fields(status.allocatable).cpu,
    memory: fields(status.allocatable).memory,
    pods: fields(status.allocatable).pods,
    taints: list(spec.taints)
      .map(({ key, value, effect }) => `${String(key)}${value ? `=${String(value)}` : ''}:${String(effect)}`)
      .join(', '),
  }),
  '/services': (spec) => ({
    clusterIP: spec.clusterIP,
    ports: list(spec.ports)
      .map(
        ({ port, targetPort, nodePort, protocol }) =>
          `${String(port)}${nodePort ? `:${String(nodePort)}` : ''}/${String(protocol ?? 'TCP')} → ${String(targetPort)}`,
      )
      .join(', '),
    selector: pairs(spec.selector),
  }),
  'apps/deployments': (spec, status) => ({
    replicas: `${String(spec.replicas)} (updated ${String(status.updatedReplicas ?? 0)}, ready ${String(status.readyReplicas ?? 0)}, available ${String(status.availableReplicas ?? 0)})`,
    image: images(fields(spec.template).spec),
    selector: pairs(fields(spec.selector).matchLabels),
    strategy: fields(spec.strategy).type,
  }),
  'apps/replicasets': (spec, status, object) => ({
    replicas: `${String(spec.replicas)} (ready ${String(status.readyReplicas ?? 0)})`,
    image: images(fields(spec.template).spec),
    revision: object.metadata.annotations?.['deployment.kubernetes.io/revision'],
  }),
  'discovery.k8s.io/endpointslices': (_spec, _status, object) => ({
    endpoints: list(object.endpoints)
      .map(
        ({ addresses, conditions }) =>
          `${String(addresses)}${fields(conditions).ready === false ? ' (not ready)' : ''}`,
      )
      .join(', '),
    ports: list(object.ports)
      .map(({ port, protocol }) => `${String(port)}/${String(protocol)}`)
      .join(', '),
  }),
  '/configmaps': (_spec, _status, object) => ({ keys: Object.keys(fields(object.data)).join(', ') }),
  '/secrets': (_spec, _status, object) => ({ type: object.type, keys: Object.keys(fields(object.data)).join(', ') }),
};

/** What one looks for first in an object of this resource. */
export function factsOf(resource: string, object: KubeObject): Fact[] {
  const found = readers[resource]?.(fields(object.spec), fields(object.status), object) ?? {};
  return Object.entries(found).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value: String(value) }],
  );
}
