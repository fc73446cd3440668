import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import { isDns1123Subdomain } from '../../../apimachinery/names.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../../../apimachinery/quantity.ts';
import { accessModesText, ageColumn, column, nameColumn, wideColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import { goDiff } from '../common/go-diff.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkLabelSelector, checkName, same } from '../common/validate.ts';
import type { Column } from '../kind.ts';
import { accessModes } from './access-modes.ts';

type PersistentVolumeClaim = Kind<IPersistentVolumeClaim, 'spec'>;

/** Before there were fields for it. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';
const onlyTheseMayChange =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>('', 'v1', 'persistentvolumeclaims', {
  generation: false,

  defaults(draft) {
    draft.status ??= {};
    draft.status.phase ||= 'Pending';
    if (draft.spec) draft.spec.volumeMode ??= 'Filesystem';
  },

  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' };
  },

  validate({ spec }): FieldError[] {
    const errors = checkLabelSelector(spec.selector as LabelSelector | undefined, 'spec.selector');
    errors.push(...accessModes.validate(spec.accessModes, 'spec.accessModes'));
    const storage = spec.resources?.requests?.storage;
    const path = 'spec.resources[storage]';
    if (storage === undefined) errors.push(required(path));
    else {
      const amount = parseQuantity(storage);
      if (amount.nanos <= 0n) errors.push(invalid(path, formatQuantity(amount), 'must be greater than zero'));
    }
    if (spec.storageClassName)
      errors.push(...checkName(spec.storageClassName, 'spec.storageClassName', isDns1123Subdomain));
    const mode: string | undefined = spec.volumeMode;
    if (mode !== undefined && mode !== 'Block' && mode !== 'Filesystem') {
      errors.push(notSupported('spec.volumeMode', mode, ['Block', 'Filesystem']));
    }
    return errors;
  },

  validateUpdate(object, old, { subresource }): FieldError[] {
    if (subresource === 'status') return [];
    const munged = { ...object.spec };
    const bound = old.status?.phase === 'Bound';
    // Binding fills in the volume; a bound claim may ask for more room.
    if (!old.spec.volumeName) munged.volumeName = old.spec.volumeName as string;
    if (bound) {
      munged.resources = { ...munged.resources, requests: old.spec.resources?.requests } as typeof munged.resources;
      munged.volumeAttributesClassName = old.spec.volumeAttributesClassName as string;
    }
    if (!same(munged, old.spec)) {
      return [
        forbidden('spec', `${onlyTheseMayChange}\n${goDiff('core/v1/PersistentVolumeClaimSpec', old.spec, munged)}`),
      ];
    }
    const before = old.spec.resources?.requests?.storage;
    const after = object.spec.resources?.requests?.storage;
    if (
      before !== undefined &&
      after !== undefined &&
      compareQuantities(parseQuantity(after), parseQuantity(before)) < 0
    ) {
      return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')];
    }
    return [];
  },

  columns: [
    nameColumn as Column<PersistentVolumeClaim>,
    column('Status', 'Pending, Bound, Lost, or Terminating.', ({ metadata, status }) =>
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    ),
    column('Volume', 'The volume it is bound to.', ({ spec }) => spec.volumeName ?? ''),
    column('Capacity', 'Size of that volume.', ({ spec, status }) =>
      spec.volumeName ? String(status?.capacity?.storage ?? '0') : '',
    ),
    column('Access Modes', 'How that volume may be mounted.', ({ spec, status }) =>
      spec.volumeName ? accessModesText(status?.accessModes) : '',
    ),
    column(
      'StorageClass',
      'Its storage class.',
      ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '',
    ),
    column(
      'VolumeAttributesClass',
      'Its class of volume attributes.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    ageColumn as Column<PersistentVolumeClaim>,
    wideColumn('VolumeMode', 'File system or block device.', ({ spec }) => spec.volumeMode ?? '<unset>'),
  ],
});
