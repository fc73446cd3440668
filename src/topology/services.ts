import type { ServiceView } from './model.ts';
import type { PodFields, TopologyObject } from './objects.ts';

/** A Service and the Pods its selector matches (equality only, as Services have it). */
export function servicePods(service: TopologyObject, pods: readonly TopologyObject[]): ServiceView {
  const { namespace = 'default', name, uid } = service.metadata;
  const spec = (service.spec ?? {}) as {
    type?: string;
    selector?: Record<string, string>;
    ports?: { port: number; nodePort?: number; protocol?: string }[];
  };
  const selector = Object.entries(spec.selector ?? {});
  const selected =
    selector.length === 0
      ? []
      : pods.filter(
          ({ metadata }) =>
            (metadata.namespace ?? 'default') === namespace &&
            selector.every(([key, value]) => metadata.labels?.[key] === value),
        );
  const ready = selected.filter((pod) =>
    (pod as unknown as PodFields).status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
  ).length;
  return {
    id: uid,
    namespace,
    name,
    type: spec.type ?? 'ClusterIP',
    ports: (spec.ports ?? [])
      .map((p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`)
      .join(', '),
    hasSelector: selector.length > 0,
    selects: selected.map(({ metadata }) => metadata.uid),
    ready,
  };
}
