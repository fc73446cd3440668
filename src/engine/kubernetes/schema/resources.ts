import { optionalResources } from './optional.ts';
import list from './generated/resources.json' with { type: 'json' };

/** A resource of the built-in API as discovery lists it. */
export interface ApiResource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, lower case. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  /** Name of its schema type, e.g. `apps/v1/Deployment`. */
  readonly type: string;
  readonly namespaced: boolean;
  /** Sorted. */
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly ApiSubresource[];
}

export interface ApiSubresource {
  /** e.g. `status`. */
  readonly name: string;
  readonly verbs: readonly string[];
  readonly kind: string;
  /** Where they differ from the parent's. */
  readonly group?: string;
  readonly version?: string;
}

/** Every built-in resource, in the order a v1.35 server discovers them: groups by priority, names within a group sorted. */
export const apiResources: readonly ApiResource[] = list;

const all = [...apiResources, ...optionalResources];
const byKind = new Map(all.map((r) => [`${r.group}/${r.version}/${r.kind}`, r]));
const byName = new Map(all.map((r) => [`${r.group}/${r.version}/${r.resource}`, r]));

export function resourceForKind(group: string, version: string, kind: string): ApiResource | undefined {
  return byKind.get(`${group}/${version}/${kind}`);
}

/** @param resource plural, lower case */
export function resourceNamed(group: string, version: string, resource: string): ApiResource | undefined {
  return byName.get(`${group}/${version}/${resource}`);
}

/** `apps/v1` to its parts; the core group's `v1` has group ''. */
export function parseGroupVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function formatGroupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}
