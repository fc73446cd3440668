import type { KubeObject, Pod } from '../../types.ts';
import { deepEqual } from '../objects.ts';
import type { Mutable } from '../resources/kind.ts';
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.ts';
import { refuse } from './refuse.ts';

type Toleration = NonNullable<Mutable<Pod>['spec']['tolerations']>[number];
type RuntimeClass = KubeObject & {
  readonly overhead?: { readonly podFixed?: Readonly<Record<string, string>> };
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
  };
};

/** A Pod's runtime class brings its overhead and where it can run. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  operations: ['CREATE'],
  resources: ['/pods'],
  admit(attributes) {
    const { spec } = attributes.object as unknown as Mutable<Pod>;
    if (spec?.runtimeClassName === undefined) return;
    const found = lookUp(attributes, spec.runtimeClassName, 'admit');
    const overhead = found.overhead?.podFixed;
    if (overhead && !spec.overhead) spec.overhead = { ...overhead };
    const { nodeSelector = {}, tolerations = [] } = found.scheduling ?? {};
    for (const [key, value] of Object.entries(nodeSelector)) {
      const own = spec.nodeSelector?.[key];
      if (own !== undefined && own !== value) {
        const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
        throw refuse(attributes, why, 'admit');
      }
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
    }
    const own = spec.tolerations ?? [];
    const added = tolerations.filter((toleration) => !own.some((other) => deepEqual(other, toleration)));
    if (added.length > 0) spec.tolerations = [...own, ...added.map((toleration) => ({ ...toleration }))];
  },
  validate(attributes) {
    const { spec } = attributes.object as unknown as Pod;
    const overhead = spec.runtimeClassName && lookUp(attributes, spec.runtimeClassName, 'validate').overhead?.podFixed;
    if (overhead ? !deepEqual(spec.overhead, overhead) : spec.overhead && Object.keys(spec.overhead).length > 0) {
      const why = overhead
        ? "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        : 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
      throw refuse(attributes, why);
    }
  },
};

/** @throws ApiError Forbidden */
function lookUp(attributes: AdmissionAttributes, name: string, phase: 'admit' | 'validate'): RuntimeClass {
  const found = attributes.context.get('node.k8s.io', 'runtimeclasses', undefined, name) as RuntimeClass | undefined;
  if (!found) throw refuse(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`, phase);
  return found;
}
