import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { writeHeader } from './format.ts';

export const endpointSlice = describer<IEndpointSlice>({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  async describe(w, object, context) {
    writeHeader(w, object.metadata);
    w.field(0, 'AddressType', object.addressType);
    const ports = object.ports ?? [];
    if (ports.length === 0) w.line(0, 'Ports: <unset>');
    else {
      w.line(0, 'Ports:');
      w.table(
        1,
        ['Name', 'Port', 'Protocol'],
        ports.map(({ name, port, protocol = 'TCP' }) => [name || '<unset>', port ?? '<unset>', protocol]),
      );
    }
    const list = object.endpoints ?? [];
    w.line(0, list.length === 0 ? 'Endpoints: <none>' : 'Endpoints:');
    for (const { addresses, conditions, hostname, targetRef, nodeName, zone } of list) {
      w.field(1, '- Addresses', addresses.join(', ') || '<none>');
      w.line(2, 'Conditions:');
      w.field(3, 'Ready', conditions?.ready ?? '<unset>');
      w.field(2, 'Hostname', hostname ?? '<unset>');
      if (targetRef) w.field(2, 'TargetRef', `${targetRef.kind}/${targetRef.name}`);
      w.field(2, 'NodeName', nodeName ?? '<unset>');
      w.field(2, 'Zone', zone ?? '<unset>');
    }
    await writeEvents(w, object, context);
  },
});
