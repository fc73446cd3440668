import { describe, expect, it } from 'vitest';
import { TestApi } from '../../harness.test-support.ts';

const registration = '/apis/admissionregistration.k8s.io/v1';
const policies = `${registration}/validatingadmissionpolicies`;
const bindings = `${registration}/validatingadmissionpolicybindings`;

async function cluster(spec: object, binding: object = {}): Promise<TestApi> {
  const api = new TestApi();
  for (const name of ['default', 'kube-system'])
    await api.request('POST', '/api/v1/namespaces', { metadata: { name } });
  const policy = {
    metadata: { name: 'p' },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: ['configmaps'],
          },
        ],
      },
      ...spec,
    },
  };
  const made = await api.request('POST', policies, policy);
  expect(made.status, made.text).toBe(201);
  const bound = await api.request('POST', bindings, {
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'], ...binding },
  });
  expect(bound.status, bound.text).toBe(201);
  return api;
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('ValidatingAdmissionPolicy', () => {
  it('denies with the failed expression, as Invalid', async () => {
    const api = await cluster({ validations: [{ expression: 'has(object.data.owner)' }] });
    const { status, json } = await api.request('POST', configMaps, configMap('a', { x: '1' }));
    expect(status).toBe(422);
    expect(json.reason).toBe('Invalid');
    expect(json.message).toBe(
      `configmaps "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: has(object.data.owner)`,
    );
    expect(json.details.causes[0].message).toBe(
      `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: has(object.data.owner)`,
    );
    expect((await api.request('POST', configMaps, configMap('a', { owner: 'me' }))).status).toBe(201);
  });

  it('builds messages from variables and gives the reason asked for', async () => {
    const api = await cluster({
      variables: [
        { name: 'size', expression: 'object.data.size()' },
        { name: 'twice', expression: 'variables.size * 2' },
      ],
      validations: [
        {
          expression: 'variables.twice < 4',
          messageExpression: "'%d entries'.format([variables.size])",
          reason: 'Forbidden',
        },
      ],
    });
    const { status, json } = await api.request('POST', configMaps, configMap('a', { x: '1', y: '2' }));
    expect([status, json.reason]).toEqual([403, 'Forbidden']);
    expect(json.message).toContain('denied request: 2 entries');
  });

  it('errors deny, unless the policy ignores failures', async () => {
    const validations = [{ expression: 'object.data.missing == "x"' }];
    const strict = await cluster({ validations });
    const { json } = await strict.request('POST', configMaps, configMap('a', { x: '1' }));
    expect(json.message).toContain(
      `denied request: expression 'object.data.missing == "x"' resulted in error: no such key: missing`,
    );
    const lax = await cluster({ validations, failurePolicy: 'Ignore' });
    expect((await lax.request('POST', configMaps, configMap('a', { x: '1' }))).status).toBe(201);
  });

  it('warns, and matches by conditions, selectors and operation', async () => {
    const api = await cluster(
      {
        matchConditions: [
          { name: 'not-mine', expression: "request.userInfo.username != 'nobody' && request.operation == 'CREATE'" },
        ],
        validations: [{ expression: 'false', message: 'no' }],
      },
      { validationActions: ['Warn', 'Audit'], matchResources: { objectSelector: { matchLabels: { app: 'x' } } } },
    );
    const warned = await api.request('POST', configMaps, {
      ...configMap('a'),
      metadata: { name: 'a', labels: { app: 'x' } },
    });
    expect(warned.status).toBe(201);
    expect(warned.headers['warning']).toContain(
      `Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no`,
    );
    const other = await api.request('POST', configMaps, configMap('b'));
    expect(other.headers['warning']).toBeUndefined();
    expect((await api.request('DELETE', `${configMaps}/a`)).headers['warning']).toBeUndefined();
  });

  it('takes parameters from objects', async () => {
    const api = await cluster(
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        validations: [{ expression: 'object.data.size() <= int(params.data.max)' }],
      },
      {
        paramRef: { name: 'limits', namespace: 'kube-system', parameterNotFoundAction: 'Deny' },
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } },
      },
    );
    const early = await api.request('POST', configMaps, configMap('a', { x: '1' }));
    expect(early.json.message).toContain(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    );
    await api.request('POST', '/api/v1/namespaces/kube-system/configmaps', configMap('limits', { max: '1' }));
    expect((await api.request('POST', configMaps, configMap('a', { x: '1' }))).status).toBe(201);
    expect((await api.request('POST', configMaps, configMap('b', { x: '1', y: '2' }))).status).toBe(422);
  });

  it('judges deletions by the old object', async () => {
    const api = await cluster({ validations: [{ expression: "object != null || !('keep' in oldObject.data)" }] });
    await api.request('POST', configMaps, configMap('a', { keep: 'yes' }));
    expect((await api.request('DELETE', `${configMaps}/a`)).status).toBe(422);
  });

  it('refuses expressions that cannot be compiled or are no conditions', async () => {
    const api = new TestApi();
    const spec = {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
      },
    };
    const wrong = await api.request('POST', policies, {
      metadata: { name: 'p' },
      spec: { ...spec, validations: [{ expression: 'foo.bar' }, { expression: '1 + 1' }] },
    });
    expect(wrong.status).toBe(422);
    expect(wrong.json.message).toContain("undeclared reference to 'foo' (in container '')\n | foo.bar\n | ^");
    expect(wrong.json.message).toContain(
      'spec.validations[1].expression: Invalid value: "1 + 1": must evaluate to bool',
    );
  });

  it('asks the authorizer', async () => {
    const api = await cluster({
      validations: [
        {
          expression:
            "authorizer.group('apps').resource('deployments').namespace('default').check('create').allowed() && " +
            "authorizer.requestResource.check('custom').allowed() && " +
            "authorizer.serviceAccount('default', 'x').path('/healthz').check('get').allowed()",
        },
      ],
    });
    expect((await api.request('POST', configMaps, configMap('a'))).status).toBe(201);
  });
});
