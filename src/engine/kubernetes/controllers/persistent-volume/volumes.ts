import { refs, type PersistentVolume } from '../../types.ts';
import { tolerateGone } from '../owners.ts';
import type { ControllerContext } from '../runtime.ts';
import { annotations } from './annotations.ts';
import { setVolumePhase } from './binding.ts';

/** The kinds of volumes that the control plane itself can empty: these it would start a Pod for. */
const recyclable = ['hostPath', 'nfs'];

/** What the binder does about one volume (`syncVolume`). @returns ms after which to look again. @throws ApiError */
export function syncVolume(
  context: ControllerContext,
  volume: PersistentVolume,
  wakeClaim: (key: string) => void,
): number | undefined {
  const { client } = context;
  const now = context.world.clock.timestamp();
  const { claimRef } = volume.spec;
  if (!claimRef?.uid) return void setVolumePhase(client, now, volume, 'Available');
  const { namespace, name = '' } = claimRef;
  const found = client.resource(refs.persistentVolumeClaims).get(namespace, name);
  const claim = found?.metadata.uid === claimRef.uid ? found : undefined;
  if (!claim) {
    const over = volume.status.phase === 'Released' || volume.status.phase === 'Failed';
    return reclaim(context, over ? volume : setVolumePhase(client, now, volume, 'Released'));
  }
  if (!claim.spec.volumeName) wakeClaim(`${namespace}/${name}`);
  else if (claim.spec.volumeName === volume.metadata.name) setVolumePhase(client, now, volume, 'Bound');
  else if (volume.metadata.annotations?.[annotations.provisionedBy] !== undefined) {
    return reclaim(context, setVolumePhase(client, now, volume, 'Released'));
  } else unbind(context, volume);
  return undefined;
}

/** Lets the volume go that a claim didn't take in the end. */
function unbind({ client, world }: ControllerContext, volume: PersistentVolume): void {
  const { claimRef, ...spec } = volume.spec;
  const { [annotations.boundByController]: byController, ...others } = volume.metadata.annotations ?? {};
  if (claimRef === undefined) return;
  const { uid: _, resourceVersion: __, ...reserved } = claimRef;
  const freed = {
    ...volume,
    metadata: { ...volume.metadata, annotations: others },
    // A reservation that the user made stays.
    spec: byController === undefined ? { ...spec, claimRef: reserved } : spec,
  } as PersistentVolume;
  setVolumePhase(client, world.clock.timestamp(), client.resource(refs.persistentVolumes).update(freed), 'Available');
}

function reclaim(context: ControllerContext, volume: PersistentVolume): number | undefined {
  const { client, events, world } = context;
  const policy = volume.spec.persistentVolumeReclaimPolicy;
  if (policy === 'Retain' || volume.status.phase === 'Failed') return undefined;
  const fail = (reason: string, message: string) => {
    const failed = setVolumePhase(client, world.clock.timestamp(), volume, 'Failed', message);
    events.record(failed, 'Warning', reason, message);
  };
  if (policy === 'Recycle') {
    if (!recyclable.some((source) => source in volume.spec))
      fail('VolumeFailedRecycle', 'No recycler plugin found for the volume!');
    else {
      events.record(volume, 'Normal', 'VolumeRecycled', 'Volume recycled');
      unbind(context, withoutReservation(volume));
    }
    return undefined;
  }
  // Volumes that a provisioner made, it also takes away.
  const provisioner = volume.metadata.annotations?.[annotations.provisionedBy];
  if (provisioner !== undefined && !provisioner.startsWith('kubernetes.io/')) return undefined;
  const path = volume.spec.hostPath?.path;
  if (path === undefined) {
    const problem = `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`;
    fail('VolumeFailedDelete', problem);
  } else if (!/^\/tmp\/.+/.test(path)) {
    fail('VolumeFailedDelete', `host_path deleter only supports /tmp/.+ but received provided ${path}`);
  } else {
    tolerateGone(() => client.resource(refs.persistentVolumes).delete(undefined, volume.metadata.name));
  }
  return undefined;
}

/** After recycling nobody has a claim to the volume. */
function withoutReservation(volume: PersistentVolume): PersistentVolume {
  const marks = { ...volume.metadata.annotations, [annotations.boundByController]: 'yes' };
  return { ...volume, metadata: { ...volume.metadata, annotations: marks } };
}
