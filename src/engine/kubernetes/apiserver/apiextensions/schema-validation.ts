import { forbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/field-error.ts';
import { deepEqual, isRecord } from '../objects.ts';
import { requestCardinality } from './rule-cost.ts';
import { isTransitionRule, ruleError, worstCost } from './rules.ts';
import { additionalSchema, preservesUnknown, type JsonSchema } from './schema.ts';
import { regularExpression, validateValue } from './validation.ts';

/** What a schema must be to be structural, and the other rules for it (apiextensions-apiserver's validation). */

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** @param path of the schema in the CustomResourceDefinition */
export function validateSchema(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type !== 'object') {
    errors.push(
      schema.type
        ? invalid(`${path}.type`, schema.type, 'must be object at the root')
        : required(`${path}.type`, 'must not be empty at the root'),
    );
  }
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  const validator = new SchemaValidator(errors);
  validator.node(schema, path, { isRoot: true, isItems: false, cardinality: 1 });
  validator.checkTotal(path);
  return errors;
}

/** How often items of a collection may be there. */
function times(cardinality: number | undefined, max: number | undefined): number | undefined {
  return cardinality === undefined || max === undefined ? undefined : cardinality * max;
}

interface Place {
  isRoot: boolean;
  isItems: boolean;
  /** How often a value may have this schema; undefined if nothing but the size of requests limits it. */
  cardinality: number | undefined;
  /** Path of what keeps values inside from being found again in an update. */
  uncorrelatable?: string;
}

/** What a rule, and what all rules of a schema may cost. */
const costLimit = 10_000_000;
const totalCostLimit = 100_000_000;
/** The total's error names this many rules. */
const maxNamed = 4;

/** getCostErrorMessage. */
function tooCostly(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

class SchemaValidator {
  readonly #errors: FieldError[];
  #totalCost = 0;
  readonly #expensive: { path: string; cost: number }[] = [];

  constructor(errors: FieldError[]) {
    this.#errors = errors;
  }

  node(schema: JsonSchema, path: string, place: Place): void {
    this.#type(schema, path, place);
    this.#extensions(schema, path);
    this.#rules(schema, path, place);
    if (schema.pattern !== undefined && !regularExpression(schema.pattern)) {
      this.#errors.push(invalid(`${path}.pattern`, schema.pattern, 'must be a valid regular expression'));
    }
    if (schema.uniqueItems)
      this.#errors.push(
        forbidden(
          `${path}.uniqueItems`,
          'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
        ),
      );
    this.#default(schema, path);
    const inMap = schema['x-kubernetes-map-type'] === 'atomic' ? { ...place, uncorrelatable: path } : place;
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      const below = `${path}.properties[${name}]`;
      if (place.isRoot && name === 'metadata') this.#metadata(child, below);
      this.node(child, below, { ...inMap, isRoot: false, isItems: false });
    }
    if (schema.additionalProperties !== undefined) {
      if (schema.properties && additionalSchema(schema)) {
        this.#errors.push(
          forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
        );
      }
      if (schema.additionalProperties === false) {
        this.#errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
      }
      if (place.isRoot) this.#errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
      const values = isRecord(schema.additionalProperties) ? schema.additionalProperties : undefined;
      if (values)
        this.node(values as JsonSchema, `${path}.additionalProperties`, {
          ...inMap,
          isRoot: false,
          isItems: true,
          cardinality: times(place.cardinality, schema.maxProperties),
        });
    }
    if (schema.items)
      this.node(schema.items, `${path}.items`, {
        ...(schema['x-kubernetes-list-type'] === 'map' ? place : { ...place, uncorrelatable: path }),
        isRoot: false,
        isItems: true,
        cardinality: times(place.cardinality, schema.maxItems),
      });
    this.#combinations(schema, path);
  }

  #type(schema: JsonSchema, path: string, { isRoot, isItems }: Place): void {
    const { type } = schema;
    if (type && !types.includes(type)) this.#errors.push(notSupported(`${path}.type`, type, types));
    const intOrString = schema['x-kubernetes-int-or-string'] === true;
    if (intOrString && type)
      this.#errors.push(forbidden(`${path}.type`, 'must be empty if x-kubernetes-int-or-string is true'));
    if (!type && !isRoot && !intOrString && !preservesUnknown(schema)) {
      const what = isItems ? 'array items' : 'object fields';
      this.#errors.push(required(`${path}.type`, `must not be empty for specified ${what}`));
    }
    if (type === 'array' && !schema.items) this.#errors.push(required(`${path}.items`, 'must be specified'));
  }

  #extensions(schema: JsonSchema, path: string): void {
    const { type } = schema;
    const listType = schema['x-kubernetes-list-type'];
    const keys = schema['x-kubernetes-list-map-keys'];
    const mapType = schema['x-kubernetes-map-type'];
    if (preservesUnknown(schema) && type && type !== 'object') {
      this.#errors.push(
        invalid(`${path}.type`, type, 'must be object if x-kubernetes-preserve-unknown-fields is true'),
      );
    }
    if (schema['x-kubernetes-embedded-resource']) {
      if (type !== 'object')
        this.#errors.push(
          invalid(`${path}.type`, type ?? '', 'must be object if x-kubernetes-embedded-resource is true'),
        );
      if (!preservesUnknown(schema) && !schema.properties) {
        this.#errors.push(
          required(
            `${path}.properties`,
            'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
          ),
        );
      }
    }
    if (listType !== undefined) {
      if (type !== 'array')
        this.#errors.push(invalid(`${path}.type`, type ?? '', 'must be array if x-kubernetes-list-type is specified'));
      if (!['atomic', 'set', 'map'].includes(listType)) {
        this.#errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
      }
    }
    if (keys?.length && listType !== 'map') {
      this.#errors.push(
        invalid(
          `${path}.x-kubernetes-list-type`,
          listType ?? '',
          'must be map if x-kubernetes-list-map-keys is non-empty',
        ),
      );
    }
    if (listType === 'map') {
      if (!keys?.length)
        this.#errors.push(
          required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
        );
      if (schema.items && schema.items.type !== 'object') {
        this.#errors.push(
          invalid(
            `${path}.items.type`,
            schema.items.type ?? '',
            `must be object if parent array's x-kubernetes-list-type is map`,
          ),
        );
      }
      for (const key of keys ?? []) {
        const property = schema.items?.properties?.[key];
        if (!property) {
          this.#errors.push(
            invalid(`${path}.x-kubernetes-list-map-keys`, key, 'entries must all be names of item properties'),
          );
        } else if (property.default === undefined && !schema.items?.required?.includes(key)) {
          this.#errors.push(
            required(
              `${path}.items.properties[${key}].default`,
              'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
            ),
          );
        }
      }
    }
    if (mapType !== undefined) {
      if (type !== 'object')
        this.#errors.push(invalid(`${path}.type`, type ?? '', 'must be object if x-kubernetes-map-type is specified'));
      if (!['atomic', 'granular'].includes(mapType)) {
        this.#errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
      }
    }
  }

  /** All rules together have a budget, too. */
  checkTotal(path: string): void {
    if (this.#totalCost <= totalCostLimit) return;
    const named = this.#expensive.sort((a, b) => b.cost - a.cost).slice(0, maxNamed);
    for (const { path: at } of named)
      this.#errors.push(
        forbidden(at, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'),
      );
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    this.#errors.push(forbidden(path, tooCostly(what, this.#totalCost, totalCostLimit)));
  }

  #spend(what: string, path: string, cost: number): void {
    if (cost > costLimit) this.#errors.push(forbidden(path, tooCostly(what, cost, costLimit)));
    this.#totalCost += cost;
    if (cost >= totalCostLimit / 100) this.#expensive.push({ path, cost });
  }

  #rules(schema: JsonSchema, path: string, { isRoot, cardinality, uncorrelatable }: Place): void {
    schema['x-kubernetes-validations']?.forEach((rule, i) => {
      const at = `${path}.x-kubernetes-validations[${i}]`;
      if (!rule.rule?.trim()) this.#errors.push(required(`${at}.rule`, 'rule is not specified'));
      if (rule.message !== undefined && rule.message !== '' && rule.message.trim() === '') {
        this.#errors.push(invalid(`${at}.message`, rule.message, 'message must be non-empty if specified'));
      } else if (rule.message?.trim().includes('\n')) {
        this.#errors.push(invalid(`${at}.message`, rule.message, 'message must not contain line breaks'));
      } else if (rule.rule?.trim().includes('\n') && !rule.message?.trim() && !rule.messageExpression) {
        this.#errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
      }
      const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
      if (rule.reason && !reasons.includes(rule.reason))
        this.#errors.push(notSupported(`${at}.reason`, rule.reason, reasons));
      const often = cardinality ?? requestCardinality(schema);
      this.#spend('estimated rule cost', `${at}.rule`, worstCost(rule.rule ?? '', schema) * often);
      const wrong = ruleError(rule.rule ?? '', 'bool', schema, isRoot);
      if (wrong) this.#errors.push(invalid(`${at}.rule`, rule, wrong));
      if (rule.messageExpression) {
        const why = ruleError(rule.messageExpression, 'string', schema, isRoot);
        if (why) this.#errors.push(invalid(`${at}.messageExpression`, rule, why));
        else
          this.#spend(
            'estimated messageExpression cost',
            `${at}.messageExpression`,
            worstCost(rule.messageExpression, schema),
          );
      }
      if (uncorrelatable !== undefined && isTransitionRule(rule.rule ?? '')) {
        const what = 'oldSelf cannot be used on the uncorrelatable portion of the schema within';
        this.#errors.push(invalid(`${at}.rule`, rule.rule, `${what} ${uncorrelatable}`));
      }
      if (rule.optionalOldSelf !== undefined && !isTransitionRule(rule.rule ?? '')) {
        this.#errors.push(
          invalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
        );
      }
    });
  }

  #default(schema: JsonSchema, path: string): void {
    if (schema.default === undefined) return;
    for (const error of validateValue(schema.default, schema, '')) {
      const field = error.field === '' ? `${path}.default` : `${path}.default.${error.field}`;
      this.#errors.push({ ...error, field, detail: error.detail.replace(/^ in body/, 'in body') });
    }
  }

  /** Of metadata a schema may only narrow the name. */
  #metadata(schema: JsonSchema, path: string): void {
    const { properties = {}, type: _type, description: _description, ...others } = schema;
    if (Object.keys(others).length > 0) {
      this.#errors.push(
        forbidden(
          path,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      );
    }
    for (const name of Object.keys(properties)) {
      if (name === 'name' || name === 'generateName') continue;
      this.#errors.push(
        forbidden(
          `${path}.properties[${name}]`,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      );
    }
  }

  /** Combinations only restrict: what they describe must be said outside, too. */
  #combinations(schema: JsonSchema, path: string): void {
    const intOrString = schema['x-kubernetes-int-or-string'] === true;
    for (const kind of ['allOf', 'anyOf', 'oneOf'] as const) {
      schema[kind]?.forEach((one, i) => {
        if (intOrString && kind !== 'oneOf' && isIntOrString(one)) return;
        this.#nested(one, schema, `${path}.${kind}[${i}]`, path);
      });
    }
    if (schema.not) this.#nested(schema.not, schema, `${path}.not`, path);
  }

  #nested(schema: JsonSchema, outer: JsonSchema, path: string, outerPath: string): void {
    const never = ['type', 'description', 'default', 'nullable', 'additionalProperties', 'title'] as const;
    for (const name of never) {
      if (schema[name] === undefined || schema[name] === '') continue;
      this.#errors.push(
        forbidden(
          `${path}.${name}`,
          name === 'additionalProperties'
            ? `must be undefined to be structural`
            : `must be ${name === 'nullable' ? 'false' : name === 'default' ? 'undefined' : 'empty'} to be structural`,
        ),
      );
    }
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      const same = outer.properties?.[name];
      if (!same && !additionalSchema(outer)) {
        this.#errors.push(
          required(`${outerPath}.properties[${name}]`, `because it is defined in ${path}.properties[${name}]`),
        );
      } else this.#nested(child, same ?? {}, `${path}.properties[${name}]`, `${outerPath}.properties[${name}]`);
    }
    if (schema.items) this.#nested(schema.items, outer.items ?? {}, `${path}.items`, `${outerPath}.items`);
  }
}

function isIntOrString(schema: JsonSchema): boolean {
  if (schema.anyOf) return schema.anyOf.every(isIntOrString);
  return deepEqual(schema, { type: 'integer' }) || deepEqual(schema, { type: 'string' });
}
