import type { CriterionDefinition } from '../definition.ts';
import { command } from './command.ts';
import type { CriterionKind } from './criterion.ts';
import { file } from './file.ts';
import { object } from './object.ts';
import { objects } from './objects.ts';
import { quiz } from './quiz.ts';

/** All kinds of criteria. */
export const criterionKinds: readonly CriterionKind<never>[] = [object, objects, file, command, quiz];

export function kindOf(criterion: CriterionDefinition): CriterionKind<CriterionDefinition> {
  const kind = criterionKinds.find(({ field }) => field in criterion);
  if (!kind) throw new Error(`criterion ${criterion.id} is of no known kind`);
  return kind as unknown as CriterionKind<CriterionDefinition>;
}
