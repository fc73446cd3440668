import { amount, lastingContainers, podRequest } from '../resources.ts';
import { containerBytes, podBytes } from '../disk.ts';
import type { PodWorker } from '../pod-worker.ts';
import { bytesText, type MetThreshold } from './thresholds.ts';

/** Which Pods have to go first, and what they are told (pkg/kubelet/eviction/helpers.go). */

const systemCritical = 2_000_000_000;

/** Pods without which a node or cluster doesn't work are left alone. */
export function isCritical({ pod }: PodWorker): boolean {
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return true;
  return (pod.spec.priority ?? 0) >= systemCritical;
}

function memoryOf(worker: PodWorker): number {
  let sum = 0;
  for (const { current } of worker.records.values()) if (current?.state === 'running') sum += current.usage.memoryBytes;
  return sum;
}

function processesOf(worker: PodWorker): number {
  let sum = 0;
  for (const { current } of worker.records.values()) if (current?.state === 'running') sum += current.usage.pids;
  return sum;
}

/** Those that use more than they asked for, then those of low priority, then those that are furthest above it. */
export function rank(workers: readonly PodWorker[], resource: MetThreshold['resource']): PodWorker[] {
  const excess = (worker: PodWorker): number => {
    if (resource === 'memory') return memoryOf(worker) - podRequest(worker.pod, 'memory');
    if (resource === 'pids') return processesOf(worker);
    return podBytes(worker) - podRequest(worker.pod, 'ephemeral-storage');
  };
  const byExcess = resource === 'memory' || resource === 'ephemeral-storage';
  return workers
    .map((worker) => ({ worker, excess: excess(worker), priority: worker.pod.spec.priority ?? 0 }))
    .sort((a, b) => {
      if (byExcess && a.excess > 0 !== b.excess > 0) return a.excess > 0 ? -1 : 1;
      if (a.priority !== b.priority) return a.priority - b.priority;
      if (a.excess !== b.excess) return b.excess - a.excess;
      return a.worker.pod.metadata.uid < b.worker.pod.metadata.uid ? -1 : 1;
    })
    .map(({ worker }) => worker);
}

/** Why the Pod was evicted. */
export function evictionMessage(worker: PodWorker, { resource, threshold, available }: MetThreshold): string {
  const text = (n: number) => (resource === 'memory' || resource === 'ephemeral-storage' ? bytesText(n) : String(n));
  let message = `The node was low on resource: ${resource}. Threshold quantity: ${text(threshold)}, available: ${text(available)}. `;
  if (resource !== 'memory' && resource !== 'ephemeral-storage') return message;
  for (const spec of lastingContainers(worker.pod)) {
    const record = worker.records.get(spec.name);
    if (record?.current?.state !== 'running') continue;
    const request = amount(spec.resources?.requests, resource) ?? 0;
    const { rootfs, logs } = containerBytes(record);
    const used = resource === 'memory' ? pages(record.current.usage.memoryBytes) : rootfs + logs;
    if (used <= request) continue;
    const asked = (spec.resources?.requests as Record<string, string> | undefined)?.[resource] ?? '0';
    message += `Container ${spec.name} was using ${bytesText(used)}, request is ${asked}, has larger consumption of ${resource}. `;
  }
  return message;
}

export function pages(bytes: number): number {
  return Math.ceil(bytes / 4096) * 4096;
}
