import { expect, test } from 'vitest';
import { structType } from '../schema/index.ts';
import { policyTypeError } from './policy-types.ts';

const deployment = structType('apps/v1/Deployment')!;

test.each([
  'object.spec.replicas <= 5 && object.metadata.name.startsWith("a")',
  'object.spec.template.spec.containers.all(c, c.image != "" && has(c.resources))',
  'oldObject == null || object.spec == oldObject.spec',
  'variables.x > params.spec.max && request.name == "a"',
  'object.metadata.labels["a"] == "b" && object.spec.strategy.rollingUpdate.maxSurge == 1',
  'object.spec.template.spec.containers.all(c, c.resources.limits["cpu"] == "1")',
])('%s', (expression) => {
  expect(policyTypeError(expression, deployment)).toBeUndefined();
});

test.each([
  ['object.foo > 1', "ERROR: <input>:1:7: undefined field 'foo'\n | object.foo > 1\n | ......^"],
  ['object.spec.replicas > "1"', "found no matching overload for '_>_' applied to '(int, string)'"],
])('%s', (expression, message) => {
  expect(policyTypeError(expression, deployment)).toContain(message);
});
