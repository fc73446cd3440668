import { directorySize, rfc3339 } from '../../../world/index.ts';
import { resolution } from '../../../process/index.ts';
import type { Usage } from '../../../process/index.ts';
import { parseQuantity, quantityValue } from '../../apimachinery/quantity.ts';
import { containerBytes, imageFsBytes, nodeFs, podBytes, type FsUsage } from '../disk.ts';
import type { Kubelet } from '../kubelet.ts';
import type { PodWorker } from '../pod-worker.ts';
import { systemUsage } from '../resources.ts';
import type { ContainerRecord } from '../types.ts';

/** `/stats/summary` (k8s.io/kubelet/pkg/apis/stats/v1alpha1): all that is worth knowing of what runs on a node. */

type Fields = Record<string, unknown>;

/** Processes that a kernel can have. */
const maxPids = 4_194_304;
/** Processes of the node itself. */
const systemProcesses = 118;

class SummaryBuilder {
  readonly #kubelet: Kubelet;
  readonly #now: number;
  readonly #time: string;
  readonly #fs: FsUsage;

  constructor(kubelet: Kubelet) {
    this.#kubelet = kubelet;
    this.#now = kubelet.world.queue.now;
    this.#time = rfc3339(kubelet.world.clock.now());
    this.#fs = nodeFs(kubelet);
  }

  build(): Fields {
    const pods = [...this.#kubelet.workers.values()].filter((worker) => worker.podIP !== undefined);
    return { node: this.#node(pods), pods: pods.map((worker) => this.#pod(worker)) };
  }

  #node(pods: readonly PodWorker[]): Fields {
    const { resources, name, capacity, startedAt } = this.#kubelet;
    const total = quantityValue(parseQuantity(capacity['memory'] ?? '0'));
    const { cpu, memory } = resources;
    const at = (time: number) => cpu.usedAt(time);
    const processes = pods.reduce((sum, worker) => sum + processesOf(worker), systemProcesses);
    const imageFs = this.#fsStats(imageFsBytes(this.#kubelet));
    return {
      nodeName: name,
      systemContainers: [
        {
          name: 'kubelet',
          startTime: rfc3339(this.#kubelet.world.clock.epoch + startedAt),
          cpu: this.#cpu((systemUsage.cpus / 2) * 1e9, (systemUsage.cpus / 2) * this.#now * 1e6),
          memory: this.#memory(systemUsage.memory / 5),
        },
      ],
      startTime: rfc3339(this.#kubelet.world.clock.epoch + startedAt),
      cpu: this.#cpu(this.#rate(at), at(this.#now) * 1e6),
      memory: { ...this.#memory(memory.bytes), availableBytes: Math.max(0, total - memory.bytes) },
      network: { time: this.#time, name: 'eth0', ...traffic(pods), interfaces: [{ name: 'eth0', ...traffic(pods) }] },
      fs: this.#fsStats(this.#fs.usedBytes),
      runtime: { imageFs, containerFs: imageFs },
      rlimit: { time: this.#time, maxpid: maxPids, curproc: processes },
      swap: { time: this.#time, swapAvailableBytes: 0, swapUsageBytes: 0 },
    };
  }

  #pod(worker: PodWorker): Fields {
    const { metadata, status } = worker.pod;
    const records = [...worker.records.values()].filter((r) => r.current?.state === 'running');
    const usages = records.map((r) => r.current!.machine.usage);
    const sum = (value: (usage: Usage) => number) => usages.reduce((total, usage) => total + value(usage), 0);
    const at = (time: number) => sum((usage) => usage.cpu.usedAt(time) ?? 0);
    return {
      podRef: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
      startTime: String(status.startTime ?? this.#time),
      containers: records.map((record) => this.#container(record)),
      cpu: this.#cpu(this.#rate(at), at(this.#now) * 1e6),
      memory: this.#memory(sum((usage) => usage.memory.bytes)),
      network: {
        time: this.#time,
        name: 'eth0',
        ...traffic([worker]),
        interfaces: [{ name: 'eth0', ...traffic([worker]) }],
      },
      volume: worker.volumes
        .emptyDirs(worker.pod)
        .map(({ name, fs }) => ({ ...this.#fsStats(directorySize(fs.root)), name })),
      'ephemeral-storage': this.#fsStats(podBytes(worker)),
      process_stats: { process_count: processesOf(worker) },
      swap: { time: this.#time, swapAvailableBytes: 0, swapUsageBytes: 0 },
    };
  }

  #container(record: ContainerRecord): Fields {
    const container = record.current!;
    const { cpu, memory, limits } = container.machine.usage;
    const { rootfs, logs } = containerBytes(record);
    const at = (time: number) => cpu.usedAt(time) ?? 0;
    const own = this.#memory(memory.bytes);
    return {
      name: record.name,
      startTime: rfc3339(container.startedAt ?? 0),
      cpu: this.#cpu(this.#rate(at), at(this.#now) * 1e6),
      memory: limits.memory === undefined ? own : { ...own, availableBytes: Math.max(0, limits.memory - memory.bytes) },
      rootfs: this.#fsStats(rootfs),
      logs: this.#fsStats(logs),
      swap: { time: this.#time, swapAvailableBytes: 0, swapUsageBytes: 0 },
    };
  }

  /** Nanocores over the last full quarter of a minute, or over what there is of it. */
  #rate(at: (time: number) => number): number {
    const from = Math.max(
      0,
      Math.floor(this.#now / resolution) * resolution - (this.#now % resolution === 0 ? resolution : 0),
    );
    return this.#now > from ? Math.max(0, ((at(this.#now) - at(from)) / (this.#now - from)) * 1e9) : 0;
  }

  #cpu(usageNanoCores: number, usageCoreNanoSeconds: number): Fields {
    return {
      time: this.#time,
      usageNanoCores: Math.round(usageNanoCores),
      usageCoreNanoSeconds: Math.round(usageCoreNanoSeconds),
    };
  }

  #memory(bytes: number): Fields {
    const used = Math.round(bytes);
    return {
      time: this.#time,
      usageBytes: used,
      workingSetBytes: used,
      rssBytes: Math.round(used * 0.9),
      pageFaults: Math.round(used / 4096),
      majorPageFaults: 0,
    };
  }

  #fsStats(usedBytes: number): Fields {
    const { availableBytes, capacityBytes, inodes, inodesFree } = this.#fs;
    return { time: this.#time, availableBytes, capacityBytes, usedBytes, inodesFree, inodes };
  }
}

function processesOf(worker: PodWorker): number {
  let sum = 0;
  for (const { current } of worker.records.values()) if (current?.state === 'running') sum += current.usage.pids;
  return sum;
}

function traffic(workers: readonly PodWorker[]): Fields {
  let rxBytes = 0;
  let txBytes = 0;
  for (const worker of workers)
    for (const { current } of worker.records.values()) {
      rxBytes += current?.machine.usage.net.rxBytes ?? 0;
      txBytes += current?.machine.usage.net.txBytes ?? 0;
    }
  return { rxBytes, rxErrors: 0, txBytes, txErrors: 0 };
}

/** The body of `/stats/summary`. */
export function statsSummary(kubelet: Kubelet): string {
  return JSON.stringify(new SummaryBuilder(kubelet).build(), undefined, 1);
}
