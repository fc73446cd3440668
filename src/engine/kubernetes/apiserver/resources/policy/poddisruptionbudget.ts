import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { invalid, notSupported, type FieldError } from '../../../apimachinery/field-error.ts';
import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import { goValueOf } from '../common/go-dump.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkLabelSelector } from '../common/validate.ts';
import { validateAtMost100Percent, validateIntOrPercent } from '../common/workload.ts';
import type { Column } from '../kind.ts';

type PodDisruptionBudget = Kind<IPodDisruptionBudget>;

export const podDisruptionBudget = defineKind<PodDisruptionBudget>('policy', 'v1', 'poddisruptionbudgets', {
  prepareForCreate(draft) {
    draft.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    draft.metadata.generation = 1;
  },

  validate({ spec }): FieldError[] {
    const { minAvailable, maxUnavailable } = spec ?? {};
    const errors: FieldError[] = [];
    if (minAvailable !== undefined && maxUnavailable !== undefined) {
      errors.push(
        invalid(
          'spec',
          goValueOf('policy/v1/PodDisruptionBudgetSpec', spec),
          'minAvailable and maxUnavailable cannot be both set',
        ),
      );
    }
    if (minAvailable !== undefined) {
      errors.push(...validateIntOrPercent(minAvailable, 'spec.minAvailable'));
      errors.push(...validateAtMost100Percent(minAvailable, 'spec.minAvailable'));
    }
    if (maxUnavailable !== undefined) {
      errors.push(...validateIntOrPercent(maxUnavailable, 'spec.maxUnavailable'));
      errors.push(...validateAtMost100Percent(maxUnavailable, 'spec.maxUnavailable'));
    }
    errors.push(...checkLabelSelector(spec?.selector as LabelSelector | undefined, 'spec.selector'));
    const policy = spec?.unhealthyPodEvictionPolicy;
    const policies = ['AlwaysAllow', 'IfHealthyBudget'];
    if (policy !== undefined && !policies.includes(policy))
      errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, policies));
    return errors;
  },

  columns: [
    nameColumn as Column<PodDisruptionBudget>,
    column('Min Available', 'Pods that must stay.', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    column('Max Unavailable', 'Pods that may be missing.', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    column(
      'Allowed Disruptions',
      'Pods that may be evicted now.',
      ({ status }) => status?.disruptionsAllowed ?? 0,
      'integer',
    ),
    ageColumn as Column<PodDisruptionBudget>,
  ],
});
