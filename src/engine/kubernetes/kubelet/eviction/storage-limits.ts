import { directorySize } from '../../../world/index.ts';
import { parseQuantity, quantityValue } from '../../apimachinery/quantity.ts';
import { containerBytes, podBytes } from '../disk.ts';
import type { PodWorker } from '../pod-worker.ts';
import { amount, lastingContainers } from '../resources.ts';

/** Limits of what a Pod may store on its node (eviction manager's localStorageEviction). */

/** Why the Pod has to go, if it has to. */
export function storageExcess(worker: PodWorker): string | undefined {
  const { pod } = worker;
  for (const { name, fs, limit } of worker.volumes.emptyDirs(pod)) {
    if (limit === undefined) continue;
    const allowed = quantityValue(parseQuantity(limit));
    if (allowed > 0 && directorySize(fs.root) > allowed)
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(limit)}. `;
  }
  if (!limitsStorage(pod)) return undefined;
  const containers = lastingContainers(pod);
  const limits = containers.map((c) => amount(c.resources?.limits, 'ephemeral-storage'));
  if (limits.length > 0 && limits.every((limit) => limit !== undefined)) {
    const total = limits.reduce((sum: number, limit) => sum + limit!, 0);
    if (podBytes(worker) > total) {
      const shown = containers.length === 1 ? limitText(containers[0]!) : String(total);
      return `Pod ephemeral local storage usage exceeds the total limit of containers ${shown}. `;
    }
  }
  for (const [i, container] of containers.entries()) {
    const limit = limits[i];
    const record = worker.records.get(container.name);
    if (limit === undefined || !record) continue;
    const { rootfs, logs } = containerBytes(record);
    if (rootfs + logs > limit)
      return `Container ${container.name} exceeded its local ephemeral storage limit ${JSON.stringify(limitText(container))}. `;
  }
  return undefined;
}

/** Most Pods set no such limit: nothing of theirs has to be measured. */
function limitsStorage({ spec }: PodWorker['pod']): boolean {
  const limited = ({ resources }: { resources?: { limits?: unknown } }) =>
    (resources?.limits as Record<string, string> | undefined)?.['ephemeral-storage'] !== undefined;
  return spec.containers.some(limited) || spec.initContainers?.some(limited) === true;
}

function limitText({ resources }: { resources?: { limits?: unknown } }): string {
  return (resources?.limits as Record<string, string>)['ephemeral-storage']!;
}
