import { celHolds, celValue } from './cel.ts';
import type { LessonWorld } from './criteria/criterion.ts';
import { kindOf } from './criteria/registry.ts';
import type { CriterionDefinition, StepDefinition } from './definition.ts';

/** A criterion's state; `message` names the text that says what is missing, with its values. */
export interface CriterionState {
  id: string;
  met: boolean;
  message?: { key: string; params: Record<string, string | number> };
}

/** Looks at the world: which of the step's criteria are met now, and what the others lack. */
export function evaluateStep(step: StepDefinition, world: LessonWorld): CriterionState[] {
  return step.criteria.map((criterion) => evaluateCriterion(criterion, world));
}

function evaluateCriterion(criterion: CriterionDefinition, world: LessonWorld): CriterionState {
  const { met, variables, say } = kindOf(criterion).evaluate(criterion, world);
  if (met) return { id: criterion.id, met };
  const rule = criterion.unmet?.find(({ when }) => celHolds(when, variables));
  const params: Record<string, string | number> = {};
  for (const [name, expression] of Object.entries(criterion.show ?? {})) {
    const value = celValue(expression, variables);
    params[name] = typeof value === 'number' || typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
  }
  return { id: criterion.id, met, message: { key: `${criterion.id}.${rule?.say ?? say ?? 'unmet'}`, params } };
}
