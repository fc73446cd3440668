import { CelEnvironment, CelError } from '../../cel/environment.ts';
import { isSureTypeError, objectType } from '../../cel/type-errors.ts';
import { escapedName } from './rule-names.ts';
import { additionalSchema, preservesUnknown, type JsonSchema } from './schema.ts';

/**
 * Types of what rules of custom resources name, so that a misspelt field or a comparison of a text with a number shows when
 * the definition is made (k8s.io/apiserver/pkg/cel/common, SchemaDeclType). Values are evaluated without them.
 */

type Environment = Parameters<Parameters<CelEnvironment['extend']>[0]>[0];

const objectMetadata: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

const environments = new WeakMap<JsonSchema, CelEnvironment>();

/** What is wrong with the types of an expression whose `self` has the schema; undefined if nothing is. */
export function typeError(expression: string, schema: JsonSchema, isResource: boolean): string | undefined {
  let environment = environments.get(schema);
  if (!environment) {
    environment = new CelEnvironment([]).extend((made) => {
      const type = declare(made, schema, objectType, isResource);
      made.registerVariable('self', type);
      // It may be an optional value.
      made.registerVariable('oldSelf', 'dyn');
    });
    environments.set(schema, environment);
  }
  try {
    environment.compile(expression);
    return undefined;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return isSureTypeError(error) ? error.message : undefined;
  }
}

/** The type of an expression as far as the schema tells; `dyn` if it doesn't. */
export function resultType(expression: string, schema: JsonSchema): string {
  try {
    return environments.get(schema)?.compile(expression).type ?? 'dyn';
  } catch (error) {
    if (error instanceof CelError) return 'dyn';
    throw error;
  }
}

/** Declares the schema's type and those inside it. @returns its name */
function declare(environment: Environment, schema: JsonSchema, name: string, isResource = false): string {
  if (schema['x-kubernetes-int-or-string'] || schema.nullable) return 'dyn';
  switch (schema.type) {
    case 'string':
      return stringType(schema.format);
    case 'integer':
      return 'int';
    case 'number':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'array':
      return schema.items ? `list<${declare(environment, schema.items, `${name}.items`)}>` : 'list<dyn>';
    case 'object':
      break;
    default:
      return 'dyn';
  }
  const values = additionalSchema(schema);
  if (values) return `map<string, ${declare(environment, values, `${name}.values`)}>`;
  const isEmbedded = isResource || schema['x-kubernetes-embedded-resource'];
  const properties: Record<string, JsonSchema> = { ...schema.properties };
  if (Object.keys(properties).length === 0 && !isEmbedded) return preservesUnknown(schema) ? 'dyn' : 'map<string, dyn>';
  if (isEmbedded)
    Object.assign(properties, { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: objectMetadata });
  const fields: Record<string, string> = {};
  for (const [property, inner] of Object.entries(properties)) {
    const key = escapedName(property);
    if (key !== undefined) fields[key] = declare(environment, inner, `${name}.${key}`);
  }
  environment.registerType({ name, fields });
  return name;
}

function stringType(format: string | undefined): string {
  if (format === 'date' || format === 'date-time') return 'google.protobuf.Timestamp';
  // Values of these stay what they are when they are evaluated.
  return format === 'duration' || format === 'byte' ? 'dyn' : 'string';
}
