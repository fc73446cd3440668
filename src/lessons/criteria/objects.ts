import { celHolds } from '../cel.ts';
import type { ObjectsCriterion } from '../definition.ts';
import type { CriterionKind } from './criterion.ts';

export const objects: CriterionKind<ObjectsCriterion> = {
  field: 'objects',
  expressions: ({ matches }) => [matches],
  messages: () => ['unmet'],
  evaluate({ objects: { resource, namespace, labels = {} }, matches }, world) {
    const selected = world.objects(resource, namespace).filter((o) => {
      const own = (o.metadata as { labels?: Record<string, string> }).labels ?? {};
      return Object.entries(labels).every(([key, value]) => own[key] === value);
    });
    const variables = { objects: selected };
    return { met: celHolds(matches, variables), variables, say: selected.length === 0 ? 'missing' : undefined };
  },
};
