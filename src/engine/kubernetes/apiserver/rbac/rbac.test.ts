import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../harness.test-support.ts';
import { missingRules, ruleAllows, ruleText } from './rules.ts';

const group = 'rbac.authorization.k8s.io';
const rbac = `/apis/${group}/v1`;

let api: TestApi;
const tokens = new Map([
  ['admin', { name: 'admin', groups: ['system:masters', 'system:authenticated'] }],
  ['jane', { name: 'jane', groups: ['devs', 'system:authenticated'] }],
]);
const as = (token: string) => ({ authorization: `Bearer ${token}` });
const admin = as('admin');
const jane = as('jane');

async function give(role: string, subject: object, rules?: object[], namespace = 'default'): Promise<void> {
  const base = `${rbac}/namespaces/${namespace}`;
  if (rules) {
    const made = await api.request('POST', `${base}/roles`, { metadata: { name: role }, rules }, admin);
    expect(made.status).toBe(201);
  }
  const roleRef = { apiGroup: group, kind: rules ? 'Role' : 'ClusterRole', name: role };
  const binding = { metadata: { name: `${role}-binding` }, roleRef, subjects: [subject] };
  expect((await api.request('POST', `${base}/rolebindings`, binding, admin)).status).toBe(201);
}

const janeUser = { kind: 'User', apiGroup: group, name: 'jane' };

beforeEach(() => {
  api = new TestApi({ authorization: 'RBAC', tokens });
});

test('nothing is allowed without a rule, in upstream’s words', async () => {
  const pods = await api.get('/api/v1/namespaces/default/pods', jane);
  expect(pods.status).toBe(403);
  expect(pods.json.message).toBe(
    'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
  );
  const path = await api.get('/metrics', jane);
  expect(path.json.message).toBe('forbidden: User "jane" cannot get path "/metrics"');
  expect((await api.get('/version', jane)).status).toBe(200);
  expect((await api.get('/apis', { ...jane })).status).toBe(200);
  expect((await api.get('/apis')).status).toBe(403);
  expect((await api.get('/healthz')).status).toBe(200);
});

test('names, subresources and collections of one name', async () => {
  await give('reader', janeUser, [
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  ]);
  const maps = '/api/v1/namespaces/default/configmaps';
  expect((await api.get(`${maps}/one`, jane)).status).toBe(404);
  expect((await api.get(`${maps}/two`, jane)).status).toBe(403);
  expect((await api.get(maps, jane)).status).toBe(403);
  expect((await api.get(`${maps}?fieldSelector=metadata.name%3Done`, jane)).status).toBe(200);
  expect((await api.get('/api/v1/namespaces/default/pods/x/log', jane)).status).toBe(404);
  expect((await api.get('/api/v1/namespaces/default/pods/x', jane)).status).toBe(403);
  expect((await api.get('/api/v1/namespaces/kube-system/configmaps/one', jane)).status).toBe(403);
});

test('groups, service accounts, and bindings to roles that are gone', async () => {
  await give('view', { kind: 'Group', apiGroup: group, name: 'devs' });
  expect((await api.get('/api/v1/namespaces/default/pods', jane)).status).toBe(200);
  expect((await api.get('/api/v1/namespaces/default/secrets', jane)).status).toBe(403);
  await give('ghost', janeUser, undefined);
  const secrets = await api.get('/api/v1/namespaces/default/secrets', jane);
  expect(secrets.json.message).toContain(': RBAC: clusterrole.rbac.authorization.k8s.io "ghost" not found');
  await give('edit', { kind: 'ServiceAccount', name: 'ci', namespace: 'default' });
  const headers = { ...admin, 'impersonate-user': 'system:serviceaccount:default:ci' };
  expect((await api.get('/api/v1/namespaces/default/secrets', headers)).status).toBe(200);
});

test('impersonation is asked for', async () => {
  const refused = await api.get('/version', { ...jane, 'impersonate-user': 'bob' });
  expect(refused.json.message).toBe(
    'users "bob" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  const groups = { ...admin, 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' };
  expect((await api.get('/api/v1/nodes', groups)).status).toBe(200);
});

describe('escalation', () => {
  test('nobody grants what he lacks', async () => {
    await give('granter', janeUser, [
      { apiGroups: [group], resources: ['roles', 'rolebindings'], verbs: ['create', 'update', 'get'] },
    ]);
    const rules = [
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] },
      { apiGroups: [group], resources: ['roles'], verbs: ['get'] },
    ];
    const role = { metadata: { name: 'esc' }, rules };
    const made = await api.request('POST', `${rbac}/namespaces/default/roles`, role, jane);
    expect(made.status).toBe(403);
    expect(made.json.message).toBe(
      'roles.rbac.authorization.k8s.io "esc" is forbidden: user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    );
    const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'nope' };
    const binding = { metadata: { name: 'b' }, roleRef, subjects: [janeUser] };
    const bound = await api.request('POST', `${rbac}/namespaces/default/rolebindings`, binding, jane);
    expect(bound.json.message).toBe('clusterroles.rbac.authorization.k8s.io "nope" not found');
  });

  test('unless the role may be bound or escalated', async () => {
    await give('granter', janeUser, [
      { apiGroups: [group], resources: ['rolebindings'], verbs: ['create'] },
      { apiGroups: [group], resources: ['clusterroles'], resourceNames: ['view'], verbs: ['bind'] },
    ]);
    const bind = (name: string) =>
      api.request(
        'POST',
        `${rbac}/namespaces/default/rolebindings`,
        { metadata: { name }, roleRef: { apiGroup: group, kind: 'ClusterRole', name }, subjects: [janeUser] },
        jane,
      );
    expect((await bind('view')).status).toBe(201);
    expect((await bind('admin')).status).toBe(403);
  });
});

test('reviews answer from the rules', async () => {
  await give('view', janeUser);
  const review = async (resource: string, namespace: string) => {
    const spec = { resourceAttributes: { verb: 'list', resource, namespace } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    return (await api.request('POST', path, { spec }, jane)).json.status;
  };
  expect(await review('pods', 'default')).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "view-binding/default" of ClusterRole "view" to User "jane"',
  });
  expect(await review('pods', 'kube-system')).toEqual({ allowed: false });
  const rules = await api.request(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    { spec: { namespace: 'default' } },
    jane,
  );
  expect(rules.json.status.resourceRules.some((r: any) => r.resources.includes('pods/log'))).toBe(true);
  expect(rules.json.status.nonResourceRules.length).toBeGreaterThan(1);
});

test('a fresh server has the gathering roles complete', async () => {
  const { json } = await api.get(`${rbac}/clusterroles/admin`, admin);
  expect(json.rules.some((r: any) => r.resources.includes('rolebindings'))).toBe(true);
  expect(json.rules.some((r: any) => r.resources.includes('pods/exec'))).toBe(true);
  expect(json.metadata.labels).toEqual({ 'kubernetes.io/bootstrapping': 'rbac-defaults' });
});

test('rules cover and show themselves', () => {
  const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  expect(missingRules([all], [{ verbs: ['get'], apiGroups: ['a'], resources: ['b/c'] }])).toEqual([]);
  expect(missingRules([all], [{ verbs: ['get'], nonResourceURLs: ['/x'] }])).toHaveLength(1);
  const scale = { verbs: ['get'], apiGroups: ['*'], resources: ['*/scale'] };
  expect(ruleAllows(scale, { verb: 'get', group: 'apps', resource: 'deployments', subresource: 'scale' })).toBe(true);
  expect(ruleAllows(scale, { verb: 'get', group: 'apps', resource: 'deployments' })).toBe(false);
  expect(ruleText({ verbs: ['get'], nonResourceURLs: ['/a*'] })).toBe('{NonResourceURLs:["/a*"], Verbs:["get"]}');
});
