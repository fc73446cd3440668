import {
  duplicate,
  invalid,
  notSupported,
  required,
  tooMany,
  typeInvalid,
  type FieldError,
} from '../../apimachinery/field-error.ts';
import { deepEqual, isRecord } from '../objects.ts';
import { hasFormat } from './formats.ts';
import { additionalSchema, childPath, type JsonSchema } from './schema.ts';

/** Validation of custom resources by their schema, in the words of kube-openapi's validator. */

type Fields = Record<string, unknown>;

const resourceFields = new Set(['apiVersion', 'kind', 'metadata']);

/** @param schema of a whole resource; metadata is validated elsewhere */
export function validateResource(object: Fields, schema: JsonSchema): FieldError[] {
  const validator = new Validator();
  validator.object(object, schema, '', true);
  return [...validator.errors, ...validateLists(object, schema, '')];
}

/** @param path where the value stands */
export function validateValue(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const validator = new Validator();
  validator.value(value, schema, path);
  return validator.errors;
}

/** What a value is in JSON schema's words. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

class Validator {
  readonly errors: FieldError[] = [];

  value(value: unknown, schema: JsonSchema, path: string): void {
    if (value === null && schema.nullable) return;
    if (!this.#type(value, schema, path)) return;
    this.#combinations(value, schema, path);
    if (typeof value === 'string') this.#string(value, schema, path);
    else if (typeof value === 'number') this.#number(value, schema, path);
    else if (Array.isArray(value)) this.#array(value, schema, path);
    if (schema.enum && !schema.enum.some((allowed) => deepEqual(allowed, value))) {
      const shown = schema.enum.map((allowed) => (typeof allowed === 'string' ? allowed : JSON.stringify(allowed)));
      this.errors.push(notSupported(path, value, shown));
    }
    if (isRecord(value)) this.object(value, schema, path, schema['x-kubernetes-embedded-resource'] === true);
  }

  #type(value: unknown, schema: JsonSchema, path: string): boolean {
    const found = typeOf(value);
    const wanted = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [];
    if (wanted.length === 0 || wanted.includes(found) || (found === 'integer' && wanted.includes('number')))
      return true;
    this.errors.push(typeInvalid(path, found, `${path} in body must be of type ${wanted.join(',')}: "${found}"`));
    return false;
  }

  #fail(path: string, value: unknown, what: string): void {
    this.errors.push(invalid(path, value, `${path} in body ${what}`));
  }

  #string(value: string, schema: JsonSchema, path: string): void {
    const length = [...value].length;
    const { maxLength, minLength, pattern, format } = schema;
    if (maxLength !== undefined && length > maxLength) {
      const detail = `may not be more than ${maxLength} bytes`;
      this.errors.push({ type: 'FieldValueTooLong', field: path, badValue: '', detail });
    }
    if (minLength !== undefined && length < minLength) {
      this.#fail(path, value, `should be at least ${minLength} chars long`);
    }
    if (pattern !== undefined && !regularExpression(pattern)?.test(value)) {
      this.#fail(path, value, `should match '${pattern}'`);
    }
    if (format && !hasFormat(value, format)) {
      this.errors.push(typeInvalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`));
    }
  }

  #number(value: number, schema: JsonSchema, path: string): void {
    const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum, format } = schema;
    if (multipleOf && !Number.isInteger(value / multipleOf))
      this.#fail(path, value, `should be a multiple of ${multipleOf}`);
    if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
      this.#fail(path, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
    }
    if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
      this.#fail(path, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
    }
    if (schema.type === 'integer' && format === 'int32' && (value < -(2 ** 31) || value >= 2 ** 31)) {
      this.#fail(path, value, `must be of type int32: "number"`);
    }
  }

  #array(value: readonly unknown[], schema: JsonSchema, path: string): void {
    const { items, minItems, maxItems, uniqueItems } = schema;
    if (items) value.forEach((item, i) => this.value(item, items, `${path}[${i}]`));
    if (minItems !== undefined && value.length < minItems) {
      this.#fail(path, value.length, `should have at least ${minItems} items`);
    }
    if (maxItems !== undefined && value.length > maxItems) this.errors.push(tooMany(path, value.length, maxItems));
    if (uniqueItems && value.some((item, i) => value.slice(0, i).some((other) => deepEqual(item, other)))) {
      this.#fail(path, '', `shouldn't contain duplicates`);
    }
  }

  object(value: Fields, schema: JsonSchema, path: string, isResource = false): void {
    const { minProperties, maxProperties, properties = {}, required: needed = [] } = schema;
    const names = Object.keys(value);
    if (minProperties !== undefined && names.length < minProperties) {
      this.#fail(path, names.length, `should have at least ${minProperties} properties`);
    }
    if (maxProperties !== undefined && names.length > maxProperties)
      this.errors.push(tooMany(path, names.length, maxProperties));
    const values = additionalSchema(schema);
    for (const name of names) {
      if (isResource && resourceFields.has(name)) continue;
      const property = Object.hasOwn(properties, name) ? properties[name] : values;
      if (property) this.value(value[name], property, childPath(path, name));
    }
    for (const name of needed) {
      if (!Object.hasOwn(value, name) || value[name] === undefined) this.errors.push(required(childPath(path, name)));
    }
    if (isResource && path === '') this.#combinations(value, schema, path);
  }

  /** What a combination refuses has no place of its own upstream, which shows as `<nil>`. */
  #combinations(value: unknown, schema: JsonSchema, path: string): void {
    const matching = (list: readonly JsonSchema[]) =>
      list.filter((one) => validateValue(value, one, path).length === 0);
    const refuse = (what: string) => this.errors.push(invalid('<nil>', '', `${JSON.stringify(path)} ${what}`));
    const { allOf, anyOf, oneOf, not } = schema;
    if (anyOf?.length && matching(anyOf).length === 0) {
      this.#best(value, anyOf, path);
      refuse('must validate at least one schema (anyOf)');
    }
    if (oneOf?.length) {
      const count = matching(oneOf).length;
      if (count === 0) this.#best(value, oneOf, path);
      if (count !== 1) {
        const found = count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`;
        refuse(`must validate one and only one schema (oneOf). ${found}`);
      }
    }
    if (allOf?.length && matching(allOf).length < allOf.length) {
      const count = matching(allOf).length;
      for (const one of allOf) this.errors.push(...validateValue(value, one, path));
      refuse(`must validate all the schemas (allOf)${count === 0 ? '. None validated' : ''}`);
    }
    if (not && validateValue(value, not, path).length === 0) refuse('must not validate the schema (not)');
  }

  /** The errors of the alternative that comes nearest. */
  #best(value: unknown, list: readonly JsonSchema[], path: string): void {
    const failures = list.map((one) => validateValue(value, one, path));
    const fewest = Math.min(...failures.map((errors) => errors.length));
    this.errors.push(...failures.find((errors) => errors.length === fewest)!);
  }
}

const expressions = new Map<string, RegExp | undefined>();

/** A Go regular expression; what JavaScript can't read matches nothing. */
export function regularExpression(pattern: string): RegExp | undefined {
  if (!expressions.has(pattern)) {
    let expression: RegExp | undefined;
    try {
      expression = new RegExp(
        pattern
          .replace(/\(\?P</g, '(?<')
          .replace(/\\A/g, '^')
          .replace(/\\z/g, '$'),
        'u',
      );
    } catch {
      try {
        expression = new RegExp(pattern);
      } catch {
        expression = undefined;
      }
    }
    if (expressions.size > 1000) expressions.clear();
    expressions.set(pattern, expression);
  }
  return expressions.get(pattern);
}

/** Lists that are sets or maps hold nothing twice. */
function validateLists(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Array.isArray(value)) {
    const listType = schema['x-kubernetes-list-type'];
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    const seen = new Set<string>();
    value.forEach((item, i) => {
      errors.push(...validateLists(item, schema.items ?? {}, `${path}[${i}]`));
      if (listType !== 'set' && listType !== 'map') return;
      const identity = listType === 'set' ? item : keyOf(item, keys, schema.items ?? {});
      const text = JSON.stringify(identity);
      if (seen.has(text)) errors.push(duplicate(`${path}[${i}]`, identity));
      seen.add(text);
    });
  } else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (path === '' && resourceFields.has(name)) continue;
      const property = schema.properties?.[name] ?? additionalSchema(schema);
      if (property) errors.push(...validateLists(member, property, childPath(path, name)));
    }
  }
  return errors;
}

export function keyOf(item: unknown, keys: readonly string[], schema: JsonSchema): Fields {
  const record = isRecord(item) ? item : {};
  const key: Fields = {};
  for (const name of keys) {
    const value = record[name] ?? schema.properties?.[name]?.default;
    if (value !== undefined) key[name] = value;
  }
  return key;
}
