import { sprint } from '../../../gotemplate/index.ts';
import { JsonPathError, JsonPathTemplate } from '../../../kubernetes/apimachinery/jsonpath/index.ts';
import { withIntegers } from '../printers/go-values.ts';
import { goJson } from '../printers/json.ts';

interface PrintOptions {
  /** A missing field gives nothing instead of an error. */
  allowMissingKeys: boolean;
  /** Each result list as JSON on its own (`jsonpath-as-json`). */
  outputJson?: boolean;
}

/** A JSONPath template of kubectl. */
export class JsonPath {
  readonly #template: JsonPathTemplate;
  readonly #outputJson: boolean;

  /** @throws JsonPathError */
  constructor(text: string, { allowMissingKeys, outputJson = false }: PrintOptions = { allowMissingKeys: true }) {
    this.#template = new JsonPathTemplate(text, { allowMissingKeys });
    this.#outputJson = outputJson;
  }

  /** @throws JsonPathError */
  print(data: unknown): string {
    const results = this.find(data);
    if (this.#outputJson) return results.map((result) => `${goJson(result, 4)}\n`).join('');
    return results.map((result) => result.map(printValue).join(' ')).join('');
  }

  /** What each part of the template finds. @throws JsonPathError */
  find(data: unknown): unknown[][] {
    return this.#template.find(data);
  }
}

function printValue(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? goJson(value) : sprint(withIntegers(value));
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
