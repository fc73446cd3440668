import type { PodFields, TopologyObject } from './objects.ts';

/** How a Service is reached, which is told apart by form and text. */
export type ServiceForm = 'cluster-ip' | 'headless' | 'node-port' | 'load-balancer' | 'external-name';

export interface ServiceView {
  id: string;
  namespace: string;
  name: string;
  form: ServiceForm;
  /** As `kubectl get` shows them: `80:30080/TCP`. */
  ports: string;
  nodePorts: number[];
  /** Addresses outside the cluster: of its load balancer, or its external IPs. */
  addresses: string[];
  /** A load balancer was asked for, and there is no address yet. */
  pending: boolean;
  externalName?: string;
  /** Without one, somebody else supplies its endpoints. */
  hasSelector: boolean;
  /** Ids of the Pods that the selector matches. */
  selects: string[];
  /** How many of them are ready to be sent traffic. */
  ready: number;
}

interface ServiceFields {
  spec?: {
    type?: string;
    clusterIP?: string;
    externalName?: string;
    externalIPs?: string[];
    selector?: Record<string, string>;
    ports?: { port: number; nodePort?: number; protocol?: string }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

/** Pods by namespace and one of their labels: a Service looks only at those that have its first one. */
export class PodIndex {
  readonly #byLabel = new Map<string, TopologyObject[]>();

  constructor(pods: readonly TopologyObject[]) {
    for (const pod of pods)
      for (const [key, value] of Object.entries(pod.metadata.labels ?? {})) {
        const place = `${pod.metadata.namespace ?? 'default'} ${key}=${value}`;
        const others = this.#byLabel.get(place);
        if (others) others.push(pod);
        else this.#byLabel.set(place, [pod]);
      }
  }

  /** Those that have all of the labels (equality only, as Services have it); none if there are no labels. */
  select(namespace: string, labels: Readonly<Record<string, string>>): readonly TopologyObject[] {
    const [first, ...rest] = Object.entries(labels);
    if (!first) return [];
    const some = this.#byLabel.get(`${namespace} ${first[0]}=${first[1]}`) ?? [];
    if (rest.length === 0) return some;
    return some.filter(({ metadata }) => rest.every(([key, value]) => metadata.labels?.[key] === value));
  }
}

/** A Service and the Pods its selector matches. */
export function serviceView(service: TopologyObject, pods: PodIndex): ServiceView {
  const { namespace = 'default', name, uid } = service.metadata;
  const { spec = {}, status } = service as ServiceFields;
  const { type = 'ClusterIP', selector = {}, ports = [] } = spec;
  const selected = type === 'ExternalName' ? [] : pods.select(namespace, selector);
  const balancer = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
  return {
    id: uid,
    namespace,
    name,
    form: formOf(type, spec.clusterIP),
    ports: ports.map((p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`).join(', '),
    nodePorts: ports.flatMap(({ nodePort }) => nodePort ?? []),
    addresses: [...new Set([...balancer, ...(spec.externalIPs ?? [])])],
    pending: type === 'LoadBalancer' && balancer.length === 0,
    ...(type === 'ExternalName' ? { externalName: spec.externalName ?? '' } : {}),
    hasSelector: type !== 'ExternalName' && Object.keys(selector).length > 0,
    selects: selected.map(({ metadata }) => metadata.uid),
    ready: selected.filter((pod) =>
      (pod as unknown as PodFields).status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
    ).length,
  };
}

function formOf(type: string, clusterIP: string | undefined): ServiceForm {
  if (type === 'NodePort') return 'node-port';
  if (type === 'LoadBalancer') return 'load-balancer';
  if (type === 'ExternalName') return 'external-name';
  return clusterIP === 'None' ? 'headless' : 'cluster-ip';
}
