import { formatQuantity, quantityFromMilli, quantityMilliValue } from '../../apimachinery/quantity.ts';
import { deepEqual } from '../../apiserver/objects.ts';
import { ApiError } from '../../client.ts';
import { refs, type HorizontalPodAutoscaler, type KubeObject } from '../../types.ts';
import { keyOf, splitKey } from '../owners.ts';
import type { Controller, ControllerContext } from '../runtime.ts';
import { limit, type History } from './limits.ts';
import {
  averageProposal,
  MetricError,
  noApi,
  utilizationProposal,
  type Proposal,
  type ResourceQuery,
} from './metrics.ts';
import { findTarget, type Target } from './target.ts';

type Status = HorizontalPodAutoscaler['status'];
type Condition = NonNullable<Status['conditions']>[number];
type MetricSpec = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number];
type MetricStatus = NonNullable<Status['currentMetrics']>[number];

/** Every autoscaler is looked at this often (ms), first one period after its creation. */
const syncPeriod = 15_000;

/** Scales workloads by what their Pods use (pkg/controller/podautoscaler). */
export const horizontalPodAutoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler-controller',
  component: 'horizontal-pod-autoscaler',
  serviceAccount: 'horizontal-pod-autoscaler',

  start(context) {
    const histories = new Map<string, History>();
    context.state(() => [...histories]);
    const hpas = context.client.resource(refs.horizontalPodAutoscalers);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const hpa = hpas.get(...splitKey(key));
        if (!hpa) return void histories.delete(key);
        queue.addAfter(key, syncPeriod);
        let history = histories.get(key);
        if (!history) histories.set(key, (history = { recommendations: [], ups: [], downs: [] }));
        new Autoscaling(context, hpa, history).run();
      },
    });
    const enqueue = (hpa: HorizontalPodAutoscaler) => queue.addAfter(keyOf(hpa), syncPeriod);
    context.watch(refs.horizontalPodAutoscalers, {
      add: enqueue,
      update: enqueue,
      delete: (hpa) => histories.delete(keyOf(hpa)),
    });
  },
};

/** One look at an autoscaler. */
class Autoscaling {
  readonly #context: ControllerContext;
  readonly #hpa: HorizontalPodAutoscaler;
  readonly #history: History;
  #status: Status;

  constructor(context: ControllerContext, hpa: HorizontalPodAutoscaler, history: History) {
    this.#context = context;
    this.#hpa = hpa;
    this.#history = history;
    this.#status = hpa.status;
  }

  run(): void {
    const target = findTarget(this.#context, this.#hpa);
    if ('problem' in target) {
      this.#tell('Warning', 'FailedGetScale', target.problem);
      const message = `the HPA controller was unable to get the target's current scale: ${target.problem}`;
      this.#set('AbleToScale', 'False', 'FailedGetScale', message);
      return this.#write();
    }
    const got = "the HPA controller was able to get the target's current scale";
    this.#set('AbleToScale', 'True', 'SucceededGetScale', got);
    const { minReplicas: min = 1, maxReplicas: max } = this.#hpa.spec;
    const current = target.replicas;
    if (this.#history.recommendations.length === 0) {
      this.#history.recommendations.push({ replicas: current, time: this.#now });
    }
    if (current === 0 && min !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      this.#set('ScalingActive', 'False', 'ScalingDisabled', message);
      this.#count(current, 0, []);
    } else if (current > max) this.#rescale(target, max, 'Current number of replicas above Spec.MaxReplicas', []);
    else if (current < min) this.#rescale(target, min, 'Current number of replicas below Spec.MinReplicas', []);
    else this.#byMetrics(target, min, max);
    this.#write();
  }

  #byMetrics(target: Target, min: number, max: number): void {
    const { metrics = [], behavior } = this.#hpa.spec;
    const current = target.replicas;
    if (target.selector === '') {
      const problem = 'selector is required';
      this.#tell('Warning', 'SelectorRequired', problem);
      this.#set('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector");
      this.#count(current, this.#status.desiredReplicas, []);
      this.#tell('Warning', 'FailedComputeMetricsReplicas', problem);
      return;
    }
    const statuses: MetricStatus[] = [];
    const failures: { reason: string; problem: string; named: string }[] = [];
    let best: { replicas: number; name: string } | undefined;
    for (const metric of metrics) {
      try {
        const { proposal, name, status } = this.#measure(metric, target);
        statuses.push(status);
        if (!best || proposal.replicas > best.replicas) best = { replicas: proposal.replicas, name };
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        statuses.push({ type: '' } as MetricStatus);
        const { reason, named } = failureOf(metric);
        this.#tell('Warning', reason, error.message);
        failures.push({ reason, problem: error.message, named });
      }
    }
    const [first] = failures;
    // With some metrics unknown it may only grow.
    if (first && (!best || best.replicas < current)) {
      const message = `the HPA was unable to compute the replica count: ${first.problem}`;
      this.#set('ScalingActive', 'False', first.reason, message);
      this.#count(current, this.#status.desiredReplicas, statuses);
      const summary = `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.named}: ${first.problem}`;
      this.#tell('Warning', 'FailedComputeMetricsReplicas', summary);
      return;
    }
    if (!best) return;
    const found = `the HPA was able to successfully calculate a replica count from ${best.name}`;
    this.#set('ScalingActive', 'True', 'ValidMetricFound', found);
    const wanted = best.replicas;
    const reason = wanted > current ? `${best.name} above target` : wanted < current ? 'All metrics below target' : '';
    const limited = limit(this.#history, behavior, wanted, { current, min, max }, this.#now);
    this.#set('AbleToScale', 'True', limited.stability.reason, limited.stability.message);
    const { limit: bound } = limited;
    this.#set('ScalingLimited', bound.limited ? 'True' : 'False', bound.reason, bound.message);
    if (limited.replicas === current) this.#count(current, current, statuses);
    else this.#rescale(target, limited.replicas, reason, statuses);
  }

  /** @throws MetricError */
  #measure(metric: MetricSpec, target: Target): { proposal: Proposal; name: string; status: MetricStatus } {
    const source = metric.type === 'ContainerResource' ? metric.containerResource : metric.resource;
    if ((metric.type !== 'Resource' && metric.type !== 'ContainerResource') || !source) {
      throw new MetricError(customMetricProblem(metric, this.#hpa.metadata.namespace ?? ''));
    }
    const container = metric.type === 'ContainerResource' ? metric.containerResource?.container : undefined;
    const query: ResourceQuery = {
      namespace: this.#hpa.metadata.namespace ?? '',
      selector: target.selector,
      resource: source.name,
      ...(container === undefined ? undefined : { container }),
      tolerance: tolerances(this.#hpa.spec.behavior),
    };
    const { averageUtilization, averageValue } = source.target;
    const kind = averageValue === undefined ? 'utilization' : 'usage';
    let proposal: Proposal;
    try {
      if (averageValue !== undefined) {
        const wanted = quantityMilliValue(averageValue as string);
        proposal = averageProposal(this.#context, query, target.currentReplicas, wanted);
      } else if (averageUtilization !== undefined) {
        proposal = utilizationProposal(this.#context, query, target.currentReplicas, averageUtilization);
      } else {
        const problem =
          'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set';
        throw new MetricError(problem);
      }
    } catch (error) {
      if (!(error instanceof MetricError) || error.message.startsWith('invalid')) throw error;
      throw new MetricError(`failed to get ${source.name} ${kind}: ${error.message}`);
    }
    const where = container === undefined ? 'resource' : 'container resource';
    const percent = kind === 'utilization' ? ' utilization (percentage of request)' : '';
    const format = source.name === 'memory' ? ('BinarySI' as const) : ('DecimalSI' as const);
    const value = {
      ...(proposal.utilization === undefined ? undefined : { averageUtilization: proposal.utilization }),
      averageValue: formatQuantity(quantityFromMilli(proposal.average, format)),
    };
    const shown = { name: source.name, current: value };
    const status =
      container === undefined
        ? { type: 'Resource', resource: shown }
        : { type: 'ContainerResource', containerResource: { ...shown, container } };
    return { proposal, name: `${source.name} ${where}${percent}`, status: status as MetricStatus };
  }

  #rescale(target: Target, replicas: number, reason: string, statuses: readonly MetricStatus[]): void {
    const current = target.replicas;
    const { namespace, name } = target.object.metadata;
    const scale = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name, namespace },
      spec: { replicas },
    } as unknown as KubeObject;
    try {
      this.#context.client.resource(target.ref).update(scale as typeof target.object, 'scale');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `New size: ${replicas}; reason: ${reason}; error: ${error.message}`;
      this.#tell('Warning', 'FailedRescale', message);
      const unable = `the HPA controller was unable to update the target scale: ${error.message}`;
      this.#set('AbleToScale', 'False', 'FailedUpdateScale', unable);
      return this.#count(current, this.#status.desiredReplicas, statuses);
    }
    const done = `the HPA controller was able to update the target scale to ${replicas}`;
    this.#set('AbleToScale', 'True', 'SucceededRescale', done);
    this.#tell('Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`);
    const events = replicas > current ? this.#history.ups : this.#history.downs;
    events.push({ change: Math.abs(replicas - current), time: this.#now });
    if (events.length > 100) events.shift();
    this.#status = { ...this.#status, lastScaleTime: this.#context.world.clock.timestamp() } as Status;
    this.#count(current, replicas, statuses);
  }

  #count(current: number, desired: number, statuses: readonly MetricStatus[]): void {
    const currentMetrics = statuses.length > 0 ? [...statuses] : null;
    this.#status = {
      ...this.#status,
      currentReplicas: current,
      desiredReplicas: desired,
      currentMetrics,
    } as unknown as Status;
  }

  #set(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const conditions = this.#status.conditions ?? [];
    const old = conditions.find((condition) => condition.type === type);
    const now = this.#context.world.clock.timestamp();
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    const condition = { type, status, lastTransitionTime, reason, message } as Condition;
    const updated = old ? conditions.map((c) => (c === old ? condition : c)) : [...conditions, condition];
    this.#status = { ...this.#status, conditions: updated };
  }

  #write(): void {
    if (deepEqual(this.#status, this.#hpa.status)) return;
    const hpas = this.#context.client.resource(refs.horizontalPodAutoscalers);
    hpas.update({ ...this.#hpa, status: this.#status }, 'status');
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.events.record(this.#hpa, type, reason, message);
  }

  get #now(): number {
    return this.#context.world.clock.now();
  }
}

/** What an autoscaler says about tolerance (HPAConfigurableTolerance). */
function tolerances(behavior: HorizontalPodAutoscaler['spec']['behavior']): { up?: number; down?: number } {
  const of = (rules: unknown) => {
    const { tolerance } = (rules ?? {}) as { tolerance?: string };
    return tolerance === undefined ? undefined : quantityMilliValue(tolerance) / 1000;
  };
  const up = of(behavior?.scaleUp);
  const down = of(behavior?.scaleDown);
  return { ...(up === undefined ? undefined : { up }), ...(down === undefined ? undefined : { down }) };
}

/** How a failure to read the metric is called. */
function failureOf(metric: MetricSpec): { reason: string; named: string } {
  switch (metric.type) {
    case 'Resource':
      return {
        reason: 'FailedGetResourceMetric',
        named: `failed to get ${metric.resource?.name} resource metric value`,
      };
    case 'ContainerResource':
      return {
        reason: 'FailedGetContainerResourceMetric',
        named: `failed to get ${metric.containerResource?.name} container metric value`,
      };
    default:
      return {
        reason: `FailedGet${metric.type}Metric`,
        named: `failed to get ${metric.type.toLowerCase()} metric value`,
      };
  }
}

/** The custom and external metrics APIs have no server here, as in a cluster without an adapter. */
function customMetricProblem({ type, pods, object, external }: MetricSpec, namespace: string): string {
  const custom =
    'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  if (type === 'Pods') return `unable to get metric ${pods?.metric.name}: ${custom}`;
  if (type === 'Object') {
    const { kind = '', name = '' } = object?.describedObject ?? {};
    return `unable to get metric ${object?.metric.name}: ${kind} on ${namespace} ${name}/${custom}`;
  }
  const name = external?.metric.name ?? '';
  const selector = external?.metric.selector ? '&LabelSelector{}' : 'nil';
  return `unable to get external metric ${namespace}/${name}/${selector}: unable to fetch metrics from external metrics API: ${noApi} (get ${name}.external.metrics.k8s.io)`;
}
