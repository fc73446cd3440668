import type { IVolumeAttributesClass } from 'kubernetes-models/storage.k8s.io/v1/VolumeAttributesClass';
import { formatLabels } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';

export const volumeAttributesClass = describer<IVolumeAttributesClass>({
  group: 'storage.k8s.io',
  kind: 'VolumeAttributesClass',
  async describe(w, object, context) {
    w.field(0, 'Name', object.metadata.name);
    w.field(0, 'Annotations', formatLabels(object.metadata.annotations));
    w.field(0, 'DriverName', object.driverName);
    w.field(0, 'Parameters', formatLabels(object.parameters));
    await writeEvents(w, object, context);
  },
});
