import type { AdmissionPlugin } from './plugin.ts';

/** Claims and volumes cannot vanish while something uses them. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  operations: ['CREATE'],
  resources: ['/persistentvolumeclaims', '/persistentvolumes'],
  admit({ object, resource }) {
    const finalizer = resource === 'persistentvolumes' ? 'kubernetes.io/pv-protection' : 'kubernetes.io/pvc-protection';
    const finalizers = object!.metadata.finalizers ?? [];
    if (!finalizers.includes(finalizer)) object!.metadata.finalizers = [...finalizers, finalizer];
  },
};
