#!/usr/bin/env node
/**
 * The benchmarks: engine (headless) and page (real browser, built site). Prints Markdown and writes bench/results.json.
 *
 *   npm run bench            # --quick leaves out what takes minutes, --no-page the browser
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const args = new Set(process.argv.slice(2));
const { engineBenchmarks } = await import(await bundle('src/headless/bench.ts'));

const results = await engineBenchmarks(!args.has('--quick'));
if (!args.has('--no-page')) {
  if (existsSync(path.join(root, 'build/index.html'))) {
    const { pageBenchmarks } = await import('../bench/page.mjs');
    results.push(...(await pageBenchmarks()));
  } else console.error('the page is not measured: run `npm run build` first');
}

const machine = `${os.cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${os.cpus().length} cores, Node ${process.version}`;
const show = (value) => (value >= 100 ? Math.round(value).toString() : value.toPrecision(2));
console.log(`Measured on: ${machine}\n`);
console.log('| what | measured | bar |\n|---|---|---|');
for (const { name, value, unit, bar } of results) console.log(`| ${name} | ${show(value)} ${unit} | ${bar ?? ''} |`);
mkdirSync(path.join(root, 'bench'), { recursive: true });
writeFileSync(path.join(root, 'bench/results.json'), JSON.stringify({ machine, results }, null, 2) + '\n');
process.exit(0);
