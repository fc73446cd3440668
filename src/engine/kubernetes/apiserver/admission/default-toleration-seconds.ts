import type { Pod } from '../../types.ts';
import type { Mutable } from '../resources/kind.ts';
import type { AdmissionPlugin } from './plugin.ts';

const tolerationSeconds = 300;
const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Pods stay five minutes on a node that is not ready or cannot be reached, unless they say otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/pods'],
  admit({ object }) {
    const { spec } = object as unknown as Mutable<Pod>;
    if (!spec) return;
    const tolerations = spec.tolerations ?? [];
    for (const key of keys) {
      const tolerated = tolerations.some((t) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect));
      if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds });
    }
    spec.tolerations = tolerations;
  },
};
