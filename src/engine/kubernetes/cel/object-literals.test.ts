import { expect, it } from 'vitest';
import { withoutObjectLiterals } from './object-literals.ts';

it('writes constructions of objects as maps', () => {
  expect(withoutObjectLiterals('Object{spec: Object.spec{replicas: 2, ?paused: x ? y : z}}')).toBe(
    '{"spec": {"replicas": 2, ?"paused": x ? y : z}}',
  );
  expect(withoutObjectLiterals('[JSONPatch{op: "add", path: "/a{b: c}", value: {"k": [1, a.b(c, d)]}}]')).toBe(
    '[{"op": "add", "path": "/a{b: c}", "value": {"k": [1, a.b(c, d)]}}]',
  );
  expect(withoutObjectLiterals('object.metadata.name == "Object{a: b}"')).toBe(
    'object.metadata.name == "Object{a: b}"',
  );
});
