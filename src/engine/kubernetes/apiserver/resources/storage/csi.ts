import type { ICSIDriver } from 'kubernetes-models/storage.k8s.io/v1/CSIDriver';
import type { ICSINode } from 'kubernetes-models/storage.k8s.io/v1/CSINode';
import type { ICSIStorageCapacity } from 'kubernetes-models/storage.k8s.io/v1/CSIStorageCapacity';
import type { IVolumeAttachment } from 'kubernetes-models/storage.k8s.io/v1/VolumeAttachment';
import type { IVolumeAttributesClass } from 'kubernetes-models/storage.k8s.io/v1/VolumeAttributesClass';
import { forbidden, required } from '../../../apimachinery/field-error.ts';
import { ageColumn, column, nameColumn, wideColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable, same } from '../common/validate.ts';
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
