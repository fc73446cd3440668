import { loadAll, YAML11_SCHEMA, mergeTag } from 'js-yaml';

export class YamlError extends Error {
  override name = 'YamlError';
}

const schema = YAML11_SCHEMA.withTags(mergeTag);

export function loadYamlDocuments(text: string): unknown[] {
  try {
    return loadAll(text, { schema }) as unknown[];
  } catch (error) {
    throw new YamlError(`yaml: ${(error as Error).message}`);
  }
}

export function loadYaml(text: string): unknown {
  return loadYamlDocuments(text)[0];
}
