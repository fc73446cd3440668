import { cbc } from '@noble/ciphers/aes.js';
import { describe, expect, it } from 'vitest';
import numbers from '../../schema/generated/protobuf-fields.json' with { type: 'json' };
import { typeForKind } from '../../schema/index.ts';
import { TestApi } from '../harness.test-support.ts';
import { decodeMessage, openEnvelope } from '../protobuf.ts';
import { Etcd, EtcdError } from './etcd.ts';
import { prefixEnd } from './keys.ts';
import { open } from './transformers.ts';

const secrets = '/api/v1/namespaces/default/secrets';
const path = '/registry/secrets/default/db';
const secret = (name: string) => ({ metadata: { name }, stringData: { password: 'mypass' } });
const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);

async function setUp(): Promise<{ api: TestApi; etcd: Etcd }> {
  const api = new TestApi();
  const etcd = new Etcd(api.server.core, numbers);
  await api.request('POST', secrets, secret('db'));
  return { api, etcd };
}

const key1 = btoa('k'.repeat(32));
const config = (providers: string) => `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
${providers}`;
const aescbc = (name: string, secretKey: string) => `      - aescbc: {keys: [{name: ${name}, secret: ${secretKey}}]}\n`;

describe('keys and values', () => {
  it('are where and what real ones are', async () => {
    const { etcd } = await setUp();
    const { kvs, count } = etcd.get(path);
    expect(count).toBe(1);
    const value = text(kvs[0]!.value);
    expect(value.startsWith('k8s\0\n\x0c\n\x02v1\x12\x06Secret\x12')).toBe(true);
    expect(value.endsWith('\x1a\0"\0')).toBe(true);
    expect(value).toContain('\n\x08password\x12\x06mypass');
    expect(value).toContain('\n\x02db\x12\0\x1a\x07default"\0*$');
    expect(kvs[0]).toMatchObject({ version: 1, createRevision: kvs[0]!.modRevision });
  });

  it('come in ranges', async () => {
    const { etcd } = await setUp();
    const keys = (prefix: string) =>
      etcd.get(prefix, prefixEnd(prefix), { keysOnly: true, limit: 4 }).kvs.map(({ key }) => key);
    expect(keys('/registry/services/')).toEqual(
      expect.arrayContaining([
        '/registry/services/endpoints/default/kubernetes',
        '/registry/services/specs/default/kubernetes',
      ]),
    );
    expect(keys('/registry/namespaces/')).toEqual([
      '/registry/namespaces/default',
      '/registry/namespaces/kube-node-lease',
      '/registry/namespaces/kube-public',
      '/registry/namespaces/kube-system',
    ]);
    expect(etcd.get('', '\0', { limit: 1 }).more).toBe(true);
  });

  it('are protobuf that reads back as the object, for all kinds there are', async () => {
    const { api, etcd } = await setUp();
    await api.request('POST', '/apis/apps/v1/namespaces/default/deployments', {
      metadata: { name: 'web' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'i',
                resources: { limits: { cpu: '1', memory: '1Gi' } },
                readinessProbe: { httpGet: { port: 'web' } },
                ports: [{ name: 'web', containerPort: 80 }],
                volumeMounts: [{ name: 'v', mountPath: '/v' }],
              },
            ],
            volumes: [{ name: 'v', emptyDir: {} }],
          },
        },
      },
    });
    let checked = 0;
    for (const { key, value } of etcd.get('/registry/', '/registry0').kvs) {
      if (text(value.subarray(0, 3)) !== 'k8s') continue;
      const { apiVersion, kind, raw } = openEnvelope(value);
      const decoded = decodeMessage(raw, typeForKind(apiVersion, kind)!, numbers);
      const store = [...api.server.core.served()].find(
        (s) => s.definition.kind === kind && s.apiVersion === apiVersion,
      )!;
      const entry = store.storage.store.list().find((e) => key.endsWith(`/${e.key}`))!;
      const { metadata, ...rest } = entry.object as any;
      const meta = { ...metadata, managedFields: store.storage.managedFields(entry) };
      delete meta.resourceVersion;
      const full = { metadata: meta, ...rest };
      delete full.apiVersion;
      delete full.kind;
      expect(withoutZeros(decoded), key).toEqual(withoutZeros(full));
      checked++;
    }
    expect(checked).toBeGreaterThan(100);
  });

  it('of definitions are JSON', async () => {
    const { etcd } = await setUp();
    const { value } = etcd.get('/registry/apiregistration.k8s.io/apiservices/v1.apps').kvs[0]!;
    expect(JSON.parse(text(value))).toMatchObject({ kind: 'APIService', metadata: { name: 'v1.apps' } });
  });

  it('of one’s own live beside them', async () => {
    const { etcd } = await setUp();
    etcd.put('foo', new TextEncoder().encode('bar'));
    etcd.put('foo', new TextEncoder().encode('baz'));
    expect(etcd.get('foo').kvs[0]).toMatchObject({ version: 2 });
    expect(etcd.del('foo')).toBe(1);
    expect(etcd.get('foo').count).toBe(0);
    expect(() => etcd.put(path, new Uint8Array(0))).toThrow('not simulated');
  });
});

it('deletes past the API server, and watchers see it', async () => {
  const { api, etcd } = await setUp();
  const { stream } = await api.get(`${secrets}?watch=1`);
  await api.lines(stream!);
  expect(etcd.del(path)).toBe(1);
  expect((await api.lines(stream!)).map(({ type }) => type)).toEqual(['DELETED']);
  expect((await api.get(`${secrets}/db`)).status).toBe(404);
});

it('compacts on demand', async () => {
  const { api, etcd } = await setUp();
  const { revision } = etcd.get(path);
  await api.request('POST', secrets, secret('other'));
  expect(etcd.get('/registry/secrets/', '/registry/secrets0', { revision }).count).toBe(1);
  etcd.compact(revision + 1);
  expect(() => etcd.get(path, undefined, { revision })).toThrow(
    'etcdserver: mvcc: required revision has been compacted',
  );
  expect(() => etcd.compact(revision + 99)).toThrow('required revision is a future revision');
});

it('restores what a snapshot holds', async () => {
  const { api, etcd } = await setUp();
  const snapshot = etcd.snapshotSave();
  expect(Etcd.snapshotStatus(snapshot).revision).toBe(api.server.core.store.revision);
  await api.request('DELETE', `${secrets}/db`);
  await api.request('POST', secrets, secret('later'));
  etcd.snapshotRestore(snapshot);
  const { json } = await api.get(secrets);
  expect(json.items.map((item: any) => item.metadata.name)).toEqual(['db']);
  expect(json.items[0].metadata.managedFields).toHaveLength(1);
  snapshot[50]! ^= 1;
  expect(() => etcd.snapshotRestore(snapshot)).toThrow(EtcdError);
});

describe('encryption at rest', () => {
  it('really encrypts what is written from then on', async () => {
    const { api, etcd } = await setUp();
    etcd.encryption.configure(config(aescbc('key1', key1) + '      - identity: {}\n'));
    expect(text(etcd.get(path).kvs[0]!.value)).toContain('mypass');
    await api.request('POST', secrets, secret('new'));
    const { value } = etcd.get('/registry/secrets/default/new').kvs[0]!;
    expect(text(value).startsWith('k8s:enc:aescbc:v1:key1:')).toBe(true);
    expect(text(value)).not.toContain('mypass');
    const sealed = value.subarray('k8s:enc:aescbc:v1:key1:'.length);
    const opened = cbc(new TextEncoder().encode('k'.repeat(32)), sealed.subarray(0, 16)).decrypt(sealed.subarray(16));
    expect(text(opened)).toContain('mypass');
    expect((await api.get(`${secrets}/new`)).json.data.password).toBe(btoa('mypass'));
  });

  it('encrypts old values when they are replaced by themselves', async () => {
    const { api, etcd } = await setUp();
    etcd.encryption.configure(config(aescbc('key1', key1) + '      - identity: {}\n'));
    const { json } = await api.get(`${secrets}/db`);
    const replaced = await api.request('PUT', `${secrets}/db`, json);
    expect(replaced.json.metadata.resourceVersion).not.toBe(json.metadata.resourceVersion);
    expect(text(etcd.get(path).kvs[0]!.value).startsWith('k8s:enc:aescbc:v1:key1:')).toBe(true);
    const again = await api.request('PUT', `${secrets}/db`, replaced.json);
    expect(again.json.metadata.resourceVersion).toBe(replaced.json.metadata.resourceVersion);
  });

  it('rotates keys, and cannot read without the old one', async () => {
    const { api, etcd } = await setUp();
    const key2 = btoa('2'.repeat(32));
    etcd.encryption.configure(config(aescbc('key1', key1) + '      - identity: {}\n'));
    await api.request('POST', secrets, secret('one'));
    etcd.encryption.configure(config(aescbc('key2', key2) + aescbc('key1', key1) + '      - identity: {}\n'));
    await api.request('POST', secrets, secret('two'));
    const start = (name: string) => text(etcd.get(`/registry/secrets/default/${name}`).kvs[0]!.value).slice(0, 23);
    expect([start('one'), start('two')]).toEqual(['k8s:enc:aescbc:v1:key1:', 'k8s:enc:aescbc:v1:key2:']);
    etcd.encryption.configure(config(aescbc('key2', key2) + '      - identity: {}\n'));
    expect((await api.get(`${secrets}/two`)).status).toBe(200);
    const { status, json } = await api.get(secrets);
    expect(status).toBe(500);
    expect(json.message).toBe(
      'Internal error occurred: unable to transform key "/registry/secrets/default/one": no matching prefix found',
    );
    etcd.encryption.configure(undefined);
    expect((await api.get(`${secrets}/one`)).json.message).toContain(
      'identity transformer tried to read encrypted data',
    );
  });

  it.each(['aesgcm', 'secretbox', 'aescbc'])('knows %s', async (provider) => {
    const { api, etcd } = await setUp();
    const yaml = config(`      - ${provider}: {keys: [{name: k, secret: ${key1}}]}\n`);
    etcd.encryption.configure(yaml);
    await api.request('POST', secrets, secret('new'));
    const at = '/registry/secrets/default/new';
    const { value } = etcd.get(at).kvs[0]!;
    expect(text(value).startsWith(`k8s:enc:${provider}:v1:k:`)).toBe(true);
    const keys = etcd.encryption.keys('/secrets');
    expect(text(open(keys, at, value))).toContain('mypass');
    if (provider === 'aesgcm') expect(() => open(keys, path, value)).toThrow();
  });

  it.each([
    [
      '      - aescbc: {keys: [{name: k, secret: YQ==}]}\n',
      'secret is not of the expected length, got 1, expected one of [32]',
    ],
    ['      - aescbc: {keys: [{name: k, secret: "%"}]}\n', 'secrets must be base64 encoded'],
    [
      '      - aescbc: {keys: []}\n',
      'resources[0].providers[0].aescbc.keys: Required value: at least one key is required',
    ],
    ['      - kms: {name: x}\n', 'slipway: encryption with a KMS plugin is not simulated'],
    [
      '      - {}\n',
      'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity',
    ],
  ])('refuses a wrong configuration', async (providers, message) => {
    const { etcd } = await setUp();
    expect(() => etcd.encryption.configure(config(providers))).toThrow(message);
  });
});

it('answers nothing but serializable reads without a majority', async () => {
  const { api, etcd } = await setUp();
  api.server.core.etcd.setRunning('etcd-0', false);
  expect(() => etcd.get(path)).toThrow('etcdserver: request timed out');
  expect(etcd.get(path, undefined, { serializable: true }).count).toBe(1);
  expect(etcd.status()[0]).toMatchObject({ running: false, leader: false });
});

/** Zeros and empty things, which protobuf doesn't tell from absent ones. */
function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const inner = key === 'fieldsV1' ? item : withoutZeros(item);
    const empty = typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0;
    if (inner === '' || inner === 0 || inner === false || inner === null || inner === undefined || empty) continue;
    result[key] = inner;
  }
  return result;
}
