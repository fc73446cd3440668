import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';

/** How fast an autoscaler may go (SetDefaults_HorizontalPodAutoscalerBehavior, validateBehavior). */

export interface ScalingRules {
  stabilizationWindowSeconds?: number;
  selectPolicy?: string;
  policies?: { type: string; value: number; periodSeconds: number }[];
}

export interface Behavior {
  scaleUp?: ScalingRules;
  scaleDown?: ScalingRules;
}

const doubling = { type: 'Percent', value: 100, periodSeconds: 15 };

/** A behavior that says something says everything. */
export function defaultBehavior(behavior: Behavior | undefined): void {
  if (!behavior) return;
  const up = (behavior.scaleUp ??= {});
  up.stabilizationWindowSeconds ??= 0;
  up.selectPolicy ??= 'Max';
  up.policies ??= [{ type: 'Pods', value: 4, periodSeconds: 15 }, { ...doubling }];
  const down = (behavior.scaleDown ??= {});
  down.selectPolicy ??= 'Max';
  down.policies ??= [{ ...doubling }];
}

const maxWindow = 3600;
const maxPeriod = 1800;

export function validateBehavior(behavior: Behavior | undefined, at: string): FieldError[] {
  return (['scaleUp', 'scaleDown'] as const).flatMap((direction) =>
    validateScalingRules(behavior?.[direction], `${at}.${direction}`),
  );
}

function validateScalingRules(rules: ScalingRules | undefined, at: string): FieldError[] {
  if (!rules) return [];
  const errors: FieldError[] = [];
  const window = rules.stabilizationWindowSeconds;
  const windowAt = `${at}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0)
    errors.push(invalid(windowAt, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > maxWindow)
    errors.push(invalid(windowAt, window, `must be less than or equal to ${maxWindow}`));
  const select = rules.selectPolicy;
  if (select !== undefined && !['Disabled', 'Max', 'Min'].includes(select))
    errors.push(notSupported(`${at}.selectPolicy`, select, ['Disabled', 'Max', 'Min']));
  const policies = rules.policies ?? [];
  if (policies.length === 0) errors.push(required(`${at}.policies`, 'must specify at least one Policy'));
  policies.forEach(({ type, value, periodSeconds }, i) => {
    const path = `${at}.policies[${i}]`;
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(`${path}.type`, type, ['Percent', 'Pods']));
    if (value <= 0) errors.push(invalid(`${path}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0) errors.push(invalid(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > maxPeriod)
      errors.push(invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${maxPeriod}`));
  });
  return errors;
}
