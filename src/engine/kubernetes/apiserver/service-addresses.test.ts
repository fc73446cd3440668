import { expect, it } from 'vitest';
import { startControllers } from '../controllers/index.ts';
import { TestApi } from './harness.test-support.ts';

const services = '/api/v1/namespaces/default/services';
const addresses = '/apis/networking.k8s.io/v1/ipaddresses';
const ranges = '/apis/networking.k8s.io/v1/servicecidrs';

function setUp(): TestApi {
  const api = new TestApi();
  startControllers({
    world: api.world,
    client: api.server.client({ manager: 'test' }),
    resources: () => api.server.core.resources(),
    names: ['service-cidr-controller'],
  });
  return api;
}

const service = (name: string, spec: object = {}) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

it('keeps an IPAddress for every cluster IP', async () => {
  const api = setUp();
  expect((await api.get(`${addresses}/10.96.0.1`)).json.spec.parentRef).toEqual({
    resource: 'services',
    namespace: 'default',
    name: 'kubernetes',
  });
  const { json } = await api.request('POST', services, service('web'));
  const ip = json.spec.clusterIP as string;
  const held = await api.get(`${addresses}/${ip}`);
  expect(held.json.metadata.labels).toEqual({
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  });
  await api.request('DELETE', `${services}/web`);
  expect((await api.get(`${addresses}/${ip}`)).status).toBe(404);
});

it('gives addresses of further ranges, which stay as long as they are in use', async () => {
  const api = setUp();
  const range = { metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/28'] } };
  expect((await api.request('POST', ranges, range)).status).toBe(201);
  await api.settle(1000);
  const ready = await api.get(`${ranges}/more`);
  expect(ready.json.status.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
  expect(ready.json.metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer']);
  expect((await api.request('POST', services, service('a', { clusterIP: '10.200.0.5' }))).status).toBe(201);
  const taken = await api.request('POST', services, service('b', { clusterIP: '10.200.0.5' }));
  expect(taken.json.message).toContain('failed to allocate IP 10.200.0.5: provided IP is already allocated');

  await api.request('DELETE', `${ranges}/more`);
  await api.settle(30_000);
  const held = await api.get(`${ranges}/more`);
  expect(held.json.status.conditions[0]).toMatchObject({ type: 'Ready', status: 'False', reason: 'Terminating' });
  expect((await api.request('POST', services, service('c', { clusterIP: '10.200.0.6' }))).status).toBe(422);
  await api.request('DELETE', `${services}/a`);
  await api.settle(30_000);
  expect((await api.get(`${ranges}/more`)).status).toBe(404);
});
