import { describe, expect, test } from 'vitest';
import { ruleError } from './rules.ts';
import type { JsonSchema } from './schema.ts';

const port: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, number: { type: 'integer' }, type: { type: 'string' } },
};

const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        size: { type: 'integer' },
        share: { type: 'number' },
        ports: { type: 'array', items: port },
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        since: { type: 'string', format: 'date-time' },
        limit: { 'x-kubernetes-int-or-string': true },
        maybe: { type: 'string', nullable: true },
        in: { type: 'boolean' },
        'dash-ed': { type: 'string' },
      },
    },
  },
};

const wrong = (rule: string) => ruleError(rule, 'bool', schema, true);

describe('rules are checked against the types of the schema', () => {
  test.each([
    'self.spec.size > 1 && self.spec.name.startsWith("a")',
    'self.spec.ports.all(p, p.number < 10 && p.name != "")',
    'self.spec.ports.exists_one(p, p.type == "x") || self.metadata.name == "a"',
    'self.spec.tags.all(k, self.spec.tags[k] == "x") && "a" in self.spec.tags',
    'self.spec.any.foo.bar == 1 && self.spec.limit == "5"',
    'self.spec.since < timestamp("2026-01-01T00:00:00Z") && self.spec.maybe == null',
    'self.spec.__in__ && self.spec.dash__dash__ed == "x"',
    'self == oldSelf && self.spec == oldSelf.spec && self.spec.ports == oldSelf.spec.ports',
    'has(self.spec.name) && self.?spec.size.orValue(1) == 1',
    'self.spec.share > 0.5 && self.spec.size <= 5',
    'self.spec.ports.map(p, p.number).sum() < 5',
    'self.spec.ports.filter(p, p.number == 1).size() == 1',
    'size(self.spec.ports) == 1 && duration("1s") < duration("2s")',
  ])('%s', (rule) => {
    expect(wrong(rule)).toBeUndefined();
  });

  test.each([
    ['self.spec.z == 1', "ERROR: <input>:1:10: undefined field 'z'\n | self.spec.z == 1\n | .........^"],
    ['self.spec.ports.all(p, p.x == 1)', "ERROR: <input>:1:25: undefined field 'x'"],
    ['self.spec.name.x == 1', "ERROR: <input>:1:15: type 'string' does not support field selection"],
    ['self.spec.size == "1"', "ERROR: <input>:1:16: found no matching overload for '_==_' applied to '(int, string)'"],
    [
      'self.spec.name.contains(1)',
      "ERROR: <input>:1:24: found no matching overload for 'contains' applied to 'string.(int)'",
    ],
    ['foo(self.spec.name)', "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')"],
    ['size(self.spec.size) == 1', "ERROR: <input>:1:5: found no matching overload for 'size' applied to '(int)'"],
    ['self.spec.tags["a"] == 1', "found no matching overload for '_==_' applied to '(string, int)'"],
  ])('%s', (rule, message) => {
    expect(wrong(rule)).toContain(`compilation failed: ERROR`);
    expect(wrong(rule)).toContain(message);
  });

  test('they result in a bool, messages in a string', () => {
    expect(wrong('self.spec.name')).toBe('cel expression must evaluate to a bool');
    expect(ruleError('self.spec.size', 'string', schema, true)).toBe('cel expression must evaluate to a string');
  });
});
