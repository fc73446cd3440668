import type { ICSIDriver } from 'kubernetes-models/storage.k8s.io/v1/CSIDriver';
import type { ICSINode } from 'kubernetes-models/storage.k8s.io/v1/CSINode';
import type { ICSIStorageCapacity } from 'kubernetes-models/storage.k8s.io/v1/CSIStorageCapacity';
import type { IVolumeAttachment } from 'kubernetes-models/storage.k8s.io/v1/VolumeAttachment';
import type { IVolumeAttributesClass } from 'kubernetes-models/storage.k8s.io/v1/VolumeAttributesClass';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../../../apimachinery/field-error.ts';
import { isDns1123Subdomain } from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn, wideColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable, checkName, checkRequiredName, same } from '../common/validate.ts';
import type { Column } from '../kind.ts';

/** What storage drivers use to talk with the cluster. */

type CsiDriver = Kind<ICSIDriver, 'spec'>;
type CsiNode = Kind<ICSINode, 'spec'>;
type CsiStorageCapacity = Kind<ICSIStorageCapacity>;
type VolumeAttachment = Kind<IVolumeAttachment, 'spec'>;
type VolumeAttributesClass = Kind<IVolumeAttributesClass>;

export const csiDriver = defineKind<CsiDriver>('storage.k8s.io', 'v1', 'csidrivers', {
  generation: false,
  defaults({ spec }) {
    if (!spec) return;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate: validateDriver,
  validateUpdate: (object, old) => [
    ...checkImmutable(object.spec.attachRequired, old.spec.attachRequired, 'spec.attachRequired'),
    ...checkImmutable(object.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
  ],
  columns: [
    nameColumn as Column<CsiDriver>,
    column(
      'AttachRequired',
      'Whether volumes must be attached first.',
      ({ spec }) => spec.attachRequired ?? true,
      'boolean',
    ),
    column(
      'PodInfoOnMount',
      'Whether the driver is told about the Pod.',
      ({ spec }) => spec.podInfoOnMount ?? false,
      'boolean',
    ),
    column('StorageCapacity', 'Whether it reports free space.', ({ spec }) => spec.storageCapacity ?? false, 'boolean'),
    wideColumn(
      'TokenRequests',
      'Audiences of tokens it needs.',
      ({ spec }) => spec.tokenRequests?.map((t) => t.audience).join(',') || '<unset>',
    ),
    wideColumn(
      'RequiresRepublish',
      'Whether it is called again and again.',
      ({ spec }) => spec.requiresRepublish ?? false,
      'boolean',
    ),
    column(
      'Modes',
      'Kinds of volumes it serves.',
      ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || '<none>',
    ),
    ageColumn as Column<CsiDriver>,
  ],
});

export const csiNode = defineKind<CsiNode>('storage.k8s.io', 'v1', 'csinodes', {
  generation: false,
  columns: [
    nameColumn as Column<CsiNode>,
    column('Drivers', 'Drivers on the node.', ({ spec }) => spec.drivers?.length ?? 0, 'integer'),
    ageColumn as Column<CsiNode>,
  ],
});

export const csiStorageCapacity = defineKind<CsiStorageCapacity>('storage.k8s.io', 'v1', 'csistoragecapacities', {
  validate: ({ storageClassName }) => (storageClassName ? [] : [required('storageClassName')]),
  validateUpdate: (object, old) => [
    ...checkImmutable(object.nodeTopology, old.nodeTopology, 'nodeTopology'),
    ...checkImmutable(object.storageClassName, old.storageClassName, 'storageClassName'),
  ],
  columns: [
    nameColumn as Column<CsiStorageCapacity>,
    column('StorageClassName', 'For which storage class.', ({ storageClassName }) => storageClassName),
    column('Capacity', 'Space that is free.', ({ capacity }) =>
      capacity === undefined ? '<unset>' : String(capacity),
    ),
    ageColumn as Column<CsiStorageCapacity>,
  ],
});

export const volumeAttachment = defineKind<VolumeAttachment>('storage.k8s.io', 'v1', 'volumeattachments', {
  generation: false,
  subresources: { status: true },
  validate: validateAttachment,
  validateUpdate: (object, old) => checkImmutable(object.spec, old.spec, 'spec'),
  columns: [
    nameColumn as Column<VolumeAttachment>,
    column('Attacher', 'Driver that attaches.', ({ spec }) => spec.attacher),
    column('PV', 'Volume.', ({ spec }) => spec.source?.persistentVolumeName ?? ''),
    column('Node', 'Node it is attached to.', ({ spec }) => spec.nodeName),
    column('Attached', 'Whether it is attached by now.', ({ status }) => status?.attached ?? false, 'boolean'),
    ageColumn as Column<VolumeAttachment>,
  ],
});

export const volumeAttributesClass = defineKind<VolumeAttributesClass>(
  'storage.k8s.io',
  'v1',
  'volumeattributesclasses',
  {
    validate: ({ driverName }) => (driverName ? [] : [required('driverName')]),
    validateUpdate: (object, old) => [
      ...(object.driverName === old.driverName
        ? []
        : [forbidden('driverName', 'updates to driverName are forbidden.')]),
      ...(same(object.parameters, old.parameters)
        ? []
        : [forbidden('parameters', 'updates to parameters are forbidden.')]),
    ],
    columns: [
      nameColumn as Column<VolumeAttributesClass>,
      column('DriverName', 'Driver it is for.', ({ driverName }) => driverName),
      ageColumn as Column<VolumeAttributesClass>,
    ],
  },
);

const maxDriverName = 63;
const fsGroupPolicies = ['ReadWriteOnceWithFSType', 'File', 'None'];
const lifecycleModes = ['Persistent', 'Ephemeral'];

/** ValidateCSIDriver. */
function validateDriver({ metadata, spec }: CsiDriver): FieldError[] {
  const errors: FieldError[] = driverName(metadata.name, 'metadata.name');
  const policy: string | undefined = spec.fsGroupPolicy;
  if (policy !== undefined && !fsGroupPolicies.includes(policy))
    errors.push(notSupported('spec.fsGroupPolicy', policy, fsGroupPolicies));
  const audiences = new Set<string>();
  spec.tokenRequests?.forEach(({ audience, expirationSeconds }, i) => {
    const at = `spec.tokenRequests[${i}]`;
    if (audiences.has(audience)) errors.push(duplicate(`${at}.audience`, audience));
    audiences.add(audience);
    if (expirationSeconds === undefined) return;
    if (expirationSeconds < 600)
      errors.push(
        invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'),
      );
    if (expirationSeconds > 2 ** 32)
      errors.push(
        invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'),
      );
  });
  spec.volumeLifecycleModes?.forEach((mode: string) => {
    if (!lifecycleModes.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, lifecycleModes));
  });
  return errors;
}

/** ValidateCSIDriverName. */
function driverName(name: string | undefined, at: string): FieldError[] {
  if (!name) return [required(at)];
  const errors: FieldError[] = name.length > maxDriverName ? [tooLong(at, maxDriverName)] : [];
  return [...errors, ...checkName(name.toLowerCase(), at, isDns1123Subdomain)];
}

/** ValidateVolumeAttachment. */
function validateAttachment({ spec }: VolumeAttachment): FieldError[] {
  const errors = driverName(spec.attacher, 'spec.attacher');
  const { persistentVolumeName: name, inlineVolumeSpec } = spec.source ?? {};
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inlineVolumeSpec === undefined && !name) errors.push(required('spec.source', one));
  else if (inlineVolumeSpec !== undefined && name !== undefined) errors.push(forbidden('spec.source', one));
  else if (name !== undefined) errors.push(...checkName(name, 'spec.source.persistentVolumeName', isDns1123Subdomain));
  errors.push(...checkRequiredName(spec.nodeName, 'spec.nodeName', isDns1123Subdomain));
  return errors;
}
