import { expect, test } from 'vitest';
import { suggestImage } from './suggest.ts';

test.each([
  ['ngnix', 'nginx:latest'],
  ['ngnix:1.27', 'nginx:1.27'],
  ['nginx:latets', 'nginx:latest'],
  ['bussybox:1.36', 'busybox:1.36'],
  ['registry.k8s.io/puase:3.10', 'registry.k8s.io/pause:3.10'],
  ['nginx:1.27', undefined],
  ['my-company/api:v1', undefined],
  ['UPPER', undefined],
])('for %s', (name, meant) => {
  expect(suggestImage(name)).toBe(meant);
});

test('a variant that does not exist is left out', () => {
  expect(suggestImage('nginx:1.27-lates')).toMatch(/^nginx:/);
});
