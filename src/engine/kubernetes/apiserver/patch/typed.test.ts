import { expect, it } from 'vitest';
import { TestApi } from '../harness.test-support.ts';

const apply = { 'content-type': 'application/apply-patch+yaml' };

it('refuses to apply what the type has no place for', async () => {
  const api = new TestApi();
  const path = '/apis/apps/v1/namespaces/default/deployments/web?fieldManager=m';
  const deployment = (spec: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec,
  });
  const message = async (spec: object) => {
    const { status, json } = await api.request('PATCH', path, deployment(spec), apply);
    expect(status).toBe(400);
    expect(json.reason).toBeUndefined();
    return json.message as string;
  };
  const about = 'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): ';
  expect(await message({ replicaz: 1 })).toBe(`${about}.spec.replicaz: field not declared in schema`);
  expect(await message({ replicas: 'two' })).toBe(
    `${about}.spec.replicas: expected numeric (int or float), got string`,
  );
  const containers = (...items: object[]) => ({ template: { spec: { containers: items } } });
  expect(await message(containers({ name: 'c', imag: 'i' }))).toBe(
    `${about}.spec.template.spec.containers[name="c"].imag: field not declared in schema`,
  );
  expect(await message(containers({ name: 'c', env: [{ name: 'e', value: 1 }] }))).toBe(
    `${about}.spec.template.spec.containers[name="c"].env[name="e"].value: expected string, got &value.valueUnstructured{Value:1}`,
  );
  expect(await message(containers({ name: 'c' }, { name: 'c' }))).toBe(
    `${about}.spec.template.spec.containers: duplicate entries for key [name="c"]`,
  );
  expect(await message({ a: 1, b: 2 })).toBe(
    `${about}errors:\n  .spec.a: field not declared in schema\n  .spec.b: field not declared in schema`,
  );
});

it('shows the beginning of a body that is no JSON', async () => {
  const api = new TestApi();
  const { json } = await api.request('POST', '/api/v1/namespaces/default/pods', 'kind: Pod\n');
  expect(json.message).toBe(
    "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: invalid character 'k' looking for beginning of value (6b696e643a20506f640a)",
  );
});

it('takes the labels of topology spread into the selector', async () => {
  const api = new TestApi();
  await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  const spread = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app: 'a' } },
    matchLabelKeys: ['pod-template-hash', 'missing'],
  };
  const { json } = await api.request('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'p', labels: { app: 'a', 'pod-template-hash': 'x' } },
    spec: { containers: [{ name: 'c', image: 'i' }], topologySpreadConstraints: [spread] },
  });
  expect(json.spec.topologySpreadConstraints[0].labelSelector).toEqual({
    matchLabels: { app: 'a' },
    matchExpressions: [{ key: 'pod-template-hash', operator: 'In', values: ['x'] }],
  });
});
