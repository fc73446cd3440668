import { CpuPool, MemoryGroup, type HostResources, type UsageLimits } from '../../process/index.ts';
import type { RunQueue } from '../../world/index.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from '../apimachinery/quantity.ts';
import type { Pod } from '../types.ts';
import type { ContainerSpec } from './types.ts';

/** What a node's own daemons (systemd, containerd, kubelet) use: CPUs and bytes. */
export const systemUsage = { cpus: 0.058, memory: 410 << 20 } as const;

/** The computer that a node is, with its own daemons running. */
export function nodeResources(queue: RunQueue, capacity: Readonly<Record<string, string>>): HostResources {
  const cpu = new CpuPool(quantityMilliValue(parseQuantity(capacity['cpu'] ?? '1')) / 1000);
  return { cpu, memory: new MemoryGroup(queue) };
}

/** Bytes (or units) of a quantity in a list of resources. */
export function amount(list: unknown, name: string): number | undefined {
  const value = (list as Readonly<Record<string, string>> | undefined)?.[name];
  return value === undefined ? undefined : quantityValue(parseQuantity(value));
}

/** CPUs, e.g. 0.1. */
export function cpus(list: unknown): number | undefined {
  const value = (list as Readonly<Record<string, string>> | undefined)?.['cpu'];
  return value === undefined ? undefined : quantityMilliValue(parseQuantity(value)) / 1000;
}

/** What the runtime is told of a container's resources (kuberuntime's calculateLinuxResources). */
export function containerLimits(spec: ContainerSpec): UsageLimits {
  const { requests, limits } = spec.resources ?? {};
  const limit = cpus(limits);
  const request = cpus(requests) ?? limit ?? 0;
  const memory = amount(limits, 'memory');
  return {
    ...(limit ? { cpus: limit } : undefined),
    cpuShares: Math.max(2, Math.trunc(request * 1024)),
    ...(memory ? { memory } : undefined),
  };
}

export function sameLimits(a: UsageLimits, b: UsageLimits): boolean {
  return a.cpus === b.cpus && a.memory === b.memory && a.cpuShares === b.cpuShares;
}

/** All containers that run for the life of a Pod: the main ones, and sidecars. */
export function lastingContainers(pod: Pod): ContainerSpec[] {
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => (c as ContainerSpec).restartPolicy === 'Always');
  return [...sidecars, ...pod.spec.containers] as ContainerSpec[];
}

/** Sum of what a Pod asks for; bytes, or CPUs for `cpu`. */
export function podRequest(pod: Pod, name: string): number {
  return lastingContainers(pod).reduce((sum, { resources }) => {
    const own = name === 'cpu' ? cpus(resources?.requests) : amount(resources?.requests, name);
    return sum + (own ?? 0);
  }, 0);
}
