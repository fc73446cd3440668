import { byName, keyOf, type ListObjects, type TopologyObject } from './objects.ts';
import type { PodView } from './pod-view.ts';

/** A PersistentVolumeClaim that Pods use, and the volume it is bound to. */
export interface ClaimView {
  id: string;
  key: string;
  name: string;
  phase: string;
  capacity: string;
  /** Name of the PersistentVolume. */
  volume?: string;
  /** Ids of the Pods that mount it. */
  pods: string[];
}

interface ClaimFields {
  spec?: { volumeName?: string; resources?: { requests?: { storage?: string } } };
  status?: { phase?: string; capacity?: { storage?: string } };
}

/** Claims that no Pod uses are left out. */
export function claimsOf(
  list: ListObjects,
  visible: (object: TopologyObject) => boolean,
  pods: readonly PodView[],
): ClaimView[] {
  const users = new Map<string, string[]>();
  for (const { id, claims } of pods)
    for (const claim of claims) {
      const others = users.get(claim);
      if (others) others.push(id);
      else users.set(claim, [id]);
    }
  return list('/persistentvolumeclaims')
    .filter((claim) => visible(claim) && users.has(keyOf(claim)))
    .sort(byName)
    .map((claim) => {
      const { spec, status } = claim as ClaimFields;
      return {
        id: claim.metadata.uid,
        key: keyOf(claim),
        name: claim.metadata.name,
        phase: status?.phase ?? 'Pending',
        capacity: status?.capacity?.storage ?? spec?.resources?.requests?.storage ?? '',
        ...(spec?.volumeName ? { volume: spec.volumeName } : {}),
        pods: users.get(keyOf(claim))!,
      };
    });
}
