import type { Timer } from '../../../world/index.ts';
import { parseQuantity, quantityValue } from '../../apimachinery/quantity.ts';
import type { CoreEventRecorder } from '../../events.ts';
import type { Pod } from '../../types.ts';
import { nodeFs } from '../disk.ts';
import type { Kubelet } from '../kubelet.ts';
import type { PodWorker } from '../pod-worker.ts';
import { qosClass } from '../status.ts';
import { collectImages } from './image-garbage.ts';
import { victim } from './out-of-memory.ts';
import { evictionMessage, isCritical, pages, rank } from './ranking.ts';
import { storageExcess } from './storage-limits.ts';
import {
  thresholdAmount,
  thresholdsMet,
  type EvictionConfiguration,
  type MetThreshold,
  type Observation,
  type PressureCondition,
  type Signal,
} from './thresholds.ts';

/** Ms between two looks at a node that has something to look at; between two collections of images. */
const monitoringInterval = 10_000;
const imageGcPeriod = 300_000;
/** Ms that a Pod which is evicted gets to end. */
const immediateGrace = 1000;
const maxProcesses = 4_194_304;

/**
 * Keeps a node usable when it runs short of memory or disk (pkg/kubelet/eviction). It looks only when something may
 * have changed for the worse: memory has reached a threshold, files were written, images pulled.
 */
export class EvictionManager {
  readonly #kubelet: Kubelet;
  readonly #events: CoreEventRecorder;
  readonly #config: EvictionConfiguration;
  readonly #capacity: number;
  /** By condition, when its threshold was last met (virtual ms). */
  readonly #observed = new Map<PressureCondition, number>();
  readonly #reclaiming = new Set<Signal>();
  #shown = '';
  #timer: Timer | undefined;
  #imageTimer: Timer | undefined;
  #unwatch: (() => void)[] = [];

  constructor(kubelet: Kubelet, events: CoreEventRecorder, config: EvictionConfiguration) {
    this.#kubelet = kubelet;
    this.#events = events;
    this.#config = config;
    this.#capacity = quantityValue(parseQuantity(kubelet.capacity['memory'] ?? '0'));
  }

  start(): void {
    const { memory } = this.#kubelet.resources;
    const limit = this.#config.evictionHard['memory.available'];
    if (limit !== undefined) {
      const level = this.#capacity - thresholdAmount(limit, this.#capacity);
      this.#unwatch.push(memory.watch(level, () => this.look()));
    }
    this.#unwatch.push(memory.watch(this.#capacity, () => this.#outOfMemory()));
  }

  stop(): void {
    for (const undo of this.#unwatch.splice(0)) undo();
    this.#timer?.cancel();
    this.#imageTimer?.cancel();
    this.#timer = this.#imageTimer = undefined;
    this.#observed.clear();
    this.#reclaiming.clear();
    this.#shown = '';
  }

  /** Something may be short: looks with the next round. */
  readonly look = (): void => {
    if (this.#timer || !this.#kubelet.running) return;
    const { queue } = this.#kubelet.world;
    const since = queue.now - this.#kubelet.startedAt;
    const due = this.#kubelet.startedAt + (Math.floor(since / monitoringInterval) + 1) * monitoringInterval;
    this.#timer = queue.at(due, () => {
      this.#timer = undefined;
      this.#synchronize();
    });
  };

  /** There are more images: the next collection may have something to do. */
  imagesChanged(): void {
    this.look();
    if (this.#imageTimer || !this.#kubelet.running) return;
    const { queue } = this.#kubelet.world;
    const since = queue.now - this.#kubelet.startedAt;
    const due = this.#kubelet.startedAt + (Math.floor(since / imageGcPeriod) + 1) * imageGcPeriod;
    this.#imageTimer = queue.at(due, () => {
      this.#imageTimer = undefined;
      this.#collectImages();
    });
  }

  /** Whether the condition is true now. */
  under(condition: PressureCondition): boolean {
    const observed = this.#observed.get(condition);
    return observed !== undefined && this.#kubelet.world.queue.now - observed < this.#config.pressureTransitionPeriod;
  }

  get #conditions(): PressureCondition[] {
    return (['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const).filter((c) => this.under(c));
  }

  /** Why the node takes no such Pod now. */
  refuse(pod: Pod): { reason: string; message: string } | undefined {
    const conditions = this.#conditions;
    if (conditions.length === 0 || (pod.spec.priority ?? 0) >= 2_000_000_000) return undefined;
    if (conditions.length === 1 && conditions[0] === 'MemoryPressure') {
      const tolerates = pod.spec.tolerations?.some(
        (t) => (t.operator === 'Exists' && !t.key) || t.key === 'node.kubernetes.io/memory-pressure',
      );
      if (tolerates || (pod.status.qosClass ?? qosClass(pod)) !== 'BestEffort') return undefined;
    }
    return { reason: 'Evicted', message: `The node had condition: [${conditions.join(' ')}]. ` };
  }

  #observe(): Partial<Record<Signal, Observation>> {
    const fs = nodeFs(this.#kubelet);
    const disk = { available: fs.availableBytes, capacity: fs.capacityBytes };
    let processes = 0;
    for (const worker of this.#kubelet.workers.values())
      for (const { current } of worker.records.values())
        if (current?.state === 'running') processes += current.machine.processes.own;
    return {
      'memory.available': {
        available: Math.max(0, this.#capacity - pages(this.#kubelet.resources.memory.bytes)),
        capacity: this.#capacity,
      },
      'nodefs.available': disk,
      'imagefs.available': disk,
      'nodefs.inodesFree': { available: fs.inodesFree, capacity: fs.inodes },
      'pid.available': { available: maxProcesses - processes, capacity: maxProcesses },
    };
  }

  #synchronize(): void {
    if (!this.#kubelet.running) return;
    this.#enforceStorageLimits();
    let met = thresholdsMet(this.#config, this.#observe(), this.#reclaiming);
    const { now } = this.#kubelet.world.queue;
    for (const { condition } of met) this.#observed.set(condition, now);
    this.#show();
    if (met.length > 0) {
      const [first] = met as [MetThreshold];
      for (const { signal } of met) this.#reclaiming.add(signal);
      this.#tell('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${first.resource}`);
      if (first.condition === 'DiskPressure') {
        collectImages(this.#kubelet, Infinity, 0);
        met = thresholdsMet(this.#config, this.#observe(), this.#reclaiming);
      }
      if (met.length > 0) this.#evictOne(met[0]!);
      this.look();
      return;
    }
    this.#reclaiming.clear();
    if (this.#conditions.length > 0) this.look();
  }

  #evictOne(threshold: MetThreshold): void {
    const active = [...this.#kubelet.workers.values()].filter((worker) => worker.active);
    for (const worker of rank(active, threshold.resource)) {
      if (isCritical(worker)) continue;
      return this.#evict(worker, evictionMessage(worker, threshold), true);
    }
  }

  #evict(worker: PodWorker, message: string, disruption: boolean): void {
    worker.event('Warning', 'Evicted', message);
    worker.evict(message, immediateGrace, disruption);
  }

  #enforceStorageLimits(): void {
    for (const worker of [...this.#kubelet.workers.values()]) {
      if (!worker.active) continue;
      const message = storageExcess(worker);
      if (message !== undefined) this.#evict(worker, message, false);
    }
  }

  /** Conditions that have changed are reported at once. */
  #show(): void {
    const conditions = this.#conditions;
    const shown = conditions.join(',');
    if (shown === this.#shown) return;
    const before = this.#shown.split(',');
    this.#shown = shown;
    this.#kubelet.status.pressure = new Set(conditions);
    const names = {
      MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
      DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
      PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
    } as const;
    for (const condition of ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const) {
      const is = conditions.includes(condition);
      if (is === before.includes(condition)) continue;
      const reason = names[condition][is ? 0 : 1];
      this.#tell('Normal', reason, `Node ${this.#kubelet.name} status is now: ${reason}`);
    }
    this.#kubelet.status.report();
  }

  #outOfMemory(): void {
    const found = victim(this.#kubelet, this.#capacity);
    if (!found) return;
    const { machine } = found.record.current!;
    const largest = machine.processes.list().reduce((a, b) => (b.memoryBytes > a.memoryBytes ? b : a));
    const name = (largest.argv[0] ?? '').replace(/^.*\//, '').slice(0, 15);
    this.#tell('Warning', 'SystemOOM', `System OOM encountered, victim process: ${name}, pid: ${hostPid(largest.pid)}`);
    found.record.current!.oomKill();
  }

  #collectImages(): void {
    if (!this.#kubelet.running) return;
    const fs = nodeFs(this.#kubelet);
    const percent = 100 - Math.trunc((fs.availableBytes * 100) / fs.capacityBytes);
    const { imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low, imageMinimumGCAge } = this.#config;
    if (percent < high) return;
    const wanted = Math.trunc((fs.capacityBytes * (100 - low)) / 100) - fs.availableBytes;
    const freed = collectImages(this.#kubelet, wanted, imageMinimumGCAge);
    if (freed.images > 0) this.#kubelet.status.changed();
    if (freed.bytes < wanted) {
      const text = `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed.bytes} bytes eligible to free.`;
      this.#tell('Warning', 'FreeDiskSpaceFailed', text);
      this.#tell('Warning', 'ImageGCFailed', text);
      this.imagesChanged();
    }
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { name } = this.#kubelet;
    this.#events.record({ kind: 'Node', name, uid: name }, type, reason, message);
  }

  snapshot(): unknown {
    return [[...this.#observed], [...this.#reclaiming]];
  }
}

/** A container's process as the node's kernel numbers it: processes of the node come first. */
function hostPid(pid: number): number {
  return 20_000 + pid;
}
