import { expect, test } from 'vitest';
import { typeForKind } from './index.ts';
import { threeWayMergePatch, twoWayMergePatch } from './strategic-diff.ts';
import { strategicMergePatch } from './strategic-merge.ts';

const pod = typeForKind('v1', 'Pod')!;
const deployment = typeForKind('apps/v1', 'Deployment')!;
const containers = (...list: object[]) => ({ spec: { containers: list } });

test('list items merge by key, new ones come first where the order says nothing', () => {
  const merged = strategicMergePatch(
    containers({ name: 'a', image: '1', ports: [{ containerPort: 80 }] }),
    containers({ name: 'b', image: '2' }, { name: 'a', image: '3' }),
    pod,
  );
  expect(merged).toEqual(
    containers({ name: 'b', image: '2' }, { name: 'a', image: '3', ports: [{ containerPort: 80 }] }),
  );
});

test('directives delete, replace, order and retain', () => {
  const original = {
    metadata: { finalizers: ['x', 'y'] },
    spec: { containers: [{ name: 'a' }, { name: 'b' }], volumes: [{ name: 'v', emptyDir: {} }] },
  };
  expect(
    strategicMergePatch(
      original,
      {
        metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] },
        spec: {
          containers: [{ $patch: 'delete', name: 'a' }, { name: 'c' }],
          '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }],
          volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/' } }],
        },
      },
      pod,
    ),
  ).toEqual({
    metadata: { finalizers: ['y'] },
    spec: { containers: [{ name: 'b' }, { name: 'c' }], volumes: [{ name: 'v', hostPath: { path: '/' } }] },
  });
  expect(strategicMergePatch(original, { spec: { $patch: 'replace', nodeName: 'n' } }, pod)).toEqual({
    metadata: original.metadata,
    spec: { nodeName: 'n' },
  });
  expect(() => strategicMergePatch(original, containers({ image: 'x' }), pod)).toThrow(
    'map: map[image:x] does not contain declared merge key: name',
  );
});

test('two-way patches say what changed, and do it', () => {
  const before = {
    spec: {
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
      template: containers({ name: 'a', image: '1' }, { name: 'b' }),
    },
  };
  const after = {
    spec: { strategy: { type: 'Recreate' }, template: containers({ name: 'c' }, { name: 'a', image: '2' }) },
  };
  const patch = twoWayMergePatch(before, after, deployment);
  expect(patch).toEqual({
    spec: {
      replicas: null,
      strategy: { type: 'Recreate', rollingUpdate: null, $retainKeys: ['type'] },
      template: {
        spec: {
          containers: [{ name: 'c' }, { name: 'a', image: '2' }, { $patch: 'delete', name: 'b' }],
          '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
        },
      },
    },
  });
  expect(strategicMergePatch(before, patch, deployment)).toEqual(after);
  expect(twoWayMergePatch(before, before, deployment)).toEqual({});
});

test('apply removes what was applied before, and leaves what others added', () => {
  const last = {
    metadata: { annotations: { mine: '1', old: 'x' } },
    ...containers({ name: 'a', env: [{ name: 'X', value: '1' }] }),
  };
  const current = {
    metadata: { annotations: { mine: '1', old: 'x', other: '2' } },
    ...containers({ name: 'a', env: [{ name: 'X', value: '1' }] }, { name: 'sidecar' }),
  };
  const next = {
    metadata: { annotations: { mine: '3' } },
    ...containers({ name: 'a', env: [{ name: 'Y', value: '2' }] }),
  };
  const patch = threeWayMergePatch(last, next, current, pod);
  expect(patch).toEqual({
    metadata: { annotations: { mine: '3', old: null } },
    spec: {
      containers: [
        {
          name: 'a',
          '$setElementOrder/env': [{ name: 'Y' }],
          env: [
            { name: 'Y', value: '2' },
            { $patch: 'delete', name: 'X' },
          ],
        },
      ],
      '$setElementOrder/containers': [{ name: 'a' }],
    },
  });
  expect(strategicMergePatch(current, patch, pod)).toEqual({
    metadata: { annotations: { mine: '3', other: '2' } },
    ...containers({ name: 'a', env: [{ name: 'Y', value: '2' }] }, { name: 'sidecar' }),
  });
});
