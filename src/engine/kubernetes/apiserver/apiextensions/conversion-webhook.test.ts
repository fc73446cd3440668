import { beforeEach, expect, it } from 'vitest';
import type { HttpResponse } from '../../../network/http.ts';
import { TestApi } from '../harness.test-support.ts';

const schema = (properties: object) => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
});
const definition = {
  metadata: { name: 'hosts.example.com' },
  spec: {
    group: 'example.com',
    names: { plural: 'hosts', kind: 'Host', singular: 'host', listKind: 'HostList' },
    scope: 'Namespaced',
    versions: [
      { name: 'v1', served: true, storage: true, schema: schema({ hostPort: { type: 'string' } }) },
      {
        name: 'v2',
        served: true,
        storage: false,
        schema: schema({ host: { type: 'string' }, port: { type: 'string' } }),
      },
    ],
    conversion: {
      strategy: 'Webhook',
      webhook: {
        conversionReviewVersions: ['v1'],
        clientConfig: { service: { namespace: 'default', name: 'hook', path: '/crdconvert' } },
      },
    },
  },
};
const path = (version: string) => `/apis/example.com/${version}/namespaces/default/hosts`;

let api: TestApi;
let reviews: { desiredAPIVersion: string; objects: any[] }[];
let fail: string | undefined;

function convert({ spec, ...object }: any, to: string): object {
  const [host, port] = (spec.hostPort ?? '').split(':');
  const converted = to === 'example.com/v2' ? { host, port } : { hostPort: `${spec.host}:${spec.port}` };
  return { ...object, apiVersion: to, spec: converted };
}

beforeEach(async () => {
  api = new TestApi();
  reviews = [];
  fail = undefined;
  await api.request('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 'hook' },
    spec: { clusterIP: '10.96.0.77', ports: [{ port: 443 }] },
  });
  api.server.registerStreams({
    fetch: async (_url, { body }): Promise<HttpResponse> => {
      const { request, ...review } = JSON.parse(new TextDecoder().decode(body as Uint8Array));
      reviews.push(request);
      await api.world.sleep(5);
      const convertedObjects = request.objects.map((object: any) => convert(object, request.desiredAPIVersion));
      const result = fail ? { status: 'Failure', message: fail } : { status: 'Success' };
      const text = JSON.stringify({ ...review, response: { uid: request.uid, result, convertedObjects } });
      return { status: 200, headers: {}, body: new TextEncoder().encode(text) };
    },
  });
  const made = await api.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  expect(made.status, made.text).toBe(201);
  await api.settle(2_000);
});

it('writes and reads every version', async () => {
  const old = { apiVersion: 'example.com/v1', kind: 'Host', metadata: { name: 'a' }, spec: { hostPort: 'x:1' } };
  expect((await api.request('POST', path('v1'), old)).status).toBe(201);
  expect(reviews).toEqual([]);
  expect((await api.get(`${path('v2')}/a`)).json).toMatchObject({
    apiVersion: 'example.com/v2',
    spec: { host: 'x', port: '1' },
  });
  const made = { apiVersion: 'example.com/v2', kind: 'Host', metadata: { name: 'b' }, spec: { host: 'y', port: '2' } };
  const created = await api.request('POST', path('v2'), made);
  expect(created.json).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'y', port: '2' } });
  expect((await api.get(`${path('v1')}/b`)).json.spec).toEqual({ hostPort: 'y:2' });

  const merge = { 'content-type': 'application/merge-patch+json' };
  const patched = await api.request('PATCH', `${path('v2')}/a`, { spec: { port: '9' } }, merge);
  expect(patched.json.spec).toEqual({ host: 'x', port: '9' });
  expect((await api.get(`${path('v1')}/a`)).json.spec).toEqual({ hostPort: 'x:9' });
  const list = await api.get(path('v2'));
  expect(list.json.items.map(({ spec }: any) => spec)).toEqual([
    { host: 'x', port: '9' },
    { host: 'y', port: '2' },
  ]);
  const applied = await api.request(
    'PATCH',
    `${path('v2')}/c?fieldManager=m`,
    { ...made, metadata: { name: 'c' } },
    { 'content-type': 'application/apply-patch+yaml' },
  );
  expect(applied.status, applied.text).toBe(201);
  expect(applied.json.spec).toEqual({ host: 'y', port: '2' });
});

it('shows changes in the version that is watched', async () => {
  const { stream } = await api.get(`${path('v2')}?watch=1`);
  const old = { apiVersion: 'example.com/v1', kind: 'Host', metadata: { name: 'a' }, spec: { hostPort: 'x:1' } };
  await api.request('POST', path('v1'), old);
  const first = await api.lines(stream!);
  await api.settle(100);
  const events = [...first, ...(await api.lines(stream!))];
  expect(events).toMatchObject([{ type: 'ADDED', object: { apiVersion: 'example.com/v2', spec: { host: 'x' } } }]);
});

it('says why a conversion failed', async () => {
  const old = { apiVersion: 'example.com/v1', kind: 'Host', metadata: { name: 'a' }, spec: { hostPort: 'x:1' } };
  await api.request('POST', path('v1'), old);
  fail = 'no idea';
  expect((await api.get(`${path('v2')}/a`)).json.message).toBe(
    'conversion webhook for example.com/v1, Kind=Host failed: no idea',
  );
  fail = undefined;
  await api.request('DELETE', '/api/v1/namespaces/default/services/hook');
  expect((await api.get(path('v2'))).json.message).toBe(
    'conversion webhook for example.com/v1, Kind=Host failed: Post "https://hook.default.svc:443/crdconvert?timeout=30s": service "hook" not found',
  );
});
