#!/usr/bin/env node
/**
 * Runs random Dockerfiles, Compose files and command lines of docker: none may throw, hang, or fail without a word.
 *
 *   node scripts/fuzz-docker.mjs [COUNT] [SEED]
 */
import { bundle } from './bundle.mjs';

const [count = '20000', seed = '1'] = process.argv.slice(2);
const { fuzzDocker } = await import(await bundle('src/headless/docker-fuzz.ts'));
const started = performance.now();
const failures = await fuzzDocker(Number(count), Number(seed), (done, failed) => {
  if (done % 2_000 === 0 && done > 0) console.log(`${done} cases, ${failed} bad`);
});
for (const { args, stdin, why } of failures.slice(0, 100))
  console.log(
    `FAIL docker ${args.map((a) => JSON.stringify(a)).join(' ')} < ${JSON.stringify(stdin)}\n     ${why.replaceAll('\n', '\n     ')}`,
  );
console.log(`${count} cases, ${failures.length} bad, in ${((performance.now() - started) / 1000).toFixed(1)} s`);
process.exit(failures.length > 0 ? 1 : 0);
