import type { IStorageClass } from 'kubernetes-models/storage.k8s.io/v1/StorageClass';
import { formatLabels } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatOptionalBool } from './format.ts';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageClass = describer<IStorageClass>({
  group: 'storage.k8s.io',
  kind: 'StorageClass',
  async describe(w, object, context) {
    const { metadata, mountOptions = [], allowedTopologies } = object;
    w.field(0, 'Name', metadata.name);
    const isDefault = defaultAnnotations.some((key) => metadata.annotations?.[key] === 'true');
    w.field(0, 'IsDefaultClass', isDefault ? 'Yes' : 'No');
    w.field(0, 'Annotations', formatLabels(metadata.annotations));
    w.field(0, 'Provisioner', object.provisioner);
    w.field(0, 'Parameters', formatLabels(object.parameters));
    w.field(0, 'AllowVolumeExpansion', formatOptionalBool(object.allowVolumeExpansion));
    w.line(0, mountOptions.length === 0 ? 'MountOptions:\t<none>' : 'MountOptions:');
    for (const option of mountOptions) w.line(1, option);
    if (object.reclaimPolicy) w.field(0, 'ReclaimPolicy', object.reclaimPolicy);
    if (object.volumeBindingMode) w.field(0, 'VolumeBindingMode', object.volumeBindingMode);
    if (allowedTopologies) {
      w.field(0, 'AllowedTopologies', allowedTopologies.length === 0 ? '<none>' : '');
      allowedTopologies.forEach(({ matchLabelExpressions = [] }, i) => {
        if (matchLabelExpressions.length === 0) w.field(1, `Term ${i}`, '<none>');
        matchLabelExpressions.forEach(({ key, values }, j) => {
          const list = values.length > 0 ? ` [${values.join(', ')}]` : '';
          w.line(1, `${j === 0 ? `Term ${i}:` : ''}\t${key} in${list}`);
        });
      });
    }
    await writeEvents(w, object, context);
  },
});
