import { deepEqual } from '../../apiserver/objects.ts';
import type { Client } from '../../client.ts';
import { refs, type PersistentVolume, type PersistentVolumeClaim } from '../../types.ts';
import { annotations } from './annotations.ts';
import { isBoundTo } from './match.ts';

/** The four writes that bind a volume and a claim to each other; each may have happened already. */

type VolumePhase = NonNullable<PersistentVolume['status']['phase']>;
type ClaimPhase = NonNullable<PersistentVolumeClaim['status']['phase']>;

export function withAnnotations<T extends PersistentVolume | PersistentVolumeClaim>(
  object: T,
  added: Readonly<Record<string, string>>,
): T {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...added } } };
}

/** The volume with its reference to the claim. */
export function claimed(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { apiVersion, kind, metadata } = claim;
  const { namespace, name, uid, resourceVersion } = metadata;
  if (isBoundTo(volume, claim) && volume.spec.claimRef?.uid === uid) return volume;
  const marked = isBoundTo(volume, claim)
    ? volume
    : withAnnotations(volume, { [annotations.boundByController]: 'yes' });
  const claimRef = { apiVersion, kind, name, namespace, resourceVersion, uid };
  return { ...marked, spec: { ...marked.spec, claimRef } } as PersistentVolume;
}

/** @throws ApiError */
export function bind(client: Client, now: string, volume: PersistentVolume, claim: PersistentVolumeClaim): void {
  const volumes = client.resource(refs.persistentVolumes);
  const claims = client.resource(refs.persistentVolumeClaims);
  const reserved = claimed(volume, claim);
  const bound = reserved === volume ? volume : volumes.update(reserved);
  setVolumePhase(client, now, bound, 'Bound');
  let owner = claim;
  if (claim.spec.volumeName !== bound.metadata.name || !claim.metadata.annotations?.[annotations.bindCompleted]) {
    const byController = claim.spec.volumeName ? undefined : { [annotations.boundByController]: 'yes' };
    const marked = withAnnotations(claim, { [annotations.bindCompleted]: 'yes', ...byController });
    owner = claims.update({ ...marked, spec: { ...marked.spec, volumeName: bound.metadata.name } });
  }
  setClaimPhase(client, owner, 'Bound', bound);
}

/** @throws ApiError */
export function setVolumePhase(
  client: Client,
  now: string,
  volume: PersistentVolume,
  phase: VolumePhase,
  message?: string,
): PersistentVolume {
  const { status } = volume;
  if (status.phase === phase && status.message === message) return volume;
  const { message: _, ...others } = status;
  const changed = {
    ...others,
    phase,
    ...(message === undefined ? undefined : { message }),
    ...(status.phase === phase ? undefined : { lastPhaseTransitionTime: now }),
  };
  const updated = { ...volume, status: changed } as PersistentVolume;
  return client.resource(refs.persistentVolumes).update(updated, 'status');
}

/** @throws ApiError */
export function setClaimPhase(
  client: Client,
  claim: PersistentVolumeClaim,
  phase: ClaimPhase,
  volume?: PersistentVolume,
): PersistentVolumeClaim {
  const status = volume
    ? {
        ...claim.status,
        phase,
        accessModes: volume.spec.accessModes,
        capacity: claim.status.capacity ?? volume.spec.capacity,
      }
    : { phase };
  if (deepEqual(status, claim.status)) return claim;
  return client.resource(refs.persistentVolumeClaims).update({ ...claim, status } as PersistentVolumeClaim, 'status');
}
