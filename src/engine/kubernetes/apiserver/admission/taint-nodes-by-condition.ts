import type { Node } from '../../types.ts';
import type { Mutable } from '../resources/kind.ts';
import type { AdmissionPlugin } from './plugin.ts';

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

/** A new node takes no Pods until the node controller has seen it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  operations: ['CREATE'],
  resources: ['/nodes'],
  admit({ object }) {
    const node = object as unknown as Mutable<Node>;
    node.spec ??= {};
    const taints = node.spec.taints ?? [];
    if (!taints.some((t) => t.key === notReady.key && t.effect === notReady.effect)) {
      node.spec.taints = [...taints, { ...notReady }];
    }
  },
};
