import { labelMatcher } from '../../apimachinery/label-matcher.ts';
import type { LabelSelector } from '../../apimachinery/label-selector.ts';
import { termMatches, type NodeSelectorTerm } from '../../apimachinery/node-selector.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../../apimachinery/quantity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../types.ts';
import { annotations } from './annotations.ts';

/** Which volume suits a claim (k8s.io/component-helpers/storage/volume). */

export function classOfClaim({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[annotations.betaClass] ?? spec.storageClassName ?? '';
}

export function classOfVolume({ metadata, spec }: PersistentVolume): string {
  return metadata.annotations?.[annotations.betaClass] ?? spec.storageClassName ?? '';
}

export function requestOf({ spec }: PersistentVolumeClaim): Quantity {
  return parseQuantity((spec.resources?.requests?.['storage'] as string | undefined) ?? '0');
}

export function capacityOf({ spec }: PersistentVolume): Quantity {
  return parseQuantity((spec.capacity?.['storage'] as string | undefined) ?? '0');
}

function hasModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const offered = volume.spec.accessModes ?? [];
  return (claim.spec.accessModes ?? []).every((mode) => offered.includes(mode));
}

function sameMode(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');
}

/** Whether the volume is (or is to be) this claim's: names agree, and the UID if there is one. */
export function isBoundTo({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

/** Whether the volume can be used on the node. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return !required || required.nodeSelectorTerms.some((term) => termMatches(term as NodeSelectorTerm, node));
}

/** Why a claim can't have the volume that it names; undefined if it can. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (compareQuantities(capacityOf(volume), requestOf(claim)) < 0) return 'requested PV is too small';
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match';
  if (!sameMode(volume, claim)) return 'incompatible volumeMode';
  if (!hasModes(volume, claim)) return 'incompatible accessMode';
  return undefined;
}

export interface MatchOptions {
  /** Only volumes that can be used there. */
  node?: Node;
  /** The scheduler chooses for such claims: without a node only volumes that are reserved for the claim match. */
  delayed: boolean;
  /** Volumes that are given away already. */
  taken?: ReadonlySet<string>;
}

/** The smallest volume that suits the claim, of those with the fewest access modes; one reserved for it goes first. */
export function findVolume(
  volumes: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
  { node, delayed, taken }: MatchOptions,
): PersistentVolume | undefined {
  const matches = labelMatcher(claim.spec.selector as LabelSelector | undefined);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (taken?.has(volume.metadata.name) || volume.metadata.deletionTimestamp !== undefined) continue;
    if (!hasModes(volume, claim) || !sameMode(volume, claim)) continue;
    if (compareQuantities(capacityOf(volume), requestOf(claim)) < 0) continue;
    const reachable = !node || isReachable(volume, node);
    if (isBoundTo(volume, claim)) {
      if (reachable) return volume;
      continue;
    }
    if (!node && delayed) continue;
    if (volume.status.phase !== 'Available' || volume.spec.claimRef || !reachable) continue;
    if (claim.spec.selector && !matches(volume.metadata.labels)) continue;
    if (classOfVolume(volume) !== classOfClaim(claim)) continue;
    if (!best || isBetter(volume, best)) best = volume;
  }
  return best;
}

function isBetter(a: PersistentVolume, b: PersistentVolume): boolean {
  const modes = (a.spec.accessModes?.length ?? 0) - (b.spec.accessModes?.length ?? 0);
  return modes < 0 || (modes === 0 && compareQuantities(capacityOf(a), capacityOf(b)) < 0);
}
