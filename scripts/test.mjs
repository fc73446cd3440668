#!/usr/bin/env node
/**
 * All tests, two at a time: format, lint, types, unit tests (determinism among them), conformance recordings, lesson
 * replays, the real kubectl on the bridge, and the built site in a real browser. Prints each output when it is done.
 */
import { execFileSync, spawn } from 'node:child_process';
import { browserPath } from './browser.mjs';

const node = process.execPath;
const bin = (name) => ['npx', '--no-install', name];

/** In each lane one after the other; lanes run side by side. `needs` waits for a job of the other lane. */
const lanes = [
  [
    { name: 'build the site', cmd: ['npm', 'run', '--silent', 'build'] },
    { name: 'types', cmd: ['npm', 'run', '--silent', 'check'] },
    { name: 'lint', cmd: [...bin('eslint'), '.', '--max-warnings', '0'] },
    { name: 'format', cmd: [...bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  ],
  [
    { name: 'unit tests', cmd: [...bin('vitest'), 'run', '--reporter=default'] },
    { name: 'conformance: our kubectl', cmd: [node, 'scripts/conformance.mjs', '--check'] },
    { name: 'lessons', cmd: [node, 'scripts/headless.mjs', 'lesson', 'lessons'] },
    {
      name: 'conformance: real kubectl (short)',
      cmd: [node, 'scripts/conformance.mjs', '--real', '--shard', '--check'],
    },
    {
      name: 'differential: our kubectl and the real one (short)',
      cmd: [node, 'scripts/differential.mjs', '--shard', '--check'],
    },
    { name: 'end to end', cmd: [...bin('playwright'), 'test'], needs: 'build the site' },
  ],
];

process.env.CHROMIUM_PATH = browserPath() ?? '';
const results = new Map();
const finished = new Map();
const promiseOf = (name) => {
  if (!finished.has(name)) {
    let resolve;
    const promise = new Promise((r) => (resolve = r));
    finished.set(name, { promise, resolve });
  }
  return finished.get(name);
};

function run({ name, cmd }) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(cmd[0], cmd.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`\n=== ${name}: ${code === 0 ? 'passed' : 'FAILED'} (${seconds} s)\n${output.trim()}`);
      results.set(name, code === 0);
      promiseOf(name).resolve();
      resolve();
    });
  });
}

const started = performance.now();
// Generated types that every job needs.
execFileSync('npm', ['run', '--silent', 'prepare:types'], { stdio: 'inherit' });
await Promise.all(
  lanes.map(async (lane) => {
    for (const job of lane) {
      if (job.needs) await promiseOf(job.needs).promise;
      await run(job);
    }
  }),
);
const failed = [...results].filter(([, ok]) => !ok).map(([name]) => name);
console.log(`\nall of it took ${((performance.now() - started) / 1000).toFixed(0)} s`);
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
console.log(`${results.size - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length > 0 ? 1 : 0);
