import { refs, type PersistentVolume, type PersistentVolumeClaim, type Pod } from '../types.ts';
import { keyOf, splitKey, tolerateGone } from './owners.ts';
import { claimIndex, claimKeys, claimsOf } from './pod-claims.ts';
import type { Controller } from './runtime.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';

function without<T extends PersistentVolume | PersistentVolumeClaim>(object: T, finalizer: string): T {
  const { finalizers = [], ...metadata } = object.metadata;
  const others = finalizers.filter((name) => name !== finalizer);
  return { ...object, metadata: others.length > 0 ? { ...metadata, finalizers: others } : metadata };
}

/** Lets a claim go only when no Pod uses it any more (pkg/controller/volume/pvcprotection). */
export const claimProtection: Controller = {
  name: 'persistentvolumeclaim-protection-controller',
  component: 'persistentvolumeclaim-protection-controller',
  serviceAccount: 'pvc-protection-controller',

  start(context) {
    const claims = context.client.resource(refs.persistentVolumeClaims);
    const pods = context.client.resource(refs.pods);
    pods.informer.addIndex(claimIndex, claimKeys);
    const queue = context.queue({
      workers: 1,
      reconcile: (key) => {
        const claim = claims.get(...splitKey(key));
        if (!claim?.metadata.finalizers?.includes(claimFinalizer)) return;
        if (claim.metadata.deletionTimestamp === undefined) return;
        // A Pod without a node was never given the claim, and won't be now.
        if (pods.informer.byIndex(claimIndex, key).some((pod) => pod.spec.nodeName)) return;
        tolerateGone(() => claims.update(without(claim, claimFinalizer)));
      },
    });
    const enqueue = (claim: PersistentVolumeClaim) => {
      if (claim.metadata.deletionTimestamp !== undefined) queue.add(keyOf(claim));
    };
    const podChanged = (pod: Pod) => {
      if (!pod.spec.volumes) return;
      for (const { claim } of claimsOf(pod)) queue.add(`${pod.metadata.namespace}/${claim}`);
    };
    context.watch(refs.persistentVolumeClaims, { add: enqueue, update: enqueue });
    context.watch(refs.pods, {
      update: (pod, previous) => {
        if (pod.spec.nodeName !== previous.spec.nodeName) podChanged(pod);
      },
      delete: podChanged,
    });
  },
};

/** Lets a volume go only when it is not bound (pkg/controller/volume/pvprotection). */
export const volumeProtection: Controller = {
  name: 'persistentvolume-protection-controller',
  component: 'persistentvolume-protection-controller',
  serviceAccount: 'pv-protection-controller',

  start(context) {
    const volumes = context.client.resource(refs.persistentVolumes);
    const queue = context.queue({
      workers: 1,
      reconcile: (name) => {
        const volume = volumes.get(undefined, name);
        if (!volume?.metadata.finalizers?.includes(volumeFinalizer)) return;
        if (volume.metadata.deletionTimestamp === undefined || volume.status.phase === 'Bound') return;
        tolerateGone(() => volumes.update(without(volume, volumeFinalizer)));
      },
    });
    const enqueue = (volume: PersistentVolume) => {
      if (volume.metadata.deletionTimestamp !== undefined) queue.add(volume.metadata.name);
    };
    context.watch(refs.persistentVolumes, { add: enqueue, update: enqueue });
  },
};
