import { beforeEach, describe, expect, test } from 'vitest';
import { startControllers } from '../../controllers/index.ts';
import { TestApi, type TestResponse } from '../harness.test-support.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/shop.example.com/v1/namespaces/default/widgets';
const name = 'widgets.shop.example.com';

let api: TestApi;

const spec = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'string', enum: ['S', 'M', 'L'] },
    count: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
    ratio: { type: 'number' },
    color: { type: 'string', pattern: '^[a-z]+$', maxLength: 8 },
    when: { type: 'string', format: 'date-time' },
    port: { 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 3 },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, weight: { type: 'integer', default: 2 } },
      },
    },
  },
};

function definition(changes: object = {}, specSchema: object = spec): any {
  return {
    metadata: { name },
    spec: {
      group: 'shop.example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {}, scale: { specReplicasPath: '.spec.count', statusReplicasPath: '.status.count' } },
          additionalPrinterColumns: [
            { name: 'Size', type: 'string', jsonPath: '.spec.size' },
            { name: 'Count', type: 'integer', jsonPath: '.spec.count' },
            { name: 'First', type: 'string', jsonPath: '.spec.parts[0].name', priority: 1 },
          ],
          selectableFields: [{ jsonPath: '.spec.size' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: specSchema,
                status: { type: 'object', properties: { phase: { type: 'string' }, count: { type: 'integer' } } },
              },
            },
          },
          ...changes,
        },
      ],
    },
  };
}

async function define(crd: object): Promise<TestResponse> {
  const response = await api.request('POST', definitions, crd);
  await api.settle(100);
  return response;
}

const widget = (widgetSpec: object, widgetName = 'one') => ({ metadata: { name: widgetName }, spec: widgetSpec });
const create = (widgetSpec: object, widgetName?: string) =>
  api.request('POST', widgets, widget(widgetSpec, widgetName));
const merge = (body: object, path = `${widgets}/one`) =>
  api.request('PATCH', path, body, { 'content-type': 'application/merge-patch+json' });
const causes = (response: TestResponse): string[] =>
  response.json.details.causes.map((cause: any) => `${cause.field}: ${cause.message}`);

beforeEach(() => {
  api = new TestApi();
});

describe('a definition', () => {
  test('is accepted, established and discovered', async () => {
    expect((await api.get(widgets)).status).toBe(404);
    await define(definition());
    const { status } = (await api.get(`${definitions}/${name}`)).json;
    expect(status.acceptedNames).toEqual({
      plural: 'widgets',
      singular: 'widget',
      shortNames: ['wd'],
      kind: 'Widget',
      listKind: 'WidgetList',
      categories: ['all'],
    });
    expect(status.conditions.map((c: any) => [c.type, c.status, c.reason])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
    const { resources } = (await api.get('/apis/shop.example.com/v1')).json;
    expect(resources.map((r: any) => r.name)).toEqual(['widgets', 'widgets/scale', 'widgets/status']);
    expect((await api.get('/apis/apiregistration.k8s.io/v1/apiservices/v1.shop.example.com')).status).toBe(200);
    const { components } = (await api.get('/openapi/v3/apis/shop.example.com/v1')).json;
    expect(components.schemas['com.example.shop.v1.Widget'].properties.spec.properties.size.enum).toHaveLength(3);
    expect((await api.get('/openapi/v2')).status).toBe(200);
  });

  test('that takes the names of another is not established', async () => {
    await define(definition());
    const other = definition();
    other.metadata.name = 'gadgets.shop.example.com';
    other.spec.names = { plural: 'gadgets', kind: 'Widget', shortNames: ['wd'] };
    await define(other);
    const { status } = (await api.get(`${definitions}/gadgets.shop.example.com`)).json;
    expect(status.conditions[0]).toMatchObject({ status: 'False', message: '"WidgetList" is already in use' });
    expect((await api.get('/apis/shop.example.com/v1/gadgets')).status).toBe(404);
    await api.request('DELETE', `${definitions}/${name}`);
    await api.settle(1000);
    expect((await api.get('/apis/shop.example.com/v1/gadgets')).status).toBe(200);
  });

  test.each([
    [{ schema: undefined }, 'spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required'],
    [
      { schema: { openAPIV3Schema: { type: 'object', properties: { a: {} } } } },
      'spec.validation.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
    ],
    [
      { schema: { openAPIV3Schema: { properties: {} } } },
      'spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root',
    ],
    [
      {
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.a >', message: 'm' }] },
        },
      },
      'compilation failed: ERROR: <input>:1:9: Syntax error',
    ],
    [{ name: 'V_1' }, 'spec.versions[0].name: Invalid value: "V_1"'],
    [{ storage: false }, 'must have exactly one version marked as storage version'],
    [
      { additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: 'spec.a' }] },
      'spec.versions[0].additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    ],
  ])('%j is refused', async (changes, message) => {
    const { status, json } = await define(definition(changes));
    expect(status).toBe(422);
    expect(json.message).toContain(message);
  });

  test('that is deleted takes its objects along', async () => {
    await define(definition());
    await create({ size: 'M' });
    const held = { ...widget({ size: 'M' }, 'held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } };
    await api.request('POST', widgets, held);
    const deleted = await api.request('DELETE', `${definitions}/${name}`);
    expect(deleted.json.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    await api.settle(1000);
    expect((await create({ size: 'M' }, 'late')).status).toBe(405);
    const left = await api.get(widgets);
    expect(left.json.items.map((item: any) => item.metadata.name)).toEqual(['held']);
    const { json } = await api.get(`${definitions}/${name}`);
    expect(json.status.conditions.at(-1)).toMatchObject({ type: 'Terminating', reason: 'InstanceDeletionInProgress' });
    await merge({ metadata: { finalizers: null } }, `${widgets}/held`);
    await api.settle(6000);
    expect((await api.get(`${definitions}/${name}`)).status).toBe(404);
  });

  test('goes without objects at once, and may come again', async () => {
    await define(definition());
    await create({ size: 'M' });
    await api.request('DELETE', `${definitions}/${name}`);
    await api.settle(1000);
    expect((await api.get(`${definitions}/${name}`)).status).toBe(404);
    expect((await api.get(widgets)).status).toBe(404);
    await define(definition());
    expect((await api.get(widgets)).json.items).toEqual([]);
  });
});

describe('a custom resource', () => {
  beforeEach(async () => {
    await define(definition());
  });

  test('gets defaults, loses what is unknown, keeps what may be', async () => {
    const { json, status } = await api.request('POST', `${widgets}?fieldValidation=Ignore`, {
      ...widget({ size: 'M', weight: 3, free: { any: [1] }, parts: [{ name: 'a' }], labels: { x: 'y' } }),
      status: { phase: 'Lost' },
    });
    expect(status).toBe(201);
    expect(json.spec).toEqual({
      size: 'M',
      count: 1,
      free: { any: [1] },
      parts: [{ name: 'a', weight: 2 }],
      labels: { x: 'y' },
    });
    expect(json.status).toBeUndefined();
    expect(json.metadata.generation).toBe(1);
    const strict = await api.request(
      'POST',
      `${widgets}?fieldValidation=Strict`,
      widget({ size: 'S', weight: 3 }, 'x'),
    );
    expect(strict.json.message).toBe(
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.weight"',
    );
  });

  test('is validated in upstream’s words', async () => {
    const wrong = await create({
      size: 'XL',
      count: 99,
      ratio: 'high',
      color: 'RED-RED-RED',
      when: 'today',
      port: true,
      labels: { a: 1 },
      tags: ['a', 'a'],
      parts: [{ name: 'p' }, { weight: 1 }, { name: 'p' }],
    });
    expect(wrong.status).toBe(422);
    expect(causes(wrong).sort()).toEqual(
      [
        'spec.size: Unsupported value: "XL": supported values: "S", "M", "L"',
        'spec.count: Invalid value: 99: spec.count in body should be less than or equal to 10',
        'spec.ratio: Invalid value: "string": spec.ratio in body must be of type number: "string"',
        'spec.color: Too long: may not be more than 8 bytes',
        `spec.color: Invalid value: "RED-RED-RED": spec.color in body should match '^[a-z]+$'`,
        'spec.when: Invalid value: "today": spec.when in body must be of type date-time: "today"',
        'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
        'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"',
        'spec.tags[1]: Duplicate value: "a"',
        'spec.parts[1].name: Required value',
        'spec.parts[2]: Duplicate value: {"name":"p"}',
      ].sort(),
    );
  });

  test('status and scale are written apart', async () => {
    await create({ size: 'M' });
    await merge({ status: { phase: 'Lost' } });
    await merge({ status: { phase: 'Ready' }, spec: { size: 'S' } }, `${widgets}/one/status`);
    const { json } = await api.get(`${widgets}/one`);
    expect(json).toMatchObject({ spec: { size: 'M' }, status: { phase: 'Ready' }, metadata: { generation: 1 } });
    const wrong = await merge({ status: { phase: 3 } }, `${widgets}/one/status`);
    expect(wrong.json.message).toContain('status.phase in body must be of type string: "integer"');
    await merge({ spec: { replicas: 4 } }, `${widgets}/one/scale`);
    expect((await api.get(`${widgets}/one`)).json).toMatchObject({ spec: { count: 4 }, metadata: { generation: 2 } });
    expect((await api.get(`${widgets}/one/scale`)).json).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } });
  });

  test('is replaced only with its resourceVersion, and patched in three ways', async () => {
    await create({ size: 'M' });
    const put = await api.request('PUT', `${widgets}/one`, widget({ size: 'S' }));
    expect(put.json.message).toContain('metadata.resourceVersion: Invalid value: 0: must be specified for an update');
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    expect((await api.request('PATCH', `${widgets}/one`, { spec: { size: 'L' } }, strategic)).status).toBe(415);
    const apply = { 'content-type': 'application/apply-patch+yaml' };
    const part = (manager: string, part: string, weight: number) =>
      api.request(
        'PATCH',
        `${widgets}/one?fieldManager=${manager}`,
        {
          apiVersion: 'shop.example.com/v1',
          kind: 'Widget',
          metadata: { name: 'one' },
          spec: { parts: [{ name: part, weight }] },
        },
        apply,
      );
    await part('a', 'x', 1);
    const both = await part('b', 'y', 2);
    expect(both.json.spec.parts).toEqual([
      { name: 'x', weight: 1 },
      { name: 'y', weight: 2 },
    ]);
    expect((await part('b', 'x', 5)).json.message).toContain('.spec.parts[name="x"].weight');
  });

  test('shows its columns and is selected by its fields', async () => {
    await create({ size: 'M', parts: [{ name: 'p' }] });
    await create({ size: 'S' }, 'two');
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const { json } = await api.get(`${widgets}?fieldSelector=spec.size%3DM`, headers);
    expect(json.columnDefinitions.map((c: any) => c.name)).toEqual(['Name', 'Size', 'Count', 'First']);
    expect(json.rows.map((row: any) => row.cells)).toEqual([['one', 'M', 1, 'p']]);
    const all = await api.get(widgets, headers);
    expect(all.json.rows[1].cells).toEqual(['two', 'S', 1, null]);
  });

  test('need not mend what was wrong before', async () => {
    await create({ size: 'M', color: 'red' });
    const crd = (await api.get(`${definitions}/${name}`)).json;
    crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.color.pattern = '^blue$';
    expect((await api.request('PUT', `${definitions}/${name}`, crd)).status).toBe(200);
    await api.settle(100);
    expect((await merge({ spec: { count: 3 } })).status).toBe(200);
    expect((await merge({ spec: { color: 'green' } })).status).toBe(422);
  });
});

test('rules in CEL, also about what may change', async () => {
  const rules = [
    { rule: 'self.min <= self.max', message: 'min may not be more than max' },
    {
      rule: '!has(self.name) || self.name == oldSelf.name',
      messageExpression: "'name was ' + oldSelf.name",
      fieldPath: '.name',
      reason: 'FieldValueForbidden',
    },
    { rule: 'self.ratio * 2.0 <= 3.0' },
    { rule: "self.items.all(i, i.startsWith('a'))", message: 'items begin with a' },
  ];
  const properties = {
    min: { type: 'integer' },
    max: { type: 'integer' },
    name: { type: 'string' },
    ratio: { type: 'number', default: 1 },
    items: { type: 'array', items: { type: 'string' }, default: [] },
  };
  const { status } = await define(
    definition(
      { subresources: {}, selectableFields: [], additionalPrinterColumns: [] },
      { type: 'object', properties, 'x-kubernetes-validations': rules },
    ),
  );
  expect(status).toBe(201);
  const wrong = await create({ min: 3, max: 2, ratio: 2, items: ['b'] });
  expect(causes(wrong)).toEqual([
    'spec: Invalid value: min may not be more than max',
    'spec: Invalid value: failed rule: self.ratio * 2.0 <= 3.0',
    'spec: Invalid value: items begin with a',
  ]);
  const missing = await create({ max: 2 });
  expect(missing.json.message).toContain('no such key: min evaluating rule: min may not be more than max');
  expect((await create({ min: 1, max: 2, name: 'x' })).status).toBe(201);
  const renamed = await merge({ spec: { name: 'y' } });
  expect(causes(renamed)).toEqual(['spec.name: Forbidden: name was x']);
  const typed = await merge({ spec: { min: 'a' } });
  expect(causes(typed)[1]).toContain('some validation rules were not checked because the object was invalid');
});

test('several versions without conversion', async () => {
  const crd = definition({ deprecated: true });
  const [v1] = crd.spec.versions;
  const v2 = { ...v1, name: 'v2', storage: true, deprecated: false, additionalPrinterColumns: [] };
  crd.spec.versions = [{ ...v1, storage: false }, v2];
  await define(crd);
  const made = await create({ size: 'M' });
  expect(made.json.apiVersion).toBe('shop.example.com/v1');
  expect(made.headers['warning']).toContain('shop.example.com/v1 Widget is deprecated');
  const newer = await api.get(widgets.replace('/v1/', '/v2/') + '/one');
  expect(newer.json).toMatchObject({ apiVersion: 'shop.example.com/v2', spec: { size: 'M', count: 1 } });
  const { versions } = (await api.get('/apis/shop.example.com')).json;
  expect(versions.map((v: any) => v.version)).toEqual(['v2', 'v1']);
  const stored = (await api.get(`${definitions}/${name}`)).json.status.storedVersions;
  expect(stored).toEqual(['v2']);
});

test('owners and namespaces take custom resources along', async () => {
  const { world, server } = api;
  startControllers({
    world,
    client: server.client({ manager: 'kube-controller-manager' }),
    names: ['garbage-collector-controller', 'namespace-controller'],
    resources: () => server.core.resources(),
    onResourcesChange: (listener) => server.core.onResourcesChange(listener),
  });
  await define(definition());
  const owner = (await create({ size: 'M' })).json;
  const reference = { apiVersion: owner.apiVersion, kind: 'Widget', name: 'one', uid: owner.metadata.uid };
  const metadata = { name: 'owned', ownerReferences: [reference] };
  await api.request('POST', '/api/v1/namespaces/default/configmaps', { metadata });
  await api.request('POST', widgets, { ...widget({ size: 'S' }), metadata });
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'dev' } });
  const elsewhere = widgets.replace('/default/', '/dev/');
  await api.request('POST', elsewhere, widget({ size: 'L' }));
  await api.settle(1000);
  await api.request('DELETE', `${widgets}/one`);
  await api.request('DELETE', '/api/v1/namespaces/dev');
  await api.settle(10_000);
  expect((await api.get('/api/v1/namespaces/default/configmaps/owned')).status).toBe(404);
  expect((await api.get(`${widgets}/owned`)).status).toBe(404);
  expect((await api.get('/api/v1/namespaces/dev')).status).toBe(404);
  expect((await api.get(elsewhere)).json.items).toEqual([]);
});
