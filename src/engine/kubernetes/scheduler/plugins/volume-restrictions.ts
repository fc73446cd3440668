import { claimsOf } from '../../controllers/pod-claims.ts';
import type { Pod } from '../../types.ts';
import type { Attempt, Plugin, Rejection } from '../framework.ts';

const name = 'VolumeRestrictions';
const inUse: Rejection = {
  plugin: name,
  reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
  resolvable: true,
};

/** Claims of the Pod that only one Pod may use. */
function exclusiveClaims(attempt: Attempt): string[] {
  return claimsOf(attempt.pod)
    .map(({ claim }) => claim)
    .filter((claim) => attempt.claim(claim)?.spec.accessModes?.includes('ReadWriteOncePod'));
}

function uses(pod: Pod, namespace: string | undefined, claims: readonly string[]): boolean {
  return pod.metadata.namespace === namespace && claimsOf(pod).some(({ claim }) => claims.includes(claim));
}

/** A ReadWriteOncePod claim belongs to one Pod of the whole cluster. */
export const volumeRestrictions: Plugin = {
  name,

  preFilter(attempt) {
    if (!attempt.pod.spec.volumes) return undefined;
    const claims = exclusiveClaims(attempt);
    if (claims.length === 0) return undefined;
    const { namespace } = attempt.pod.metadata;
    for (const node of attempt.nodes)
      for (const { pod } of node.pods.values()) if (uses(pod, namespace, claims)) return { filter: () => inUse };
    return undefined;
  },

  requeue(event, pod) {
    const { namespace } = pod.metadata;
    const claims = claimsOf(pod).map(({ claim }) => claim);
    if (event.type === 'AssignedPodDelete') return uses(event.pod, namespace, claims);
    return event.type === 'ClaimChange' && claims.includes(event.claim.metadata.name);
  },
};
