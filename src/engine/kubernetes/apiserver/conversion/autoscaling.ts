import { isRecord } from '../objects.ts';
import type { KubeObject } from '../../types.ts';
import type { Conversion } from './registry.ts';

/**
 * HorizontalPodAutoscalers are stored as autoscaling/v2. Version 1 shows the CPU target only; what it has no field for
 * travels in annotations, so that a round trip through it loses nothing.
 */

type Fields = Record<string, unknown>;

const annotations = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
} as const;

export const autoscalingV1: Conversion = {
  served: { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers' },
  stored: {
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
  },
  fromStored,
  toStored,
};

function fromStored(object: KubeObject): KubeObject {
  const { spec = {}, status, metadata } = object as KubeObject & { spec?: Fields; status?: Fields };
  const { metrics, behavior, ...sameSpec } = spec;
  const [cpu, others] = takeCpu(metrics);
  const added: Record<string, string> = {};
  if (others.length > 0) added[annotations.metrics] = JSON.stringify(others);
  if (behavior !== undefined) added[annotations.behavior] = JSON.stringify(behavior);
  const target = isRecord(cpu?.['target']) ? cpu['target']['averageUtilization'] : undefined;
  const result: Fields = {
    ...object,
    apiVersion: 'autoscaling/v1',
    spec: { ...sameSpec, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
  };
  if (status) {
    const { currentMetrics, conditions, ...sameStatus } = status;
    const [current, otherMetrics] = takeCpu(currentMetrics);
    if (otherMetrics.length > 0) added[annotations.currentMetrics] = JSON.stringify(otherMetrics);
    if (Array.isArray(conditions) && conditions.length > 0) added[annotations.conditions] = JSON.stringify(conditions);
    const utilization = isRecord(current?.['current']) ? current['current']['averageUtilization'] : undefined;
    result['status'] = {
      ...sameStatus,
      ...(utilization !== undefined && { currentCPUUtilizationPercentage: utilization }),
    };
  }
  if (Object.keys(added).length > 0) {
    result['metadata'] = { ...metadata, annotations: { ...metadata.annotations, ...added } };
  }
  return result as unknown as KubeObject;
}

function toStored(object: KubeObject): KubeObject {
  const { spec = {}, status, metadata } = object as KubeObject & { spec?: Fields; status?: Fields };
  const { targetCPUUtilizationPercentage: target, ...sameSpec } = spec;
  const own = { ...metadata.annotations };
  const take = (name: string): unknown => {
    const text = own[name];
    delete own[name];
    try {
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    } catch {
      return undefined;
    }
  };
  const metrics = [
    ...(target === undefined ? [] : [cpuMetric('target', { type: 'Utilization', averageUtilization: target })]),
    ...asList(take(annotations.metrics)),
  ];
  const behavior = take(annotations.behavior);
  const currentMetrics = asList(take(annotations.currentMetrics));
  const conditions = asList(take(annotations.conditions));
  const result: Fields = {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: metadata.annotations ? { ...metadata, annotations: own } : metadata,
    spec: { ...sameSpec, ...(metrics.length > 0 && { metrics }), ...(isRecord(behavior) && { behavior }) },
  };
  if (status) {
    const { currentCPUUtilizationPercentage: utilization, ...sameStatus } = status;
    const current = [
      ...(utilization === undefined ? [] : [cpuMetric('current', { averageUtilization: utilization })]),
      ...currentMetrics,
    ];
    result['status'] = {
      ...sameStatus,
      ...(current.length > 0 && { currentMetrics: current }),
      ...(conditions.length > 0 && { conditions }),
    };
  }
  return result as unknown as KubeObject;
}

function cpuMetric(part: 'target' | 'current', value: Fields): Fields {
  return { type: 'Resource', resource: { name: 'cpu', [part]: value } };
}

/** The CPU utilization metric's source, and the other metrics. */
function takeCpu(metrics: unknown): [cpu: Fields | undefined, others: unknown[]] {
  const list = asList(metrics);
  const at = list.findIndex((metric) => {
    const resource = isRecord(metric) && isRecord(metric['resource']) ? metric['resource'] : undefined;
    const value = resource?.['target'] ?? resource?.['current'];
    return resource?.['name'] === 'cpu' && isRecord(value) && value['averageUtilization'] !== undefined;
  });
  if (at < 0) return [undefined, list];
  return [(list[at] as { resource: Fields }).resource, list.filter((_, i) => i !== at)];
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
