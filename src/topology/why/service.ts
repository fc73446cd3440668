import type { PodFields, TopologyObject } from '../objects.ts';
import { namespaceFlag, type Cause, type ObjectSource } from './cause.ts';
import { whyPod } from './pod.ts';

interface ServicePort {
  port: number;
  targetPort?: number | string;
}

interface ContainerPorts {
  ports?: { name?: string; containerPort: number }[];
}

/** Why a Service leads nowhere. */
export function whyService(service: TopologyObject, objects: ObjectSource): Cause[] {
  const { name, namespace = 'default' } = service.metadata;
  const spec = (service.spec ?? {}) as { selector?: Record<string, string>; ports?: ServicePort[]; type?: string };
  const selector = Object.entries(spec.selector ?? {});
  const command = `kubectl get endpointslices -l kubernetes.io/service-name=${name}${namespaceFlag(service)}`;
  if (spec.type === 'ExternalName')
    return [{ code: 'service_external_name', params: { name }, command: `nslookup ${name}` }];
  if (selector.length === 0) return [{ code: 'service_no_selector', params: { name }, command }];
  const pods = objects('/pods').filter((p) => (p.metadata.namespace ?? 'default') === namespace);
  const selected = pods.filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value));
  const wanted = selector.map(([key, value]) => `${key}=${value}`).join(',');
  if (selected.length === 0) {
    const near = nearMiss(selector, pods);
    if (near)
      return [
        {
          code: 'service_label_differs',
          params: { name, selector: wanted, labels: near },
          command: `kubectl get pods --show-labels${namespaceFlag(service)}`,
        },
      ];
    return [
      {
        code: 'service_selects_nothing',
        params: { name, selector: wanted },
        command: `kubectl get pods -l ${wanted}${namespaceFlag(service)}`,
      },
    ];
  }
  const ready = selected.filter((pod) =>
    (pod as unknown as PodFields).status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
  );
  if (ready.length === 0) {
    const first = selected[0]!;
    const key = `${namespace}/${first.metadata.name}`;
    return [
      {
        code: 'service_no_ready_pods',
        params: { name, pods: selected.length },
        command,
        next: { resource: '/pods', key },
      },
      ...whyPod(first, objects),
    ];
  }
  const undeclared = (spec.ports ?? []).find((port) => !declares(ready[0]!, port));
  if (undeclared)
    return [
      {
        code: 'service_port_not_declared',
        params: { name, port: String(undeclared.targetPort ?? undeclared.port) },
        command: `kubectl describe service ${name}${namespaceFlag(service)}`,
      },
    ];
  const address = (service.status?.loadBalancer as { ingress?: unknown[] } | undefined)?.ingress;
  if (spec.type === 'LoadBalancer' && !address?.length)
    return [
      {
        code: 'service_no_address',
        params: { name },
        command: `kubectl describe service ${name}${namespaceFlag(service)}`,
      },
    ];
  return [{ code: 'service_fine', params: { name, ready: ready.length }, command }];
}

/** Labels of a Pod with the same keys but another value: most likely a typing error. */
function nearMiss(selector: readonly [string, string][], pods: readonly TopologyObject[]): string | undefined {
  const pod = pods.find(({ metadata }) => selector.every(([key]) => metadata.labels?.[key] !== undefined));
  return pod && selector.map(([key]) => `${key}=${pod.metadata.labels![key]}`).join(',');
}

/** Whether a container of the Pod names the port. Numbers need not be declared to work, so only a wholly silent Pod passes. */
function declares(pod: TopologyObject, { port, targetPort = port }: ServicePort): boolean {
  const containers = (pod.spec as { containers: ContainerPorts[] }).containers;
  const ports = containers.flatMap((c) => c.ports ?? []);
  if (typeof targetPort === 'number') return ports.length === 0 || ports.some((p) => p.containerPort === targetPort);
  return ports.some((p) => p.name === targetPort);
}
