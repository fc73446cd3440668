import type { FieldError } from '../../apimachinery/field-error.ts';
import { isQualifiedName } from '../../apimachinery/names.ts';
import type { Namespace } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import { checkName } from './common/validate.ts';
import type { Column, Mutable } from './kind.ts';

const ownFinalizer = 'kubernetes';
const nameLabel = 'kubernetes.io/metadata.name';

export const namespace = defineKind<Namespace>('', 'v1', 'namespaces', {
  nameFormat: 'label',
  generation: false,

  defaults({ metadata }) {
    // Every Namespace can be selected by its name.
    if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
  },

  prepareForCreate(draft) {
    const finalizers = draft.spec?.finalizers ?? [];
    draft.spec = {
      ...draft.spec,
      finalizers: finalizers.includes(ownFinalizer) ? finalizers : [...finalizers, ownFinalizer],
    };
    draft.status = { phase: 'Active' } as Mutable<Namespace>['status'];
  },

  prepareForUpdate(draft, old, { subresource }) {
    // The finalizers of the spec change only through the finalize subresource.
    if (subresource !== 'finalize')
      draft.spec = { ...draft.spec, finalizers: old.spec?.finalizers } as Mutable<Namespace>['spec'];
    draft.status = old.status as Mutable<Namespace>['status'];
  },

  prepareForDelete(draft) {
    draft.status = { ...draft.status, phase: 'Terminating' } as Mutable<Namespace>['status'];
  },

  validate: ({ spec }): FieldError[] =>
    (spec?.finalizers ?? []).flatMap((name, i) =>
      name === ownFinalizer ? [] : checkName(name, `spec.finalizers[${i}]`, isQualifiedName),
    ),

  holdsDeletion: ({ spec }) => (spec?.finalizers ?? []).length > 0,

  selectableFields: { 'status.phase': ({ status }) => status?.phase ?? '', name: ({ metadata }) => metadata.name },

  columns: [
    nameColumn as Column<Namespace>,
    column('Status', 'Active, or Terminating while its content is deleted.', ({ status }) => status?.phase ?? ''),
    ageColumn as Column<Namespace>,
  ],
});
