import { describe, expect, it } from 'vitest';
import { TestApi, type TestResponse } from './harness.test-support.ts';

const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const path = '/api/v1/namespaces/default/configmaps';

async function withConfigMaps(n: number): Promise<TestApi> {
  const api = new TestApi();
  for (let i = 0; i < n; i++) await api.request('POST', path, configMap(`c${i}`));
  return api;
}

const names = (response: TestResponse) => response.json.items.map((item: any) => item.metadata.name as string);

describe('lists', () => {
  it('come in pages of one revision', async () => {
    const api = await withConfigMaps(5);
    const first = await api.get(`${path}?limit=2`);
    expect(names(first)).toEqual(['c0', 'c1']);
    expect(first.json.metadata.remainingItemCount).toBe(3);
    await api.request('DELETE', `${path}/c3`);
    const second = await api.get(`${path}?limit=2&continue=${first.json.metadata.continue}`);
    expect(names(second)).toEqual(['c2', 'c3']);
    expect(second.json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion);
    const token = JSON.parse(Buffer.from(first.json.metadata.continue, 'base64url').toString());
    expect(token).toEqual({ v: 'meta.k8s.io/v1', rv: Number(first.json.metadata.resourceVersion), start: 'c1\u0000' });
  });

  it('go on inconsistently when the first page is compacted', async () => {
    const api = await withConfigMaps(4);
    const first = await api.get(`${path}?limit=2`);
    const exact = `${path}?resourceVersionMatch=Exact&resourceVersion=${first.json.metadata.resourceVersion}`;
    expect(names(await api.get(exact))).toEqual(['c0', 'c1', 'c2', 'c3']);
    await api.settle(601_000);
    const expired = await api.get(`${path}?limit=1&continue=${first.json.metadata.continue}`);
    expect(expired.status).toBe(410);
    expect(expired.json.reason).toBe('Expired');
    expect(expired.json.message).toContain('The provided continue parameter is too old');
    const rest = await api.get(`${path}?continue=${expired.json.metadata.continue}`);
    expect(names(rest)).toEqual(['c2', 'c3']);
    expect((await api.get(exact)).json.message).toBe('The resourceVersion for the provided list is too old.');
  });

  it('refuse tokens that are none', async () => {
    const api = await withConfigMaps(1);
    const message = async (token: string) => (await api.get(`${path}?continue=${token}`)).json.message as string;
    expect(await message('a%25')).toContain('continue key is not valid: illegal base64 data at input byte 1');
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(await message(encoded({ v: 'meta.k8s.io/v1', rv: 1, start: '../secrets' }))).toContain(
      'continue key is not valid: ../secrets',
    );
    expect(await message(encoded({ v: 'x' }))).toContain('server does not recognize this encoded version "x"');
  });

  it('wait for a revision that is still to come, but not for long', async () => {
    const api = await withConfigMaps(1);
    const now = Number((await api.get(path)).json.metadata.resourceVersion);
    api.world.queue.after(1000, () => void api.request('POST', path, configMap('late')));
    expect(names(await api.get(`${path}?resourceVersion=${now + 1}`))).toEqual(['c0', 'late']);
    const { status, json, headers } = await api.get(`${path}?resourceVersion=${now + 1000}`);
    expect(status).toBe(504);
    expect(json.details).toEqual({
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
    expect(headers['retry-after']).toBe('1');
  });

  it('are UTF-8', async () => {
    const api = await withConfigMaps(1);
    await api.request('POST', path, configMap('umlaut', { a: 'ä€😀' }));
    expect((await api.get(path)).json.items[1].data).toEqual({ a: 'ä€😀' });
  });

  it('are whole when any version will do', async () => {
    const api = await withConfigMaps(3);
    expect(names(await api.get(`${path}?limit=1&resourceVersion=0`))).toHaveLength(3);
  });

  it.each([
    ['timeoutSeconds=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['timeout=x', 'invalid timeout specified in the request URL - time: invalid duration "x"'],
    ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    ['resourceVersionMatch=Exact', 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
  ])('refuse %s', async (query, text) => {
    const api = await withConfigMaps(1);
    expect((await api.get(`${path}?${query}`)).json.message).toContain(text);
  });
});

describe('watches', () => {
  it('show nothing up to a revision in the future', async () => {
    const api = await withConfigMaps(1);
    const now = Number((await api.get(path)).json.metadata.resourceVersion);
    const { stream } = await api.get(`${path}?watch=1&resourceVersion=${now + 1}`);
    await api.request('POST', path, configMap('unseen'));
    await api.request('POST', path, configMap('seen'));
    const events = await api.lines(stream!);
    expect(events.map(({ object }) => object.metadata.name)).toEqual(['seen']);
  });

  it('show what ceases to match as it last did', async () => {
    const api = await withConfigMaps(0);
    const labelled = { ...configMap('a', { n: '1' }), metadata: { name: 'a', labels: { x: 'y' } } };
    await api.request('POST', path, labelled);
    const { stream } = await api.get(`${path}?watch=1&labelSelector=x%3Dy`);
    await api.lines(stream!);
    const { json } = await api.request('PUT', `${path}/a`, configMap('a', { n: '2' }));
    const [event] = await api.lines(stream!);
    expect(event).toMatchObject({ type: 'DELETED', object: { data: { n: '1' } } });
    expect(event.object.metadata.resourceVersion).toBe(json.metadata.resourceVersion);
  });

  it('send the state and a bookmark that ends it', async () => {
    const api = await withConfigMaps(2);
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const { stream } = await api.get(`${path}?${query}`);
    const events = await api.lines(stream!);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    expect(events[2].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('end when their definition goes', async () => {
    const api = new TestApi();
    await api.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'foos.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { plural: 'foos', kind: 'Foo' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    });
    await api.settle(10_000);
    const { stream, status } = await api.get('/apis/example.com/v1/foos?watch=1');
    expect(status).toBe(200);
    let ended = false;
    void stream!.read().then((chunk) => (ended = chunk === undefined));
    await api.settle(1000);
    expect(ended).toBe(false);
    await api.request('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/foos.example.com');
    await api.settle(10_000);
    expect(ended).toBe(true);
  });
});

it.each([
  ['PATCH', 'force=true', 'force: Forbidden: may not be specified for non-apply patch'],
  ['PATCH', 'fieldManager=%07', 'invalid character U+0007 (at position 0)'],
  ['DELETE', 'gracePeriodSeconds=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['DELETE', 'propagationPolicy=x', 'propagationPolicy: Unsupported value: "x"'],
])('%s refuses %s', async (method, query, text) => {
  const api = await withConfigMaps(1);
  const body = method === 'PATCH' ? {} : undefined;
  const { json } = await api.request(method, `${path}/c0?${query}`, body, {
    'content-type': 'application/merge-patch+json',
  });
  expect(json.message).toContain(text);
});

it('lets events go after an hour', async () => {
  const api = new TestApi();
  const events = '/api/v1/namespaces/default/events';
  const event = (name: string) => ({
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'a' },
    reason: 'X',
  });
  await api.request('POST', events, event('a'));
  await api.request('POST', events, event('b'));
  const { stream } = await api.get(`${events}?watch=1&timeoutSeconds=9000`);
  await api.lines(stream!);
  await api.settle(1_800_000);
  await api.request('PATCH', `${events}/b`, { count: 2 }, { 'content-type': 'application/merge-patch+json' });
  await api.settle(1_870_000);
  expect(names(await api.get(events))).toEqual(['b']);
  expect((await api.lines(stream!)).map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
  await api.settle(1_870_000);
  expect(names(await api.get(events))).toEqual([]);
});

it('applies the scale subresource', async () => {
  const api = new TestApi();
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const labels = { a: 'b' };
  await api.request('POST', `${deployments}?fieldManager=owner`, {
    metadata: { name: 'web' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 3 } };
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const apply = (query: string) => api.request('PATCH', `${deployments}/web/scale?${query}`, scale, headers);
  const refused = await apply('fieldManager=me');
  expect(refused.json.message).toBe(
    'Apply failed with 1 conflict: conflict with "owner" using apps/v1: .spec.replicas',
  );
  const { status, json } = await apply('fieldManager=me&force=true');
  expect(status).toBe(200);
  expect([json.kind, json.spec]).toEqual(['Scale', { replicas: 3 }]);
  const { managedFields } = (await api.get(`${deployments}/web`)).json.metadata;
  expect(managedFields[0]).toMatchObject({
    manager: 'me',
    operation: 'Apply',
    apiVersion: 'apps/v1',
    subresource: 'scale',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  });
});

describe('around the resources', () => {
  it('names the request, and how it was classified', async () => {
    const api = new TestApi();
    const { headers } = await api.get('/api/v1/pods');
    const find = async (kind: string, name: string) =>
      (await api.get(`/apis/flowcontrol.apiserver.k8s.io/v1/${kind}/${name}`)).json.metadata.uid as string;
    expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(await find('flowschemas', 'global-default'));
    expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(
      await find('prioritylevelconfigurations', 'global-default'),
    );
    expect(headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await api.get('/api', { 'audit-id': 'mine' })).headers['audit-id']).toBe('mine');
  });

  it.each([
    ['HEAD', '/api/v1/pods', 405],
    ['OPTIONS', '/api/v1/pods', 405],
    ['POST', '/version', 405],
    ['POST', '/healthz', 200],
    ['GET', '/livez/ping', 200],
    ['GET', '/logs', 404],
    ['GET', '/metrics', 200],
    ['GET', '/api/v2', 404],
  ])('%s %s: %i', async (method, at, status) => {
    expect((await new TestApi().request(method, at)).status).toBe(status);
  });
});

describe('without a majority of etcd members', () => {
  it('fails writes and consistent reads, and answers from the cache', async () => {
    const api = await withConfigMaps(1);
    const { etcd } = api.server.core;
    const { stream } = await api.get(`${path}?watch=1`);
    await api.lines(stream!);
    etcd.setRunning('etcd-0', false);
    const began = api.world.queue.now;
    const { status, json } = await api.request('POST', path, configMap('x'));
    expect([status, json.message, json.reason]).toEqual([500, 'etcdserver: request timed out', undefined]);
    expect(api.world.queue.now - began).toBeGreaterThanOrEqual(7_000);
    expect((await api.get(`${path}/c0`)).status).toBe(500);
    expect(names(await api.get(`${path}?resourceVersion=0`))).toEqual(['c0']);
    expect((await api.get('/readyz')).text).toContain('[-]etcd failed: reason withheld');
    etcd.setRunning('etcd-0', true);
    expect((await api.request('POST', path, configMap('y'))).status).toBe(201);
    expect((await api.lines(stream!)).map(({ object }) => object.metadata.name)).toEqual(['y']);
  });
});

it('shows custom resources as the schema of today has them', async () => {
  const api = new TestApi();
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const spec = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
  };
  await api.request('POST', definitions, {
    metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Cluster', names: { plural: 'foos', kind: 'Foo' }, versions: [version] },
  });
  await api.settle(5_000);
  const foos = '/apis/example.com/v1/foos';
  const created = await api.request('POST', foos, {
    apiVersion: 'example.com/v1',
    kind: 'Foo',
    metadata: { name: 'x' },
    spec: { b: '1' },
  });
  expect(created.json.metadata.managedFields[0].fieldsV1).toEqual({ 'f:spec': { '.': {}, 'f:b': {} } });
  const at = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties';
  const patch = [
    { op: 'add', path: `${at}/a/default`, value: 'D' },
    { op: 'remove', path: `${at}/b` },
  ];
  await api.request('PATCH', `${definitions}/foos.example.com`, patch, {
    'content-type': 'application/json-patch+json',
  });
  await api.settle(5_000);
  expect((await api.get(`${foos}/x`)).json.spec).toEqual({ a: 'D' });
  expect((await api.get(foos)).json.items[0].spec).toEqual({ a: 'D' });
});
