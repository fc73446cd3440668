import { directorySize } from '../../world/index.ts';
import { parseQuantity, quantityValue } from '../apimachinery/quantity.ts';
import type { Kubelet } from './kubelet.ts';
import type { PodWorker } from './pod-worker.ts';
import type { ContainerRecord } from './types.ts';

/** What is on a node's disk. Everything is added up when somebody asks: trees know their sizes. */

/** What the operating system takes, and how much larger images are unpacked than they were sent. */
const systemShare = 0.12;
const unpacked = 2.6;
const inodesPerGib = 65_536;

export interface FsUsage {
  capacityBytes: number;
  usedBytes: number;
  availableBytes: number;
  inodes: number;
  inodesFree: number;
}

export function imageBytes(size: number): number {
  return Math.round(size * unpacked);
}

/** Bytes that a container has written: into its own layer, and as log. */
export function containerBytes({ current }: ContainerRecord): { rootfs: number; logs: number } {
  return { rootfs: current?.layerBytes ?? 0, logs: current?.log.bytes ?? 0 };
}

/** Bytes of a Pod on the node's disk (ephemeral storage): layers, logs, and volumes that go with it. */
export function podBytes(worker: PodWorker): number {
  let sum = 0;
  for (const record of worker.records.values()) {
    const { rootfs, logs } = containerBytes(record);
    sum += rootfs + logs;
  }
  for (const { fs, memory } of worker.volumes.emptyDirs(worker.pod)) if (!memory) sum += directorySize(fs.root);
  return sum;
}

export function nodeFs(kubelet: Kubelet): FsUsage {
  const capacityBytes = quantityValue(parseQuantity(kubelet.capacity['ephemeral-storage'] ?? '0'));
  let used = capacityBytes * systemShare + directorySize(kubelet.hostFs.root);
  for (const { image } of kubelet.images.list()) used += imageBytes(image.size);
  for (const worker of kubelet.workers.values()) used += podBytes(worker);
  const usedBytes = Math.min(capacityBytes, Math.round(used));
  const inodes = Math.round((capacityBytes / 2 ** 30) * inodesPerGib);
  return {
    capacityBytes,
    usedBytes,
    availableBytes: capacityBytes - usedBytes,
    inodes,
    inodesFree: inodes - Math.round(inodes * systemShare) - kubelet.workers.size * 20,
  };
}

/** What images take of it. */
export function imageFsBytes(kubelet: Kubelet): number {
  return kubelet.images.list().reduce((sum, { image }) => sum + imageBytes(image.size), 0);
}
