import type { KubeObject, PersistentVolumeClaim, Pod } from '../types.ts';
import { isRecord } from './objects.ts';
import type { Store } from './store.ts';

/**
 * What the Pods bound to a node refer to, by the key of the object: its kubelet needs no more than that.
 * @param resource plural: `secrets`, `persistentvolumes`, …
 */
export function nodeReferences(store: Store, node: string, resource: string): ReadonlySet<string> {
  const keys = new Set<string>();
  if (resource === 'volumeattachments') {
    for (const { metadata, ...rest } of store.resource('storage.k8s.io/volumeattachments').objects()) {
      if ((rest as { spec?: { nodeName?: string } }).spec?.nodeName === node) keys.add(metadata.name);
    }
    return keys;
  }
  for (const pod of store.resource('/pods').objects() as readonly Pod[]) {
    if (pod.spec.nodeName === node) collect(store, pod, resource, keys);
  }
  return keys;
}

function collect(store: Store, pod: Pod, resource: string, keys: Set<string>): void {
  const { namespace } = pod.metadata;
  const add = (name: string | undefined) => name && keys.add(`${namespace}/${name}`);
  switch (resource) {
    case 'pods':
      add(pod.metadata.name);
      break;
    case 'serviceaccounts':
      add(pod.spec.serviceAccountName);
      break;
    case 'secrets':
      for (const { name } of pod.spec.imagePullSecrets ?? []) add(name);
      named(pod.spec, ['secretRef', 'secretKeyRef', 'nodePublishSecretRef'], 'secret', 'secretName', add);
      break;
    case 'configmaps':
      named(pod.spec, ['configMapRef', 'configMapKeyRef'], 'configMap', 'name', add);
      break;
    case 'persistentvolumeclaims':
      for (const name of claims(pod)) add(name);
      break;
    case 'persistentvolumes':
      for (const name of claims(pod)) {
        const claim = store.resource('/persistentvolumeclaims').get(`${namespace}/${name}`)?.object;
        const volume = (claim as (KubeObject & PersistentVolumeClaim) | undefined)?.spec.volumeName;
        if (volume) keys.add(volume);
      }
      break;
    case 'resourceclaims': {
      const status = pod.status as { resourceClaimStatuses?: { resourceClaimName?: string }[] };
      for (const { resourceClaimName } of status.resourceClaimStatuses ?? []) add(resourceClaimName);
      for (const claim of pod.spec.resourceClaims ?? []) add(claim.resourceClaimName);
      break;
    }
    default:
  }
}

function claims({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${metadata.name}-${name}`] : [];
  });
}

/**
 * Names that references anywhere in a Pod's spec hold: of any of the fields `refs`, or of a volume source.
 * @param source the volume source's field, @param field where the source has the name
 */
function named(
  value: unknown,
  refs: readonly string[],
  source: string,
  field: string,
  add: (name: string | undefined) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) named(item, refs, source, field, add);
    return;
  }
  if (!isRecord(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (isRecord(item)) {
      if (refs.includes(key)) add(item['name'] as string | undefined);
      // Projected sources call it `name`.
      else if (key === source) add((item[field] ?? item['name']) as string | undefined);
    }
    named(item, refs, source, field, add);
  }
}
