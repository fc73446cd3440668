import type { KubeObject } from '../../types.ts';
import type { AdmissionPlugin } from './plugin.ts';

const annotation = 'storageclass.kubernetes.io/is-default-class';
const betaAnnotation = 'storageclass.beta.kubernetes.io/is-default-class';

/** A claim that names no storage class gets the default one, the newest if there are several. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  operations: ['CREATE'],
  resources: ['/persistentvolumeclaims'],
  admit({ object, context }) {
    const claim = object as unknown as { spec?: { storageClassName?: string } };
    if (!claim.spec || claim.spec.storageClassName !== undefined) return;
    const defaults = context.list('storage.k8s.io', 'storageclasses').filter(isDefault);
    const newest = [...defaults].sort((a, b) =>
      a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1,
    )[0];
    if (newest) claim.spec.storageClassName = newest.metadata.name;
  },
};

function isDefault({ metadata: { annotations } }: KubeObject): boolean {
  return annotations?.[annotation] === 'true' || annotations?.[betaAnnotation] === 'true';
}
