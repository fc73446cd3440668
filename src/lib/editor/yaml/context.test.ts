import { expect, test } from 'vitest';
import { yamlContext } from './context.ts';
import { suggestions } from './schema.ts';

/** The context at `|`. */
function at(marked: string) {
  const before = marked.slice(0, marked.indexOf('|'));
  const row = before.split('\n').length - 1;
  return yamlContext(marked.replace('|', ''), row, before.length - before.lastIndexOf('\n') - 1);
}

const head = 'apiVersion: apps/v1\nkind: Deployment\n';

test.each([
  ['|', [], undefined],
  [`${head}spec:\n  |`, ['spec'], undefined],
  [`${head}spec:\n  rep|`, ['spec'], undefined],
  [`${head}spec:\n  strategy:\n    type: |`, ['spec', 'strategy'], 'type'],
  [
    `${head}spec:\n  template:\n    spec:\n      containers:\n        - name: a\n          |`,
    ['spec', 'template', 'spec', 'containers', '[]'],
    undefined,
  ],
  [
    `${head}spec:\n  template:\n    spec:\n      containers:\n      - na|`,
    ['spec', 'template', 'spec', 'containers', '[]'],
    undefined,
  ],
  [
    `${head}spec:\n  template:\n    spec:\n      containers:\n      - name: a\n      - image: b\n        |`,
    ['spec', 'template', 'spec', 'containers', '[]'],
    undefined,
  ],
])('%j', (marked, path, valueOf) => {
  expect(at(marked)).toMatchObject({ path, valueOf });
});

test('keys that are there already, before and after, are known; those of other items are not', () => {
  expect(at(`${head}spec:\n  replicas: 1\n  |\n  selector: {}\n`).siblings.toSorted()).toEqual([
    'replicas',
    'selector',
  ]);
  const item = at('kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - name: a\n    image: b\n  - name: c\n    |');
  expect(item.siblings).toEqual(['name']);
});

test('each document stands for itself', () => {
  expect(at(`${head}---\napiVersion: v1\nkind: Pod\nspec:\n  |`)).toMatchObject({
    apiVersion: 'v1',
    kind: 'Pod',
    path: ['spec'],
  });
});

test('suggestions follow the schema', () => {
  const labels = (marked: string) => suggestions(at(marked)).map(({ label }) => label);
  expect(labels(`${head}spec:\n  replicas: 1\n  |`)).toContain('selector');
  expect(labels(`${head}spec:\n  replicas: 1\n  |`)).not.toContain('replicas');
  expect(labels(`${head}spec:\n  template:\n    spec:\n      containers:\n      - name: a\n        |`)).toContain(
    'image',
  );
  expect(labels(`${head}spec:\n  paused: |`)).toEqual(['true', 'false']);
  expect(labels('apiVersion: apps/v1\nkind: |')).toContain('StatefulSet');
  expect(labels('|')).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
});
