import type { Pod } from '../../types.ts';
import type { Attempt, Plugin } from '../framework.ts';

const name = 'VolumeBinding';

interface ClaimUse {
  claim: string;
  /** Made for this Pod from a template in its spec. */
  ephemeral: boolean;
}

function claimsOf({ spec, metadata }: Pod): ClaimUse[] {
  return (spec.volumes ?? []).flatMap(({ name: volume, persistentVolumeClaim, ephemeral }): ClaimUse[] => {
    if (persistentVolumeClaim) return [{ claim: persistentVolumeClaim.claimName, ephemeral: false }];
    return ephemeral ? [{ claim: `${metadata.name}-${volume}`, ephemeral: true }] : [];
  });
}

/** Why a claim keeps its Pod from being scheduled. */
function obstacle(attempt: Attempt, { claim: claimName, ephemeral }: ClaimUse): string | undefined {
  const claim = attempt.claim(claimName);
  if (!claim) {
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claimName}"`
      : `persistentvolumeclaim "${claimName}" not found`;
  }
  if (claim.status.phase === 'Lost')
    return `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${claimName}" is being deleted`;
  if (claim.spec.volumeName) return undefined;
  const { storageClassName } = claim.spec;
  const mode = storageClassName ? attempt.storageClass(storageClassName)?.volumeBindingMode : undefined;
  return mode === 'WaitForFirstConsumer' ? undefined : 'pod has unbound immediate PersistentVolumeClaims';
}

/** A Pod waits until its claims exist and those that don't wait for it are bound. */
export const volumeBinding: Plugin = {
  name,
  preFilter: (attempt) => {
    for (const use of claimsOf(attempt.pod)) {
      const reason = obstacle(attempt, use);
      if (reason !== undefined) return { refused: { plugin: name, reasons: [reason], resolvable: false } };
    }
    return undefined;
  },
  requeue: (event, pod) =>
    event.type === 'ClaimChange' &&
    event.claim.metadata.namespace === pod.metadata.namespace &&
    claimsOf(pod).some(({ claim }) => claim === event.claim.metadata.name),
};
