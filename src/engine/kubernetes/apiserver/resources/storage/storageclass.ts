import type { IStorageClass } from 'kubernetes-models/storage.k8s.io/v1/StorageClass';
import { forbidden, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable, same } from '../common/validate.ts';
import type { Column } from '../kind.ts';

type StorageClass = Kind<IStorageClass>;

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageClass = defineKind<StorageClass>('storage.k8s.io', 'v1', 'storageclasses', {
  defaults(draft) {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },

  validate({ provisioner, reclaimPolicy, volumeBindingMode }): FieldError[] {
    const errors: FieldError[] = provisioner ? [] : [required('provisioner')];
    const policy: string = reclaimPolicy ?? '';
    if (policy && !['Delete', 'Retain'].includes(policy))
      errors.push(notSupported('reclaimPolicy', policy, ['Delete', 'Retain']));
    const mode: string = volumeBindingMode ?? '';
    const modes = ['Immediate', 'WaitForFirstConsumer'];
    if (!mode) errors.push(required('volumeBindingMode'));
    else if (!modes.includes(mode)) errors.push(notSupported('volumeBindingMode', mode, modes));
    return errors;
  },

  validateUpdate(object, old): FieldError[] {
    const errors: FieldError[] = [];
    if (!same(object.parameters, old.parameters))
      errors.push(forbidden('parameters', 'updates to parameters are forbidden.'));
    if (object.provisioner !== old.provisioner)
      errors.push(forbidden('provisioner', 'updates to provisioner are forbidden.'));
    if (object.reclaimPolicy !== old.reclaimPolicy)
      errors.push(forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
    errors.push(...checkImmutable(object.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode'));
    return errors;
  },

  columns: [
    {
      ...(nameColumn as Column<StorageClass>),
      value: ({ metadata }) => {
        const isDefault = defaultAnnotations.some((key) => metadata.annotations?.[key] === 'true');
        return isDefault ? `${metadata.name} (default)` : metadata.name;
      },
    },
    column('Provisioner', 'What makes its volumes.', ({ provisioner }) => provisioner),
    column(
      'ReclaimPolicy',
      'What happens to a volume after its claim.',
      ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    ),
    column(
      'VolumeBindingMode',
      'When volumes are made and bound.',
      ({ volumeBindingMode }) => volumeBindingMode ?? '<unset>',
    ),
    column(
      'AllowVolumeExpansion',
      'Whether claims may grow.',
      ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
      'string',
    ),
    ageColumn as Column<StorageClass>,
  ],
});
