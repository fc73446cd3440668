import { expect, test } from 'vitest';
import { ageText, clockText } from './time.ts';

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [125_000, '2m5s'],
  [600_000, '10m'],
  [10_800_000, '3h'],
  [11_100_000, '3h5m'],
  [28_800_000, '8h'],
  [172_800_000, '2d'],
])('%i ms is %s', (ms, text) => expect(ageText(ms)).toBe(text));

test('the clock shows hours when there are any', () => {
  expect(clockText(65_000)).toBe('1:05');
  expect(clockText(3_725_000)).toBe('1:02:05');
});
