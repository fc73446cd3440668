import type { ICSINode } from 'kubernetes-models/storage.k8s.io/v1/CSINode';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatList, formatTime, writeMetadata } from './format.ts';

export const csiNode = describer<ICSINode>({
  group: 'storage.k8s.io',
  kind: 'CSINode',
  async describe(w, object, context) {
    const { metadata, spec } = object;
    w.field(0, 'Name', metadata.name);
    writeMetadata(w, metadata);
    w.field(0, 'CreationTimestamp', formatTime(metadata.creationTimestamp));
    w.line(0, 'Spec:');
    if (spec.drivers) w.line(1, 'Drivers:');
    for (const { name, nodeID, allocatable, topologyKeys } of spec.drivers ?? []) {
      w.line(2, `${name}:`);
      w.field(3, 'Node ID', nodeID);
      if (allocatable?.count !== undefined) {
        w.line(3, 'Allocatables:');
        w.field(4, 'Count', allocatable.count);
      }
      if (topologyKeys) w.field(3, 'Topology Keys', formatList(topologyKeys));
    }
    await writeEvents(w, object, context);
  },
});
