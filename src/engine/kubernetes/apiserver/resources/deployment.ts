import { forbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/field-error.ts';
import type { Deployment } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import { labelSelectorScale } from './common/scale.ts';
import { checkImmutable, checkNonNegative } from './common/validate.ts';
import {
  countOrPercent,
  defaultTemplate,
  selectorColumn,
  templateColumns,
  validateAtMost100Percent,
  validateIntOrPercent,
  validateSelector,
  validateTemplate,
} from './common/workload.ts';
import type { Column } from './kind.ts';
import { podWarnings } from './pod/warnings.ts';

export const deployment = defineKind<Deployment>('apps', 'v1', 'deployments', {
  subresources: { scale: labelSelectorScale as never },

  defaults({ spec }) {
    if (!spec) return;
    spec.replicas ??= 1;
    spec.strategy ??= {};
    spec.strategy.type ||= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.template ??= {};
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = {};
    draft.metadata.generation = 1;
  },

  validate({ spec }): FieldError[] {
    const errors = checkNonNegative(spec?.replicas, 'spec.replicas');
    errors.push(...validateSelector(spec?.selector, 'spec.selector', 'deployment'));
    errors.push(...validateTemplate(spec?.template as never, spec?.selector, 'spec.template'));
    errors.push(...validateStrategy(spec?.strategy ?? {}, 'spec.strategy'));
    errors.push(...checkNonNegative(spec?.minReadySeconds, 'spec.minReadySeconds'));
    errors.push(...checkNonNegative(spec?.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
    const deadline = spec?.progressDeadlineSeconds;
    errors.push(...checkNonNegative(deadline, 'spec.progressDeadlineSeconds'));
    if (deadline !== undefined && deadline <= (spec?.minReadySeconds ?? 0)) {
      errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
    }
    return errors;
  },

  validateUpdate: (object, old) => checkImmutable(object.spec.selector, old.spec.selector, 'spec.selector'),

  warnings: ({ spec }) => podWarnings(spec?.template?.spec, 'spec.template.spec'),

  columns: [
    nameColumn as Column<Deployment>,
    column(
      'Ready',
      'Pods that are ready, of those wanted.',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    column(
      'Up-to-date',
      'Pods made from the present template.',
      ({ status }) => status?.updatedReplicas ?? 0,
      'string',
    ),
    column(
      'Available',
      'Pods that have been ready for minReadySeconds.',
      ({ status }) => status?.availableReplicas ?? 0,
      'string',
    ),
    ageColumn as Column<Deployment>,
    ...templateColumns<Deployment>(),
    selectorColumn<Deployment>(),
  ],
});

function validateStrategy(strategy: NonNullable<Deployment['spec']['strategy']>, path: string): FieldError[] {
  const type: string = strategy.type ?? '';
  if (type === 'Recreate') {
    return strategy.rollingUpdate
      ? [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
      : [];
  }
  if (type !== 'RollingUpdate') {
    return [
      notSupported(path, { Type: type, RollingUpdate: strategy.rollingUpdate ?? null }, ['Recreate', 'RollingUpdate']),
    ];
  }
  const at = `${path}.rollingUpdate`;
  if (!strategy.rollingUpdate) return [required(at, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const errors = validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`);
  errors.push(...validateIntOrPercent(maxSurge, `${at}.maxSurge`));
  if (countOrPercent(maxUnavailable) === 0 && countOrPercent(maxSurge) === 0) {
    errors.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  errors.push(...validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`));
  return errors;
}
