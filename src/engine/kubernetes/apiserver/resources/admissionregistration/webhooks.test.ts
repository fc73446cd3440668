import { expect, test } from 'vitest';
import { TestApi } from '../../harness.test-support.ts';

const root = '/apis/admissionregistration.k8s.io/v1';
const api = new TestApi();

async function problems(resource: string, body: object): Promise<string[]> {
  const { json } = await api.request('POST', `${root}/${resource}?dryRun=All`, { metadata: { name: 'x' }, ...body });
  const causes = (json.details?.causes ?? []) as { field: string; message: string }[];
  return causes.map(({ field, message }) => `${field}: ${message}`);
}

const right = {
  name: 'a.b.c',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { url: 'https://a' },
};

test('a webhook that is right', async () => {
  expect(await problems('validatingwebhookconfigurations', { webhooks: [right] })).toEqual([]);
});

test.each<[object, string]>([
  [
    { name: 'a' },
    'webhooks[0].name: Invalid value: "a": should be a domain with at least three segments separated by dots',
  ],
  [{ clientConfig: {} }, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
  [
    { clientConfig: { url: 'http://a' } },
    'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
  ],
  [
    { sideEffects: 'Some' },
    'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
  ],
  [
    { timeoutSeconds: 31 },
    'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
  ],
  [
    { admissionReviewVersions: ['v2'] },
    'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
  ],
  [
    { rules: [{ operations: ['*', 'CREATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] },
    'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
  ],
  [{ matchConditions: [{ name: '', expression: 'true' }] }, 'webhooks[0].matchConditions[0].name: Required value'],
])('%o', async (change, expected) => {
  const webhooks = [{ ...right, ...change }];
  expect(await problems('mutatingwebhookconfigurations', { webhooks })).toEqual([expected]);
});

test('two of one name', async () => {
  const webhooks = [right, right];
  expect(await problems('validatingwebhookconfigurations', { webhooks })).toEqual([
    'webhooks[1].name: Duplicate value: "a.b.c"',
  ]);
});

test('policies: parameters, names of variables, keys, messages', async () => {
  const spec = {
    failurePolicy: 'X',
    paramKind: { kind: 'a' },
    matchConstraints: {
      resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    },
    variables: [{ name: '1a', expression: '1' }],
    validations: [{ expression: 'true', message: 'a\nb' }],
    auditAnnotations: [{ key: 'a b', valueExpression: "'x'" }],
  };
  const found = await problems('validatingadmissionpolicies', { spec });
  expect(found.slice(0, 4)).toEqual([
    'spec.failurePolicy: Unsupported value: "X": supported values: "Fail", "Ignore"',
    'spec.paramKind.apiVersion: Required value',
    'spec.variables[0].name: Invalid value: "1a": name is not a valid CEL identifier',
    'spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
  ]);
  expect(found[4]).toMatch(/^spec.auditAnnotations\[0\].key: Invalid value: "a b": /);
});
