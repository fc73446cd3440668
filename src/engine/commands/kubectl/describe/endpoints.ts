import type { IEndpoints } from 'kubernetes-models/v1/Endpoints';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { writeHeader } from './format.ts';

export const endpoints = describer<IEndpoints>({
  group: '',
  kind: 'Endpoints',
  async describe(w, object, context) {
    writeHeader(w, object.metadata);
    w.line(0, 'Subsets:');
    for (const { addresses = [], notReadyAddresses = [], ports = [] } of object.subsets ?? []) {
      w.field(1, 'Addresses', addresses.map(({ ip }) => ip).join(',') || '<none>');
      w.field(1, 'NotReadyAddresses', notReadyAddresses.map(({ ip }) => ip).join(',') || '<none>');
      if (ports.length > 0) {
        w.line(1, 'Ports:');
        w.table(
          2,
          ['Name', 'Port', 'Protocol'],
          ports.map(({ name, port, protocol = 'TCP' }) => [name || '<unset>', port, protocol]),
        );
      }
      w.line(0);
    }
    await writeEvents(w, object, context);
  },
});
