import { resourceNamed, structType } from '../../../schema/index.ts';
import type { KubeObject } from '../../../types.ts';
import type { KindDefinition, Mutable } from '../kind.ts';
import { fillZeroValues } from './zero-values.ts';

type Behaviour<T extends KubeObject> = Partial<Omit<KindDefinition<T>, 'group' | 'version' | 'resource' | 'kind'>>;

/**
 * A kind of the built-in API: what the schema says of the resource (names, verbs, subresources), with behaviour added.
 * Throws if the schema has no such resource.
 */
export function defineKind<T extends KubeObject = KubeObject>(
  group: string,
  version: string,
  resource: string,
  behaviour: Behaviour<T> = {},
): KindDefinition<T> {
  const found = resourceNamed(group, version, resource);
  if (!found) throw new Error(`no resource ${resource} in ${group}/${version}`);
  // Specs are no pointers in Go: an object that has none has an empty one.
  const type = structType(found.type)!;
  const hasSpec = type.fields.get('spec')?.type.kind === 'struct';
  const names = (found.subresources ?? []).map((s) => s.name);
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
    ...behaviour,
    defaults(draft, context) {
      if (hasSpec) (draft as Mutable<T> & { spec?: object }).spec ??= {};
      fillZeroValues(draft, type);
      behaviour.defaults?.(draft, context);
    },
    subresources: {
      status: names.includes('status'),
      others: names.filter((name) => name !== 'status' && name !== 'scale'),
      ...behaviour.subresources,
    },
  };
}
