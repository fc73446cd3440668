import { fnv32a, canonicalText, safeEncode } from '../apimachinery/hash.ts';
import { labelMatcher } from '../apimachinery/label-matcher.ts';
import { deepEqual } from '../apiserver/objects.ts';
import type { LabelSelector } from '../apimachinery/label-selector.ts';
import { refs, type ControllerRevision, type Draft, type KubeObject } from '../types.ts';
import { claim, newControllerReference, tolerateGone } from './owners.ts';
import type { ControllerContext } from './runtime.ts';

/** Label of Pods and revisions that tells which revision they are of. */
export const revisionHashLabel = 'controller-revision-hash';

/** Label of a revision with the hash of what it holds. */
const contentHashLabel = 'controller.kubernetes.io/hash';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** A workload whose Pod templates are kept as ControllerRevisions. */
type Workload = KubeObject & {
  spec: { template: object; selector: LabelSelector; revisionHistoryLimit?: number };
};

/** The patch that brings a workload back to this template: what `rollout undo` sends. */
export function templatePatch({ spec: { template } }: Workload): object {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** Revisions of a workload, oldest first; adopts and releases them. */
export function revisionsOf(context: ControllerContext, owner: Workload): ControllerRevision[] {
  const client = context.client.resource(refs.controllerRevisions);
  return claim(owner, labelMatcher(owner.spec.selector), client).sort(
    (a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

/** Hash of a revision's content (pkg/controller/history, HashControllerRevision). */
export function revisionHash(data: object, collisionCount: number | undefined): string {
  const hash = fnv32a(canonicalText(data));
  return safeEncode(String(collisionCount === undefined ? hash : fnv32a(String(collisionCount), hash)));
}

/** Annotations that a revision takes from its workload: the change cause, for one. */
export function inheritedAnnotations({ metadata }: KubeObject): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== lastApplied));
}

export interface CurrentRevision {
  current: ControllerRevision;
  /** All others, oldest first. */
  old: ControllerRevision[];
}

/**
 * Finds or makes the revision of the workload's template; one that is used again becomes the newest.
 * @param hash names it.
 */
export function syncRevision(
  context: ControllerContext,
  owner: Workload,
  hash: string,
  { labels, annotations }: { labels: Readonly<Record<string, string>>; annotations: Readonly<Record<string, string>> },
): CurrentRevision {
  const client = context.client.resource(refs.controllerRevisions);
  const revisions = revisionsOf(context, owner);
  const data = templatePatch(owner);
  const newest = Math.max(0, ...revisions.map(({ revision }) => revision));
  const same = revisions.filter((revision) => deepEqual(revision.data, data));
  let current = same.at(-1);
  if (current && current.revision < newest) current = client.update({ ...current, revision: newest + 1 });
  current ??= client.create({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${owner.metadata.name}-${hash}`,
      namespace: owner.metadata.namespace,
      labels: { ...labels, [contentHashLabel]: hash },
      ...(Object.keys(annotations).length > 0 ? { annotations } : undefined),
      ownerReferences: [newControllerReference(owner)],
    },
    data,
    revision: newest + 1,
  } as Draft<ControllerRevision>);
  const { uid } = current.metadata;
  return { current, old: revisions.filter(({ metadata }) => metadata.uid !== uid) };
}

/** Deletes the oldest revisions beyond the history limit, save those that are `live`. */
export function truncateHistory(
  context: ControllerContext,
  owner: Workload,
  old: readonly ControllerRevision[],
  live: (revision: ControllerRevision) => boolean,
): void {
  const unused = old.filter((revision) => !live(revision));
  const surplus = unused.length - (owner.spec.revisionHistoryLimit ?? 10);
  for (const { metadata } of unused.slice(0, Math.max(0, surplus))) {
    tolerateGone(() => context.client.resource(refs.controllerRevisions).delete(metadata.namespace, metadata.name));
  }
}
