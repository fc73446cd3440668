import type { FieldError } from '../../apimachinery/field-error.ts';
import type { ReplicaSet } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import { labelSelectorScale } from './common/scale.ts';
import { checkImmutable, checkNonNegative } from './common/validate.ts';
import {
  defaultTemplate,
  selectorColumn,
  templateColumns,
  validateSelector,
  validateTemplate,
} from './common/workload.ts';
import type { Column } from './kind.ts';
import { podWarnings } from './pod/warnings.ts';

export const replicaSet = defineKind<ReplicaSet>('apps', 'v1', 'replicasets', {
  subresources: { scale: labelSelectorScale as never },

  defaults({ spec }) {
    if (!spec) return;
    spec.replicas ??= 1;
    spec.template ??= {};
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = { replicas: 0 };
    draft.metadata.generation = 1;
  },

  validate({ spec }): FieldError[] {
    const errors = checkNonNegative(spec?.replicas, 'spec.replicas');
    errors.push(...checkNonNegative(spec?.minReadySeconds, 'spec.minReadySeconds'));
    errors.push(...validateSelector(spec?.selector, 'spec.selector', 'deployment'));
    errors.push(...validateTemplate(spec?.template as never, spec?.selector, 'spec.template'));
    return errors;
  },

  validateUpdate: (object, old) => checkImmutable(object.spec.selector, old.spec.selector, 'spec.selector'),

  warnings: ({ spec }) => podWarnings(spec?.template?.spec, 'spec.template.spec'),

  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },

  columns: [
    nameColumn as Column<ReplicaSet>,
    column('Desired', 'Pods wanted.', ({ spec }) => spec.replicas ?? 0, 'integer'),
    column('Current', 'Pods there are.', ({ status }) => status?.replicas ?? 0, 'integer'),
    column('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0, 'integer'),
    ageColumn as Column<ReplicaSet>,
    ...templateColumns<ReplicaSet>(),
    selectorColumn<ReplicaSet>(),
  ],
});
