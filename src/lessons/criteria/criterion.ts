/** What criteria may look at. */
export interface LessonWorld {
  /** `apps/deployments`, `/pods`: objects of one namespace (undefined: all or cluster-scoped). */
  objects(resource: string, namespace?: string): readonly Record<string, unknown>[];
  /** Text of a file below the learner's `work` directory; undefined if it isn't there or is no text. */
  readFile(path: string): string | undefined;
  /** Command lines that have ended since the step was opened. */
  commands(): readonly { line: string; exit: number }[];
  /** The choice made for a quiz question of the step, from 1. */
  answer(criterion: string): number | undefined;
}

/** Whether a criterion is met, and what its CEL (`show`, `unmet`) may use. */
export interface Verdict {
  met: boolean;
  variables: Record<string, unknown>;
  /** Message that fits without `unmet` rules, e.g. `missing`. */
  say?: string;
}

/** One kind of criterion: one file in this folder, one line in `registry.ts`. */
export interface CriterionKind<C> {
  /** The field of the definition that names the kind. */
  field: string;
  /** CEL expressions of the definition, for checking. */
  expressions(criterion: C): string[];
  /** What `evaluate` may say besides the `unmet` rules' messages; the lesson must have a text for each. */
  messages(criterion: C): string[];
  /** @throws Error for a field that is wrong in a way that the schema can't tell */
  check?(criterion: C): void;
  evaluate(criterion: C, world: LessonWorld): Verdict;
}
