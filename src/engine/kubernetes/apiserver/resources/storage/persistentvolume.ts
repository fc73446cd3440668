import type { IPersistentVolume } from 'kubernetes-models/v1/PersistentVolume';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isDns1123Subdomain } from '../../../apimachinery/names.ts';
import { formatQuantity, parseQuantity } from '../../../apimachinery/quantity.ts';
import { accessModesText, ageColumn, column, nameColumn, wideColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName, same } from '../common/validate.ts';
import type { Column } from '../kind.ts';
import { validateNodeSelectorTerm } from '../pod/validation/scheduling.ts';
import { accessModes } from './access-modes.ts';

type PersistentVolume = Kind<IPersistentVolume, 'spec'>;

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

/** Everything else in the spec names where the data is. */
const notSources = new Set(
  'accessModes capacity claimRef mountOptions nodeAffinity persistentVolumeReclaimPolicy storageClassName volumeMode volumeAttributesClassName'.split(
    ' ',
  ),
);

const sourcesOf = (spec: object) => Object.keys(spec).filter((name) => !notSources.has(name));

export const persistentVolume = defineKind<PersistentVolume>('', 'v1', 'persistentvolumes', {
  generation: false,

  defaults(draft) {
    if (!draft.spec) return;
    draft.spec.persistentVolumeReclaimPolicy ||= 'Retain';
    draft.spec.volumeMode ??= 'Filesystem';
    if (draft.spec.hostPath) draft.spec.hostPath.type ??= '';
  },

  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' };
  },

  validate({ spec }): FieldError[] {
    const errors = accessModes.validate(spec.accessModes, 'spec.accessModes');
    const capacity = spec.capacity ?? {};
    if (Object.keys(capacity).length === 0) errors.push(required('spec.capacity'));
    else if (capacity.storage === undefined || Object.keys(capacity).length > 1) {
      errors.push(notSupported('spec.capacity', capacity, ['storage']));
    } else {
      const amount = parseQuantity(capacity.storage);
      if (amount.nanos <= 0n)
        errors.push(invalid('spec.capacity[storage]', formatQuantity(amount), 'must be greater than zero'));
    }
    const policy: string = spec.persistentVolumeReclaimPolicy ?? '';
    if (policy && !reclaimPolicies.includes(policy)) {
      errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, reclaimPolicies));
    }
    spec.nodeAffinity?.required?.nodeSelectorTerms?.forEach((term, i) => {
      errors.push(...validateNodeSelectorTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`));
    });
    const sources = sourcesOf(spec);
    sources
      .slice(1)
      .forEach((name) => errors.push(forbidden(`spec.${name}`, 'may not specify more than 1 volume type')));
    if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
    if (spec.hostPath && !spec.hostPath.path) errors.push(required('spec.hostPath.path'));
    if (spec.hostPath?.path?.split('/').includes('..'))
      errors.push(invalid('spec.hostPath.path', spec.hostPath.path, "must not contain '..'"));
    if (spec.hostPath?.path === '/' && policy === 'Recycle') {
      const message = "may not be 'recycle' for a hostPath mount of '/'";
      errors.push(forbidden('spec.persistentVolumeReclaimPolicy', message));
    }
    if (spec.nfs && !spec.nfs.server) errors.push(required('spec.nfs.server'));
    if (spec.nfs && !spec.nfs.path) errors.push(required('spec.nfs.path'));
    else if (spec.nfs && !spec.nfs.path.startsWith('/'))
      errors.push(invalid('spec.nfs.path', spec.nfs.path, 'must be an absolute path'));
    if (spec.local && !spec.local.path) errors.push(required('spec.local.path'));
    if (spec.csi && !spec.csi.driver) errors.push(required('spec.csi.driver'));
    if (spec.csi && !spec.csi.volumeHandle) errors.push(required('spec.csi.volumeHandle'));
    if (spec.storageClassName)
      errors.push(...checkName(spec.storageClassName, 'spec.storageClassName', isDns1123Subdomain));
    const mode: string | undefined = spec.volumeMode;
    if (mode !== undefined && mode !== 'Block' && mode !== 'Filesystem')
      errors.push(notSupported('spec.volumeMode', mode, ['Block', 'Filesystem']));
    if (spec.nodeAffinity && !spec.nodeAffinity.required)
      errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
    if (spec.local && !spec.nodeAffinity)
      errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
    return errors;
  },

  validateUpdate(object, old): FieldError[] {
    const before = Object.fromEntries(
      sourcesOf(old.spec).map((name) => [name, (old.spec as Record<string, unknown>)[name]]),
    );
    const after = Object.fromEntries(
      sourcesOf(object.spec).map((name) => [name, (object.spec as Record<string, unknown>)[name]]),
    );
    return same(before, after)
      ? []
      : [forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')];
  },

  columns: [
    nameColumn as Column<PersistentVolume>,
    column('Capacity', 'Its size.', ({ spec }) => String(spec.capacity?.storage ?? '0')),
    column('Access Modes', 'How it may be mounted.', ({ spec }) => accessModesText(spec.accessModes)),
    column(
      'Reclaim Policy',
      'What happens to it after its claim.',
      ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
    ),
    column('Status', 'Available, Bound, Released, Failed, or Terminating.', ({ metadata, status }) =>
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    ),
    column('Claim', 'The claim it is bound to.', ({ spec }) =>
      spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '',
    ),
    column('StorageClass', 'Its storage class.', ({ spec }) => spec.storageClassName ?? ''),
    column(
      'VolumeAttributesClass',
      'Its class of volume attributes.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    column('Reason', 'Why it failed.', ({ status }) => status?.reason ?? ''),
    ageColumn as Column<PersistentVolume>,
    wideColumn('VolumeMode', 'File system or block device.', ({ spec }) => spec.volumeMode ?? '<unset>'),
  ],
});
