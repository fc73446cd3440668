import type { IIngressClass } from 'kubernetes-models/networking.k8s.io/v1/IngressClass';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { writeMetadata } from './format.ts';

export const ingressClass = describer<IIngressClass>({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  async describe(w, object, context) {
    const { metadata, spec } = object;
    w.field(0, 'Name', metadata.name);
    writeMetadata(w, metadata);
    w.field(0, 'Controller', spec.controller ?? '');
    if (spec.parameters) {
      w.line(0, 'Parameters:');
      if (spec.parameters.apiGroup) w.field(1, 'APIGroup', spec.parameters.apiGroup);
      w.field(1, 'Kind', spec.parameters.kind);
      w.field(1, 'Name', spec.parameters.name);
    }
    await writeEvents(w, object, context);
  },
});
