import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota';
import { describer } from './describer.ts';
import { quotaRows, writeScopes } from './quota-table.ts';

export const resourceQuota = describer<IResourceQuota>({
  group: '',
  kind: 'ResourceQuota',
  describe(w, object) {
    w.field(0, 'Name', object.metadata.name);
    w.field(0, 'Namespace', object.metadata.namespace);
    writeScopes(w, 0, ' * ', object);
    w.table(0, ['Resource', 'Used', 'Hard'], quotaRows(object));
  },
});
