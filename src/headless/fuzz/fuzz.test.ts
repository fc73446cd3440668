import { expect, it } from 'vitest';
import { fuzz } from './run.ts';

/** A small sample; `npm run fuzz:api` sends 50,000. */
it('survives random requests', async () => {
  const { statuses, problems } = await fuzz(1, 2_000, 500);
  expect(problems).toEqual([]);
  expect(statuses.get(200)).toBeGreaterThan(200);
  expect(statuses.get(201)).toBeGreaterThan(100);
}, 120_000);
