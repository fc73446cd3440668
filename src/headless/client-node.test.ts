import {
  CoreV1Api,
  AppsV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  Watch,
  type KubernetesObject,
  type V1Status,
} from '@kubernetes/client-node';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Bridge } from './serve.ts';

/** The official JavaScript client against our API server, over HTTPS and WebSockets as against any other. */

const namespace = 'default';
let bridge: Bridge;

beforeAll(async () => {
  bridge = await serve({ preset: 'kind-4', seed: 1, kubePort: 0, speed: 20 });
});
afterAll(() => bridge.close());

/** @param token authenticate with the bearer token instead of the client certificate */
function config(token = false): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(bridge.kubeconfig);
  if (!token) return kubeConfig;
  const [context] = kubeConfig.contexts;
  kubeConfig.contexts = [{ ...context!, user: 'admin-token' }];
  return kubeConfig;
}

async function until<T>(what: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const result = await what();
    if (result) return result;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not happen in ten seconds');
}

const configMap = (name: string, data: Record<string, string> = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: { test: name } },
  data,
});

describe.each([
  ['a client certificate', false],
  ['a token', true],
])('with %s', (_how, token) => {
  const prefix = token ? 't' : 'c';

  it('creates, reads, lists and deletes', async () => {
    const core = config(token).makeApiClient(CoreV1Api);
    const name = `${prefix}-crud`;
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap(name) });
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
    expect((await core.readNamespacedConfigMap({ namespace, name })).data).toEqual({ a: '1' });
    const list = await core.listNamespacedConfigMap({ namespace, labelSelector: `test=${name}` });
    expect(list.items.map((item) => item.metadata?.name)).toEqual([name]);
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name, body: { ...created, data: { a: '2' } } });
    expect(replaced.data).toEqual({ a: '2' });
    const status = await core.deleteNamespacedConfigMap({ namespace, name });
    expect(status.status).toBe('Success');
    await expect(core.readNamespacedConfigMap({ namespace, name })).rejects.toMatchObject({ code: 404 });
  });

  it('lists in pages', async () => {
    const core = config(token).makeApiClient(CoreV1Api);
    const names: string[] = [];
    let next: string | undefined;
    do {
      const page = await core.listPodForAllNamespaces({ limit: 3, ...(next && { _continue: next }) });
      names.push(...page.items.map((pod) => pod.metadata!.name!));
      next = page.metadata?._continue;
    } while (next);
    expect(names.length).toBeGreaterThan(8);
    expect(new Set(names).size).toBe(names.length);
  });
});

it('patches in all four ways', async () => {
  const core = config().makeApiClient(CoreV1Api);
  const name = 'patched';
  await core.createNamespacedConfigMap({ namespace, body: configMap(name) });
  const patch = (body: object, strategy: string, more: object = {}) =>
    core.patchNamespacedConfigMap({ namespace, name, body, ...more }, setHeaderOptions('Content-Type', strategy));
  const json = await patch([{ op: 'add', path: '/data/b', value: '2' }], PatchStrategy.JsonPatch);
  expect(json.data).toEqual({ a: '1', b: '2' });
  const merged = await patch({ data: { a: null, c: '3' } }, PatchStrategy.MergePatch);
  expect(merged.data).toEqual({ b: '2', c: '3' });
  const strategic = await patch({ metadata: { labels: { x: 'y' } } }, PatchStrategy.StrategicMergePatch);
  expect(strategic.metadata?.labels).toEqual({ test: name, x: 'y' });
  const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { d: '4' } };
  const ssa = await patch(applied, PatchStrategy.ServerSideApply, { fieldManager: 'me' });
  expect(ssa.data).toEqual({ b: '2', c: '3', d: '4' });
  const conflict = patch({ ...applied, data: { b: 'mine' } }, PatchStrategy.ServerSideApply, { fieldManager: 'me' });
  await expect(conflict).rejects.toMatchObject({ code: 409 });
});

it('applies objects of any kind', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config());
  const spec = (value: string) => configMap('generic', { value });
  const created: KubernetesObject = await objects.create(spec('1'));
  expect(created.metadata?.uid).toBeTruthy();
  const patched = await objects.patch(
    spec('2'),
    undefined,
    undefined,
    'js-client',
    true,
    PatchStrategy.ServerSideApply,
  );
  expect((patched as { data?: object }).data).toEqual({ value: '2' });
  const metadata = { name: 'generic', namespace };
  const read = await objects.read({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
  expect((read as { data?: object }).data).toEqual({ value: '2' });
  const list = await objects.list('v1', 'ConfigMap', namespace);
  expect(list.items.map((item) => item.metadata?.name)).toContain('generic');
  await objects.delete(spec('2'));
});

it('watches', async () => {
  const kubeConfig = config();
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const seen: string[] = [];
  let done: unknown;
  const controller = await new Watch(kubeConfig).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    { labelSelector: 'test=watched', allowWatchBookmarks: true },
    (type, object: KubernetesObject) => void seen.push(`${type} ${object.metadata?.name}`),
    (error) => (done = error ?? 'ended'),
  );
  await core.createNamespacedConfigMap({ namespace, body: configMap('watched') });
  await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
  await until(() => seen.length >= 2);
  expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
  controller.abort();
  await until(() => done !== undefined);
});

it('informs', async () => {
  const kubeConfig = config();
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const seen: string[] = [];
  const informer = makeInformer(kubeConfig, `/api/v1/namespaces/${namespace}/configmaps`, () =>
    core.listNamespacedConfigMap({ namespace }),
  );
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, (object) => {
      if (object.metadata?.name === 'informed') seen.push(verb);
    });
  }
  const errors: unknown[] = [];
  informer.on('error', (error: unknown) => errors.push(error));
  await informer.start();
  const created = await core.createNamespacedConfigMap({ namespace, body: configMap('informed') });
  await core.replaceNamespacedConfigMap({ namespace, name: 'informed', body: { ...created, data: {} } });
  await core.deleteNamespacedConfigMap({ namespace, name: 'informed' });
  await until(() => seen.length >= 3);
  expect(seen).toEqual(['add', 'update', 'delete']);
  expect(informer.get('kube-root-ca.crt', namespace)).toBeDefined();
  await informer.stop();
  expect(errors).toEqual([]);
});

it('runs a Deployment, reads logs and executes commands in its Pods', async () => {
  const kubeConfig = config();
  const apps = kubeConfig.makeApiClient(AppsV1Api);
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'nginx:1.27' }];
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    },
  });
  await until(async () => {
    const { status } = await apps.readNamespacedDeployment({ namespace, name: 'web' });
    return status?.readyReplicas === 2;
  });
  const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
  expect([scale.spec?.replicas, scale.status?.selector]).toEqual([2, 'app=web']);
  const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
  const name = pods.items[0]!.metadata!.name!;

  const logs = await core.readNamespacedPodLog({ namespace, name });
  expect(logs).toContain('nginx');
  const followed = collect();
  await new Log(kubeConfig).log(namespace, name, 'web', followed.stream, { follow: true });
  await until(() => followed.text().includes('nginx'));

  const [out, error] = [collect(), collect()];
  let status: V1Status | undefined;
  const command = ['sh', '-c', 'echo to-out; echo to-err >&2; exit 3'];
  await new Exec(kubeConfig).exec(namespace, name, 'web', command, out.stream, error.stream, null, false, (s) => {
    status = s;
  });
  await until(() => status);
  expect([out.text(), error.text()]).toEqual(['to-out\n', 'to-err\n']);
  expect(status).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  });

  // A log that is followed ends with its container.
  expect(followed.stream.readableEnded).toBe(false);
  await apps.deleteNamespacedDeployment({ namespace, name: 'web' });
  await until(() => followed.stream.readableEnded);
});

function collect(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
