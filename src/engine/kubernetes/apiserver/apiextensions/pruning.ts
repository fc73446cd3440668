import { deepCopy, isRecord } from '../objects.ts';
import { additionalSchema, childPath, preservesUnknown, type JsonSchema } from './schema.ts';

/** Unknown fields and defaults of custom resources (apiextensions-apiserver/pkg/apiserver/schema). */

type Fields = Record<string, unknown>;

const resourceFields = new Set(['apiVersion', 'kind', 'metadata']);

/** Removes what the schema doesn't know. @param object changed in place. @returns the paths removed, sorted */
export function prune(object: Fields, schema: JsonSchema): string[] {
  const removed: string[] = [];
  pruneObject(object, schema, '', true, removed);
  return removed.sort();
}

function pruneValue(value: unknown, schema: JsonSchema, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    value.forEach((item, i) => pruneValue(item, schema.items ?? {}, `${path}[${i}]`, removed));
  } else if (isRecord(value)) {
    pruneObject(value, schema, path, schema['x-kubernetes-embedded-resource'] === true, removed);
  }
}

function pruneObject(object: Fields, schema: JsonSchema, path: string, isResource: boolean, removed: string[]): void {
  const values = additionalSchema(schema);
  const { properties = {} } = schema;
  for (const name of Object.keys(object)) {
    if (isResource && resourceFields.has(name)) continue;
    const below = childPath(path, name);
    if (Object.hasOwn(properties, name)) pruneValue(object[name], properties[name]!, below, removed);
    else if (values) pruneValue(object[name], schema.additionalProperties === true ? keepAll : values, below, removed);
    else if (!preservesUnknown(schema)) {
      delete object[name];
      removed.push(below);
    }
  }
}

const keepAll: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

/** Fills in defaults; a null that isn't allowed counts as missing. @param object changed in place */
export function applyDefaults(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    for (const item of value) if (schema.items) applyDefaults(item, schema.items);
    return;
  }
  if (!isRecord(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined) {
      const missing = !Object.hasOwn(value, name) || (value[name] === null && !property.nullable);
      if (missing) value[name] = deepCopy(property.default);
    }
    if (Object.hasOwn(value, name)) applyDefaults(value[name], property);
  }
  const values = additionalSchema(schema);
  if (!values) return;
  for (const name of Object.keys(value)) {
    if (!schema.properties?.[name]) applyDefaults(value[name], values);
  }
}
