#!/usr/bin/env node
/**
 * Random requests against the API server: it must not crash, must not answer 500, and what it stores must stay sound.
 *
 *   npm run fuzz:api                      # 50,000 requests, seeds 1 to 10
 *   npm run fuzz:api -- --seed 3 --requests 5000
 */
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';

const { values } = parseArgs({ options: { seed: { type: 'string' }, requests: { type: 'string', default: '5000' } } });
const { fuzz } = await import(await bundle('src/headless/fuzz/run.ts'));
const seeds = values.seed ? [Number(values.seed)] : Array.from({ length: 10 }, (_, i) => i + 1);
let failed = 0;
for (const seed of seeds) {
  const started = performance.now();
  const { requests, statuses, problems } = await fuzz(seed, Number(values.requests), 1000);
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${n}×${status}`);
  console.log(`seed ${seed}: ${requests} requests, ${counts.join(' ')}, ${Math.round(performance.now() - started)} ms`);
  for (const problem of problems) console.log(`  ${problem.slice(0, 1500)}`);
  failed += problems.length;
}
process.exit(failed > 0 ? 1 : 0);
