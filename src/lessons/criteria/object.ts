import { celHolds } from '../cel.ts';
import type { ObjectCriterion } from '../definition.ts';
import type { CriterionKind } from './criterion.ts';

export const object: CriterionKind<ObjectCriterion> = {
  field: 'object',
  expressions: ({ matches }) => (matches === undefined ? [] : [matches]),
  messages: ({ matches, absent }) => (absent ? ['unmet'] : matches === undefined ? ['missing'] : ['missing', 'unmet']),
  evaluate({ object, matches, absent }, world) {
    const { resource, namespace, name } = object;
    const found = world.objects(resource, namespace).find((o) => (o.metadata as { name: string }).name === name);
    if (absent) return { met: found === undefined, variables: { object: found ?? {} } };
    if (!found) return { met: false, variables: { object: {} }, say: 'missing' };
    const variables = { object: found };
    return { met: matches === undefined || celHolds(matches, variables), variables };
  },
};
