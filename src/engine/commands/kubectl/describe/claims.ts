import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import type { ApiMetadata } from '../client/types.ts';
import { ageSince } from '../../../kubernetes/apimachinery/duration.ts';
import { formatList, writeAnnotations, writeLabels } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

type ClaimSpec = NonNullable<IPersistentVolumeClaim['spec']>;
type ClaimStatus = NonNullable<IPersistentVolumeClaim['status']>;

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,RWX`, each mode once. */
export function accessModes(list: readonly string[] | undefined): string {
  const given = new Set(list ?? []);
  return Object.keys(modes)
    .filter((mode) => given.has(mode))
    .map((mode) => modes[mode])
    .join(',');
}

/** The class of a claim; an old annotation may name it. */
export function storageClassOf(
  metadata: Pick<ApiMetadata, 'annotations'> | undefined,
  spec: { storageClassName?: string } | undefined,
): string {
  return metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '';
}

/** A claim, or with `full` unset a claim template, which has neither name nor status. */
export function claimSummary(
  w: DescriptionWriter,
  claim: { metadata?: ApiMetadata; spec?: ClaimSpec; status?: ClaimStatus },
  full?: { now: number },
): void {
  const { metadata = {}, spec, status } = claim;
  if (full) {
    w.field(0, 'Name', metadata.name ?? '');
    w.field(0, 'Namespace', metadata.namespace ?? '');
  }
  w.field(0, 'StorageClass', storageClassOf(metadata, spec));
  if (full) {
    const phase = metadata.deletionTimestamp
      ? `Terminating (lasts ${ageSince(metadata.deletionTimestamp, full.now)})`
      : (status?.phase ?? '');
    w.field(0, 'Status', phase);
  }
  w.field(0, 'Volume', spec?.volumeName ?? '');
  writeLabels(w, 0, 'Labels', metadata.labels);
  writeAnnotations(w, 0, 'Annotations', metadata.annotations);
  if (full) w.field(0, 'Finalizers', formatList(metadata.finalizers));
  const isBound = Boolean(spec?.volumeName);
  w.field(0, 'Capacity', isBound ? (status?.capacity?.['storage'] ?? '0') : '');
  w.field(0, 'Access Modes', isBound ? accessModes(status?.accessModes) : '');
  if (spec?.volumeMode) w.field(0, 'VolumeMode', spec.volumeMode);
  if (spec?.dataSource) {
    w.line(0, 'DataSource:');
    if (spec.dataSource.apiGroup) w.field(1, 'APIGroup', spec.dataSource.apiGroup);
    w.field(1, 'Kind', spec.dataSource.kind);
    w.field(1, 'Name', spec.dataSource.name);
  }
}
