import type { IMetricSpec } from 'kubernetes-models/autoscaling/v2/MetricSpec';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { formatQuantity, parseQuantity } from '../../../apimachinery/quantity.ts';

/** What an autoscaler looks at (validateMetricSpec and neighbours). */

const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** `resource` of a metric of type Resource. */
export function sourceField({ type }: IMetricSpec): string {
  return type.slice(0, 1).toLowerCase() + type.slice(1);
}

interface Target {
  type?: string;
  value?: string | number;
  averageValue?: string | number;
  averageUtilization?: number;
}

interface Source {
  name?: string;
  container?: string;
  metric?: { name?: string };
  describedObject?: { kind?: string; name?: string };
  target?: Target;
}

export function validateMetric(metric: IMetricSpec, at: string): FieldError[] {
  if (!metric.type) return [required(`${at}.type`, 'must specify a metric source type')];
  if (!metricTypes.includes(metric.type)) return [notSupported(`${at}.type`, metric.type, metricTypes)];
  const field = sourceField(metric);
  const sources = metric as unknown as Record<string, Source | undefined>;
  const path = `${at}.${field}`;
  const errors: FieldError[] = [];
  if (!sources[field]) errors.push(required(path, 'must populate information for the given metric source'));
  for (const type of metricTypes) {
    const other = sourceField({ type } as IMetricSpec);
    if (other !== field && sources[other])
      errors.push(forbidden(`${at}.${other}`, 'must populate the given metric source only'));
  }
  if (sources[field]) errors.push(...validateSource(metric.type, sources[field], path));
  return errors;
}

function validateSource(type: string, source: Source, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const target = source.target ?? {};
  const isResource = type === 'Resource' || type === 'ContainerResource';
  if (isResource && !source.name) errors.push(required(`${path}.name`, 'must specify a resource name'));
  if (type === 'ContainerResource' && !source.container)
    errors.push(required(`${path}.container`, 'must specify a container'));
  if (type === 'Object') {
    if (!source.describedObject?.kind) errors.push(required(`${path}.describedObject.kind`));
    if (!source.describedObject?.name) errors.push(required(`${path}.describedObject.name`));
  }
  if (!isResource && !source.metric?.name) errors.push(required(`${path}.metric.name`, 'must specify a metric name'));
  errors.push(...validateTarget(target, `${path}.target`));
  const { averageUtilization, averageValue, value } = target;
  const average = `${path}.target.averageValue`;
  switch (type) {
    case 'Resource':
    case 'ContainerResource':
      if (averageUtilization === undefined && averageValue === undefined) {
        const message = 'must set either a target raw value or a target utilization';
        errors.push(required(`${path}.target.averageUtilization`, message));
      }
      if (averageUtilization !== undefined && averageValue !== undefined)
        errors.push(forbidden(average, 'may not set both a target raw value and a target utilization'));
      break;
    case 'Pods':
      if (averageValue === undefined || !isPositive(averageValue))
        errors.push(required(average, 'must specify a positive target averageValue'));
      break;
    case 'Object':
      if (value === undefined && averageValue === undefined)
        errors.push(required(average, 'must set either a target value for metric or a per-pod target for metric'));
      break;
    default:
      if (value === undefined && averageValue === undefined)
        errors.push(required(average, 'must set either a target value for metric or a per-pod target'));
      if (value !== undefined && averageValue !== undefined) {
        const message = 'may not set both a target value for metric and a per-pod target';
        errors.push(forbidden(`${path}.target.value`, message));
      }
  }
  return errors;
}

function validateTarget({ type, value, averageValue, averageUtilization }: Target, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${at}.type`, 'must specify a metric target type'));
  else if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(invalid(`${at}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  const check = (amount: string | number | undefined, name: string) => {
    if (amount !== undefined && !isPositive(amount))
      errors.push(invalid(`${at}.${name}`, formatQuantity(parseQuantity(amount)), 'must be positive'));
  };
  check(value, 'value');
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  check(averageValue, 'averageValue');
  return errors;
}

function isPositive(amount: string | number): boolean {
  return parseQuantity(amount).nanos > 0n;
}
