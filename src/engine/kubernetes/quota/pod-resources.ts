import type { Pod } from '../types.ts';
import {
  addLists,
  maxLists,
  noAmounts,
  parseResourceList,
  type ResourceAmounts,
  type ResourceList,
} from './resource-list.ts';

type PodSpec = Pod['spec'];
type Which = 'requests' | 'limits';
interface Resources {
  readonly requests?: ResourceAmounts;
  readonly limits?: ResourceAmounts;
}

/**
 * What a Pod requests in total: its containers and sidecars, or the most that an init container needs at its turn; amounts
 * of the Pod as a whole go first; overhead is added (k8s.io/component-helpers/resource, PodRequests).
 */
export function podRequests(spec: PodSpec): ResourceList {
  return addLists(total(spec, 'requests'), parseResourceList(spec.overhead as ResourceAmounts | undefined));
}

/** The same for limits; overhead counts only where there is a limit (PodLimits). */
export function podLimits(spec: PodSpec): ResourceList {
  const limits = total(spec, 'limits');
  const overhead = parseResourceList(spec.overhead as ResourceAmounts | undefined);
  return addLists(limits, new Map([...overhead].filter(([name]) => limits.has(name))));
}

/** The Pod has resources of its own, beside those of its containers. */
export function hasPodLevelResources(spec: PodSpec): boolean {
  const { requests = {}, limits = {} } = podLevel(spec);
  return [...Object.keys(requests), ...Object.keys(limits)].some(isPodLevelResource);
}

function total(spec: PodSpec, which: Which): ResourceList {
  let sum: ResourceList = noAmounts;
  for (const container of spec.containers) sum = addLists(sum, amountsOf(container, which));
  let sidecars: ResourceList = noAmounts;
  let peak: ResourceList = noAmounts;
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container, which);
    if (container.restartPolicy === 'Always') {
      sum = addLists(sum, own);
      sidecars = addLists(sidecars, own);
      peak = maxLists(peak, sidecars);
    } else {
      peak = maxLists(peak, addLists(sidecars, own));
    }
  }
  const containers = maxLists(sum, peak);
  const whole = parseResourceList(podLevel(spec)[which]);
  return new Map([...containers, ...[...whole].filter(([name]) => isPodLevelResource(name))]);
}

function amountsOf(container: { resources?: object }, which: Which): ResourceList {
  return parseResourceList((container.resources as Resources | undefined)?.[which]);
}

function podLevel(spec: PodSpec): Resources {
  return (spec as { resources?: Resources }).resources ?? {};
}

function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}
