import { describe, expect, it } from 'vitest';
import { changesBetween } from './changes.ts';

describe('changes', () => {
  it('are what came, changed or went', () => {
    const before = new Map([
      ['Pod a', 'Running'],
      ['Pod b', 'Pending'],
      ['Pod c', 'Running'],
    ]);
    const after = new Map([
      ['Pod a', 'Running'],
      ['Pod b', 'Running'],
      ['Pod d', 'Pending'],
    ]);
    expect(changesBetween(before, after)).toEqual([
      { name: 'Pod b', status: 'Running' },
      { name: 'Pod d', status: 'Pending' },
      { name: 'Pod c', status: undefined },
    ]);
  });
});
