import { refs, type PersistentVolume, type PersistentVolumeClaim } from '../../types.ts';
import { keyOf, splitKey } from '../owners.ts';
import type { Controller } from '../runtime.ts';
import { syncClaim } from './claims.ts';
import { syncVolume } from './volumes.ts';

/** Everything is looked at again this often (ms): that is when waiting claims say once more what they wait for. */
const resyncPeriod = 15_000;

/** Brings claims and volumes together (pkg/controller/volume/persistentvolume). */
export const persistentVolumeBinder: Controller = {
  name: 'persistentvolume-binder-controller',
  component: 'persistentvolume-controller',
  serviceAccount: 'persistent-volume-binder',

  start(context) {
    const volumes = context.client.resource(refs.persistentVolumes);
    const claims = context.client.resource(refs.persistentVolumeClaims);
    const claimQueue = context.queue({
      workers: 1,
      reconcile: (key) => {
        const claim = claims.get(...splitKey(key));
        if (claim) syncClaim(context, claim);
      },
    });
    const volumeQueue = context.queue({
      workers: 1,
      reconcile: (key) => {
        const volume = volumes.get(undefined, key);
        if (!volume) return;
        const delay = syncVolume(context, volume, (claim) => claimQueue.add(claim));
        if (delay !== undefined) volumeQueue.addAfter(key, delay);
      },
    });
    const enqueueClaim = (claim: PersistentVolumeClaim) => claimQueue.add(keyOf(claim));
    /** A volume's claim may wait for it, and so may every claim that has none. */
    const volumeChanged = (volume: PersistentVolume) => {
      volumeQueue.add(volume.metadata.name);
      const { claimRef } = volume.spec;
      if (claimRef) claimQueue.add(`${claimRef.namespace}/${claimRef.name}`);
      for (const claim of claims.list()) {
        if (claim.status.phase === 'Pending' && claim.spec.volumeName === volume.metadata.name) enqueueClaim(claim);
      }
    };
    const claimChanged = (claim: PersistentVolumeClaim) => {
      enqueueClaim(claim);
      if (claim.spec.volumeName) volumeQueue.add(claim.spec.volumeName);
    };
    context.watch(refs.persistentVolumes, {
      add: volumeChanged,
      update: volumeChanged,
      delete: (volume) => {
        const { claimRef } = volume.spec;
        if (claimRef) claimQueue.add(`${claimRef.namespace}/${claimRef.name}`);
      },
    });
    context.watch(refs.persistentVolumeClaims, {
      add: claimChanged,
      update: (claim, previous) => {
        if (claim.status.phase !== 'Pending' || claim.spec !== previous.spec || isNews(claim, previous)) {
          claimChanged(claim);
        }
      },
      delete: (claim) => {
        if (claim.spec.volumeName) volumeQueue.add(claim.spec.volumeName);
      },
    });
    context.every(resyncPeriod, () => {
      for (const claim of claims.list()) if (claim.status.phase === 'Pending') enqueueClaim(claim);
      for (const { metadata, status } of volumes.list()) {
        if (status.phase !== 'Bound') volumeQueue.add(metadata.name);
      }
    });
  },
};

/** Not what the binder itself wrote. */
function isNews({ metadata }: PersistentVolumeClaim, { metadata: before }: PersistentVolumeClaim): boolean {
  return metadata.annotations !== before.annotations || metadata.deletionTimestamp !== before.deletionTimestamp;
}
