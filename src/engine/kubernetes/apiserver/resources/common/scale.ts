import {
  formatSelector,
  selectorFrom,
  selectorFromLabels,
  type LabelSelector,
  type Labels,
} from '../../../apimachinery/label-selector.ts';
import type { KubeObject } from '../../../types.ts';
import type { ScaleMapping } from '../kind.ts';

interface Scalable {
  spec?: { replicas?: number; selector?: unknown };
  status?: { replicas?: number };
}

/** The scale subresource of kinds with `spec.replicas`, `status.replicas` and a label selector. */
export const labelSelectorScale: ScaleMapping<KubeObject & Scalable> = {
  replicas: ({ spec }) => spec?.replicas ?? 0,
  statusReplicas: ({ status }) => status?.replicas ?? 0,
  selector: ({ spec }) => formatSelector(selectorFrom(spec?.selector as LabelSelector | undefined) ?? []),
  withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
};

/** The same with a plain map as selector (ReplicationController). */
export const mapSelectorScale: ScaleMapping<KubeObject & Scalable> = {
  ...labelSelectorScale,
  selector: ({ spec }) => formatSelector(selectorFromLabels(spec?.selector as Labels | undefined)),
};
