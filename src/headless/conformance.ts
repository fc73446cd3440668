import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runScript } from './runner.ts';
import { runWithRealKubectl } from './real-kubectl.ts';
import { parseScript, type StepResult } from './script.ts';

/** A recording: a script with what the real programs printed. */
export interface Recording {
  id: string;
  title: string;
  group: string;
  steps: { cmd: string; stdout: string; stderr: string; exit: number; compare: string; mask?: string[] }[];
}

export interface Normalizer {
  newContext(scenario: Recording): unknown;
  normalize(text: string, compare: string, options: { mask: readonly string[] }, context?: unknown): string;
  compareStep(expected: unknown, actual: StepResult, context: unknown): { ok: boolean; diff: string };
}

export type Client = 'ours' | 'real';

export interface StepOutcome {
  /** `apply/apply-basics#3`. */
  id: string;
  cmd: string;
  ok: boolean;
  diff: string;
}

export interface ScenarioOutcome {
  id: string;
  group: string;
  steps: StepOutcome[];
  wallMs: number;
}

/** Reads the recordings whose file name or id contains one of `filters` (all without any). */
export function loadRecordings(
  dir: string,
  filters: readonly string[],
): { file: string; recording: Recording; text: string }[] {
  return readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(path.join(dir, file), 'utf8');
      return { file, text, recording: JSON.parse(text) as Recording };
    })
    .filter(
      ({ file, recording }) =>
        filters.length === 0 || filters.some((f) => file.includes(f) || recording.id.includes(f)),
    );
}

/** Runs one recording's inputs and compares every step with what was recorded. */
export async function checkRecording(
  { file, recording, text }: { file: string; recording: Recording; text: string },
  client: Client,
  normalizer: Normalizer,
  clientsDir?: string,
): Promise<ScenarioOutcome> {
  const script = parseScript(text, file);
  const result = client === 'ours' ? await runScript(script) : await runWithRealKubectl(script, clientsDir!);
  const context = normalizer.newContext(recording);
  const steps = recording.steps.map((expected, i) => {
    const actual = result.steps[i];
    const outcome = actual
      ? normalizer.compareStep(expected, actual, context)
      : { ok: false, diff: 'the step is missing' };
    return { id: `${recording.id}#${i + 1}`, cmd: expected.cmd, ...outcome };
  });
  return { id: recording.id, group: recording.group, steps, wallMs: result.wallMs };
}
