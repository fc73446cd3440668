import { structType, type Field, type FieldType, type StructType } from '../schema/index.ts';

/** JSON schemas of the API's types, in the dialect of the OpenAPI documents that a real server publishes. */

export type Fields = Record<string, unknown>;

/** Documentation of a type (no field) or of a field; absent where it isn't loaded. */
export type Describe = (type: string, field?: string) => string | undefined;

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const time = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const microTime = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
const rawExtension = 'io.k8s.apimachinery.pkg.runtime.RawExtension';

/** Types that are no structs. */
const special: Readonly<Record<string, Fields>> = {
  [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [intOrString]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  [time]: { format: 'date-time', type: 'string' },
  [microTime]: { format: 'date-time', type: 'string' },
  [rawExtension]: { type: 'object' },
};

const packages: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

const onlyV3 = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'nullable', 'x-kubernetes-validations']);

/** A schema in the dialect of version 2, which lacks some words; what may be null has no type there. */
function withoutV3(schema: Fields): Fields {
  const result: Fields = {};
  for (const [key, value] of Object.entries(schema)) {
    if (onlyV3.has(key) || (key === 'type' && schema['nullable'] === true)) continue;
    if (key === 'properties') {
      const entries = Object.entries(value as Record<string, Fields>).map(([name, one]) => [name, withoutV3(one)]);
      result[key] = Object.fromEntries(entries) as Fields;
    } else if (key === 'items' || key === 'additionalProperties') {
      result[key] = typeof value === 'object' ? withoutV3(value as Fields) : value;
    } else result[key] = value;
  }
  return result;
}

/** `core/v1/Pod` → `io.k8s.api.core.v1.Pod`; custom resources' types have their full name already. */
export function schemaName(type: string): string {
  const [group = '', version, name] = type.split('/');
  if (name === undefined) return type;
  return `${packages[group] ?? `io.k8s.api.${group}`}.${version}.${name}`;
}

/** Builds the schemas of types and of all they refer to. */
export class SchemaCollector {
  readonly schemas = new Map<string, Fields>();
  readonly #prefix: string;
  readonly #describe: Describe;
  readonly #v2: boolean;

  /** @param prefix `#/components/schemas/` (OpenAPI v3) or `#/definitions/` (v2) */
  constructor(prefix: string, describe: Describe, v2 = false) {
    this.#prefix = prefix;
    this.#describe = describe;
    this.#v2 = v2;
  }

  /** Adds a type. `extra` goes into its schema, e.g. the kinds it is the schema of. */
  add(type: StructType, extra: Fields = {}): string {
    const name = schemaName(type.name);
    const known = this.schemas.get(name);
    if (known) {
      Object.assign(known, extra);
      return name;
    }
    const description = this.#describe(type.name);
    const schema: Fields = { ...(description && { description }), type: 'object' };
    this.schemas.set(name, schema);
    const required: string[] = [];
    const properties: Fields = {};
    for (const field of type.fields.values()) {
      properties[field.name] = this.#property(type, field);
      if (field.required) required.push(field.name);
    }
    if (type.fields.size > 0) schema['properties'] = properties;
    if (required.length > 0) schema['required'] = required.sort();
    if (type.atomic) schema['x-kubernetes-map-type'] = 'atomic';
    if (type.preserveUnknown) schema['x-kubernetes-preserve-unknown-fields'] = true;
    Object.assign(schema, extra);
    return name;
  }

  /** Adds the schema of a custom resource as its definition has it, with what all objects have. */
  addCustom(name: string, schema: Fields, extra: Fields): string {
    const meta = this.add(structType('meta/v1/ObjectMeta')!);
    const own = this.#v2 ? withoutV3(schema) : schema;
    const $ref = `${this.#prefix}${meta}`;
    const metadata = 'What all objects have.';
    const properties = {
      apiVersion: { description: 'Version of the API that the object is written in.', type: 'string' },
      kind: { description: 'Kind of the object.', type: 'string' },
      metadata: this.#v2 ? { description: metadata, $ref } : { description: metadata, allOf: [{ $ref }] },
    };
    const given = own['properties'];
    this.schemas.set(name, { type: 'object', ...own, properties: { ...(given as Fields), ...properties }, ...extra });
    return name;
  }

  #property(type: StructType, field: Field): Fields {
    const description = this.#describe(type.name, field.name);
    const schema = this.#type(field.type, true);
    const extensions: Fields = {};
    if (field.type.kind === 'list') {
      extensions['x-kubernetes-list-type'] = field.merge === 'granular' ? 'atomic' : field.merge;
      if (field.listKeys) extensions['x-kubernetes-list-map-keys'] = field.listKeys;
    } else if (field.merge === 'atomic' && (field.type.kind === 'map' || field.type.kind === 'struct')) {
      extensions['x-kubernetes-map-type'] = 'atomic';
    }
    const strategies = [
      ...(field.patchMergeKey === undefined ? [] : ['merge']),
      ...(field.retainKeys ? ['retainKeys'] : []),
    ];
    if (strategies.length > 0) extensions['x-kubernetes-patch-strategy'] = strategies.join(',');
    if (field.patchMergeKey) extensions['x-kubernetes-patch-merge-key'] = field.patchMergeKey;
    return { ...(description && { description }), ...schema, ...extensions };
  }

  #type(type: FieldType, withDefault: boolean): Fields {
    switch (type.kind) {
      case 'struct':
        return this.#reference(this.add(type.struct), withDefault);
      case 'list':
        return { type: 'array', items: this.#type(type.items, true) };
      case 'map':
        return { type: 'object', additionalProperties: this.#type(type.items, true) };
      case 'quantity':
        return this.#special(quantity);
      case 'intOrString':
        return this.#special(intOrString);
      case 'time':
        return this.#special(time);
      case 'microTime':
        return this.#special(microTime);
      case 'object':
        return this.#special(rawExtension);
      case 'any':
        return {};
      case 'int32':
      case 'int64':
        return { type: 'integer', format: type.kind };
      case 'double':
        return { type: 'number', format: 'double' };
      case 'boolean':
        return { type: 'boolean' };
      case 'bytes':
        return { type: 'string', format: 'byte' };
      case 'string':
        return { type: 'string', ...(type.values && { enum: type.values }) };
    }
  }

  #special(name: string): Fields {
    if (!this.schemas.has(name)) {
      const shown = this.#v2 && 'oneOf' in special[name]! ? { type: 'string' } : special[name]!;
      this.schemas.set(name, { ...shown });
    }
    return this.#reference(name, false);
  }

  /** Version 3 wraps references, so that a default and a description may stand beside them. */
  #reference(name: string, withDefault: boolean): Fields {
    const $ref = `${this.#prefix}${name}`;
    if (this.#v2) return { $ref };
    return { allOf: [{ $ref }], ...(withDefault && { default: {} }) };
  }
}
