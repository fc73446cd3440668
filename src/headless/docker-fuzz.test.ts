import { expect, test } from 'vitest';
import { dockerCases, fuzzDocker } from './docker-fuzz.ts';

test('random Dockerfiles and command lines end with a status and a message (`npm run fuzz:docker` runs 20,000)', async () => {
  expect(await fuzzDocker(300, 1)).toEqual([]);
}, 120_000);

test('the same seed gives the same cases', () => {
  const first = (seed: number) => {
    const cases = dockerCases(seed);
    return Array.from({ length: 50 }, () => cases.next().value);
  };
  expect(first(3)).toEqual(first(3));
  expect(first(3)).not.toEqual(first(4));
});
