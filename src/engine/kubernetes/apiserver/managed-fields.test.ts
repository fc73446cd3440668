import { describe, expect, it } from 'vitest';
import { TestApi } from './harness.test-support.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';

const deployment = (replicas: number | undefined, image = 'nginx:1.27') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
    },
  },
});

const applyHeaders = { 'content-type': 'application/apply-patch+yaml' };

describe('managedFields', () => {
  it('names who wrote which fields', async () => {
    const api = new TestApi();
    await api.request('POST', `${deployments}?fieldManager=kubectl-create`, deployment(2));
    const patch = { spec: { replicas: 5 } };
    const type = { 'content-type': 'application/merge-patch+json' };
    const { json } = await api.request('PATCH', `${deployments}/web?fieldManager=kubectl-patch`, patch, type);
    const [first, second] = json.metadata.managedFields;
    expect(first).toMatchObject({
      manager: 'kubectl-create',
      operation: 'Update',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
    });
    expect(first.fieldsV1['f:metadata']).toEqual({ 'f:labels': { '.': {}, 'f:app': {} } });
    const { 'f:spec': spec } = first.fieldsV1;
    expect(spec['f:replicas']).toBeUndefined();
    expect(spec['f:selector']).toEqual({});
    const containers = spec['f:template']['f:spec']['f:containers'];
    expect(containers['k:{"name":"web"}']['f:ports']).toMatchObject({
      '.': {},
      'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
    });
    expect(second).toMatchObject({ manager: 'kubectl-patch', fieldsV1: { 'f:spec': { 'f:replicas': {} } } });
  });
});

describe('server-side apply', () => {
  it('notes a manager that changes nothing, once', async () => {
    const api = new TestApi();
    await api.request('POST', `${deployments}?fieldManager=kubectl-client-side-apply`, deployment(2));
    const apply = () => api.request('PATCH', `${deployments}/web?fieldManager=kubectl`, deployment(2), applyHeaders);
    const first = await apply();
    expect(first.json.metadata.managedFields.map((m: any) => `${m.manager} ${m.operation}`)).toEqual([
      'kubectl Apply',
      'kubectl-client-side-apply Update',
    ]);
    expect((await apply()).json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion);
    const [own] = first.json.metadata.managedFields;
    const patch = [{ op: 'replace', path: '/metadata/managedFields', value: [own] }];
    const type = { 'content-type': 'application/json-patch+json' };
    const migrated = await api.request('PATCH', `${deployments}/web?fieldManager=kubectl`, patch, type);
    expect(migrated.json.metadata.managedFields).toEqual([own]);
  });

  it('refuses to take fields, unless forced, and drops what is no longer applied', async () => {
    const api = new TestApi();
    const apply = (manager: string, object: unknown, query = '') =>
      api.request('PATCH', `${deployments}/web?fieldManager=${manager}${query}`, object, applyHeaders);
    expect((await apply('a', deployment(2))).status).toBe(201);
    const conflict = await apply('b', deployment(3));
    expect(conflict.status).toBe(409);
    expect(conflict.json.message).toBe('Apply failed with 1 conflict: conflict with "a": .spec.replicas');
    expect(conflict.json.details.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.spec.replicas' },
    ]);
    const forced = await apply('b', deployment(3), '&force=true');
    expect(forced.json.spec.replicas).toBe(3);
    expect(forced.json.metadata.managedFields.map((m: any) => [m.manager, m.operation])).toEqual([
      ['a', 'Apply'],
      ['b', 'Apply'],
    ]);
    const extra = { ...deployment(3), metadata: { name: 'web', labels: { app: 'web', extra: 'x' } } };
    expect((await apply('b', extra)).json.metadata.labels).toEqual({ app: 'web', extra: 'x' });
    expect((await apply('b', deployment(3))).json.metadata.labels).toEqual({ app: 'web' });
    const same = await apply('b', deployment(3));
    expect((await apply('b', deployment(3))).json.metadata.resourceVersion).toBe(same.json.metadata.resourceVersion);
  });

  it('needs a manager', async () => {
    const api = new TestApi();
    const { json } = await api.request('PATCH', `${deployments}/web`, deployment(1), applyHeaders);
    expect(json.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  });
});
