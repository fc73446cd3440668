import type { RunQueue } from '../world/index.ts';
import { CpuGroup, type CpuPool } from './cpu.ts';
import { MemoryGroup } from './memory.ts';

/** What a machine's processes may use: a container's limits as its runtime sets them. */
export interface UsageLimits {
  /** CPUs, e.g. 0.5. */
  cpus?: number;
  /** cpu.shares: 1024 for each CPU asked for. */
  cpuShares?: number;
  /** Bytes. */
  memory?: number;
}

/** The computer that machines (containers) run on, as far as they share it. */
export interface HostResources {
  readonly cpu: CpuPool;
  readonly memory: MemoryGroup;
}

/** What one machine uses, as one reading. */
export interface UsageReading {
  /** Nanoseconds of CPU time since it started. */
  cpuNanos: number;
  /** Working set. */
  memoryBytes: number;
  throttling: { ms: number; periods: number; throttledPeriods: number };
  net: { rxBytes: number; txBytes: number };
  block: { readBytes: number; writeBytes: number };
}

/** Processor time, memory and traffic of one machine's processes: a control group. */
export class Usage {
  readonly cpu: CpuGroup;
  readonly memory: MemoryGroup;
  readonly net = { rxBytes: 0, txBytes: 0 };
  readonly block = { readBytes: 0, writeBytes: 0 };
  #limits: UsageLimits = {};
  #unwatch: (() => void) | undefined;
  /** Called when processes have used more than the limit. */
  onMemoryExceeded: (() => void) | undefined;

  constructor(queue: RunQueue, host?: HostResources, limits: UsageLimits = {}) {
    this.cpu = new CpuGroup(queue, host?.cpu);
    this.memory = new MemoryGroup(queue, host?.memory);
    this.limits = limits;
  }

  get limits(): UsageLimits {
    return this.#limits;
  }

  /** Limits can change while processes run (resize in place). */
  set limits(limits: UsageLimits) {
    this.#limits = limits;
    this.cpu.quota = limits.cpus ?? Infinity;
    this.cpu.weight = limits.cpuShares ?? 2;
    this.#unwatch?.();
    this.#unwatch = undefined;
    if (limits.memory !== undefined) this.#unwatch = this.memory.watch(limits.memory, () => this.onMemoryExceeded?.());
  }

  read(): UsageReading {
    return {
      cpuNanos: Math.round(this.cpu.usedMs * 1e6),
      memoryBytes: this.memory.bytes,
      throttling: this.cpu.throttling,
      net: { ...this.net },
      block: { ...this.block },
    };
  }

  snapshot(): unknown {
    return [this.cpu.snapshot(), this.memory.snapshot(), this.net, this.block];
  }
}
