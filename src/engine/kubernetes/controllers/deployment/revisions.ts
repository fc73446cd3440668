import type { Deployment, ReplicaSet } from '../../types.ts';
import { annotations, inheritedAnnotations, maxSurge, replicasOf, revisionOf } from './util.ts';

/** Longest value (characters) of the revision-history annotation; the oldest revisions go first. */
const maxHistoryLength = 2000;

/** The revision that a new rollout gets. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** The annotations that say how many replicas the Deployment wanted when it sized the ReplicaSet. */
export function withReplicasAnnotations(replicaSet: ReplicaSet, deployment: Deployment): ReplicaSet {
  return withAnnotations(replicaSet, {
    [annotations.desiredReplicas]: String(replicasOf(deployment)),
    [annotations.maxReplicas]: String(replicasOf(deployment) + maxSurge(deployment)),
  });
}

/**
 * The ReplicaSet of the current template with the Deployment's annotations and its revision; a ReplicaSet that is used
 * again remembers the revisions it had.
 */
export function withRevision(replicaSet: ReplicaSet, deployment: Deployment, revision: number): ReplicaSet {
  const added = Object.fromEntries(inheritedAnnotations(deployment));
  const current = replicaSet.metadata.annotations?.[annotations.revision];
  if (revisionOf(replicaSet) < revision) {
    added[annotations.revision] = String(revision);
    if (current !== undefined) {
      const history = replicaSet.metadata.annotations?.[annotations.revisionHistory];
      added[annotations.revisionHistory] = appendRevision(history, current);
    }
  }
  return withAnnotations(replicaSet, added);
}

function appendRevision(history: string | undefined, revision: string): string {
  if (!history) return revision;
  const revisions = [...history.split(','), revision];
  while (revisions.length > 1 && revisions.join(',').length > maxHistoryLength) revisions.shift();
  return revisions.join(',');
}

/** The object itself if it has all of these annotations. */
export function withAnnotations<T extends Deployment | ReplicaSet>(
  object: T,
  added: Readonly<Record<string, string>>,
): T {
  const old = object.metadata.annotations ?? {};
  if (Object.entries(added).every(([key, value]) => old[key] === value)) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...old, ...added } } };
}
