import type { IReplicationController } from 'kubernetes-models/v1/ReplicationController';
import { required, type FieldError } from '../../apimachinery/field-error.ts';
import { formatLabels } from '../../apimachinery/label-selector.ts';
import { ageColumn, column, nameColumn, wideColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import type { Kind } from './common/kind-type.ts';
import { mapSelectorScale } from './common/scale.ts';
import { checkNonNegative } from './common/validate.ts';
import { defaultTemplate, templateColumns, validateTemplate } from './common/workload.ts';
import type { Column } from './kind.ts';

type ReplicationController = Kind<IReplicationController, 'spec'>;

export const replicationController = defineKind<ReplicationController>('', 'v1', 'replicationcontrollers', {
  subresources: { scale: mapSelectorScale as never },

  defaults({ spec, metadata }) {
    if (!spec) return;
    spec.replicas ??= 1;
    const labels = spec.template?.metadata?.labels;
    if (labels && !spec.selector) spec.selector = { ...labels };
    if (labels && !metadata.labels) metadata.labels = { ...labels };
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = { replicas: 0 };
    draft.metadata.generation = 1;
  },

  validate({ spec }): FieldError[] {
    const errors = checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds');
    if (Object.keys(spec.selector ?? {}).length === 0) errors.push(required('spec.selector'));
    errors.push(...checkNonNegative(spec.replicas, 'spec.replicas'));
    if (!spec.template) errors.push(required('spec.template'));
    else
      errors.push(
        ...validateTemplate(
          spec.template as never,
          { matchLabels: spec.selector ?? {} },
          'spec.template',
          'ReplicationController',
        ),
      );
    return errors;
  },

  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },

  columns: [
    nameColumn as Column<ReplicationController>,
    column('Desired', 'Pods wanted.', ({ spec }) => spec.replicas ?? 0, 'integer'),
    column('Current', 'Pods there are.', ({ status }) => status?.replicas ?? 0, 'integer'),
    column('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0, 'integer'),
    ageColumn as Column<ReplicationController>,
    ...templateColumns<ReplicationController>(),
    wideColumn('Selector', 'Which Pods belong to it.', ({ spec }) => formatLabels(spec.selector)),
  ],
});
