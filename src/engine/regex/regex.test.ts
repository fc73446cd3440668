import { describe, expect, it } from 'vitest';
import { LinearRegex, matchesOf, perlRegex, splitBy } from './linear.ts';
import { posixRegex, RegexError } from './posix.ts';

const spans = (text: string, regex: Parameters<typeof matchesOf>[1]) =>
  [...matchesOf(text, regex)].map((match) => [match.index, match[0]]);

describe('POSIX regular expressions', () => {
  it('take the longest of the matches that begin first', () => {
    expect(posixRegex('foo|foobar', { extended: true }).exec('a foobar')?.[0]).toBe('foobar');
    expect(posixRegex('(a|ab)(c|bcd)(d*)', { extended: true }).exec('abcd')?.[0]).toBe('abcd');
  });

  it('know the edges of words', () => {
    expect(spans('foo afoo foo- food', posixRegex('\\<foo\\>'))).toEqual([
      [0, 'foo'],
      [9, 'foo'],
    ]);
    expect(spans('-x a-x -x', posixRegex('-x', { within: 'word' }))).toEqual([
      [0, '-x'],
      [7, '-x'],
    ]);
    expect(posixRegex('a', { within: 'word' }).test('a')).toBe(true);
    expect(posixRegex('a', { within: 'word' }).test('ab')).toBe(false);
    expect(posixRegex('a-', { within: 'word' }).test('a-b')).toBe(false);
    expect(posixRegex('a-', { within: 'word' }).test('a--')).toBe(true);
  });

  it('anchor at the text, not at where a search goes on', () => {
    expect(spans('aaa', posixRegex('^a'))).toEqual([[0, 'a']]);
    expect(spans('a\nab', posixRegex('^a', { multiline: true }))).toEqual([
      [0, 'a'],
      [2, 'a'],
    ]);
    expect(posixRegex('b', { within: 'text' }).test('abc')).toBe(false);
  });

  it('have back references', () => {
    expect(posixRegex('\\(a*\\)b\\1').exec('xaabaa')?.slice(0, 2)).toEqual(['aabaa', 'aa']);
    expect(() => posixRegex('\\1')).toThrow(new RegexError('Invalid back reference'));
  });

  it('take characters outside the basic plane as one', () => {
    expect(spans('a😀b', posixRegex('[^a]'))).toEqual([
      [1, '😀'],
      [3, 'b'],
    ]);
    expect(posixRegex('[[:alpha:]]+', { extended: true }).exec('1 字é2')?.[0]).toBe('字é');
  });

  it('never take more than linear time', () => {
    const text = `${'a'.repeat(20_000)}b`;
    for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*)*c', '.*.*.*.*.*.*c', '(a?){50}a{50}c'])
      expect(posixRegex(pattern, { extended: true }).test(text), pattern).toBe(false);
  });
});

describe("Perl's style", () => {
  it('takes the first alternative, and look-ahead by backtracking', () => {
    expect(perlRegex('foo|foobar').exec('foobar')?.[0]).toBe('foo');
    expect(perlRegex('a(?=b)').exec('acab')?.index).toBe(2);
    expect(() => perlRegex('a(')).toThrow(SyntaxError);
  });

  it('tells where groups lie', () => {
    expect(new LinearRegex('(?<year>\\d+)-(x)?').exec('in 2026-')?.indices).toEqual([[3, 8], [3, 7], undefined]);
  });
});

it('splits', () => {
  expect(splitBy('a, b,c', posixRegex(', *'))).toEqual(['a', 'b', 'c']);
  expect(splitBy('abc', posixRegex('x*'))).toEqual(['abc']);
});
