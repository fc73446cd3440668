import { compareQuantities, parseQuantity, type Quantity } from '../../../apimachinery/quantity.ts';
import type { Pod } from '../../../types.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'];

/** How safe a Pod is when a node runs short: by the cpu and memory its containers ask for (qos.ComputePodQOS). */
export function qosClass({ spec }: Pod): QosClass {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  let any = false;
  let guaranteed = containers.length > 0;
  for (const { resources } of containers) {
    const limits = positive(resources?.limits);
    const requests = positive(resources?.requests);
    if (limits.size + requests.size > 0) any = true;
    for (const name of counted) {
      const limit = limits.get(name);
      const request = requests.get(name) ?? limit;
      if (!limit || !request || compareQuantities(limit, request) !== 0) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function positive(amounts: Readonly<Record<string, string | number>> | undefined): Map<string, Quantity> {
  const result = new Map<string, Quantity>();
  for (const name of counted) {
    const amount = amounts?.[name];
    if (amount === undefined) continue;
    const quantity = parseQuantity(amount);
    if (quantity.nanos > 0n) result.set(name, quantity);
  }
  return result;
}
