import { maxNodeScore, type Attempt, type Plugin } from '../framework.ts';

const megabyte = 1024 * 1024;
/** Images smaller than this don't matter, and more than so much per container doesn't count. */
const minThreshold = 23 * megabyte;
const maxThreshold = 1000 * megabyte;

/** Prefers nodes that have the Pod's images, unless only few nodes have them. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  preScore: (attempt) => {
    const images = imagesOf(attempt);
    const holders = images.map((image) => attempt.imageHolders(image));
    if (holders.every((count) => count === 0)) return undefined;
    const most = maxThreshold * images.length;
    return {
      score: (node) => {
        let bytes = 0;
        for (let i = 0; i < images.length; i++)
          bytes += Math.trunc(((node.images.get(images[i]!) ?? 0) * holders[i]!) / attempt.nodes.length);
        const clamped = Math.min(Math.max(bytes, minThreshold), most);
        return Math.trunc((maxNodeScore * (clamped - minThreshold)) / (most - minThreshold));
      },
    };
  },
  requeue: () => false,
};

function imagesOf({ pod }: Attempt): string[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ image = '' }) => {
    const lastPart = image.slice(image.lastIndexOf('/') + 1);
    return lastPart.includes(':') || lastPart.includes('@') ? image : `${image}:latest`;
  });
}
