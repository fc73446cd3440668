import { quantityMilliValue, quantityValue } from '../apimachinery/quantity.ts';
import type { Node, Pod } from '../types.ts';

/** Amounts of resources: CPU in thousandths, the others in their unit (bytes, pieces). */
export interface Resources {
  cpu: number;
  memory: number;
  ephemeralStorage: number;
  /** Extended resources and huge pages, e.g. `nvidia.com/gpu`. */
  readonly others: Map<string, number>;
}

type ResourceList = Readonly<Record<string, string | number>> | undefined;

/** What a container without requests counts as when nodes are scored. */
const defaultCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

export function noResources(): Resources {
  return { cpu: 0, memory: 0, ephemeralStorage: 0, others: new Map() };
}

function parseList(list: ResourceList): Resources {
  const result = noResources();
  for (const name in list) {
    const value = list[name]!;
    if (name === 'cpu') result.cpu = quantityMilliValue(value);
    else if (name === 'memory') result.memory = quantityValue(value);
    else if (name === 'ephemeral-storage') result.ephemeralStorage = quantityValue(value);
    else if (name !== 'pods') result.others.set(name, quantityValue(value));
  }
  return result;
}

/** Adds (or, with sign -1, takes) `amount` to `total`. */
export function addTo(total: Resources, amount: Resources, sign: 1 | -1 = 1): void {
  total.cpu += sign * amount.cpu;
  total.memory += sign * amount.memory;
  total.ephemeralStorage += sign * amount.ephemeralStorage;
  for (const [name, value] of amount.others) total.others.set(name, (total.others.get(name) ?? 0) + sign * value);
}

function raiseTo(total: Resources, other: Resources): void {
  total.cpu = Math.max(total.cpu, other.cpu);
  total.memory = Math.max(total.memory, other.memory);
  total.ephemeralStorage = Math.max(total.ephemeralStorage, other.ephemeralStorage);
  for (const [name, value] of other.others) total.others.set(name, Math.max(total.others.get(name) ?? 0, value));
}

type PodSpec = Pod['spec'];

interface Known {
  spec: PodSpec;
  requests: Resources;
  scored: Resources;
}

/** By the list of containers, which the spec keeps when the Pod is bound. */
const known = new WeakMap<PodSpec['containers'], Known>();

/**
 * What a Pod asks of its node: the sum of its containers and sidecars, or the most that an init container needs at its
 * turn, plus overhead; requests of the Pod as a whole go first (k8s.io/component-helpers/resource, PodRequests).
 * `scored` counts containers without requests for something.
 */
export function podResources(spec: PodSpec): { requests: Resources; scored: Resources } {
  const before = known.get(spec.containers);
  if (before && sameRequests(before.spec, spec)) return before;
  const made = { spec, requests: slim(podRequests(spec, false)), scored: slim(podRequests(spec, true)) };
  known.set(spec.containers, made);
  return made;
}

function sameRequests(a: PodSpec, b: PodSpec): boolean {
  const { resources: ofA } = a as { resources?: unknown };
  const { resources: ofB } = b as { resources?: unknown };
  return a.initContainers === b.initContainers && a.overhead === b.overhead && ofA === ofB;
}

const noOthers = new Map<string, number>();

/** Thousands of these are kept. */
function slim(resources: Resources): Resources {
  return resources.others.size === 0 ? { ...resources, others: noOthers } : resources;
}

function podRequests(spec: PodSpec, forScore: boolean): Resources {
  const requestsOf = (container: { resources?: { requests?: ResourceList } }): Resources => {
    const list = container.resources?.requests;
    const parsed = parseList(list);
    if (forScore) {
      if (list?.['cpu'] === undefined) parsed.cpu = defaultCpu;
      if (list?.['memory'] === undefined) parsed.memory = defaultMemory;
    }
    return parsed;
  };
  const total = noResources();
  for (const container of spec.containers) addTo(total, requestsOf(container));
  const sidecars = noResources();
  const initPeak = noResources();
  for (const container of spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      addTo(total, requests);
      addTo(sidecars, requests);
      raiseTo(initPeak, sidecars);
    } else {
      addTo(requests, sidecars);
      raiseTo(initPeak, requests);
    }
  }
  raiseTo(total, initPeak);
  const whole = (spec as { resources?: { requests?: ResourceList } }).resources?.requests;
  const wholeParsed = parseList(whole);
  if (whole?.['cpu'] !== undefined) total.cpu = wholeParsed.cpu;
  if (whole?.['memory'] !== undefined) total.memory = wholeParsed.memory;
  addTo(total, parseList(spec.overhead as ResourceList));
  return total;
}

/** What a node has to give. */
export function allocatableOf(node: Node): Resources & { pods: number } {
  const list = (node.status.allocatable ?? node.status.capacity) as ResourceList;
  return { ...parseList(list), pods: quantityValue(list?.['pods'] ?? 0) };
}
