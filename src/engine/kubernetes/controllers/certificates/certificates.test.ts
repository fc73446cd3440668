import { expect, test } from 'vitest';
import { startControllers } from '../index.ts';
import { TestApi } from '../../apiserver/harness.test-support.ts';
import { refs } from '../../types.ts';
import { certificatePem, createCertificate, isSignedBy, readCertificates } from '../../../pki/certificate.ts';
import { encodePublicKey, generateCurveKey, privateKeyPem } from '../../../pki/keys.ts';
import { readRequest } from '../../../pki/request.ts';

const csr = `-----BEGIN CERTIFICATE REQUEST-----
MIIBBTCBrAIBADAdMQ0wCwYDVQQKDARkZXZzMQwwCgYDVQQDDANhbm4wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARN3wSdcBEYiaJQ/zW9u46BgCFTAn0AJx0GP6NP
Nyu/8aL0bnkr6hgNZ1h8qQ3IAQ/UJzfsCvqnbUTZ47udn0hMoC0wKwYJKoZIhvcN
AQkOMR4wHDAaBgNVHREEEzARgg9hbm4uZXhhbXBsZS5jb20wCgYIKoZIzj0EAwID
SAAwRQIgcPYCeWT69oAJ9sIBiuZMJliR+8uizNgR9Us0PTSObaECIQCjOTrtwTdY
2kqZvhbqVThMkFKqUioAdNlsWdGUhiSJHQ==
-----END CERTIFICATE REQUEST-----
`;
const key = generateCurveKey('1.2.840.10045.3.1.7', (bytes) => new Uint8Array(bytes).fill(7));
const name = [{ type: '2.5.4.3', value: 'kubernetes' }];
const dates = { notBefore: 0, notAfter: 4e12 };
const caCertificate = certificatePem(
  createCertificate({ serial: 1n, issuer: name, subject: name, ...dates, publicKey: key, extensions: [] }, key),
);
const caKey = privateKeyPem(key);
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
  startControllers({ world, client, names, resources: () => [refs.secrets], rootCA: caCertificate, rootKey: caKey });
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
  const [certificate] = readCertificates(atob(status.certificate));
  const [ca] = readCertificates(caCertificate);
  const request = readRequest(csr);
  expect(certificate!.subject).toEqual(request.subject);
  expect(encodePublicKey(certificate!.publicKey)).toEqual(encodePublicKey(request.publicKey));
  expect(certificate!.issuer).toEqual(ca!.subject);
  expect(isSignedBy(certificate!, ca!.publicKey)).toBe(true);
  expect(certificate!.notAfter - certificate!.notBefore).toBe(86_400_000 + 300_000);
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
