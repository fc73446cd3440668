import { structType, type Field, type FieldType, type StructType } from '../../schema/index.ts';

/** JSON schemas of custom resources (apiextensions/v1 JSONSchemaProps) and what the server reads from them. */

export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | '';
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** The schema of a map's values, if it is one; true stands for anything. */
export function additionalSchema({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  if (additionalProperties === undefined || additionalProperties === false) return undefined;
  return additionalProperties === true ? {} : additionalProperties;
}

export function preservesUnknown(schema: JsonSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

/** `spec.size`, `spec.items[2]`; nothing in front of the first name. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The type that patches and field ownership walk along. @param name of the whole, e.g. `com.example.v1.Widget` */
export function structTypeOf(name: string, schema: JsonSchema): StructType {
  return structFrom(name, schema, true);
}

function structFrom(name: string, schema: JsonSchema, isResource: boolean): StructType {
  const fields = new Map<string, Field>();
  if (isResource) {
    fields.set('apiVersion', plainField('apiVersion', { kind: 'string' }));
    fields.set('kind', plainField('kind', { kind: 'string' }));
    fields.set('metadata', plainField('metadata', { kind: 'struct', struct: structType('meta/v1/ObjectMeta')! }));
  }
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    if (isResource && fields.has(key)) continue;
    fields.set(key, fieldFrom(`${name}.${key}`, key, child, schema.required?.includes(key) ?? false));
  }
  return {
    name,
    fields,
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    ...(preservesUnknown(schema) && { preserveUnknown: true }),
  };
}

function plainField(name: string, type: FieldType): Field {
  return { name, type, required: false, merge: type.kind === 'struct' ? 'granular' : 'atomic', retainKeys: false };
}

function fieldFrom(path: string, name: string, schema: JsonSchema, required: boolean): Field {
  const type = typeFrom(path, schema);
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  const granular = (type.kind === 'map' || type.kind === 'struct') && schema['x-kubernetes-map-type'] !== 'atomic';
  return {
    name,
    type,
    required,
    merge: type.kind === 'list' ? (listType ?? 'atomic') : granular ? 'granular' : 'atomic',
    ...(listType === 'map' && keys && { listKeys: keys }),
    retainKeys: false,
  };
}

function typeFrom(path: string, schema: JsonSchema): FieldType {
  if (schema['x-kubernetes-int-or-string']) return { kind: 'intOrString' };
  switch (schema.type) {
    case 'object': {
      const values = additionalSchema(schema);
      if (values && !schema.properties) return { kind: 'map', items: typeFrom(`${path}.*`, values) };
      const isResource = schema['x-kubernetes-embedded-resource'] === true;
      return { kind: 'struct', struct: structFrom(path, schema, isResource) };
    }
    case 'array':
      return { kind: 'list', items: typeFrom(`${path}.*`, schema.items ?? {}) };
    case 'string':
      return { kind: 'string' };
    case 'integer':
      return { kind: 'int64' };
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return { kind: 'boolean' };
    default:
      return { kind: 'any' };
  }
}
