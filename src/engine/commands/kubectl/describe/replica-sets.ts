import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IReplicaSet } from 'kubernetes-models/apps/v1/ReplicaSet';
import { compareStrings } from '../../../gotemplate/index.ts';
import type { ApiMetadata } from '../client/types.ts';
import { controllerOf, type DescribeContext, listAll, type Live, wellKnown } from './describer.ts';
import { selectorText } from './format.ts';

const hashLabel = 'pod-template-hash';

export interface OwnedReplicaSets {
  /** All but the new one, oldest first. */
  old: Live<IReplicaSet>[];
  /** The one whose template is the Deployment's. */
  current: Live<IReplicaSet> | undefined;
}

/** A Deployment's ReplicaSets. @throws StatusError */
export async function replicaSetsOf(
  context: Pick<DescribeContext, 'client' | 'chunkSize'>,
  deployment: Live<IDeployment>,
): Promise<OwnedReplicaSets> {
  const { metadata, spec } = deployment;
  const all = await listAll<IReplicaSet>(context, wellKnown.replicaSets, metadata.namespace ?? '', {
    labelSelector: selectorText(spec.selector),
  });
  const owned = all.filter((set) => controllerOf(set.metadata)?.uid === metadata.uid).sort(byCreation);
  const current = owned.find((set) => sameTemplate(set.spec.template, spec.template));
  return { old: owned.filter((set) => set !== current), current };
}

export function byCreation(a: { metadata: ApiMetadata }, b: { metadata: ApiMetadata }): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return left === right ? compareStrings(a.metadata.name ?? '', b.metadata.name ?? '') : compareStrings(left, right);
}

/** Equal but for the label by which the controller tells ReplicaSets apart. */
function sameTemplate(a: unknown, b: unknown): boolean {
  return canonical(withoutHash(a)) === canonical(withoutHash(b));
}

function withoutHash(template: unknown): unknown {
  const { metadata, ...rest } = (template ?? {}) as { metadata?: ApiMetadata };
  const { labels, creationTimestamp: _, ...others } = metadata ?? {};
  const kept = Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => key !== hashLabel));
  return { ...rest, metadata: { ...others, labels: kept } };
}

/** JSON with sorted keys, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, v]) => v !== undefined && v !== null);
  return `{${entries
    .sort(([a], [b]) => compareStrings(a, b))
    .map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`)
    .join(',')}}`;
}
