import { formatQuantity, parseQuantity, quantityFromMilli, quantityValue } from '../../apimachinery/quantity.ts';

/** When a node is short of something (pkg/kubelet/eviction). */

export type Signal =
  'memory.available' | 'nodefs.available' | 'nodefs.inodesFree' | 'imagefs.available' | 'pid.available';
export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** What the kubelet's configuration says of it. */
export interface EvictionConfiguration {
  /** By signal a quantity, or a percentage of what there is. */
  evictionHard: Readonly<Partial<Record<Signal, string>>>;
  /** How much more is freed once a threshold is met. */
  evictionMinimumReclaim: Readonly<Partial<Record<Signal, string>>>;
  /** Ms for which a condition stays after its threshold was last met. */
  pressureTransitionPeriod: number;
  /** Percent of the disk at which images are collected, and down to which. */
  imageGCHighThresholdPercent: number;
  imageGCLowThresholdPercent: number;
  /** Ms for which an unused image is kept at least. */
  imageMinimumGCAge: number;
}

/** Upstream's defaults. */
export const defaultEviction: EvictionConfiguration = {
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '10%',
    'nodefs.inodesFree': '5%',
    'imagefs.available': '15%',
  },
  evictionMinimumReclaim: {},
  pressureTransitionPeriod: 300_000,
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: 120_000,
};

export interface Observation {
  available: number;
  capacity: number;
}

export interface MetThreshold {
  signal: Signal;
  condition: PressureCondition;
  /** What Pods are made to give back. */
  resource: 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';
  /** In bytes (or inodes, processes). */
  threshold: number;
  available: number;
}

const bySignal: Readonly<Record<Signal, Pick<MetThreshold, 'condition' | 'resource'>>> = {
  'memory.available': { condition: 'MemoryPressure', resource: 'memory' },
  'imagefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'nodefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'nodefs.inodesFree': { condition: 'DiskPressure', resource: 'inodes' },
  'pid.available': { condition: 'PIDPressure', resource: 'pids' },
};

/** A threshold's amount. */
export function thresholdAmount(text: string, capacity: number): number {
  if (text.endsWith('%')) return Math.trunc((capacity * Number(text.slice(0, -1))) / 100);
  return quantityValue(parseQuantity(text));
}

/** The thresholds that are met, memory first. @param reclaiming what must be freed on top, once one was met */
export function thresholdsMet(
  { evictionHard, evictionMinimumReclaim }: EvictionConfiguration,
  observations: Readonly<Partial<Record<Signal, Observation>>>,
  reclaiming: ReadonlySet<Signal> = new Set(),
): MetThreshold[] {
  const met: MetThreshold[] = [];
  for (const signal of Object.keys(bySignal) as Signal[]) {
    const limit = evictionHard[signal];
    const observed = observations[signal];
    if (limit === undefined || !observed) continue;
    const threshold = thresholdAmount(limit, observed.capacity);
    const more = reclaiming.has(signal) ? thresholdAmount(evictionMinimumReclaim[signal] ?? '0', observed.capacity) : 0;
    if (observed.available >= threshold + more) continue;
    met.push({ signal, ...bySignal[signal], threshold, available: observed.available });
  }
  return met;
}

/** Bytes as the messages write them: `100Mi`, `4096`. */
export function bytesText(bytes: number): string {
  return formatQuantity(quantityFromMilli(Math.round(bytes) * 1000, 'BinarySI'));
}
