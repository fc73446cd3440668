import { beforeEach, describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../../network/http.ts';
import { encodeBase64Bytes } from '../../base64url.ts';
import { TestApi } from '../../harness.test-support.ts';

const pods = '/api/v1/namespaces/default/pods';
const pod = (name: string, labels = {}) => ({
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const rule = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };

let api: TestApi;
let answer: (review: any) => object | Promise<object>;
let asked: { url: string; review: any }[];

beforeEach(async () => {
  api = new TestApi();
  asked = [];
  answer = () => ({ allowed: true });
  await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  await api.request('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 'hook' },
    spec: { clusterIP: '10.96.0.77', ports: [{ port: 443 }] },
  });
  api.server.registerStreams({
    fetch: async (url, { body }): Promise<HttpResponse> => {
      const review = JSON.parse(new TextDecoder().decode(body as Uint8Array));
      asked.push({ url, review });
      await api.world.sleep(5);
      const response = { uid: review.request.uid, ...(await answer(review)) };
      const text = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
      return { status: 200, headers: {}, body: new TextEncoder().encode(text) };
    },
  });
});

async function configure(kind: 'Mutating' | 'Validating', webhook: object = {}, name = 'w'): Promise<void> {
  const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`;
  const { status, text } = await api.request('POST', path, {
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig: { service: { namespace: 'default', name: 'hook', path: '/check' } },
        rules: [rule],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...webhook,
      },
    ],
  });
  expect(status, text).toBe(201);
}

const patched = (patch: object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: encodeBase64Bytes(new TextEncoder().encode(JSON.stringify(patch))),
});

describe('validating webhooks', () => {
  it('refuse in their own words', async () => {
    await configure('Validating');
    answer = () => ({ allowed: false, status: { message: 'not on my watch' }, warnings: ['careful'] });
    const { status, json, headers } = await api.request('POST', pods, pod('a'));
    expect(status).toBe(400);
    expect(json.message).toBe('admission webhook "w.example.com" denied the request: not on my watch');
    expect(headers['warning']).toBe('299 - "careful"');
    expect(asked[0]!.url).toBe('https://10.96.0.77:443/check?timeout=10s');
    expect(asked[0]!.review).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        kind: { group: '', version: 'v1', kind: 'Pod' },
        resource: { group: '', version: 'v1', resource: 'pods' },
        name: 'a',
        namespace: 'default',
        operation: 'CREATE',
        object: { metadata: { name: 'a' } },
        oldObject: null,
        dryRun: false,
      },
    });
    answer = () => ({ allowed: false, status: { code: 403, reason: 'Forbidden' } });
    expect((await api.request('POST', pods, pod('a'))).json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'admission webhook "w.example.com" denied the request: Forbidden',
    });
    answer = () => ({ allowed: false });
    const silent = await api.request('POST', pods, pod('a'));
    expect(silent.json.message).toBe('admission webhook "w.example.com" denied the request without explanation');
  });

  it('see updates and deletions, and only what they select', async () => {
    await configure('Validating', {
      objectSelector: { matchLabels: { checked: 'yes' } },
      matchConditions: [{ name: 'not-free', expression: "object == null || object.metadata.name != 'free'" }],
    });
    answer = ({ request }) => ({ allowed: request.operation === 'CREATE', status: { message: request.operation } });
    expect((await api.request('POST', pods, pod('a', { checked: 'yes' }))).status).toBe(201);
    expect((await api.request('POST', pods, pod('b'))).status).toBe(201);
    expect((await api.request('POST', pods, pod('free', { checked: 'yes' }))).status).toBe(201);
    expect(asked.map(({ review }) => review.request.name)).toEqual(['a']);
    const merge = { 'content-type': 'application/merge-patch+json' };
    const change = { metadata: { annotations: { a: 'b' } } };
    expect((await api.request('PATCH', `${pods}/a`, change, merge)).json.message).toContain(': UPDATE');
    expect((await api.request('DELETE', `${pods}/a`)).json.message).toContain(': DELETE');
    expect((await api.request('DELETE', `${pods}/b`)).status).toBe(200);
  });

  it('see connections', async () => {
    await api.request('POST', pods, pod('a'));
    await configure('Validating', { rules: [{ ...rule, operations: ['CONNECT'], resources: ['pods/exec'] }] });
    answer = ({ request }) => ({
      allowed: false,
      status: { message: `${request.kind.kind} ${request.object.command}` },
    });
    const { json } = await api.request('POST', `${pods}/a/exec?command=rm&stdout=1`);
    expect(json.message).toBe('admission webhook "w.example.com" denied the request: PodExecOptions rm');
    expect((await api.request('POST', `${pods}/a/attach?stdout=1`)).json.message).toContain('host assigned');
  });

  it('that cannot be asked fail the request, unless failures are ignored', async () => {
    await configure('Validating', { timeoutSeconds: 1 });
    answer = async () => {
      await api.world.sleep(60_000);
      return { allowed: true };
    };
    const before = api.world.queue.now;
    const late = await api.request('POST', pods, pod('a'));
    expect(late.json.message).toBe(
      'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://hook.default.svc:443/check?timeout=1s": context deadline exceeded',
    );
    expect(api.world.queue.now - before).toBeLessThan(70_000);
    answer = () => ({ allowed: true, uid: 'other' });
    expect((await api.request('POST', pods, pod('a'))).json.message).toContain(
      'failed calling webhook "w.example.com": received invalid webhook response: expected response.uid=',
    );
    await api.request('DELETE', '/api/v1/namespaces/default/services/hook');
    expect((await api.request('POST', pods, pod('a'))).json.message).toBe(
      'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://hook.default.svc:443/check?timeout=1s": service "hook" not found',
    );
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/w';
    await api.request('DELETE', path);
    await configure('Validating', { failurePolicy: 'Ignore' });
    expect((await api.request('POST', pods, pod('a'))).status).toBe(201);
  });
});

describe('mutating webhooks', () => {
  const label = (name: string) => [{ op: 'add', path: `/metadata/labels/${name}`, value: 'yes' }];

  it('change objects one after the other, and those before are asked again', async () => {
    await configure('Mutating', { reinvocationPolicy: 'IfNeeded' }, 'a');
    await configure('Mutating', {}, 'b');
    answer = ({ request }) => {
      const { labels } = request.object.metadata;
      if (asked.length === 1) return { allowed: true };
      return labels['two'] ? patched(label('three')) : patched(label('two'));
    };
    const { json } = await api.request('POST', pods, pod('p', { one: 'yes' }));
    expect(json.metadata.labels).toEqual({ one: 'yes', two: 'yes', three: 'yes' });
    expect(asked).toHaveLength(3);
  });

  it('leave objects with defaults, and names and uids as they were shown', async () => {
    await configure('Mutating');
    await configure('Validating', {}, 'v');
    answer = ({ request }) =>
      asked.length === 1
        ? patched([{ op: 'add', path: '/spec/initContainers', value: [{ name: 'init', image: 'x' }] }])
        : { allowed: request.object.metadata.uid.length > 0 };
    const { metadata: _metadata, ...rest } = pod('');
    const { json } = await api.request('POST', pods, { ...rest, metadata: { generateName: 'p-' } });
    expect(json.spec.initContainers[0].imagePullPolicy).toBe('Always');
    expect(json.metadata.name).toBe(asked[1]!.review.request.object.metadata.name);
    expect(json.metadata.uid).toBe(asked[1]!.review.request.object.metadata.uid);
  });

  it('leave their own kind alone', async () => {
    await configure('Mutating', { rules: [{ ...rule, apiGroups: ['*'], resources: ['*'], apiVersions: ['*'] }] });
    answer = () => ({ allowed: false });
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/w';
    expect((await api.request('DELETE', path)).status).toBe(200);
    expect(asked).toEqual([]);
  });
});
