/**
 * Every kind the server knows. A kind with behaviour of its own is a file in this folder and one line in `own`; all other
 * resources of the schema are served generically.
 */
import { apiResources, type ApiResource } from '../../schema/index.ts';
import type { KubeObject } from '../../types.ts';
import type { KindDefinition } from './kind.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each file is typed by its own kind
const own: readonly KindDefinition<any>[] = [];

/** All built-in kinds in discovery order. */
export const kinds: readonly KindDefinition[] = apiResources.map(
  (resource) => own.find((k) => matches(k, resource)) ?? genericKind(resource),
);

const byName = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.resource}`, k]));

/** @param resource plural, lower case */
export function kindOf(group: string, version: string, resource: string): KindDefinition | undefined {
  return byName.get(`${group}/${version}/${resource}`);
}

function matches(kind: KindDefinition, resource: ApiResource): boolean {
  return kind.group === resource.group && kind.version === resource.version && kind.resource === resource.resource;
}

/** What the schema alone says about a resource. */
function genericKind(resource: ApiResource): KindDefinition<KubeObject> {
  return fromSchema(resource.group, resource.version, resource.resource);
}

function fromSchema(group: string, version: string, resource: string): KindDefinition<KubeObject> {
  const found = apiResources.find((r) => r.group === group && r.version === version && r.resource === resource)!;
  const subresources = found.subresources ?? [];
  return {
    group,
    version,
    kind: found.kind,
    resource,
    singular: found.singular,
    shortNames: found.shortNames ?? [],
    categories: found.categories ?? [],
    namespaced: found.namespaced,
    verbs: found.verbs,
    subresources: {
      status: subresources.some((s) => s.name === 'status'),
      others: subresources.filter((s) => s.name !== 'status' && s.name !== 'scale').map((s) => s.name),
    },
  };
}
