import { describe, expect, it } from 'vitest';
import { bytesSize, humanDuration, humanSize, parseMemory } from './units.ts';

describe('humanDuration', () => {
  it.each([
    [0, 'Less than a second'],
    [1, '1 second'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [119, 'About a minute'],
    [120, '2 minutes'],
    [3599, '59 minutes'],
    [3600, 'About an hour'],
    [5340, 'About an hour'],
    [5400, '2 hours'],
    [129600, '36 hours'],
    [169200, '47 hours'],
    [172800, '2 days'],
    [1123200, '13 days'],
    [1209600, '2 weeks'],
    [5097600, '8 weeks'],
    [5184000, '2 months'],
    [31536000, '12 months'],
    [62985600, '24 months'],
    [63072000, '2 years'],
    [315360000, '10 years'],
  ])('%d s', (seconds, text) => expect(humanDuration(seconds * 1000)).toBe(text));
});

describe('humanSize', () => {
  it.each([
    [0, '0B'],
    [999, '999B'],
    [1023, '1.02kB'],
    [1235, '1.24kB'],
    [9995, '9.99kB'],
    [9999, '10kB'],
    [99949, '99.9kB'],
    [99950, '100kB'],
    [999499, '999kB'],
    [999500, '1e+03kB'],
    [999999, '1e+03kB'],
    [1234567, '1.23MB'],
    [9995000, '9.99MB'],
    [99950000, '100MB'],
    [999999999, '1e+03MB'],
    [1000000000000, '1TB'],
  ])('%d with three digits', (bytes, text) => expect(humanSize(bytes, 3)).toBe(text));

  it('has four digits elsewhere, and binary units in stats', () => {
    expect(humanSize(97462695)).toBe('97.46MB');
    expect(bytesSize(25276502016)).toBe('23.54GiB');
  });
});

describe('parseMemory', () => {
  it('knows suffixes of one letter and more', () => {
    expect([parseMemory('64m'), parseMemory('1.5g'), parseMemory('10'), parseMemory('2KiB')]).toEqual([
      67108864, 1610612736, 10, 2048,
    ]);
    expect(() => parseMemory('abc')).toThrow("invalid size: 'abc'");
    expect(() => parseMemory('10x')).toThrow("invalid suffix: 'x'");
  });
});
