import { resolution } from '../../../process/index.ts';
import type { Container } from '../../../runtime/index.ts';
import type { Kubelet } from '../../kubelet/kubelet.ts';
import type { PodWorker } from '../../kubelet/pod-worker.ts';
import type { ContainerRecord } from '../../kubelet/types.ts';

/**
 * What metrics-server computes of two scrapes. The scrapes are not simulated: machines keep their counters at the
 * moments at which it would have looked, every `resolution` ms.
 */

export interface Measured {
  /** CPUs, on average over the window. */
  cpus: number;
  memoryBytes: number;
  /** Virtual ms of the later scrape. */
  time: number;
  windowMs: number;
}

/** A container must have run so long (ms) before one scrape is enough for it. */
const freshMinimum = 10_000;

const page = 4096;

/** The last two scrapes of a server that runs since `since`; undefined as long as there were none. */
export function window(since: number, now: number): { from: number; to: number } | undefined {
  const to = Math.floor(now / resolution) * resolution;
  const from = to - resolution;
  return from >= Math.max(0, since) ? { from, to } : undefined;
}

/** Usage of a running container, once it has been seen twice or is old enough for once. */
export function measureContainer(
  container: Container,
  startedAt: number,
  { from, to }: { from: number; to: number },
): Measured | undefined {
  const { cpu, memory } = container.machine.usage;
  const fresh = startedAt > from;
  if (fresh && to - startedAt < freshMinimum) return undefined;
  const start = fresh ? startedAt : from;
  const used = cpu.usedAt(to);
  const before = fresh ? 0 : cpu.usedAt(from);
  const bytes = memory.at(to);
  if (used === undefined || before === undefined || bytes === undefined) return undefined;
  return {
    cpus: Math.max(0, used - before) / (to - start),
    memoryBytes: Math.ceil(bytes / page) * page,
    time: to,
    windowMs: to - start,
  };
}

export function measureNode(kubelet: Kubelet, { from, to }: { from: number; to: number }): Measured | undefined {
  if (!kubelet.running) return undefined;
  const { cpu, memory } = kubelet.resources;
  const bytes = memory.at(to);
  if (bytes === undefined) return undefined;
  return {
    cpus: Math.max(0, cpu.usedAt(to) - cpu.usedAt(from)) / (to - from),
    memoryBytes: Math.ceil(bytes / page) * page,
    time: to,
    windowMs: to - from,
  };
}

/** The containers of a Pod that run, with the virtual time at which each was started. */
export function runningContainers(
  worker: PodWorker,
  epoch: number,
): { record: ContainerRecord; container: Container; startedAt: number }[] {
  return [...worker.records.values()].flatMap((record) => {
    const container = record.current;
    if (container?.state !== 'running' || container.startedAt === undefined) return [];
    return [{ record, container, startedAt: container.startedAt - epoch }];
  });
}
