import { describe, expect, it } from 'vitest';
import { TestApi } from './harness.test-support.ts';

const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const configMaps = '/api/v1/namespaces/default/configmaps';

describe('REST', () => {
  it('creates, reads, replaces and deletes', async () => {
    const api = new TestApi();
    const created = await api.request('POST', configMaps, configMap('a', { x: '1' }));
    expect(created.status).toBe(201);
    expect(created.json.metadata).toMatchObject({
      name: 'a',
      namespace: 'default',
      creationTimestamp: '2025-06-15T15:06:40Z',
    });
    const again = await api.request('POST', configMaps, configMap('a'));
    expect(again.json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" already exists',
      reason: 'AlreadyExists',
      details: { name: 'a', kind: 'configmaps' },
      code: 409,
    });
    const stale = { ...created.json, data: { x: '2' } };
    expect((await api.request('PUT', `${configMaps}/a`, stale)).status).toBe(200);
    const conflict = await api.request('PUT', `${configMaps}/a`, stale);
    expect(conflict.json.message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
    const deleted = await api.request('DELETE', `${configMaps}/a`);
    expect(deleted.json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'configmaps' },
    });
    expect((await api.get(`${configMaps}/a`)).json.message).toBe('configmaps "a" not found');
  });

  it('refuses what does not fit', async () => {
    const api = new TestApi();
    const message = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
      (await api.request(method, path, body, headers)).json?.message;
    expect(await message('POST', '/api/v1/namespaces/nope/configmaps', configMap('a'))).toBe(
      'namespaces "nope" not found',
    );
    expect(await message('POST', configMaps, { ...configMap('a'), metadata: { name: 'a', namespace: 'b' } })).toBe(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
    expect(await message('POST', `${configMaps}?fieldValidation=Strict`, { ...configMap('a'), dta: {} })).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"',
    );
    expect(await message('DELETE', '/api/v1/namespaces/default')).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
    expect(await message('PUT', configMaps, configMap('a'))).toBe(
      'the server does not allow this method on the requested resource',
    );
    expect(await message('GET', '/api/v1/foos')).toBe('the server could not find the requested resource');
    expect(
      await message('PATCH', `${configMaps}/kube-root-ca.crt`, '{bad', {
        'content-type': 'application/merge-patch+json',
      }),
    ).toBe("invalid character 'b' looking for beginning of object key string");
    expect((await api.get('/apis/nope.example.com/v1/foos')).text).toBe('404 page not found\n');
    const protobuf = await api.get(configMaps, { accept: 'application/vnd.kubernetes.protobuf' });
    expect(protobuf.status).toBe(406);
    const body = await api.request('POST', configMaps, 'x', { 'content-type': 'application/vnd.kubernetes.protobuf' });
    expect(body.status).toBe(415);
  });

  it('patches', async () => {
    const api = new TestApi();
    await api.request('POST', configMaps, configMap('a', { x: '1', y: '2' }));
    const patch = async (type: string, body: unknown) =>
      (await api.request('PATCH', `${configMaps}/a`, body, { 'content-type': `application/${type}` })).json;
    expect((await patch('merge-patch+json', { data: { x: null } })).data).toEqual({ y: '2' });
    expect((await patch('json-patch+json', [{ op: 'add', path: '/data/z', value: '3' }])).data).toEqual({
      y: '2',
      z: '3',
    });
    expect((await patch('strategic-merge-patch+json', { metadata: { labels: { a: 'b' } } })).metadata.labels).toEqual({
      a: 'b',
    });
    const before = (await api.get(`${configMaps}/a`)).json.metadata.resourceVersion;
    expect((await patch('merge-patch+json', { data: { y: '2' } })).metadata.resourceVersion).toBe(before);
    expect((await patch('json-patch+json', [{ op: 'test', path: '/data/z', value: '4' }])).message).toBe(
      'the server rejected our request due to an error in our request',
    );
  });

  it('lists in pages of one revision', async () => {
    const api = new TestApi();
    for (const name of ['a', 'b', 'c']) await api.request('POST', configMaps, configMap(name));
    const first = await api.get(`${configMaps}?limit=2`);
    expect(first.json.items.map((i: any) => i.metadata.name)).toEqual(['a', 'b']);
    expect(first.json.metadata.remainingItemCount).toBe(1);
    await api.request('DELETE', `${configMaps}/c`);
    const second = await api.get(`${configMaps}?limit=2&continue=${first.json.metadata.continue}`);
    expect(second.json.items.map((i: any) => i.metadata.name)).toEqual(['c']);
    expect((await api.get(`${configMaps}?fieldSelector=metadata.name%3Da`)).json.items).toHaveLength(1);
    expect((await api.get(`${configMaps}?labelSelector=x+in+(a)`)).json.items).toHaveLength(0);
  });

  it('shows tables', async () => {
    const api = new TestApi();
    await api.request('POST', configMaps, configMap('a'));
    const table = await api.get(configMaps, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect(table.json.kind).toBe('Table');
    expect(table.json.rows[0].cells[0]).toBe('a');
    expect(table.json.rows[0].object.kind).toBe('PartialObjectMetadata');
  });
});

describe('watch', () => {
  it('continues from a revision and says what leaves the selection', async () => {
    const api = new TestApi();
    await api.request('POST', configMaps, { ...configMap('a'), metadata: { name: 'a', labels: { app: 'x' } } });
    const list = await api.get(configMaps);
    const from = list.json.metadata.resourceVersion;
    const { stream } = await api.get(`${configMaps}?watch=1&labelSelector=app%3Dx&resourceVersion=${from}`);
    await api.request(
      'PATCH',
      `${configMaps}/a`,
      { metadata: { labels: { app: 'y' } } },
      { 'content-type': 'application/merge-patch+json' },
    );
    const events = await api.lines(stream!);
    expect(events.map((e) => [e.type, e.object.metadata.name])).toEqual([['DELETED', 'a']]);
    api.server.core.store.resource('/configmaps').compact();
    const late = await api.get(`${configMaps}?watch=1&resourceVersion=1`);
    expect(await api.lines(late.stream!)).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  });

  it('sends the state first and a bookmark after it', async () => {
    const api = new TestApi();
    await api.request('POST', configMaps, configMap('a'));
    const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const { stream } = await api.get(`${configMaps}?${query}`);
    const events = await api.lines(stream!);
    expect(events.map((e) => e.type)).toEqual(['ADDED', 'BOOKMARK']);
    expect(events[1].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });
});
