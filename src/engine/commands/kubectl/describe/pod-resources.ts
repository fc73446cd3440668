import type { IPod } from 'kubernetes-models/v1/Pod';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
} from '../../../kubernetes/apimachinery/quantity.ts';
import type { Live } from './describer.ts';

export type Resources = Map<string, Quantity>;

type ResourceList = Readonly<Record<string, string | number>>;

export function addResources(total: Resources, list: Resources): void {
  for (const [name, quantity] of list) {
    const sum = total.get(name);
    total.set(name, sum ? addQuantities(sum, quantity) : quantity);
  }
}

function raiseResources(total: Resources, list: Resources): void {
  for (const [name, quantity] of list) {
    const present = total.get(name);
    if (!present || compareQuantities(quantity, present) > 0) total.set(name, quantity);
  }
}

function toResources(list: ResourceList | undefined): Resources {
  return new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, parseQuantity(quantity)]));
}

/**
 * What a Pod as a whole asks for: the sum of its containers and sidecars, or more if an init container needs more while
 * it runs; Pod-level values take precedence; overhead is added (component-helpers' PodRequests and PodLimits).
 */
export function podResources({ spec }: Live<IPod>, kind: 'requests' | 'limits'): Resources {
  const total: Resources = new Map();
  for (const container of spec.containers) addResources(total, toResources(container.resources?.[kind]));
  const sidecars: Resources = new Map();
  const peak: Resources = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = toResources(container.resources?.[kind]);
    if (container.restartPolicy === 'Always') {
      addResources(total, own);
      addResources(sidecars, own);
      raiseResources(peak, sidecars);
    } else {
      addResources(own, sidecars);
      raiseResources(peak, own);
    }
  }
  raiseResources(total, peak);
  for (const [name, quantity] of toResources(spec.resources?.[kind])) total.set(name, quantity);
  const overhead = toResources(spec.overhead);
  if (kind === 'requests') addResources(total, overhead);
  // A limit for overhead alone would be one for the whole Pod.
  else addResources(total, new Map([...overhead].filter(([name]) => total.has(name))));
  return total;
}
