import type { ILimitRange } from 'kubernetes-models/v1/LimitRange';
import { describer } from './describer.ts';
import { limitHeader, limitRows } from './quota-table.ts';

export const limitRange = describer<ILimitRange>({
  group: '',
  kind: 'LimitRange',
  describe(w, object) {
    w.field(0, 'Name', object.metadata.name);
    w.field(0, 'Namespace', object.metadata.namespace);
    w.table(0, limitHeader, limitRows(object));
  },
});
