import { JsonPathError, type Node } from './ast.ts';
import { Evaluator, type EvaluateOptions } from './evaluate.ts';
import { parseJsonPath } from './parser.ts';

/** A JSONPath template of kubectl. */
export class JsonPath {
  readonly #nodes: readonly Node[];
  readonly #options: EvaluateOptions;

  /** @throws JsonPathError */
  constructor(text: string, options: EvaluateOptions = { allowMissingKeys: true }) {
    this.#nodes = parseJsonPath(text);
    this.#options = options;
  }

  /** @throws JsonPathError */
  print(data: unknown): string {
    return new Evaluator(this.#nodes, this.#options).print(data);
  }

  /** What each part of the template finds. @throws JsonPathError */
  find(data: unknown): unknown[][] {
    return new Evaluator(this.#nodes, this.#options).find(data);
  }
}

/**
 * Completes an expression as --sort-by and custom-columns take it: `metadata.name`, `.metadata.name`, `{.metadata.name}`.
 * @throws JsonPathError
 */
export function relaxedJsonPath(text: string): string {
  if (text === '') return '';
  const match = /^\{?\.?(.*?)\}?$/s.exec(text);
  const field = match?.[1];
  if (
    field === undefined ||
    (text.startsWith('{') && !text.endsWith('}')) ||
    (text.endsWith('}') && !text.startsWith('{'))
  )
    throw new JsonPathError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  return `{.${field}}`;
}

export { JsonPathError };
