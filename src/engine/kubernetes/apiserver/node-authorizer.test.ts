import { describe, expect, it } from 'vitest';
import { TestApi } from './harness.test-support.ts';

const kubelet = { 'impersonate-user': 'system:node:worker', 'impersonate-group': 'system:nodes' };
const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

async function setUp(): Promise<TestApi> {
  const api = new TestApi({ authorization: 'RBAC', tokens: new Map([['t', admin]]) });
  const create = (path: string, body: object) => asAdmin(api, 'POST', path, body);
  for (const name of ['worker', 'other']) await create('/api/v1/nodes', { metadata: { name } });
  for (const name of ['used', 'unused']) {
    await create('/api/v1/namespaces/default/secrets', { metadata: { name } });
    await create('/api/v1/namespaces/default/configmaps', { metadata: { name } });
  }
  await create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  const container = { name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'used' } }] };
  const volumes = [{ name: 'v', projected: { sources: [{ configMap: { name: 'used' } }] } }];
  const pod = { metadata: { name: 'p' }, spec: { nodeName: 'worker', containers: [container], volumes } };
  const { status, json } = await create('/api/v1/namespaces/default/pods', pod);
  expect(status, json?.message).toBe(201);
  return api;
}

function asAdmin(api: TestApi, method: string, path: string, body?: object, headers = {}) {
  return api.request(method, path, body, { authorization: 'Bearer t', ...headers });
}

describe('a kubelet', () => {
  it.each([
    ['GET', '/api/v1/namespaces/default/secrets/used', 200],
    ['GET', '/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Dused', 200],
    ['GET', '/api/v1/namespaces/default/configmaps/used', 200],
    ['GET', '/api/v1/namespaces/default/configmaps/unused', 403],
    ['GET', '/api/v1/namespaces/default/secrets', 403],
    ['DELETE', '/api/v1/namespaces/default/secrets/used', 403],
    ['GET', '/api/v1/namespaces/default/pods/p', 200],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dworker', 200],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dother', 403],
    ['GET', '/api/v1/nodes/worker', 200],
    ['GET', '/api/v1/nodes/other', 403],
    ['GET', '/api/v1/nodes', 403],
    ['GET', '/api/v1/services', 200],
    ['GET', '/apis/apps/v1/deployments', 403],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/other', 403],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const api = await setUp();
    const response = await asAdmin(api, method, path, undefined, kubelet);
    expect(response.status, response.text).toBe(status);
  });

  it('reads why it may not', async () => {
    const api = await setUp();
    const { json } = await asAdmin(api, 'GET', '/api/v1/namespaces/default/secrets/unused', undefined, kubelet);
    expect(json.message).toBe(
      'secrets "unused" is forbidden: User "system:node:worker" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node \'worker\' and this object',
    );
  });
});
