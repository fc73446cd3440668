import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Normalizer, Recording } from '../conformance.ts';
import type { Script } from '../script.ts';
import { differences } from './compare.ts';
import { helpStructure } from './reduce.ts';
import { cross } from './sequence.ts';

/** What the real kubectl answered through our server (`npm run kubectl:differential -- --record`), against ours. */

const folder = 'conformance/differential';
const known = JSON.parse(readFileSync('conformance/differential-known.json', 'utf8')) as Record<string, number[]>;
const recordings = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Recording & Pick<Script, 'preset' | 'files'>,
);

test.each(recordings.map((recording) => [recording.id, recording] as const))(
  'our kubectl answers %s as the real one did',
  async (id, recording) => {
    const normalizer = (await import('../../../conformance/normalize.mjs' as string)) as Normalizer;
    const found = await differences(recording, normalizer);
    expect(found.filter((difference) => !known[id]?.includes(Number(difference.id.split('#')[1])))).toEqual([]);
  },
  60_000,
);

test('each sequence with differences has a reason, and each reason a sequence', () => {
  const reasons = JSON.parse(readFileSync('conformance/differential-reasons.json', 'utf8')) as Record<string, string>;
  const prefixes = Object.keys(reasons);
  expect(Object.keys(known).filter((id) => !prefixes.some((prefix) => id.startsWith(prefix)))).toEqual([]);
  expect(prefixes.filter((prefix) => !Object.keys(known).some((id) => id.startsWith(prefix)))).toEqual([]);
});

test('templates of command lines', () => {
  expect(cross`kubectl ${['get', 'describe']} ${['a', '']} x`).toEqual([
    'kubectl get a x',
    'kubectl get x',
    'kubectl describe a x',
    'kubectl describe x',
  ]);
});

test('of a help text only the structure is compared', () => {
  const text =
    "Some prose.\n\nExamples:\n  # x\n  kubectl x\n\nOptions:\n    -o, --output='':\n\tProse.\n\nUsage:\n  kubectl x [options]\n";
  expect(helpStructure(text)).toBe("Options:\n    -o, --output='':\nUsage:\n  kubectl x [options]\n");
  expect(helpStructure('error: no\n')).toBe('error: no\n');
});
