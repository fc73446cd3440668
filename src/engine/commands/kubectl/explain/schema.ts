/** The parts of OpenAPI v3 that explain reads. */
export interface Schema {
  $ref?: string;
  type?: string;
  description?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  allOf?: readonly Schema[];
  enum?: readonly unknown[];
  externalDocs?: { description?: string; url?: string };
  'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

export interface OpenApiDocument {
  components?: { schemas?: Readonly<Record<string, Schema>> };
}

const prefix = '#/components/schemas/';

/** The schema that a `$ref` points to, else the schema itself. */
export function resolve(document: OpenApiDocument, schema: Schema): Schema {
  const { $ref } = schema;
  if (!$ref?.startsWith(prefix)) return schema;
  return document.components?.schemas?.[$ref.slice(prefix.length)] ?? schema;
}

export function valueSchema(schema: Schema): Schema | undefined {
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** A short name for a schema's type: `string`, `[]Container`, `map[string]Quantity`, `Object`. */
export function typeName(document: OpenApiDocument, schema: Schema): string {
  if (schema.items) return `[]${typeName(document, schema.items)}`;
  const values = valueSchema(schema);
  if (values) return `map[string]${typeName(document, values)}`;
  if (schema.allOf?.length === 1 && !schema.properties) return typeName(document, schema.allOf[0]!);
  if (schema.$ref) {
    const target = resolve(document, schema);
    const { type } = target;
    if (target !== schema && type && type !== 'object') return type;
    return schema.$ref.split('/').at(-1)!.split('.').at(-1) || 'Object';
  }
  return schema.type === 'object' || !schema.type ? 'Object' : schema.type;
}

/** A field's description and those of the types that it refers to, a line break after each. */
export function describeSchema(document: OpenApiDocument, schema: Schema): string {
  const resolved = resolve(document, schema);
  const values = valueSchema(resolved);
  const parts = [...(resolved.allOf ?? []), ...(resolved.items ? [resolved.items] : []), ...(values ? [values] : [])];
  const own = resolved.description ? `${resolved.description}\n` : '';
  return own + parts.map((part) => describeSchema(document, part)).join('');
}
