import { p256 } from '@noble/curves/nist.js';
import { expect, it } from 'vitest';
import { decodeBase64Url } from './base64url.ts';
import { TestApi } from './harness.test-support.ts';

it('makes its own Service, its endpoints and its fairness settings again', async () => {
  const api = new TestApi();
  const paths = [
    '/api/v1/namespaces/default/services/kubernetes',
    '/api/v1/namespaces/default/endpoints/kubernetes',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes',
    '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/catch-all',
    '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/workload-low',
  ];
  for (const path of paths) expect((await api.request('DELETE', path)).status, path).toBe(200);
  expect((await api.get(paths[0]!)).status).toBe(404);
  await api.settle(10_000);
  for (const path of paths) expect((await api.get(path)).status, path).toBe(200);
  const address = '/apis/networking.k8s.io/v1/ipaddresses/10.96.0.1';
  expect((await api.get(address)).json.spec.parentRef.name).toBe('kubernetes');
  await api.request('DELETE', address);
  await api.settle(10_000);
  expect((await api.get(address)).status).toBe(200);
});

it('publishes the key that service account tokens are signed with', async () => {
  const api = new TestApi();
  const account = { metadata: { name: 'robot' } };
  await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', account);
  const request = { spec: { audiences: ['somebody'] } };
  const made = await api.request('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', request);
  const [head, claims, signature] = made.json.status.token.split('.') as [string, string, string];
  const configuration = await api.get('/.well-known/openid-configuration');
  expect(configuration.json).toMatchObject({
    issuer: 'https://kubernetes.default.svc.cluster.local',
    jwks_uri: 'https://172.18.0.5:6443/openid/v1/jwks',
    id_token_signing_alg_values_supported: ['ES256'],
  });
  const { headers, json } = await api.get('/openid/v1/jwks');
  expect(headers['content-type']).toBe('application/jwk-set+json');
  const [key] = json.keys;
  expect(JSON.parse(new TextDecoder().decode(decodeBase64Url(head)))).toEqual({ alg: 'ES256', kid: key.kid });
  const point = Uint8Array.from([4, ...decodeBase64Url(key.x), ...decodeBase64Url(key.y)]);
  const signed = new TextEncoder().encode(`${head}.${claims}`);
  expect(p256.verify(decodeBase64Url(signature), signed, point, { lowS: false })).toBe(true);
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const who = (token: string) => api.request('POST', path, {}, { authorization: `Bearer ${token}` });
  expect((await who(made.json.status.token)).json.status.userInfo.username).toBe('system:serviceaccount:default:robot');
  expect((await who(`${head}.${claims}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`)).status).toBe(401);
});

it('answers for Pods of nodes that have no kubelet', async () => {
  const api = new TestApi();
  const pods = '/api/v1/namespaces/default/pods';
  await api.request('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
  await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await api.request('POST', pods, { metadata: { name: 'free' }, spec });
  await api.request('POST', pods, { metadata: { name: 'bound' }, spec: { ...spec, nodeName: 'n' } });
  expect((await api.get(`${pods}/free/log`)).text).toBe('');
  expect((await api.request('POST', `${pods}/free/exec?command=ls&stdout=1`)).json.message).toBe(
    'pod free does not have a host assigned',
  );
  expect((await api.get(`${pods}/bound/log`)).json.message).toBe(
    'Get "https://n:10250/containerLogs/default/bound/c": dial tcp n:10250: connect: connection refused',
  );
  const refused = 'error dialing backend: dial tcp n:10250: connect: connection refused';
  expect((await api.request('POST', `${pods}/bound/exec?command=ls&stdout=1`)).json.message).toBe(refused);
  expect((await api.request('POST', `${pods}/bound/portforward`)).json.message).toBe(refused);
});

it('calls mistakes of clients theirs', async () => {
  const api = new TestApi();
  const config = { metadata: { name: 'c', resourceVersion: '7' } };
  const created = await api.request('POST', '/api/v1/namespaces/default/configmaps', config);
  expect(created.status).toBe(400);
  expect(created.json.message).toBe('resourceVersion should not be set on objects to be created');
  expect((await api.get('/api/v1/pods', { 'impersonate-group': 'a' })).status).toBe(400);
});
