import { compareQuantities, parseQuantity, type Quantity } from '../apimachinery/quantity.ts';
import type { PersistentVolumeClaim } from '../types.ts';
import { countName, one, type Evaluator } from './evaluator.ts';
import { matchesValue } from './pods.ts';

const count = countName('', 'persistentvolumeclaims');
const ofClass = '.storageclass.storage.k8s.io/';
const own = ['persistentvolumeclaims', 'requests.storage'];
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** Claims and the storage they ask for, in all and by storage class (evaluator/core, persistent_volume_claims.go). */
export const claimEvaluator: Evaluator = {
  group: '',
  resource: 'persistentvolumeclaims',
  handles: (operation, subresource) => subresource === undefined && (operation === 'CREATE' || operation === 'UPDATE'),
  matching: (names) =>
    names.filter(
      (name) => name === count || own.includes(name) || own.some((resource) => name.endsWith(ofClass + resource)),
    ),

  usage(object) {
    const claim = object as PersistentVolumeClaim;
    const usage = new Map<string, Quantity>([
      [count, one],
      ['persistentvolumeclaims', one],
    ]);
    const storageClass = claim.metadata.annotations?.[classAnnotation] ?? claim.spec.storageClassName;
    if (storageClass) usage.set(`${storageClass}${ofClass}persistentvolumeclaims`, one);
    const storage = requestedStorage(claim);
    if (storage) {
      usage.set('requests.storage', storage);
      if (storageClass) usage.set(`${storageClass}${ofClass}requests.storage`, storage);
    }
    return usage;
  },

  inScope(scope, object) {
    if (scope.scopeName !== 'VolumeAttributesClass') return false;
    return matchesValue(scope, (object as PersistentVolumeClaim).spec.volumeAttributesClassName);
  },

  frees(object, previous) {
    const [before, after] = [
      requestedStorage(previous as PersistentVolumeClaim),
      requestedStorage(object as PersistentVolumeClaim),
    ];
    return before?.nanos !== after?.nanos;
  },
};

/** A resize that was asked for and is not done yet counts until it is taken back. */
function requestedStorage({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const requested = spec.resources?.requests?.['storage'];
  if (requested === undefined) return undefined;
  const allocated = (status as { allocatedResources?: Record<string, string> } | undefined)?.allocatedResources?.[
    'storage'
  ];
  const amount = parseQuantity(requested);
  if (allocated === undefined) return amount;
  const other = parseQuantity(allocated);
  return compareQuantities(other, amount) > 0 ? other : amount;
}
