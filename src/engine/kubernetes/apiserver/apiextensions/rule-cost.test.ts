import { describe, expect, test } from 'vitest';
import { errorText } from '../../apimachinery/field-error.ts';
import { validateSchema } from './schema-validation.ts';
import type { JsonSchema } from './schema.ts';

const problems = (spec: JsonSchema): string[] =>
  validateSchema({ type: 'object', properties: { spec } }, 'schema').map(errorText);
const rule = (text: string) => ({ 'x-kubernetes-validations': [{ rule: text }] });
const advice =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

describe('rules that could keep the server busy', () => {
  test('are refused', () => {
    const names: JsonSchema = { type: 'array', items: { type: 'string' } };
    const nested = rule('self.names.all(a, self.names.exists(b, a == b))');
    const [first, ...others] = problems({ type: 'object', properties: { names }, ...nested });
    const at = 'schema.properties[spec].x-kubernetes-validations[0].rule';
    expect(first).toBe(`${at}: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`);
    expect(others).toEqual([
      `${at}: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${advice}`,
    ]);
  });

  test('are fine with limits, and so are simple ones without', () => {
    const names: JsonSchema = { type: 'array', maxItems: 20, items: { type: 'string', maxLength: 30 } };
    expect(
      problems({ type: 'object', properties: { names }, ...rule('self.names.all(a, self.names.exists(b, a == b))') }),
    ).toEqual([]);
    const properties: JsonSchema['properties'] = {
      min: { type: 'integer' },
      max: { type: 'integer' },
      name: { type: 'string' },
      names: { type: 'array', items: { type: 'string' } },
    };
    for (const text of [
      'self.min <= self.max',
      "self.name.startsWith('a')",
      'self.names.size() < 5 || has(self.name)',
      "self.name == 'x' ? self.min > 1 : true",
      "self.names.all(n, n != 'x')",
    ])
      expect(problems({ type: 'object', properties, ...rule(text) }), text).toEqual([]);
  });

  test('count as often as their value may be there', () => {
    const item: JsonSchema = {
      type: 'object',
      properties: { name: { type: 'string' } },
      ...rule("self.name.matches('^[a-z]+(-[a-z]+)*$')"),
    };
    const [first] = problems({ type: 'object', properties: { items: { type: 'array', items: item } } });
    expect(first).toContain('items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget');
  });

  test('and messages made of numbers are', () => {
    const [first] = problems({
      type: 'object',
      properties: { min: { type: 'integer' } },
      'x-kubernetes-validations': [{ rule: 'self.min > 0', messageExpression: "'min is ' + string(self.min)" }],
    });
    expect(first).toContain('estimated messageExpression cost exceeds budget by factor of more than 100x');
  });
});

test('values before a change are not found again in lists without keys', () => {
  const items: JsonSchema = { type: 'string', maxLength: 10, ...rule('self == oldSelf') };
  expect(problems({ type: 'array', maxItems: 5, items })).toEqual([
    'schema.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within schema.properties[spec]',
  ]);
});
