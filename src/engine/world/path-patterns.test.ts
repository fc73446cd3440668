import { expect, test } from 'vitest';
import { IgnorePatterns, pathPattern } from './path-patterns.ts';

test.each([
  ['*.log', 'a.log', true],
  ['*.log', 'd/a.log', false],
  ['**/*.log', 'd/e/a.log', true],
  ['**/*.log', 'a.log', true],
  ['a?c', 'abc', true],
  ['[a-c]x', 'bx', true],
  ['[^a]x', 'ax', false],
  ['d/**', 'd/e/f', true],
])('%s against %s', (pattern, path, matches) => expect(pathPattern(pattern)!.test(path)).toBe(matches));

test('malformed patterns', () => {
  expect(pathPattern('[a-')).toBeUndefined();
  expect(pathPattern('a\\')).toBeUndefined();
});

test('the last rule decides; a directory takes its files along', () => {
  const ignore = new IgnorePatterns('# comment\n*.log\n!keep.log\nsecret\n/build/\n');
  expect(['a.log', 'keep.log', 'secret/x', 'build/o', 'src/a'].map((path) => ignore.excludes(path))).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
});
