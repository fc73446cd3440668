import type { IHorizontalPodAutoscaler as IV1 } from 'kubernetes-models/autoscaling/v1/HorizontalPodAutoscaler';
import type { IHorizontalPodAutoscaler as IV2 } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import type { IMetricSpec } from 'kubernetes-models/autoscaling/v2/MetricSpec';
import type { IMetricStatus } from 'kubernetes-models/autoscaling/v2/MetricStatus';
import { invalid, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isPathSegmentName } from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName } from '../common/validate.ts';
import { defaultBehavior, validateBehavior, type Behavior } from './behavior.ts';
import { sourceField, validateMetric } from './metrics.ts';
import type { Column } from '../kind.ts';

/** HorizontalPodAutoscalers in both versions; v1 knows only one target, the CPU. */

type AutoscalerV1 = Kind<IV1>;
type AutoscalerV2 = Kind<IV2>;
type Autoscaler = AutoscalerV1 | AutoscalerV2;

function validate({ spec }: Autoscaler): FieldError[] {
  const errors: FieldError[] = [];
  const min = spec?.minReplicas;
  const max = spec?.maxReplicas ?? 0;
  if (min !== undefined && min < 1) errors.push(invalid('spec.minReplicas', min, 'must be greater than or equal to 1'));
  if (max < 1) errors.push(invalid('spec.maxReplicas', max, 'must be greater than 0'));
  if (min !== undefined && max < min) {
    errors.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
  }
  const target = spec?.scaleTargetRef;
  for (const name of ['kind', 'name'] as const) {
    const path = `spec.scaleTargetRef.${name}`;
    errors.push(...(target?.[name] ? checkName(target[name], path, isPathSegmentName) : [required(path)]));
  }
  if (spec && 'targetCPUUtilizationPercentage' in spec && (spec.targetCPUUtilizationPercentage ?? 1) < 1) {
    errors.push(
      invalid('spec.targetCPUUtilizationPercentage', spec.targetCPUUtilizationPercentage, 'must be greater than 0'),
    );
  }
  if (spec && 'metrics' in spec) {
    (spec.metrics as readonly IMetricSpec[] | undefined)?.forEach((metric, i) =>
      errors.push(...validateMetric(metric, `spec.metrics[${i}]`)),
    );
  }
  if (spec && 'behavior' in spec)
    errors.push(...validateBehavior(spec.behavior as Behavior | undefined, 'spec.behavior'));
  return errors;
}

function targetsOf(object: Autoscaler): { metrics: readonly IMetricSpec[]; current: readonly IMetricStatus[] } {
  const { spec, status } = object;
  if (spec && 'metrics' in spec) {
    return {
      metrics: (spec.metrics ?? []) as readonly IMetricSpec[],
      current: ((status as AutoscalerV2['status'])?.currentMetrics ?? []) as readonly IMetricStatus[],
    };
  }
  const average = (spec as AutoscalerV1['spec'])?.targetCPUUtilizationPercentage;
  if (average === undefined) return { metrics: [], current: [] };
  const now = (status as AutoscalerV1['status'])?.currentCPUUtilizationPercentage;
  return {
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: average } } },
    ],
    current:
      now === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: now } } }],
  };
}

interface MetricTarget {
  averageValue?: string | number;
  value?: string | number;
  averageUtilization?: number;
}

/** Two metrics at most, then how many more (formatHPAMetrics). */
function targetsText(object: Autoscaler): string {
  const { metrics, current } = targetsOf(object);
  if (metrics.length === 0) return '<none>';
  const texts = metrics.map((metric, i) => metricText(metric, current[i]));
  const shown = texts.slice(0, 2).join(', ');
  return texts.length > 2 ? `${shown} + ${texts.length - 2} more...` : shown;
}

function metricText(metric: IMetricSpec, status: IMetricStatus | undefined): string {
  const field = sourceField(metric) as 'resource';
  const target: MetricTarget = metric[field]?.target ?? {};
  const now: MetricTarget = status?.[field]?.current ?? {};
  const unknown = '<unknown>';
  const label = metric.type === 'Resource' || metric.type === 'ContainerResource' ? `${metric[field]?.name}: ` : '';
  if (target.averageUtilization !== undefined && label) {
    const value = now.averageUtilization === undefined ? unknown : `${now.averageUtilization}%`;
    return `${label}${value}/${target.averageUtilization}%`;
  }
  if (target.averageValue !== undefined) {
    const suffix = metric.type === 'External' || metric.type === 'Object' ? ' (avg)' : '';
    return `${label}${now.averageValue ?? unknown}/${target.averageValue}${suffix}`;
  }
  return `${label}${now.value ?? unknown}/${target.value ?? '<auto>'}`;
}

const columns: readonly Column<Autoscaler>[] = [
  nameColumn as Column<Autoscaler>,
  column('Reference', 'What is scaled.', ({ spec }) => `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`),
  column('Targets', 'Present and wanted values of the metrics.', targetsText),
  column('MinPods', 'Fewest Pods.', ({ spec }) => String(spec?.minReplicas ?? '<unset>')),
  column('MaxPods', 'Most Pods.', ({ spec }) => spec?.maxReplicas ?? 0, 'integer'),
  column('Replicas', 'Pods at present.', ({ status }) => status?.currentReplicas ?? 0, 'integer'),
  ageColumn as Column<Autoscaler>,
];

export const horizontalPodAutoscalerV1 = defineKind<AutoscalerV1>('autoscaling', 'v1', 'horizontalpodautoscalers', {
  generation: false,
  defaults({ spec }) {
    if (!spec) return;
    spec.minReplicas ??= 1;
    spec.targetCPUUtilizationPercentage ??= 80;
  },
  prepareForCreate(draft) {
    draft.status = { currentReplicas: 0, desiredReplicas: 0 };
  },
  validate,
  columns: columns as readonly Column<AutoscalerV1>[],
});

export const horizontalPodAutoscaler = defineKind<AutoscalerV2>('autoscaling', 'v2', 'horizontalpodautoscalers', {
  generation: false,
  defaults({ spec }) {
    if (!spec) return;
    spec.minReplicas ??= 1;
    if (!spec.metrics?.length) {
      spec.metrics = [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ];
    }
    defaultBehavior(spec.behavior as Behavior | undefined);
  },
  prepareForCreate(draft) {
    draft.status = { currentReplicas: 0, desiredReplicas: 0, currentMetrics: null } as never;
  },
  validate,
  columns: columns as readonly Column<AutoscalerV2>[],
});
