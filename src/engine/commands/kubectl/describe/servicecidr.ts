import type { IServiceCIDR } from 'kubernetes-models/networking.k8s.io/v1/ServiceCIDR';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatTime, writeMetadata } from './format.ts';

export const serviceCidr = describer<IServiceCIDR>({
  group: 'networking.k8s.io',
  kind: 'ServiceCIDR',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    w.field(0, 'Name', metadata.name);
    writeMetadata(w, metadata);
    w.field(0, 'CIDRs', (spec.cidrs ?? []).join(', '));
    if (status.conditions?.length) {
      w.line(0, 'Status:');
      w.line(0, 'Conditions:');
      w.table(
        1,
        ['Type', 'Status', 'LastTransitionTime', 'Reason', 'Message'],
        status.conditions.map((c) => [c.type, c.status, formatTime(c.lastTransitionTime), c.reason, c.message]),
      );
    }
    await writeEvents(w, object, context);
  },
});
