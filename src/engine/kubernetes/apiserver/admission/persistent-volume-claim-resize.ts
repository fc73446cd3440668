import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import type { KubeObject, PersistentVolumeClaim } from '../../types.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { refuse } from './refuse.ts';

const notExpandable =
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

/** Only claims whose storage class lets volumes grow may ask for more room. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  operations: ['UPDATE'],
  resources: ['/persistentvolumeclaims'],
  validate(attributes) {
    const claim = attributes.object as unknown as PersistentVolumeClaim;
    const old = attributes.old as PersistentVolumeClaim;
    const [before, after] = [sizeOf(old), sizeOf(claim)];
    if (!before || !after || compareQuantities(after, before) <= 0) return;
    if (old.status?.phase !== 'Bound') throw refuse(attributes, 'Only bound persistent volume claims can be expanded');
    const name = claim.spec.storageClassName;
    const found = name ? attributes.context.get('storage.k8s.io', 'storageclasses', undefined, name) : undefined;
    if (!(found as (KubeObject & { allowVolumeExpansion?: boolean }) | undefined)?.allowVolumeExpansion) {
      throw refuse(attributes, notExpandable);
    }
  },
};

function sizeOf({ spec }: PersistentVolumeClaim) {
  const storage = spec.resources?.requests?.['storage'];
  return storage === undefined ? undefined : parseQuantity(storage);
}
