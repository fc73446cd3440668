import type { IPriorityClass } from 'kubernetes-models/scheduling.k8s.io/v1/PriorityClass';
import { formatLabels } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';

export const priorityClass = describer<IPriorityClass>({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  async describe(w, object, context) {
    w.field(0, 'Name', object.metadata.name);
    w.field(0, 'Value', object.value);
    w.field(0, 'GlobalDefault', object.globalDefault ?? false);
    w.field(0, 'PreemptionPolicy', object.preemptionPolicy ?? '');
    w.field(0, 'Description', object.description ?? '');
    w.field(0, 'Annotations', formatLabels(object.metadata.annotations));
    await writeEvents(w, object, context);
  },
});
