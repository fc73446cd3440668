import { expect, test } from 'vitest';
import { rangeOf, rangeOfBarePath, yamlPositions } from './positions.ts';

const text = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {"app": web}}
spec:
  containers:
  - name: nginx
    image: nginx
  - name: side
---
kind: ConfigMap
`;

const at = (document: number, path: string) => {
  const { start, end } = rangeOf(yamlPositions(text)[document]!, path);
  return text.slice(start, end);
};

test('fields of block and flow collections, by the API’s paths', () => {
  expect(at(0, 'kind')).toBe('kind: Pod');
  expect(at(0, 'metadata.name')).toBe('name: web');
  expect(at(0, 'spec.containers[0].image')).toBe('image: nginx');
  expect(at(0, 'spec.containers[1].name')).toBe('name: side');
  expect(at(1, 'kind')).toBe('kind: ConfigMap');
});

test('a field that is not there is shown at its nearest parent, at last at the kind', () => {
  expect(at(0, 'spec.containers[1].image')).toBe('containers');
  expect(at(0, 'spec.template.spec')).toBe('spec');
  expect(at(0, 'status.phase')).toBe('kind: Pod');
});

test('paths without indexes, as Go’s decoder reports them', () => {
  const { start, end } = rangeOfBarePath(yamlPositions(text)[0]!, 'spec.containers.image');
  expect(text.slice(start, end)).toBe('image: nginx');
});

test('text that is no YAML is refused with its place', () => {
  expect(() => yamlPositions('a: [1, 2')).toThrow(expect.objectContaining({ mark: expect.anything() }));
});
