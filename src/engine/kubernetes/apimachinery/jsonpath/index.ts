import type { Node } from './ast.ts';
import { Evaluator, type EvaluateOptions } from './evaluate.ts';
import { parseJsonPath } from './parser.ts';

export { JsonPathError } from './ast.ts';
export type { EvaluateOptions } from './evaluate.ts';

/** A JSONPath template (k8s.io/client-go/util/jsonpath), as kubectl and printer columns use it. */
export class JsonPathTemplate {
  readonly #nodes: readonly Node[];
  readonly #options: EvaluateOptions;

  /** @throws JsonPathError */
  constructor(text: string, options: EvaluateOptions = { allowMissingKeys: true }) {
    this.#nodes = parseJsonPath(text);
    this.#options = options;
  }

  /** What each part of the template finds. @throws JsonPathError */
  find(data: unknown): unknown[][] {
    return new Evaluator(this.#nodes, this.#options).find(data);
  }
}
