#!/usr/bin/env node
/**
 * Runs the recordings of conformance/recordings (and, with our own clients, of conformance/docker) with our kubectl (default) or the real one (--real), and compares.
 *
 *   node scripts/conformance.mjs [--real] [--diff] [--report] [--check | --update] [FILTER...]
 *
 * --report writes docs/fidelity.md.
 * --check fails when a step of the baseline no longer passes; --update lets the baseline rise (it never sinks).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { writeFidelity } from './fidelity.mjs';
import { realClients } from './real-clients.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);
const flag = (name) => args.includes(name);
const filters = args.filter((a) => !a.startsWith('--'));
const client = flag('--real') ? 'real' : 'ours';
const baselineFile = path.join(root, `conformance/baseline.${client}.json`);
const shard = flag('--shard')
  ? JSON.parse(readFileSync(path.join(root, 'conformance/real-shard.json'), 'utf8')).scenarios
  : [];

const { loadRecordings, checkRecording } = await import(await bundle('src/headless/conformance.ts'));
const kubectlNormalizer = await import(path.join(root, 'conformance/normalize.mjs'));
const dockerNormalizer = await import(path.join(root, 'conformance/docker/normalize.mjs'));
const docker = {
  newContext: () => undefined,
  compareStep: (expected, actual) => {
    const { ok, diff } = dockerNormalizer.compareStep(expected, actual);
    return { ok, diff: diff.join('\n') };
  },
};

const clientsDir = client === 'real' ? realClients() : undefined;
if (client === 'real' && !clientsDir) {
  console.log('conformance with the real kubectl: NOT RUN (no binaries)');
  process.exit(process.env.CI ? 1 : 0);
}

const baseline = existsSync(baselineFile) ? JSON.parse(readFileSync(baselineFile, 'utf8')) : { passing: {} };
// Inputs of the format probes were made up; unit tests have them.
const dockerRecordings =
  client === 'ours'
    ? loadRecordings(path.join(root, 'conformance/docker/recordings'), filters).filter(
        ({ recording }) => recording.id !== 'docker/format-probes',
      )
    : [];
const recordings = [...loadRecordings(path.join(root, 'conformance/recordings'), filters), ...dockerRecordings].filter(
  ({ recording }) => shard.length === 0 || shard.includes(recording.id),
);
const groups = new Map();
const lost = [];
const failed = [];
const started = performance.now();
for (const item of recordings) {
  const normalizer = item.recording.group === 'docker' ? docker : kubectlNormalizer;
  let outcome = await checkRecording(item, client, normalizer, clientsDir);
  const known = baseline.passing[outcome.id] ?? [];
  // Real clients run in real time: on a busy machine a step can come too late. What is lost twice is lost.
  if (client === 'real' && flag('--check') && known.some((step) => !outcome.steps[step - 1]?.ok)) {
    console.log(`  ${outcome.id} is run once more`);
    outcome = await checkRecording(item, client, normalizer, clientsDir);
  }
  const group = groups.get(outcome.group) ?? { passed: 0, total: 0 };
  groups.set(outcome.group, group);
  const passing = [];
  for (const [i, step] of outcome.steps.entries()) {
    group.total++;
    if (step.ok) {
      group.passed++;
      passing.push(i + 1);
      continue;
    }
    failed.push(step);
    if (flag('--diff')) console.log(`FAIL ${step.id} ${step.cmd}\n${step.diff.replace(/^/gm, '     ')}`);
  }
  const before = baseline.passing[outcome.id] ?? [];
  for (const step of before)
    if (!passing.includes(step)) lost.push({ ...outcome.steps[step - 1], id: `${outcome.id}#${step}` });
  if (flag('--update')) baseline.passing[outcome.id] = [...new Set([...before, ...passing])].sort((a, b) => a - b);
}

let passed = 0;
let total = 0;
console.log(
  `conformance, ${client === 'ours' ? 'our kubectl and docker in our shell' : 'real kubectl through the bridge'}:`,
);
for (const [name, g] of [...groups].sort()) {
  passed += g.passed;
  total += g.total;
  console.log(
    `  ${name.padEnd(14)} ${String(g.passed).padStart(4)}/${String(g.total).padEnd(4)} ${percent(g.passed, g.total)}`,
  );
}
console.log(
  `  ${'total'.padEnd(14)} ${String(passed).padStart(4)}/${String(total).padEnd(4)} ${percent(passed, total)}  in ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
if (lost.length > 0) {
  console.log(`${lost.length} steps of the baseline no longer pass:`);
  for (const step of lost) console.log(`  ${step.id}  ${step.cmd}\n${(step.diff ?? '').replace(/^/gm, '     ')}`);
}
if (flag('--report')) writeFidelity(new URL('..', import.meta.url), groups, failed);
if (flag('--update')) {
  const sorted = Object.fromEntries(Object.entries(baseline.passing).sort());
  const count = Object.values(sorted).reduce((n, steps) => n + steps.length, 0);
  writeFileSync(
    baselineFile,
    JSON.stringify({ steps: count, passing: sorted }, null, 1)
      .replace(/\n\s+(\d+,?)/g, ' $1')
      .replace(/(\d)\n\s+\]/g, '$1 ]') + '\n',
  );
  console.log(`baseline: ${count} steps`);
}
process.exit(flag('--check') && lost.length > 0 ? 1 : 0);

function percent(a, b) {
  return `${((100 * a) / Math.max(1, b)).toFixed(1).padStart(5)} %`;
}
