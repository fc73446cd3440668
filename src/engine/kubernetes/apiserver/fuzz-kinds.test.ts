import { expect, it } from 'vitest';
import { World, type RandomStream } from '../../world/index.ts';
import { apiResources, structType, type FieldType, type StructType } from '../schema/index.ts';
import { TestApi } from './harness.test-support.ts';

/** Objects that fit their schema but make no sense: defaults, validation, tables and patches must cope with each. */

const strings = ['', 'a', 'web', 'a/b', 'Upper', '10.0.0.1', 'http', '50%', '*', 'a=b', '2020-01-01', '0 * * * *'];
const numbers = [0, 1, -1, 80, 65536, 2147483647];

class Maker {
  readonly #random: RandomStream;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  struct(type: StructType, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const density = depth > 6 ? 0.1 : 0.35;
    for (const field of type.fields.values()) {
      if (['metadata', 'apiVersion', 'kind'].includes(field.name) && depth === 0) continue;
      if (this.#random.float() < density + (field.required ? 0.4 : 0))
        result[field.name] = this.#value(field.type, depth + 1);
    }
    return result;
  }

  #value(type: FieldType, depth: number): unknown {
    switch (type.kind) {
      case 'struct':
        return depth > 9 ? {} : this.struct(type.struct, depth);
      case 'list':
        return Array.from({ length: this.#random.int(3) }, () => this.#value(type.items, depth));
      case 'map':
        return Object.fromEntries(
          Array.from({ length: this.#random.int(3) }, () => [
            this.#random.pick(strings),
            this.#value(type.items, depth),
          ]),
        );
      case 'int32':
      case 'int64':
      case 'double':
        return this.#random.pick(numbers);
      case 'boolean':
        return this.#random.float() < 0.5;
      case 'quantity':
        return this.#random.pick(['0', '1', '-1', '100m', '1Gi', '1e3']);
      case 'intOrString':
        return this.#random.pick<unknown>([0, 80, '50%', 'http', '']);
      case 'time':
        return '2020-01-01T00:00:00Z';
      case 'microTime':
        return '2020-01-01T00:00:00.000000Z';
      case 'bytes':
        return this.#random.pick(['', 'YQ==']);
      case 'object':
        return {};
      case 'any':
        return this.#random.pick<unknown>(['x', {}, [], 1]);
      case 'string':
        return this.#random.pick(type.values && this.#random.float() < 0.7 ? type.values : strings);
    }
  }
}

it('copes with any object of any kind', async () => {
  const api = new TestApi();
  const maker = new Maker(new World({ seed: 3, epoch: 0 }).random.stream('kinds'));
  const failures = new Set<string>();
  let stored = 0;
  for (let round = 0; round < 12; round++) {
    for (const { group, version, resource, namespaced, type: typeName, verbs } of apiResources) {
      if (!verbs.includes('create')) continue;
      const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
      const path = `${root}${namespaced ? '/namespaces/default' : ''}/${resource}`;
      const type = structType(typeName)!;
      const note = (step: string, response: { status: number; json: any }) => {
        if (response.status < 300) stored++;
        if (response.status === 500) failures.add(`${step} ${path}: ${response.json?.message}`);
      };
      const name = `x${round}`;
      const object = { ...maker.struct(type, 0), metadata: { name } };
      note('create', await api.request('POST', path, object));
      note('update', await api.request('PUT', `${path}/${name}`, { ...maker.struct(type, 0), metadata: { name } }));
      const patch = { ...maker.struct(type, 0) };
      for (const kind of ['merge', 'strategic-merge']) {
        note(
          kind,
          await api.request('PATCH', `${path}/${name}`, patch, { 'content-type': `application/${kind}-patch+json` }),
        );
      }
      note(
        'apply',
        await api.request(
          'PATCH',
          `${path}/a${name}?fieldManager=m&force=1`,
          { ...object, metadata: { name: `a${name}` } },
          { 'content-type': 'application/apply-patch+yaml' },
        ),
      );
      note(
        'apply again',
        await api.request(
          'PATCH',
          `${path}/a${name}?fieldManager=m&force=1`,
          { ...maker.struct(type, 0), metadata: { name: `a${name}` } },
          { 'content-type': 'application/apply-patch+yaml' },
        ),
      );
      note(
        'status',
        await api.request(
          'PATCH',
          `${path}/${name}/status`,
          { status: maker.struct(type, 0)['status'] ?? {} },
          { 'content-type': 'application/merge-patch+json' },
        ),
      );
      note('table', await api.get(path, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }));
    }
  }
  expect([...failures]).toEqual([]);
  expect(stored).toBeGreaterThan(1000);
}, 120_000);
