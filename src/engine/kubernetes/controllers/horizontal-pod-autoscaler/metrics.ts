import { matchesSelector, parseSelector } from '../../apimachinery/label-selector.ts';
import { quantityMilliValue } from '../../apimachinery/quantity.ts';
import { ApiError } from '../../client.ts';
import { refs, type KubeObject, type Pod, type ResourceRef } from '../../types.ts';
import { podCondition } from '../pods.ts';
import type { ControllerContext } from '../runtime.ts';

/** How many replicas the usage of a resource calls for (pkg/controller/podautoscaler, replica_calculator.go). */

type PodMetrics = KubeObject & {
  timestamp: string;
  window?: string;
  containers: { name: string; usage: Readonly<Record<string, string>> }[];
};

const podMetrics: ResourceRef<PodMetrics> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  resource: 'pods',
  kind: 'PodMetrics',
  namespaced: true,
};

/** Nearer to the target than this, nothing is changed; autoscalers may have tolerances of their own. */
const defaultTolerance = 0.1;
/** A Pod's CPU doesn't count for so long (ms) after its start while it isn't ready. */
const cpuInitializationPeriod = 300_000;
const delayOfInitialReadiness = 30_000;

/** A metric can't be had; the message is for the conditions and Events. */
export class MetricError extends Error {
  override name = 'MetricError';
}

export interface Proposal {
  replicas: number;
  /** Percent of the requests, if that is what is wanted. */
  utilization?: number;
  /** Thousandths a Pod. */
  average: number;
}

export interface ResourceQuery {
  namespace: string;
  selector: string;
  resource: string;
  /** Only this container's usage. */
  container?: string;
  /** How far usage may be above and below the target, as a share of it. */
  tolerance?: { up?: number; down?: number };
}

/** @throws MetricError */
export function utilizationProposal(
  context: ControllerContext,
  query: ResourceQuery,
  current: number,
  target: number,
): Proposal {
  const found = collect(context, query);
  const requests = requestsOf(found.pods, query);
  const ratioOf = () => {
    let usage = 0;
    let requested = 0;
    for (const [pod, value] of found.usage) {
      usage += value;
      requested += requests.get(pod) ?? 0;
    }
    if (requested === 0) throw new MetricError(`no metrics returned matched known pods`);
    const utilization = Math.trunc((usage * 100) / requested);
    return { ratio: utilization / target, utilization, average: Math.trunc(usage / found.usage.size) };
  };
  const measured = ratioOf();
  const fallback = (pod: string) => Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, target)) / 100);
  const replicas = propose(found, query, current, measured.ratio, () => ratioOf().ratio, fallback);
  return { replicas, utilization: measured.utilization, average: measured.average };
}

/** @param target thousandths a Pod @throws MetricError */
export function averageProposal(
  context: ControllerContext,
  query: ResourceQuery,
  current: number,
  target: number,
): Proposal {
  const found = collect(context, query);
  const ratioOf = () => {
    const total = [...found.usage.values()].reduce((sum, value) => sum + value, 0);
    const average = Math.trunc(total / found.usage.size);
    return { ratio: average / target, average };
  };
  const measured = ratioOf();
  const replicas = propose(
    found,
    query,
    current,
    measured.ratio,
    () => ratioOf().ratio,
    () => target,
  );
  return { replicas, average: measured.average };
}

interface Collected {
  pods: readonly Pod[];
  /** Thousandths by Pod. */
  usage: Map<string, number>;
  ready: number;
  unready: string[];
  missing: string[];
}

function propose(
  { usage, ready, unready, missing }: Collected,
  { tolerance = {} }: ResourceQuery,
  current: number,
  ratio: number,
  newRatio: () => number,
  fallback: (pod: string) => number,
): number {
  const { up = defaultTolerance, down = defaultTolerance } = tolerance;
  const within = (value: number) => value >= 1 - down && value <= 1 + up;
  const upWithUnready = unready.length > 0 && ratio > 1;
  if (!upWithUnready && missing.length === 0) return within(ratio) ? current : Math.ceil(ratio * ready);
  // Those that nothing is known about are taken to be what speaks against a change.
  if (ratio < 1) for (const pod of missing) usage.set(pod, fallback(pod));
  else if (ratio > 1) for (const pod of missing) usage.set(pod, 0);
  if (upWithUnready) for (const pod of unready) usage.set(pod, 0);
  const adjusted = newRatio();
  if (within(adjusted) || (ratio < 1 && adjusted > 1) || (ratio > 1 && adjusted < 1)) return current;
  const replicas = Math.ceil(adjusted * usage.size);
  const wrongWay = (adjusted < 1 && replicas > current) || (adjusted > 1 && replicas < current);
  return wrongWay ? current : replicas;
}

function collect(context: ControllerContext, query: ResourceQuery): Collected {
  const { namespace, selector, resource } = query;
  const requirements = parseSelector(selector);
  const labels = (of: Readonly<Record<string, string>>) => matchesSelector(requirements, of);
  const measured = measure(context, query, labels);
  const pods = context.client.resource(refs.pods).list({ namespace, labels });
  context.examined(pods.length);
  if (pods.length === 0) throw new MetricError('no pods returned by selector while calculating replica count');
  const now = context.world.clock.now();
  const found: Collected = { pods, usage: new Map(), ready: 0, unready: [], missing: [] };
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined || pod.status.phase === 'Failed') continue;
    const metric = measured.get(name);
    if (pod.status.phase === 'Pending' || (metric && resource === 'cpu' && isStarting(pod, metric, now))) {
      found.unready.push(name);
    } else if (!metric) found.missing.push(name);
    else {
      found.ready++;
      found.usage.set(name, metric.value);
    }
  }
  if (found.usage.size === 0) {
    throw new MetricError('did not receive metrics for targeted pods (pods might be unready)');
  }
  return found;
}

function isStarting(pod: Pod, { time, window }: Measured, now: number): boolean {
  const condition = podCondition(pod, 'Ready');
  const started = Date.parse(String(pod.status.startTime ?? ''));
  if (!condition || Number.isNaN(started)) return true;
  const since = Date.parse(condition.lastTransitionTime ?? '');
  if (started + cpuInitializationPeriod > now) return condition.status === 'False' || time < since + window;
  return condition.status === 'False' && started + delayOfInitialReadiness > since;
}

interface Measured {
  value: number;
  /** Unix ms, and the ms before it that were measured. */
  time: number;
  window: number;
}

function measure(
  context: ControllerContext,
  { namespace, resource, container }: ResourceQuery,
  labels: (of: Readonly<Record<string, string>>) => boolean,
): Map<string, Measured> {
  const fail = (problem: string) => new MetricError(`unable to get metrics for resource ${resource}: ${problem}`);
  let list: readonly PodMetrics[];
  try {
    list = context.client.resource(podMetrics).list({ namespace, labels });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const problem = error.code === 404 ? `${noApi} (get pods.metrics.k8s.io)` : error.message;
    throw fail(`unable to fetch metrics from resource metrics API: ${problem}`);
  }
  if (list.length === 0) throw fail('no metrics returned from resource metrics API');
  const result = new Map<string, Measured>();
  for (const { metadata, timestamp, window, containers } of list) {
    const counted = containers.filter(({ name }) => container === undefined || name === container);
    if (container !== undefined && counted.length === 0) {
      const missing = `container ${container} not present in metrics for pod ${namespace}/${metadata.name}`;
      throw fail(`failed to get container metrics: ${missing}`);
    }
    const values = counted.map(({ usage }) => usage[resource]);
    if (values.length === 0 || values.includes(undefined)) continue;
    const value = values.reduce((sum, text) => sum + quantityMilliValue(text!), 0);
    result.set(metadata.name, { value, time: Date.parse(timestamp), window: durationMs(window) });
  }
  return result;
}

/** `15s`, `1m0.5s` in ms. */
function durationMs(text = ''): number {
  let sum = 0;
  for (const [, n, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g))
    sum += Number(n) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as 's'];
  return sum;
}

export const noApi = 'the server could not find the requested resource';

/** What each Pod asks for, in thousandths. @throws MetricError if one of them doesn't say */
function requestsOf(pods: readonly Pod[], { resource, container }: ResourceQuery): Map<string, number> {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
    let sum = 0;
    const containers = [...spec.containers, ...sidecars];
    if (container !== undefined && !containers.some(({ name }) => name === container))
      throw new MetricError(`container ${container} not found in Pod ${metadata.name}`);
    for (const { name, resources } of containers) {
      if (container !== undefined && container !== name) continue;
      const request = resources?.requests?.[resource];
      if (request === undefined) {
        throw new MetricError(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
      }
      sum += quantityMilliValue(request);
    }
    requests.set(metadata.name, sum);
  }
  return requests;
}
