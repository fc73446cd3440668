#!/usr/bin/env node
/**
 * Runs command lines with the real kubectl and with ours, each in a world of its own, and shows what differs.
 *
 *   node scripts/differential.mjs [--summary] [--shard] [--cached] [--record] [--check] [--update] [FILTER...]
 *
 * --cached takes the real kubectl's answers from .cache/differential where the sequence has not changed.
 * --record writes the answers of the `kept` sequences to conformance/differential, where the unit tests find them.
 * --shard only the sequences that `npm test` runs.
 * --check exits with 1 when a step differs that conformance/differential-known.json does not list; --update lists it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { realClients } from './real-clients.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);
const flag = (name) => args.includes(name);
const filters = args.filter((a) => !a.startsWith('--'));

const { families, kept, shard, record, differences } = await import(await bundle('src/headless/differential/index.ts'));
const normalizer = await import(path.join(root, 'conformance/normalize.mjs'));
const clientsDir = realClients();
if (!clientsDir) {
  console.log('differential runs with the real kubectl: NOT RUN (no binaries)');
  process.exit(process.env.CI ? 1 : 0);
}

const cache = path.join(root, '.cache/differential');
mkdirSync(cache, { recursive: true });
const chosen = families()
  .filter(({ id }) => !flag('--shard') || shard.includes(id))
  .filter(({ id }) => filters.length === 0 || filters.some((f) => id.includes(f)));

const knownFile = path.join(root, 'conformance/differential-known.json');
/** Sequence id → numbers of the steps that still differ. */
const known = JSON.parse(readFileSync(knownFile, 'utf8'));
let steps = 0;
let unknown = 0;
const started = performance.now();
for (const sequence of chosen) {
  const recorded = await answers(sequence);
  if (flag('--record') && kept.includes(sequence.id)) save(recorded);
  const found = await differences(recorded, normalizer);
  steps += recorded.steps.length;
  const numbers = found.map(({ id }) => Number(id.split('#')[1]));
  const fresh = found.filter((_, i) => !(known[sequence.id] ?? []).includes(numbers[i]));
  if (flag('--update')) known[sequence.id] = numbers;
  unknown += fresh.length;
  console.log(`${sequence.id.padEnd(32)} ${recorded.steps.length - found.length}/${recorded.steps.length}`);
  if (flag('--summary')) continue;
  for (const { id, cmd, diff } of flag('--check') ? fresh : found)
    console.log(`DIFF ${id} ${cmd}\n${diff.replace(/^/gm, '     ')}`);
}
if (flag('--update')) {
  const lines = Object.keys(known)
    .sort()
    .filter((id) => known[id].length > 0)
    .map((id) => `  ${JSON.stringify(id)}: ${JSON.stringify(known[id])}`);
  writeFileSync(knownFile, `{\n${lines.join(',\n')}\n}\n`);
}
console.log(
  `${steps} command lines, ${unknown} differ from the real kubectl that did not, in ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
process.exit(flag('--check') && unknown > 0 ? 1 : 0);

async function answers(sequence) {
  const hash = createHash('sha256').update(JSON.stringify(sequence)).digest('hex').slice(0, 16);
  const file = path.join(cache, `${sequence.id.replaceAll('/', '__')}.${hash}.json`);
  if (flag('--cached') && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const recorded = await record(sequence, clientsDir);
  writeFileSync(file, JSON.stringify(recorded));
  return recorded;
}

function save(recorded) {
  const folder = path.join(root, 'conformance/differential');
  mkdirSync(folder, { recursive: true });
  const text = `${JSON.stringify({ recordedWith: 'kubectl v1.35.2 through our server', ...recorded }, undefined, 1)}\n`;
  writeFileSync(path.join(folder, `${recorded.id.replaceAll('/', '__')}.json`), text);
}
