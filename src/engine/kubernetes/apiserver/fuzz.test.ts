import { expect, it } from 'vitest';
import { World } from '../../world/index.ts';
import { TestApi } from './harness.test-support.ts';

/** Requests made of plausible and broken parts, from a seeded stream: none may fail inside the server. */

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const roots = [
  '/api/v1',
  '/apis/apps/v1',
  '/apis/batch/v1',
  '/apis/events.k8s.io/v1',
  '/apis/nope/v1',
  '/api',
  '/apis',
  '',
];
const resources = [
  'pods',
  'deployments',
  'configmaps',
  'namespaces',
  'nodes',
  'events',
  'services',
  'jobs',
  'foos',
  'bindings',
  '',
];
/** Paths that exist. */
const served = [
  ['/api/v1', 'pods'],
  ['/api/v1', 'configmaps'],
  ['/api/v1', 'namespaces'],
  ['/api/v1', 'services'],
  ['/api/v1', 'nodes'],
  ['/api/v1', 'events'],
  ['/apis/apps/v1', 'deployments'],
  ['/apis/batch/v1', 'jobs'],
] as const;
const names = ['a', 'default', 'web', 'UPPER', '..', '%2F', 'a'.repeat(300), '%zz', '__proto__'];
const subresources = ['status', 'scale', 'log', 'exec', 'binding', 'eviction', 'finalize', 'token', 'nope'];
const queries = [
  'watch=1&timeoutSeconds=1',
  'limit=1',
  'limit=x',
  'continue=7b7d',
  'continue=zz',
  'labelSelector=a+in+(b,c)',
  'labelSelector=((',
  'fieldSelector=metadata.name%3Da',
  'fieldSelector=nope%3D1',
  'resourceVersion=999999',
  'resourceVersion=abc',
  'dryRun=All',
  'dryRun=None',
  'fieldValidation=Strict',
  'fieldValidation=Loose',
  'fieldManager=x&force=true',
  'propagationPolicy=Foreground',
  'propagationPolicy=x',
  'gracePeriodSeconds=0',
  'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&watch=1',
  'includeObject=Nope',
  '%zz=1&&==',
];
const contentTypes = [
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  '',
];
const accepts = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/yaml',
  'text/html',
  '*/*',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
];
const leaves: unknown[] = [
  null,
  0,
  -1,
  1e30,
  2.5,
  '',
  'x',
  'a b',
  true,
  [],
  {},
  [null],
  { a: null },
  ['x', 1],
  '1Gi',
  { name: 'c', image: 'nginx' },
];
const keys = [
  ...[
    'metadata',
    'spec',
    'status',
    'data',
    'name',
    'namespace',
    'labels',
    'annotations',
    'ownerReferences',
    'finalizers',
  ],
  ...[
    'managedFields',
    'uid',
    'resourceVersion',
    'replicas',
    'selector',
    'matchLabels',
    'template',
    'containers',
    'image',
  ],
  ...[
    'ports',
    'containerPort',
    'resources',
    'limits',
    'volumes',
    'env',
    'type',
    'clusterIP',
    'tolerations',
    'nodeName',
    'taints',
  ],
  ...[
    'generateName',
    'deletionTimestamp',
    'target',
    'kind',
    'apiVersion',
    'op',
    'path',
    'value',
    'from',
    '$patch',
    '__proto__',
  ],
];

it('answers any request without failing inside', async () => {
  const api = new TestApi();
  const random = new World({ seed: 7, epoch: 0 }).random.stream('fuzz');
  const value = (depth: number): unknown => {
    if (depth === 0 || random.float() < 0.3) return random.pick(leaves);
    if (random.float() < 0.2) return Array.from({ length: random.int(3) }, () => value(depth - 1));
    const result: Record<string, unknown> = {};
    for (let i = random.int(6); i > 0; i--) result[random.pick(keys)] = value(depth - 1);
    return result;
  };
  const valid = (kind: string) => ({
    metadata: { name: random.pick(names.slice(0, 3)), ...(random.float() < 0.3 && { labels: value(2) }) },
    ...(kind !== 'configmaps' && {
      spec: {
        replicas: 1,
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: value(3) },
        containers: [{ name: 'c', image: 'i' }],
      },
    }),
    ...(random.float() < 0.3 && { [random.pick(keys)]: value(3) }),
  });
  const body = (resource: string): unknown => {
    const roll = random.float();
    if (roll < 0.1)
      return ['', '{', '[1,', 'a: [', '\u0000', 'null', '"x"', '- a\n- b', '[{"op":"add","path":"","value":1}]'][
        random.int(9)
      ];
    if (roll < 0.2)
      return Array.from({ length: random.int(3) }, () => ({
        op: random.pick(['add', 'remove', 'replace', 'test', 'move', 'copy', 'x']),
        path: random.pick(['', '/', '/spec', '/metadata/name', '/data/a', '/metadata/labels', 'x']),
        from: random.pick(['/spec', '', '/nope']),
        value: value(2),
      }));
    return roll < 0.6 ? valid(resource) : value(5);
  };
  const counts = new Map<number, number>();
  for (let i = 0; i < 4000; i++) {
    const sane = random.float() < 0.7;
    const [root, resource] = sane ? random.pick(served) : [random.pick(roots), random.pick(resources)];
    let path = root;
    const namespaced = resource !== 'namespaces' && resource !== 'nodes';
    if (sane ? namespaced : random.float() < 0.7) path += `/namespaces/${sane ? 'default' : random.pick(names)}`;
    path += `/${resource}`;
    const method = random.pick(methods);
    if (sane ? method !== 'POST' : random.float() < 0.6) path += `/${random.pick(sane ? names.slice(0, 3) : names)}`;
    if (random.float() < 0.2) path += `/${random.pick(subresources)}`;
    if (random.float() < 0.4) path += `?${random.pick(queries)}&${random.pick(queries)}`;
    const sent = sane
      ? method === 'GET'
        ? undefined
        : body(resource)
      : random.float() < 0.6
        ? body(resource)
        : undefined;
    const contentType = sane
      ? random.pick(contentTypes.slice(...(method === 'PATCH' ? [2, 6] : [0, 2])))
      : random.pick(contentTypes);
    const accept = random.pick(sane ? accepts.slice(0, 5) : accepts);
    const response = await api.request(method, path, sent, { 'content-type': contentType, accept });
    counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
    if (response.stream) {
      if (random.float() < 0.3) await api.lines(response.stream);
      response.stream.close();
    }
    expect(response.status, `${method} ${path} ${JSON.stringify(sent)}: ${response.json?.message}`).not.toBe(500);
  }
  expect(counts.get(200)).toBeGreaterThan(100);
  expect(counts.get(201)).toBeGreaterThan(10);
}, 60_000);
