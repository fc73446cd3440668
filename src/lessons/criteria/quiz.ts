import type { QuizCriterion } from '../definition.ts';
import type { CriterionKind } from './criterion.ts';

export const quiz: CriterionKind<QuizCriterion> = {
  field: 'quiz',
  expressions: () => [],
  messages: () => ['wrong'],
  evaluate({ id, quiz: { answer } }, world) {
    const given = world.answer(id);
    return { met: given === answer, variables: { choice: given ?? 0 }, say: given === undefined ? 'open' : 'wrong' };
  },
};
