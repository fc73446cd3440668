import type { KubeObject } from '../../types.ts';
import type { KindContext } from '../resources/kind.ts';
import type { AdmissionPlugin } from './plugin.ts';

const annotation = 'storageclass.kubernetes.io/is-default-class';
const betaAnnotation = 'storageclass.beta.kubernetes.io/is-default-class';
/** Before there was a field for it. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** A claim that names no storage class gets the default one. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  operations: ['CREATE'],
  resources: ['/persistentvolumeclaims'],
  admit({ object, context }) {
    const claim = object as unknown as KubeObject & { spec?: { storageClassName?: string } };
    if (!claim.spec || claim.spec.storageClassName !== undefined) return;
    if (claim.metadata.annotations?.[classAnnotation] !== undefined) return;
    const found = newestDefault(context, 'storage.k8s.io', 'storageclasses', [annotation, betaAnnotation]);
    if (found) claim.spec.storageClassName = found.metadata.name;
  },
};

/** Of the classes that say they are the default one the newest; of several at once the first by name. */
export function newestDefault(
  context: KindContext,
  group: string,
  resource: string,
  annotations: readonly string[],
): KubeObject | undefined {
  const says = ({ metadata }: KubeObject) => annotations.some((name) => metadata.annotations?.[name] === 'true');
  let newest: KubeObject | undefined;
  for (const candidate of context.list(group, resource)) {
    if (!says(candidate)) continue;
    // Listed by name: a later one must be younger.
    if (!newest || candidate.metadata.creationTimestamp > newest.metadata.creationTimestamp) newest = candidate;
  }
  return newest;
}
