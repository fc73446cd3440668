import { qosClass } from '../status.ts';
import type { Kubelet } from '../kubelet.ts';
import type { ContainerRecord } from '../types.ts';
import type { PodWorker } from '../pod-worker.ts';
import { amount } from '../resources.ts';

/** The kernel's choice when a whole node has no memory left (pkg/kubelet/qos/policy.go sets oom_score_adj). */

/** oom_score_adj of a container. */
export function oomScoreAdjustment(worker: PodWorker, name: string, capacity: number): number {
  const { pod } = worker;
  if ((pod.spec.priority ?? 0) >= 2_000_000_000) return -997;
  const qos = pod.status.qosClass ?? qosClass(pod);
  if (qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === name);
  const request = amount(spec?.resources?.requests, 'memory') ?? 0;
  const adjustment = 1000 - Math.trunc((1000 * request) / capacity);
  if (adjustment < 3) return 3;
  return adjustment === 1000 ? 999 : adjustment;
}

/** The container that is killed: that with the highest score. */
export function victim(kubelet: Kubelet, capacity: number): { worker: PodWorker; record: ContainerRecord } | undefined {
  let best: { worker: PodWorker; record: ContainerRecord; score: number } | undefined;
  for (const worker of kubelet.workers.values())
    for (const record of worker.records.values()) {
      if (record.current?.state !== 'running') continue;
      const share = (record.current.usage.memoryBytes / capacity) * 1000;
      const score = share + oomScoreAdjustment(worker, record.name, capacity);
      if (!best || score > best.score) best = { worker, record, score };
    }
  return best;
}
