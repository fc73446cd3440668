import type { Kubelet } from '../kubelet.ts';
import { imageBytes } from '../disk.ts';

/** Removal of images that nothing uses (pkg/kubelet/images/image_gc_manager.go). */

export interface Freed {
  bytes: number;
  images: number;
}

/**
 * Removes images, those unused for longest first, until so much is freed.
 * @param minimumAge ms for which an image must have been there without being used
 */
export function collectImages(kubelet: Kubelet, wanted: number, minimumAge: number): Freed {
  const used = new Set<string>();
  for (const worker of kubelet.workers.values())
    for (const { current } of worker.records.values()) if (current) used.add(current.image.id);
  const now = kubelet.world.queue.now;
  const candidates = kubelet.images
    .list()
    .filter(({ image, tags }) => !used.has(image.id) && !tags.some((tag) => tag.startsWith('registry.k8s.io/pause:')))
    .map((stored) => ({ stored, lastUsed: kubelet.lastUseOf(stored.image.id) }))
    .filter(({ lastUsed }) => now - lastUsed >= minimumAge)
    .sort((a, b) => a.lastUsed - b.lastUsed);
  const freed: Freed = { bytes: 0, images: 0 };
  for (const { stored } of candidates) {
    if (freed.bytes >= wanted) break;
    kubelet.images.remove(stored.image.id);
    freed.bytes += imageBytes(stored.image.size);
    freed.images++;
  }
  return freed;
}
