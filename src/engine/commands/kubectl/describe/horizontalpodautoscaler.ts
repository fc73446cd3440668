import type { IHorizontalPodAutoscaler as IHorizontalPodAutoscalerV1 } from 'kubernetes-models/autoscaling/v1/HorizontalPodAutoscaler';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import type { IHPAScalingRules } from 'kubernetes-models/autoscaling/v2/HPAScalingRules';
import type { IMetricSpec } from 'kubernetes-models/autoscaling/v2/MetricSpec';
import type { IMetricStatus } from 'kubernetes-models/autoscaling/v2/MetricStatus';
import { quote } from '../../../gotemplate/index.ts';
import { describer, type Live } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatTime, writeHeader } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

type Autoscaler = Live<IHorizontalPodAutoscaler>;

export const horizontalPodAutoscaler = describer<IHorizontalPodAutoscaler>({
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    const target = spec.scaleTargetRef;
    writeHeader(w, metadata);
    w.field(0, 'CreationTimestamp', formatTime(metadata.creationTimestamp));
    w.field(0, 'Reference', `${target.kind}/${target.name}`);
    if (object.apiVersion === 'autoscaling/v2') writeMetrics(w, object);
    else writeUtilization(w, object as unknown as Live<IHorizontalPodAutoscalerV1>);
    w.field(0, 'Min replicas', spec.minReplicas ?? '<unset>');
    w.field(0, 'Max replicas', spec.maxReplicas);
    if (spec.behavior) {
      w.line(0, 'Behavior:');
      writeBehavior(w, 'Scale Up', spec.behavior.scaleUp);
      writeBehavior(w, 'Scale Down', spec.behavior.scaleDown);
    }
    w.field(
      0,
      `${target.kind} pods`,
      `${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`,
    );
    if (status.conditions?.length) {
      w.line(0, 'Conditions:');
      w.table(
        1,
        ['Type', 'Status', 'Reason', 'Message'],
        status.conditions.map((c) => [c.type, c.status, c.reason ?? '', c.message ?? '']),
      );
    }
    await writeEvents(w, object, context);
  },
});

function writeUtilization(w: DescriptionWriter, { spec, status }: Live<IHorizontalPodAutoscalerV1>): void {
  if (spec.targetCPUUtilizationPercentage === undefined) return;
  w.field(0, 'Target CPU utilization', `${spec.targetCPUUtilizationPercentage}%`);
  w.field(0, 'Current CPU utilization', `${status.currentCPUUtilizationPercentage ?? '<unknown>'}%`);
}

function writeMetrics(w: DescriptionWriter, { spec, status }: Autoscaler): void {
  w.field(0, 'Metrics', '( current / target )');
  (spec.metrics ?? []).forEach((metric, i) => w.field(1, ...metricLine(metric, status.currentMetrics?.[i])));
}

const unknown = '<unknown>';

/** What is measured, and `current / target`. */
function metricLine(metric: IMetricSpec, current: IMetricStatus | undefined): [name: string, values: string] {
  switch (metric.type) {
    case 'External': {
      const { metric: id, target } = metric.external!;
      const now = current?.external?.current;
      return target.averageValue !== undefined
        ? [`${quote(id.name)} (target average value)`, `${now?.averageValue ?? unknown} / ${target.averageValue}`]
        : [`${quote(id.name)} (target value)`, `${now?.value ?? unknown} / ${target.value}`];
    }
    case 'Pods': {
      const { metric: id, target } = metric.pods!;
      return [
        `${quote(id.name)} on pods`,
        `${current?.pods?.current.averageValue ?? unknown} / ${target.averageValue}`,
      ];
    }
    case 'Object': {
      const { metric: id, target, describedObject } = metric.object!;
      const now = current?.object?.current;
      const name = `"${id.name}" on ${describedObject.kind}/${describedObject.name} `;
      return target.type === 'AverageValue'
        ? [`${name}(target average value)`, `${now?.averageValue ?? unknown} / ${target.averageValue}`]
        : [`${name}(target value)`, `${now?.value ?? unknown} / ${target.value}`];
    }
    case 'Resource': {
      const { name, target } = metric.resource!;
      return resourceLine(`resource ${name} on pods`, target, current?.resource?.current);
    }
    case 'ContainerResource': {
      const { name, container, target } = metric.containerResource!;
      const title = `resource ${name} of container "${container}" on pods`;
      return resourceLine(title, target, current?.containerResource?.current);
    }
    default:
      return [`<unknown metric type ${quote(metric.type)}>`, ''];
  }
}

interface ResourceValue {
  averageValue?: string | number;
  averageUtilization?: number;
}

function resourceLine(title: string, target: ResourceValue, current: ResourceValue | undefined): [string, string] {
  if (target.averageValue !== undefined) return [title, `${current?.averageValue ?? unknown} / ${target.averageValue}`];
  const now =
    current?.averageUtilization === undefined
      ? unknown
      : `${current.averageUtilization}% (${current.averageValue ?? '<nil>'})`;
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  return [`${title}  (as a percentage of request)`, `${now} / ${wanted}`];
}

function writeBehavior(w: DescriptionWriter, direction: string, rules: IHPAScalingRules | undefined): void {
  if (!rules) return;
  w.line(1, `${direction}:`);
  if (rules.stabilizationWindowSeconds !== undefined)
    w.line(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds`);
  if (!rules.policies?.length) return;
  w.line(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}`);
  w.line(2, 'Policies:');
  for (const { type, value, periodSeconds } of rules.policies)
    w.row(3, `- Type: ${type}`, `Value: ${value}`, `Period: ${periodSeconds} seconds`);
}
