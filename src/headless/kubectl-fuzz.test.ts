import { expect, test } from 'vitest';
import { commandLines, fuzzKubectl } from './kubectl-fuzz.ts';

test('random command lines end with a status and a message (`npm run fuzz:kubectl` runs 100,000)', async () => {
  expect(await fuzzKubectl(600, 1)).toEqual([]);
}, 60_000);

test('the same seed gives the same command lines', () => {
  const first = (seed: number) => {
    const lines = commandLines(seed);
    return Array.from({ length: 50 }, () => lines.next().value);
  };
  expect(first(3)).toEqual(first(3));
  expect(first(3)).not.toEqual(first(4));
});
