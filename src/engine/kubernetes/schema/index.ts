/**
 * The schema of the API: which types exist, what fields they have and how they merge. One walker (`decode.ts`,
 * `strategic-merge.ts`, `field-set.ts`) reads it for validation, patching and field ownership, on the server, in kubectl
 * and in the editor.
 */
import { parseGroupVersion, resourceForKind } from './resources.ts';
import { structType, type StructType } from './structure.ts';

export { threeWayJsonMergePatch, threeWayMergePatch, twoWayMergePatch } from './strategic-diff.ts';
export { strategicMergePatch } from './strategic-merge.ts';
export { convert } from './convert.ts';
export { decode, DecodeError } from './decode.ts';
export type { Decoded } from './decode.ts';
export { apiResources, formatGroupVersion, parseGroupVersion, resourceForKind, resourceNamed } from './resources.ts';
export type { ApiResource, ApiSubresource } from './resources.ts';
export { structType, structTypeNames } from './structure.ts';
export type { Field, FieldType, ScalarKind, StructType } from './structure.ts';

/** Kinds that are not resources of their own but come as request bodies. */
const bodyKinds: Readonly<Record<string, string>> = {
  'autoscaling/v1/Scale': 'autoscaling/v1/Scale',
  'policy/v1/Eviction': 'policy/v1/Eviction',
  'authentication.k8s.io/v1/TokenRequest': 'authentication/v1/TokenRequest',
  'v1/DeleteOptions': 'meta/v1/DeleteOptions',
  'v1/Status': 'meta/v1/Status',
};

/** The schema of a kind: `typeForKind('apps/v1', 'Deployment')`. */
export function typeForKind(apiVersion: string, kind: string): StructType | undefined {
  const { group, version } = parseGroupVersion(apiVersion);
  const name = resourceForKind(group, version, kind)?.type ?? bodyKinds[`${apiVersion}/${kind}`];
  return name === undefined ? undefined : structType(name);
}
