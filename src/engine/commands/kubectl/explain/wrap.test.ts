import { expect, test } from 'vitest';
import { indent, wrapWords } from './wrap.ts';

test('lines break at blanks, words that are too long stand alone', () => {
  expect(wrapWords('one two three', 7)).toBe('one two\nthree');
  expect(wrapWords('see: https://example.com/a/long/path x', 10)).toBe('see:\nhttps://example.com/a/long/path\nx');
  expect(wrapWords('a\n\n - b c', 5)).toBe('a\n\n - b\nc');
});

test('indentation includes empty lines', () => {
  expect(indent('a\n\nb', 2)).toBe('  a\n  \n  b');
});
