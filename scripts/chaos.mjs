#!/usr/bin/env node
/**
 * Random scenarios against the cluster: workloads come, change and go while nodes fail, images are missing and Pods are
 * evicted. What level-triggered reconciliation promises must hold at the end, and each scenario is played twice, the second
 * time with virtual time cut into random slices: the state must be the same.
 *
 *   npm run chaos                       # scenarios 1 to 1000
 *   npm run chaos -- --seeds 17-40      # those only; --seed 17 tells everything that happened
 *   npm run chaos -- --seconds 60       # as many as that time allows
 *   npm run chaos -- --once             # without the second time
 */
import os from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';

if (!isMainThread) {
  const { playScenario, differences } = await import(workerData.bundle);
  parentPort.on('message', async (seed) => {
    let result;
    try {
      const outcome = await playScenario(seed);
      const findings = [...outcome.findings];
      if (workerData.twice) {
        const differing = differences(outcome, await playScenario(seed, true));
        if (differing.length > 0) findings.push(`twice: other state of ${differing.join(', ')}`);
      }
      result = { seed, findings, log: outcome.log, writes: outcome.writes };
    } catch (error) {
      result = { seed, findings: [`crash: ${error.stack}`], log: [], writes: 0 };
    }
    parentPort.postMessage(result);
  });
} else {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1-1000' },
      seed: { type: 'string' },
      seconds: { type: 'string' },
      once: { type: 'boolean', default: false },
      workers: { type: 'string', default: String(os.cpus().length) },
    },
  });
  const [first, last] = (values.seed ? `${values.seed}-${values.seed}` : values.seeds).split('-').map(Number);
  const data = { bundle: await bundle('src/headless/chaos/chaos.ts'), twice: !values.once };
  const started = performance.now();
  const deadline = values.seconds ? started + Number(values.seconds) * 1000 : Infinity;
  let next = first;
  let played = 0;
  const failed = [];
  const workers = Array.from({ length: Math.min(Number(values.workers), last - first + 1) }, async () => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: data });
    while (next <= last && performance.now() < deadline) {
      const result = new Promise((resolve) => worker.once('message', resolve));
      worker.postMessage(next++);
      const { seed, findings, log, writes } = await result;
      played++;
      if (values.seed) console.log(`${log.join('\n')}\n${writes} writes`);
      if (findings.length === 0) continue;
      failed.push(seed);
      console.log(`scenario ${seed}:\n  ${findings.slice(0, 12).join('\n  ')}`);
    }
    await worker.terminate();
  });
  await Promise.all(workers);
  console.log(`${played} scenarios in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  console.log(failed.length === 0 ? 'all as it should be' : `failed: ${failed.sort((a, b) => a - b).join(' ')}`);
  process.exit(failed.length === 0 ? 0 : 1);
}
