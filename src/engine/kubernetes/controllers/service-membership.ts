import { labelsMatcher } from '../apimachinery/label-matcher.ts';
import type { ResourceClient } from '../client.ts';
import { refs, type Pod, type Service } from '../types.ts';
import { keyOf } from './owners.ts';
import { isPodReady, isPodTerminal } from './pods.ts';
import type { ControllerContext } from './runtime.ts';
import type { WorkQueue } from './workqueue.ts';

/** A port of a Service as it is on one Pod. */
export interface ResolvedPort {
  name: string;
  port: number;
  protocol: string;
  appProtocol?: string;
}

/** Services that endpoints are made for: with a selector, and not only a name for something outside. */
export function selectsPods(service: Service): boolean {
  return service.spec.type !== 'ExternalName' && Object.keys(service.spec.selector ?? {}).length > 0;
}

export function isHeadless(service: Service): boolean {
  return (
    service.spec.clusterIP === 'None' || (service.spec.clusterIP === undefined && service.spec.clusterIPs === undefined)
  );
}

/** Pods of a Service that have an address and aren't finished. */
export function podsOf(pods: ResourceClient<Pod>, service: Service, includeTerminating: boolean): Pod[] {
  const matches = labelsMatcher(service.spec.selector ?? {});
  return pods.list({ namespace: service.metadata.namespace, labels: matches }).filter((pod) => {
    if (!pod.status.podIP || isPodTerminal(pod)) return false;
    return includeTerminating || pod.metadata.deletionTimestamp === undefined;
  });
}

/** The Service's ports with names of container ports looked up; undefined where the Pod has no such port. */
export function resolvePorts(service: Service, pod: Pod): ResolvedPort[] {
  const resolved: ResolvedPort[] = [];
  for (const { name = '', port, targetPort, protocol = 'TCP', appProtocol } of service.spec.ports ?? []) {
    const number = typeof targetPort === 'string' ? namedPort(pod, targetPort, protocol) : targetPort || port;
    if (number !== undefined) {
      resolved.push({ name, port: number, protocol, ...(appProtocol === undefined ? undefined : { appProtocol }) });
    }
  }
  return resolved;
}

/** Whether the ports must be looked up on each Pod. */
export function hasNamedPorts({ spec }: Service): boolean {
  return (spec.ports ?? []).some(({ targetPort }) => typeof targetPort === 'string');
}

function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const port = container.ports?.find((p) => p.name === name && (p.protocol ?? 'TCP') === protocol);
    if (port) return port.containerPort;
  }
  return undefined;
}

/** Its DNS name, for Pods that a headless Service gives one. */
export function hostnameFor(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

/** Adds Services to the queue when they or their Pods change. */
export function watchMembership(context: ControllerContext, queue: WorkQueue): void {
  const services = context.client.resource(refs.services);
  const enqueue = (service: Service) => queue.add(keyOf(service));
  const enqueueServicesOf = (pod: Pod) => {
    for (const service of services.list({ namespace: pod.metadata.namespace })) {
      if (selectsPods(service) && labelsMatcher(service.spec.selector ?? {})(pod.metadata.labels)) enqueue(service);
    }
  };
  context.watch(refs.services, { add: enqueue, update: enqueue, delete: enqueue });
  context.watch(refs.pods, {
    add: (pod) => {
      if (pod.status.podIP) enqueueServicesOf(pod);
    },
    update: (pod, previous) => {
      if (pod.metadata.labels !== previous.metadata.labels) {
        enqueueServicesOf(previous);
        enqueueServicesOf(pod);
      } else if (endpointChanged(pod, previous)) {
        enqueueServicesOf(pod);
      }
    },
    delete: enqueueServicesOf,
  });
}

function endpointChanged(pod: Pod, previous: Pod): boolean {
  return (
    pod.status.podIP !== previous.status.podIP ||
    pod.status.phase !== previous.status.phase ||
    pod.spec.nodeName !== previous.spec.nodeName ||
    pod.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    isPodReady(pod) !== isPodReady(previous)
  );
}
