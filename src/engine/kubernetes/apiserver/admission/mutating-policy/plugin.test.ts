import { expect, it } from 'vitest';
import { TestApi } from '../../harness.test-support.ts';

const apis = '/apis/admissionregistration.k8s.io/v1beta1';
const pods = '/api/v1/namespaces/default/pods';

async function server(): Promise<TestApi> {
  const api = new TestApi({ runtimeConfig: { 'admissionregistration.k8s.io/v1beta1': true } });
  await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  return api;
}

async function bind(api: TestApi, name: string, spec: object, binding: object = {}): Promise<void> {
  const policy = {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      ...spec,
    },
  };
  const made = await api.request('POST', `${apis}/mutatingadmissionpolicies`, policy);
  expect(made.status, made.text).toBe(201);
  const bound = { metadata: { name }, spec: { policyName: name, ...binding } };
  expect((await api.request('POST', `${apis}/mutatingadmissionpolicybindings`, bound)).status).toBe(201);
}

const pod = (name: string, labels = {}) => ({
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});

it('is off unless asked for', async () => {
  const api = new TestApi();
  expect((await api.get(`${apis}/mutatingadmissionpolicies`)).status).toBe(404);
  const on = await server();
  const { json } = await on.get(apis);
  expect(json.resources.map(({ kind }: { kind: string }) => kind)).toEqual([
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
  ]);
  expect((await on.get('/openapi/v3/apis/admissionregistration.k8s.io/v1beta1')).status).toBe(200);
});

it('adds sidecars with apply configurations', async () => {
  const api = await server();
  await bind(api, 'sidecar', {
    matchConditions: [{ name: 'none', expression: '!object.spec.containers.exists(c, c.name == "mesh")' }],
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: {
          expression: `Object{
            metadata: Object.metadata{ labels: {"mesh": "on"} },
            spec: Object.spec{
              containers: [Object.spec.containers{ name: "mesh", image: "mesh:1", args: ["proxy", "sidecar"] }]
            }
          }`,
        },
      },
    ],
  });
  const refused = await api.request('POST', pods, pod('a', { app: 'x' }));
  expect(refused.json.message).toBe(
    'pods "a" is forbidden: policy \'sidecar\' with binding \'sidecar\' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[name="mesh"].args',
  );
  await api.request(
    'PATCH',
    `${apis}/mutatingadmissionpolicies/sidecar`,
    [
      {
        op: 'replace',
        path: '/spec/mutations/0/applyConfiguration/expression',
        value:
          'Object{metadata: Object.metadata{labels: {"mesh": "on"}}, spec: Object.spec{containers: [Object.spec.containers{name: "mesh", image: "mesh:1"}]}}',
      },
    ],
    { 'content-type': 'application/json-patch+json' },
  );
  const { json } = await api.request('POST', pods, pod('a', { app: 'x' }));
  expect(json.message).toBeUndefined();
  expect(json.metadata.labels).toEqual({ app: 'x', mesh: 'on' });
  expect(json.spec.containers.map(({ name }: { name: string }) => name)).toEqual(['mesh', 'c'].sort());
  expect(json.spec.containers.find(({ name }: { name: string }) => name === 'mesh').terminationMessagePath).toBe(
    '/dev/termination-log',
  );
});

it('takes JSON patches, parameters and variables, and looks again when others have changed what it saw', async () => {
  const api = await server();
  await api.request('POST', '/api/v1/namespaces/default/configmaps', {
    metadata: { name: 'team' },
    data: { owner: 'blue' },
  });
  await bind(api, 'a-last', {
    matchConditions: [{ name: 'owned', expression: 'has(object.metadata.labels.owner)' }],
    mutations: [
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression:
            '[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/seen"), value: "yes"}]',
        },
      },
    ],
  });
  await bind(
    api,
    'b-owner',
    {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      variables: [{ name: 'owner', expression: 'params.data.owner' }],
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: {
            expression: 'Object{metadata: Object.metadata{labels: {"owner": variables.owner}}}',
          },
        },
      ],
    },
    { paramRef: { name: 'team', namespace: 'default', parameterNotFoundAction: 'Deny' } },
  );
  const { json } = await api.request('POST', pods, pod('p', { app: 'x' }));
  expect(json.metadata.labels).toEqual({ app: 'x', owner: 'blue', 'example.com/seen': 'yes' });
  const policies = await api.get(`${apis}/mutatingadmissionpolicies`);
  expect(policies.json.items).toHaveLength(2);
});
