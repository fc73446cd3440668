import { expect, test } from 'vitest';
import { checkManifest, type AskServer } from './check.ts';

const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: -1\n';

/** A server that knows no object and answers writes with this Status. */
function server(status: number, body: unknown, exists = false) {
  const asked: Parameters<AskServer>[0][] = [];
  const ask: AskServer = (query) => {
    asked.push(query);
    if (query.method === 'GET') return Promise.resolve({ status: exists ? 200 : 404, body: '{}' });
    return Promise.resolve({ status, body: JSON.stringify(body) });
  };
  return { ask, asked };
}

const shown = async (text: string, ask: AskServer) =>
  (await checkManifest(text, ask)).map(({ start, end, message }) => [text.slice(start, end), message]);

test('a new object is a strict dry-run create, a known one a patch', async () => {
  const create = server(201, {});
  expect(await shown(deployment, create.ask)).toEqual([]);
  expect(create.asked.at(-1)).toMatchObject({
    method: 'POST',
    path: expect.stringMatching(
      /^\/apis\/apps\/v1\/namespaces\/default\/deployments\?dryRun=All&fieldValidation=Strict/,
    ),
  });
  const patch = server(200, {}, true);
  await shown(deployment, patch.ask);
  expect(patch.asked.at(-1)).toMatchObject({ method: 'PATCH', contentType: 'application/merge-patch+json' });
});

test('causes stand at their fields', async () => {
  const { ask } = server(422, {
    message: 'Deployment.apps "web" is invalid',
    details: { causes: [{ field: 'spec.replicas', message: 'Invalid value: -1: must be greater than or equal to 0' }] },
  });
  expect(await shown(deployment, ask)).toEqual([
    ['replicas: -1', 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ]);
});

test('unknown fields and wrong types, too', async () => {
  const strict = server(400, {
    message: 'strict decoding error: unknown field "spec.replicas", unknown field "spec.foo"',
  });
  expect((await shown(deployment, strict.ask)).map(([place]) => place)).toEqual(['replicas: -1', 'spec']);
  const typed = server(400, {
    message: 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  });
  expect((await shown(deployment, typed.ask))[0]?.[0]).toBe('replicas: -1');
});

test('what never reaches the server', async () => {
  const { ask, asked } = server(500, {});
  expect(await shown('a: [1,\n', ask)).toHaveLength(1);
  expect(await shown('kind: Deployment\n', ask)).toEqual([['kind: Deployment', 'apiVersion not set']]);
  expect(await shown('- a\n- b\n', ask)).toHaveLength(1);
  expect(asked).toEqual([]);
  expect((await shown('apiVersion: v2\nkind: Pod\n', ask))[0]?.[1]).toBe('no matches for kind "Pod" in version "v2"');
});
