import { expect, it } from 'vitest';
import { applyJsonPatch, type Operation } from './json-patch.ts';

function patched(document: unknown, ...operations: Operation[]): unknown {
  applyJsonPatch(document, operations);
  return document;
}

it('carries out each operation', () => {
  expect(patched({ a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 })).toEqual({ a: [1, 2, 3] });
  expect(patched({ a: [1] }, { op: 'add', path: '/a/-', value: 2 })).toEqual({ a: [1, 2] });
  expect(patched({ a: [1, 2] }, { op: 'remove', path: '/a/-1' })).toEqual({ a: [1] });
  expect(
    patched({ 'a/b': 1, '~': 2 }, { op: 'replace', path: '/a~1b', value: 3 }, { op: 'remove', path: '/~0' }),
  ).toEqual({
    'a/b': 3,
  });
  expect(patched({ a: { b: 1 } }, { op: 'move', from: '/a/b', path: '/c' })).toEqual({ a: {}, c: 1 });
  expect(patched({ a: 1 }, { op: 'test', path: '/b', value: null }, { op: 'test', path: '/a', value: 1 })).toEqual({
    a: 1,
  });
});

it('copies values: a later operation on one place leaves the other alone', () => {
  const operations = [
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/b/c', value: 2 },
  ];
  expect(patched({ a: { c: 1 } }, ...operations)).toEqual({ a: { c: 1 }, b: { c: 2 } });
});

it('says what does not fit', () => {
  const message = (operation: Operation) => {
    try {
      return patched({ a: [1], b: {} }, operation);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(message({ op: 'add', path: '/x/y', value: 1 })).toBe(
    'add operation does not apply: doc is missing path: "/x/y": missing value',
  );
  expect(message({ op: 'add', path: '', value: 1 })).toBe(
    'add operation does not apply: doc is missing path: "": missing value',
  );
  expect(message({ op: 'remove', path: '/b/x' })).toBe(
    "error in remove for path: '/b/x': Unable to remove nonexistent key: x: missing value",
  );
  expect(message({ op: 'replace', path: '/b/x', value: 1 })).toMatch(
    /^replace operation does not apply: doc is missing key: \/b\/x: .*missing value$/,
  );
  expect(message({ op: 'add', path: '/a/7', value: 1 })).toBe(
    "error in add for path: '/a/7': Unable to access invalid index: 7: invalid index referenced",
  );
  expect(message({ op: 'test', path: '/a/0', value: 2 })).toBe('testing value /a/0 failed: test failed');
  expect(message({ op: 'frob', path: '/a' })).toBe('Unexpected kind: frob');
});
