import { compareStrings, formatValue } from '../../../gotemplate/index.ts';
import { describeSchema, type OpenApiDocument, resolve, type Schema, typeName, valueSchema } from './schema.ts';
import { indent, wrapWords } from './wrap.ts';

/** The layout of `kubectl explain`, format `plaintext`. */

const shownEnums = 4;

interface Rendering {
  document: OpenApiDocument;
  recursive: boolean;
}

/** What a schema, or the field that `path` leads to in it, is; undefined if there is no such field. */
export function explainSchema(
  rendering: Rendering,
  schema: Schema,
  path: readonly string[],
  seen: ReadonlySet<string> = new Set(),
): string | undefined {
  const { document } = rendering;
  const resolved = resolve(document, schema);
  if (path.length === 0) return description(rendering, resolved);
  if (schema.$ref && seen.has(schema.$ref)) return undefined;
  const next = schema.$ref ? new Set([...seen, schema.$ref]) : seen;
  const [field = '', ...rest] = path;
  const property =
    resolved.properties && Object.hasOwn(resolved.properties, field) ? resolved.properties[field] : undefined;
  if (property) {
    const text = explainSchema(rendering, property, rest);
    return text === undefined ? undefined : (rest.length === 0 ? fieldHeading(document, field, property) : '') + text;
  }
  if (resolved.items) return explainSchema(rendering, resolved.items, path, next);
  const values = valueSchema(resolved);
  if (values) return explainSchema(rendering, values, path, next);
  for (const part of resolved.allOf ?? []) {
    const text = explainSchema(rendering, part, path, next);
    if (text !== undefined) return text;
  }
  return undefined;
}

function fieldHeading(document: OpenApiDocument, name: string, schema: Schema): string {
  const values = schema.enum ? `ENUM:${schema.enum.map((value) => `\n    ${enumText(value)}`).join('')}` : '';
  return `FIELD: ${name} <${typeName(document, schema)}>\n${values}\n\n`;
}

function enumText(value: unknown): string {
  return value === '' ? '""' : formatValue(value);
}

function description(rendering: Rendering, schema: Schema): string {
  const text = describeSchema(rendering.document, schema) || '<empty>';
  const fields = fieldList(rendering, schema, 1, new Set());
  return (
    `DESCRIPTION:\n${indent(wrapWords(text, 76), 4)}\n` +
    externalDocs(schema, 0) +
    (fields === '' ? '' : `FIELDS:\n${fields}`)
  );
}

function externalDocs({ externalDocs: docs }: Schema, level: number): string {
  if (!docs) return '';
  const text = docs.description ? `${indent(wrapWords(docs.description, 76 - level), level + 4)}\n` : '';
  const url = docs.url ? `${indent(`URL: ${docs.url}`, level + 4)}\n` : '';
  return `\n${indent('EXTERNAL DOCS:', level)}\n${text}${url}`;
}

function fieldList(rendering: Rendering, schema: Schema, level: number, seen: ReadonlySet<string>): string {
  const { document, recursive } = rendering;
  if (schema.$ref && seen.has(schema.$ref)) return '';
  const next = schema.$ref ? new Set([...seen, schema.$ref]) : seen;
  const resolved = resolve(document, schema);
  let text = '';
  for (const name of Object.keys(resolved.properties ?? {}).sort(compareStrings)) {
    text += fieldDetail(rendering, resolved, name, level);
    if (recursive) text += fieldList(rendering, resolved.properties![name]!, level + 1, next);
  }
  const values = valueSchema(resolved);
  for (const part of [
    ...(resolved.allOf ?? []),
    ...(resolved.items ? [resolved.items] : []),
    ...(values ? [values] : []),
  ])
    text += fieldList(rendering, part, level, next);
  return text;
}

function fieldDetail({ document, recursive }: Rendering, parent: Schema, name: string, level: number): string {
  const schema = parent.properties![name]!;
  const amount = level * 2;
  let text = `${indent(name, amount)}\t<${typeName(document, schema)}>`;
  if (parent.required?.includes(name)) text += ' -required-';
  if (schema.enum) {
    const values = schema.enum.slice(0, shownEnums).map(enumText).join(', ');
    text += `\n${' '.repeat(amount)}enum: ${values}${schema.enum.length > shownEnums ? ', ....' : ''}`;
  }
  text += '\n';
  if (recursive) return text;
  const words = schema.description || '<no description>';
  return `${text}${indent(wrapWords(words, 78 - amount), amount + 2)}\n${externalDocs(schema, amount)}\n`;
}
