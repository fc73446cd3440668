import type { IPersistentVolume } from 'kubernetes-models/v1/PersistentVolume';
import { ageSince } from '../../../kubernetes/apimachinery/duration.ts';
import { accessModes, storageClassOf } from './claims.ts';
import { describer, type Live } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatList, writeMetadata } from './format.ts';
import { writeVolumeSource } from './volumes.ts';
import type { DescriptionWriter } from './writer.ts';

export const persistentVolume = describer<IPersistentVolume>({
  group: '',
  kind: 'PersistentVolume',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    w.field(0, 'Name', metadata.name);
    writeMetadata(w, metadata);
    w.field(0, 'Finalizers', formatList(metadata.finalizers));
    w.field(0, 'StorageClass', storageClassOf(metadata, spec));
    const deleted = metadata.deletionTimestamp;
    w.field(0, 'Status', deleted ? `Terminating (lasts ${ageSince(deleted, context.now)})` : (status.phase ?? ''));
    w.field(0, 'Claim', spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '');
    w.field(0, 'Reclaim Policy', spec.persistentVolumeReclaimPolicy ?? '');
    w.field(0, 'Access Modes', accessModes(spec.accessModes));
    if (spec.volumeMode) w.field(0, 'VolumeMode', spec.volumeMode);
    w.field(0, 'Capacity', spec.capacity?.['storage'] ?? '0');
    writeNodeAffinity(w, object);
    w.field(0, 'Message', status.message ?? '');
    w.line(0, 'Source:');
    writeVolumeSource(w, spec);
    await writeEvents(w, object, context);
  },
});

function writeNodeAffinity(w: DescriptionWriter, { spec }: Live<IPersistentVolume>): void {
  const required = spec.nodeAffinity?.required;
  if (!required) return w.field(0, 'Node Affinity', '<none>');
  w.field(0, 'Node Affinity', '');
  const terms = required.nodeSelectorTerms;
  w.field(1, 'Required Terms', terms.length === 0 ? '<none>' : '');
  terms.forEach(({ matchExpressions = [] }, i) => {
    if (matchExpressions.length === 0) w.field(2, `Term ${i}`, '<none>');
    matchExpressions.forEach(({ key, operator, values = [] }, j) => {
      const list = values.length > 0 ? ` [${values.join(', ')}]` : '';
      w.line(2, `${j === 0 ? `Term ${i}:` : ''}\t${key} ${operator.toLowerCase()}${list}`);
    });
  });
}
