import { expect, test } from 'vitest';
import { startControllers } from '../index.ts';
import { TestApi } from '../../apiserver/harness.test-support.ts';
import { refs } from '../../types.ts';
import { bytesOfBase64, parseCertificateRequest } from './certificate.ts';
import { readAll } from './der.ts';

const csr = `-----BEGIN CERTIFICATE REQUEST-----
MIIBBTCBrAIBADAdMQ0wCwYDVQQKDARkZXZzMQwwCgYDVQQDDANhbm4wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARN3wSdcBEYiaJQ/zW9u46BgCFTAn0AJx0GP6NP
Nyu/8aL0bnkr6hgNZ1h8qQ3IAQ/UJzfsCvqnbUTZ47udn0hMoC0wKwYJKoZIhvcN
AQkOMR4wHDAaBgNVHREEEzARgg9hbm4uZXhhbXBsZS5jb20wCgYIKoZIzj0EAwID
SAAwRQIgcPYCeWT69oAJ9sIBiuZMJliR+8uizNgR9Us0PTSObaECIQCjOTrtwTdY
2kqZvhbqVThMkFKqUioAdNlsWdGUhiSJHQ==
-----END CERTIFICATE REQUEST-----
`;
const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

function started(): TestApi {
  const api = new TestApi();
  const { world, server } = api;
  const names = [
    'certificatesigningrequest-signing-controller',
    'certificatesigningrequest-approving-controller',
    'serviceaccount-token-controller',
  ];
  const client = server.client({ manager: 'kube-controller-manager' });
  startControllers({ world, client, names, resources: () => [refs.secrets], rootCA: 'CA' });
  return api;
}

async function approved(api: TestApi, spec: object): Promise<any> {
  const full = { request: btoa(csr), signerName: 'kubernetes.io/kube-apiserver-client', ...spec };
  const { json } = await api.request('POST', path, { metadata: { name: 'ann' }, spec: full });
  expect(json.metadata.name).toBe('ann');
  const condition = { type: 'Approved', status: 'True', reason: 'Test', message: 'yes' };
  await api.request('PUT', `${path}/ann/approval`, { ...json, status: { conditions: [condition] } });
  await api.settle(1000);
  return (await api.get(`${path}/ann`)).json;
}

test('an approved request is answered with a certificate for its subject', async () => {
  const { status } = await approved(started(), { usages: ['client auth'], expirationSeconds: 86_400 });
  const pem = atob(status.certificate);
  const [body] = readAll(readAll(bytesOfBase64(pem.replace(/-----[^-]+-----/g, '')))[0]!.content);
  const [, , , issuer, validity, subject, publicKey] = readAll(body!.content);
  const request = parseCertificateRequest(csr);
  expect(subject!.whole).toEqual(request.subject.whole);
  expect(publicKey!.whole).toEqual(request.publicKey.whole);
  expect(new TextDecoder().decode(issuer!.content)).toContain('kubernetes');
  expect(readAll(validity!.content)).toHaveLength(2);
  expect(request).toMatchObject({ commonName: 'ann', organizations: ['devs'] });
  expect(status.conditions[0].lastUpdateTime).toBeTruthy();
});

test('usages that the signer does not sign end in Failed', async () => {
  const { status } = await approved(started(), { usages: ['server auth'] });
  expect(status.certificate).toBeUndefined();
  expect(status.conditions[1]).toMatchObject({
    type: 'Failed',
    message: 'invalid usage for client certificate: server auth',
  });
});

test('Secrets get the token of their account, which counts until they go', async () => {
  const api = started();
  await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const secrets = '/api/v1/namespaces/default/secrets';
  const metadata = { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'robot' } };
  await api.request('POST', secrets, { metadata, type: 'kubernetes.io/service-account-token' });
  await api.settle(1000);
  const { data } = (await api.get(`${secrets}/robot-token`)).json;
  expect(Object.keys(data).sort()).toEqual(['ca.crt', 'namespace', 'token']);
  const headers = { authorization: `Bearer ${atob(data.token)}` };
  const whoami = () => api.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, headers);
  expect((await whoami()).json.status.userInfo.username).toBe('system:serviceaccount:default:robot');
  await api.request('DELETE', '/api/v1/namespaces/default/serviceaccounts/robot');
  await api.settle(1000);
  expect((await api.get(`${secrets}/robot-token`)).status).toBe(404);
  expect((await whoami()).status).toBe(401);
});
