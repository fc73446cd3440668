import { maxNodeScore, type Plugin } from '../framework.ts';

/** Prefers nodes on which CPU and memory are used alike once the Pod is there. */
export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  preScore: ({ info: { requests } }) => {
    if (requests.cpu === 0 && requests.memory === 0) return undefined;
    return {
      score: ({ allocatable, requested }) => {
        if (allocatable.cpu === 0 || allocatable.memory === 0) return maxNodeScore;
        const cpu = Math.min(1, (requested.cpu + requests.cpu) / allocatable.cpu);
        const memory = Math.min(1, (requested.memory + requests.memory) / allocatable.memory);
        return Math.trunc((1 - Math.abs(cpu - memory) / 2) * maxNodeScore);
      },
    };
  },
  requeue: () => false,
};
