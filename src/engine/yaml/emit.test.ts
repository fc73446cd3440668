import { expect, test } from 'vitest';
import { toYaml } from './index.ts';

/** Strings and how kubectl 1.35 writes them. */
test.each([
  ['word', 'word'],
  ['', '""'],
  ['yes', '"yes"'],
  ['1', '"1"'],
  ['12:30', '"12:30"'],
  ['2020-01-01', '"2020-01-01"'],
  ['a: b', "'a: b'"],
  ["it's: x", "'it''s: x'"],
  ['- a', "'- a'"],
  ['-a', '-a'],
  ['a:b', 'a:b'],
  ['x #y', "'x #y'"],
  ['trail ', "'trail '"],
  ['a\tb', '"a\\tb"'],
  ['\u{1f600}', '"\\U0001F600"'],
  ['a\nb', '|-\n  a\n  b'],
  ['a\nb\n', '|\n  a\n  b'],
  ['a \nb', '"a \\nb"'],
  [' a\nb', '|2-\n   a\n  b'],
])('%j is written %s', (value, text) => {
  expect(toYaml({ k: value })).toBe(`k: ${text}\n`);
});

test('sequences stand in the column of their key, keys are sorted, long lines folded', () => {
  const words = 'word '.repeat(20).trim();
  expect(toYaml({ b: [{ y: 1, x: [[1, 2]] }], a: words, c: {}, d: [] })).toBe(
    `a: ${'word '.repeat(16).trim()}\n  ${'word '.repeat(4).trim()}\nb:\n- x:\n  - - 1\n    - 2\n  "y": 1\nc: {}\nd: []\n`,
  );
});
