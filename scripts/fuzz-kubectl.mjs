#!/usr/bin/env node
/**
 * Runs random command lines of kubectl: none may throw, hang, or fail without a word.
 *
 *   node scripts/fuzz-kubectl.mjs [COUNT] [SEED]
 */
import { bundle } from './bundle.mjs';

const [count = '100000', seed = '1'] = process.argv.slice(2);
const { fuzzKubectl } = await import(await bundle('src/headless/kubectl-fuzz.ts'));
const started = performance.now();
const failures = await fuzzKubectl(Number(count), Number(seed), (done, failed) => {
  if (done % 10_000 === 0 && done > 0) console.log(`${done} command lines, ${failed} bad`);
});
for (const { args, why } of failures.slice(0, 200))
  console.log(`FAIL kubectl ${args.map((a) => JSON.stringify(a)).join(' ')}\n     ${why.replaceAll('\n', '\n     ')}`);
console.log(
  `${count} command lines, ${failures.length} bad, in ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
process.exit(failures.length > 0 ? 1 : 0);
