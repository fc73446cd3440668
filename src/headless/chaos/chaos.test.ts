import { describe, expect, it } from 'vitest';
import { differences, playScenario } from './chaos.ts';

/** About a minute on two cores; `npm run chaos` plays a thousand. */
const sample = Array.from({ length: 24 }, (_, i) => 1000 + i);

describe('random scenarios', () => {
  it.each(sample)(
    'scenario %i ends as reconciliation demands, however time is cut',
    async (seed) => {
      const outcome = await playScenario(seed);
      expect(outcome.findings).toEqual([]);
      expect(differences(outcome, await playScenario(seed, true))).toEqual([]);
    },
    60_000,
  );
});
