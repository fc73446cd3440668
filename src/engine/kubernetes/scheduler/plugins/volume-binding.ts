import { annotations } from '../../controllers/persistent-volume/annotations.ts';
import { claimed, withAnnotations } from '../../controllers/persistent-volume/binding.ts';
import { findVolume, isReachable } from '../../controllers/persistent-volume/match.ts';
import { claimsOf, type ClaimUse } from '../../controllers/pod-claims.ts';
import { refs, type Node, type PersistentVolume, type PersistentVolumeClaim } from '../../types.ts';
import type { Attempt, Plugin, Rejection } from '../framework.ts';

const name = 'VolumeBinding';

const nodeConflict = "node(s) didn't match PersistentVolume's node affinity";
const noVolume = "node(s) didn't find available persistent volumes to bind";
const volumeGone = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** Why a claim keeps its Pod from being scheduled anywhere. */
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
  return isBound(claim) || isDelayed(attempt, claim) ? undefined : 'pod has unbound immediate PersistentVolumeClaims';
}

function isBound({ spec, metadata }: PersistentVolumeClaim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.[annotations.bindCompleted] !== undefined;
}

/** The claim waits for the scheduler to choose a node. */
function isDelayed(attempt: Attempt, { spec }: PersistentVolumeClaim): boolean {
  const storageClass = spec.storageClassName ? attempt.storageClass(spec.storageClassName) : undefined;
  return !spec.volumeName && storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

interface Choice {
  /** Volumes that exist, by claim. */
  found: [PersistentVolumeClaim, PersistentVolume][];
  toProvision: PersistentVolumeClaim[];
}

/** Which volumes the Pod's unbound claims would get on the node; undefined if not all would get one. */
function choose(attempt: Attempt, node: Node, claims: readonly PersistentVolumeClaim[]): Choice | undefined {
  const choice: Choice = { found: [], toProvision: [] };
  const taken = new Set<string>();
  const volumes = attempt.client.resource(refs.persistentVolumes).list();
  for (const claim of claims) {
    const selected = claim.metadata.annotations?.[annotations.selectedNode];
    if (selected !== undefined) {
      if (selected !== node.metadata.name) return undefined;
      choice.toProvision.push(claim);
      continue;
    }
    const volume = findVolume(volumes, claim, { node, delayed: true, taken });
    if (volume) {
      taken.add(volume.metadata.name);
      choice.found.push([claim, volume]);
      continue;
    }
    const { provisioner } = attempt.storageClass(claim.spec.storageClassName ?? '') ?? {};
    if (!provisioner || provisioner === 'kubernetes.io/no-provisioner') return undefined;
    choice.toProvision.push(claim);
  }
  return choice;
}

function claimsIn(attempt: Attempt): PersistentVolumeClaim[] {
  return claimsOf(attempt.pod).flatMap(({ claim }) => attempt.claim(claim) ?? []);
}

function rejection(...reasons: string[]): Rejection {
  return { plugin: name, reasons, resolvable: false };
}

/** A Pod goes where its volumes are, or can be made; those that wait for a node are bound once it is chosen. */
export const volumeBinding: Plugin = {
  name,

  preFilter(attempt) {
    const uses = claimsOf(attempt.pod);
    if (uses.length === 0) return undefined;
    for (const use of uses) {
      const reason = obstacle(attempt, use);
      if (reason !== undefined) return { refused: rejection(reason) };
    }
    const claims = claimsIn(attempt);
    const bound = claims.filter(isBound);
    const unbound = claims.filter((claim) => !isBound(claim));
    const volumes = attempt.client.resource(refs.persistentVolumes);
    return {
      filter({ node }) {
        const reasons: string[] = [];
        for (const { spec } of bound) {
          const volume = volumes.get(undefined, spec.volumeName!);
          if (!volume) return rejection(volumeGone);
          if (!isReachable(volume, node)) reasons.push(nodeConflict);
        }
        if (unbound.length > 0 && !choose(attempt, node, unbound)) reasons.push(noVolume);
        return reasons.length > 0 ? rejection(...new Set(reasons)) : undefined;
      },
    };
  },

  preBind(attempt, nodeName) {
    const unbound = claimsIn(attempt).filter((claim) => !isBound(claim));
    if (unbound.length === 0) return true;
    const { client } = attempt;
    const node = client.resource(refs.nodes).get(undefined, nodeName);
    const choice = node && choose(attempt, node, unbound);
    for (const [claim, volume] of choice?.found ?? []) {
      const reserved = claimed(volume, claim);
      if (reserved !== volume) client.resource(refs.persistentVolumes).update(reserved);
    }
    for (const claim of choice?.toProvision ?? []) {
      if (claim.metadata.annotations?.[annotations.selectedNode] !== undefined) continue;
      const marked = withAnnotations(claim, { [annotations.selectedNode]: nodeName });
      client.resource(refs.persistentVolumeClaims).update(marked);
    }
    return false;
  },

  requeue: (event, pod) =>
    event.type === 'VolumeChange' ||
    event.type === 'NodeAdd' ||
    (event.type === 'ClaimChange' &&
      event.claim.metadata.namespace === pod.metadata.namespace &&
      claimsOf(pod).some(({ claim }) => claim === event.claim.metadata.name)),
};
