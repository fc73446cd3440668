import {
  forbidden,
  invalid,
  omittedValue,
  required,
  duplicate,
  typeInvalid,
  type FieldError,
} from '../../apimachinery/field-error.ts';
import { celJs } from '../../cel/cel-js.ts';
import { CelEnvironment, CelError } from '../../cel/environment.ts';
import { isRecord } from '../objects.ts';
import { ruleCost } from './rule-cost.ts';
import { escapedName } from './rule-names.ts';
import { resultType, typeError } from './rule-types.ts';
import { additionalSchema, childPath, preservesUnknown, type JsonSchema, type ValidationRule } from './schema.ts';
import { keyOf } from './validation.ts';

/** Rules in CEL of custom resources (x-kubernetes-validations). */

type Fields = Record<string, unknown>;

const environment = new CelEnvironment(['self', 'oldSelf']);

/** Metadata that rules may look at. */
const visibleMetadata = ['name', 'generateName'];

/** Does the rule compare with the value before? */
export function isTransitionRule(rule: string): boolean {
  return /\boldSelf\b/.test(rule);
}

/**
 * Why a rule can't be used; undefined if it can.
 * @param isResource the schema is that of a whole resource
 */
export function ruleError(
  expression: string,
  type: 'bool' | 'string',
  schema: JsonSchema,
  isResource: boolean,
): string | undefined {
  if (expression.trim() === '') return undefined;
  try {
    const program = environment.compile(expression);
    const wrong = typeError(expression, schema, isResource);
    if (wrong) return `compilation failed: ${wrong}`;
    const found = program.type === 'dyn' ? resultType(expression, schema) : program.type;
    if (found === 'dyn' || found === type) return undefined;
    return `cel expression must evaluate to a ${type}`;
  } catch (error) {
    if (error instanceof CelError) return `compilation failed: ${error.message}`;
    throw error;
  }
}

/** How much an expression that compiles may cost at worst; 0 for one that does not. */
export function worstCost(expression: string, schema: JsonSchema): number {
  if (expression.trim() === '') return 0;
  try {
    return ruleCost(environment.compile(expression).ast, schema);
  } catch (error) {
    if (error instanceof CelError) return 0;
    throw error;
  }
}

/** @param old the resource before an update */
export function validateRules(object: Fields, old: Fields | undefined, schema: JsonSchema): FieldError[] {
  if (!hasRules(schema)) return [];
  return walk(object, old, schema, '', true);
}

const transitionErrors = new WeakSet<FieldError>();

/** Does the error come from a rule that compares with the value before? */
export function isTransitionError(error: FieldError): boolean {
  return transitionErrors.has(error);
}

const withRules = new WeakMap<JsonSchema, boolean>();

export function hasRules(schema: JsonSchema): boolean {
  let known = withRules.get(schema);
  if (known === undefined) {
    const values = additionalSchema(schema);
    known =
      (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
      Object.values(schema.properties ?? {}).some(hasRules) ||
      (schema.items !== undefined && hasRules(schema.items)) ||
      (values !== undefined && hasRules(values));
    withRules.set(schema, known);
  }
  return known;
}

function walk(value: unknown, old: unknown, schema: JsonSchema, path: string, isResource = false): FieldError[] {
  if (value === undefined || (value === null && schema.nullable) || !hasRules(schema)) return [];
  const errors: FieldError[] = [];
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length > 0) {
    const self = celValue(value, schema, isResource);
    const oldSelf = old === undefined ? undefined : celValue(old, schema, isResource);
    for (const rule of rules) {
      const error = evaluate(rule, self, oldSelf, schema, path);
      if (!error) continue;
      if (isTransitionRule(rule.rule)) transitionErrors.add(error);
      errors.push(error);
    }
  }
  if (Array.isArray(value) && schema.items) {
    const { items } = schema;
    value.forEach((item, i) => errors.push(...walk(item, itemBefore(item, old, schema), items, `${path}[${i}]`)));
  } else if (isRecord(value)) {
    const before = isRecord(old) ? old : {};
    const values = additionalSchema(schema);
    for (const name of Object.keys(value)) {
      const property = schema.properties?.[name] ?? values;
      if (!property || (isResource && name === 'metadata')) continue;
      const below = schema.properties?.[name] ? childPath(path, name) : `${path}[${name}]`;
      errors.push(...walk(value[name], before[name], property, below, property['x-kubernetes-embedded-resource']));
    }
  }
  return errors;
}

/** The item that an item of a list was; only lists that are maps can tell. */
function itemBefore(item: unknown, old: unknown, schema: JsonSchema): unknown {
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map') return undefined;
  const identity = (one: unknown) =>
    JSON.stringify(keyOf(one, schema['x-kubernetes-list-map-keys'] ?? [], schema.items ?? {}));
  const wanted = identity(item);
  return old.find((candidate) => identity(candidate) === wanted);
}

function evaluate(
  rule: ValidationRule,
  self: unknown,
  oldSelf: unknown,
  schema: JsonSchema,
  path: string,
): FieldError | undefined {
  const expression = rule.rule.trim();
  if (expression === '') return undefined;
  const transition = isTransitionRule(expression);
  if (transition && oldSelf === undefined && !rule.optionalOldSelf) return undefined;
  const { Optional } = celJs();
  const before = rule.optionalOldSelf ? (oldSelf === undefined ? Optional.none() : Optional.of(oldSelf)) : oldSelf;
  const variables = { self, ...(transition && { oldSelf: before }) };
  const shown = shownValue(self);
  try {
    if (environment.compile(expression).evaluate(variables) === true) return undefined;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const named = rule.message || expression;
    const detail = error.message.startsWith('no such overload')
      ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${named}`
      : `${error.message} evaluating rule: ${named}`;
    return invalid(path || '<nil>', omittedValue, detail);
  }
  const field = `${path}${rule.fieldPath ?? ''}`.replace(/^\./, '') || '<nil>';
  const detail = messageOf(rule, variables);
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, shown);
    default:
      return rule.reason === 'FieldValueTypeInvalid'
        ? typeInvalid(field, shown, detail)
        : invalid(field, shown, detail);
  }
}

/** Simple values are shown, others left out. */
function shownValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return ['string', 'number', 'boolean'].includes(typeof value) ? value : omittedValue;
}

/** A message that is worked out counts if it is one line of text. */
function messageOf({ rule, message, messageExpression }: ValidationRule, variables: Fields): string {
  if (messageExpression) {
    try {
      const text = environment.compile(messageExpression).evaluate(variables);
      if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text.trim();
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
    }
  }
  return message?.trim() || `failed rule: ${rule.trim()}`;
}

/** A value as rules see it: by its schema, so that a `number` is a double even without decimals. */
function celValue(value: unknown, schema: JsonSchema, isResource = false): unknown {
  if (typeof value === 'number') return Number.isInteger(value) && schema.type !== 'number' ? BigInt(value) : value;
  if (typeof value === 'string') {
    if (schema.format === 'date-time' || schema.format === 'date') {
      const ms = Date.parse(value);
      return Number.isNaN(ms) ? value : new Date(ms);
    }
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema.items ?? {}));
  if (!isRecord(value)) return value;
  const result: Fields = {};
  const values = additionalSchema(schema);
  for (const [name, member] of Object.entries(value)) {
    if (isResource && name === 'metadata' && isRecord(member)) {
      result['metadata'] = Object.fromEntries(Object.entries(member).filter(([key]) => visibleMetadata.includes(key)));
    } else if (isResource && (name === 'apiVersion' || name === 'kind')) {
      result[name] = member;
    } else if (schema.properties?.[name]) {
      const key = escapedName(name);
      if (key !== undefined)
        result[key] = celValue(
          member,
          schema.properties[name],
          schema.properties[name]['x-kubernetes-embedded-resource'],
        );
    } else if (values) {
      result[name] = celValue(member, values);
    } else if (preservesUnknown(schema)) {
      result[name] = celValue(member, {});
    }
  }
  return result;
}
