import type { Pod } from '../types.ts';

export interface ClaimUse {
  claim: string;
  /** The Pod's volume. */
  volume: string;
  /** Made for this Pod from a template in its spec. */
  ephemeral: boolean;
}

/** The claims that a Pod uses. */
export function claimsOf({ spec, metadata }: Pod): ClaimUse[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): ClaimUse[] => {
    if (persistentVolumeClaim) return [{ claim: persistentVolumeClaim.claimName, volume: name, ephemeral: false }];
    return ephemeral ? [{ claim: `${metadata.name}-${name}`, volume: name, ephemeral: true }] : [];
  });
}

const claimIndex = 'claims';

/** `namespace/name` of each claim that a Pod uses, for the informer's index. */
export function claimKeys(pod: Pod): readonly string[] {
  return pod.spec.volumes ? claimsOf(pod).map(({ claim }) => `${pod.metadata.namespace}/${claim}`) : [];
}

export { claimIndex };
