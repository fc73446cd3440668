import type { IIPAddress } from 'kubernetes-models/networking.k8s.io/v1/IPAddress';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { writeMetadata } from './format.ts';

export const ipAddress = describer<IIPAddress>({
  group: 'networking.k8s.io',
  kind: 'IPAddress',
  async describe(w, object, context) {
    const { metadata, spec } = object;
    w.field(0, 'Name', metadata.name);
    writeMetadata(w, metadata);
    const parent = spec.parentRef;
    if (parent) {
      w.line(0, 'Parent Reference:');
      w.field(1, 'Group', parent.group ?? '');
      w.field(1, 'Resource', parent.resource);
      w.field(1, 'Namespace', parent.namespace ?? '');
      w.field(1, 'Name', parent.name);
    }
    await writeEvents(w, object, context);
  },
});
