import { diffLines } from 'diff';
import type { Normalizer, Recording } from '../conformance.ts';
import { runWithRealKubectl } from '../real-kubectl.ts';
import { runScript } from '../runner.ts';
import type { Script, StepResult } from '../script.ts';
import { reduced } from './reduce.ts';
import { comparisonOf, type Reduction, type Sequence } from './sequence.ts';

export interface Difference {
  /** `get/outputs#3`. */
  id: string;
  cmd: string;
  diff: string;
}

/** Real ms pass as virtual ms: kubectl's waits and the server's agree. */
const realSpeed = 1;

/** Runs a sequence with the real kubectl through the bridge, in the form of a recording. */
export async function record(
  sequence: Sequence,
  clientsDir: string,
): Promise<Recording & Pick<Script, 'preset' | 'files'>> {
  const { steps } = await runWithRealKubectl(sequence, clientsDir, { speed: realSpeed });
  return {
    id: sequence.id,
    title: sequence.title,
    group: sequence.id.split('/')[0]!,
    preset: sequence.preset,
    files: sequence.files,
    steps: sequence.steps.map((step, i) => ({
      ...step,
      ...pick(reduced(steps[i]!, step.reduce)),
      compare: comparisonOf(step),
    })),
  };
}

function pick({ stdout, stderr, exit }: StepResult): StepResult {
  return { stdout, stderr, exit };
}

/** Runs a recorded sequence with our kubectl. @returns what differs */
export async function differences(
  recorded: Recording & Pick<Script, 'preset' | 'files'>,
  normalizer: Normalizer,
): Promise<Difference[]> {
  const { steps } = await runScript(recorded);
  const context = normalizer.newContext(recorded);
  return recorded.steps.flatMap((expected, i) => {
    const { reduce } = expected as { reduce?: Reduction };
    const actual = reduced(steps[i]!, reduce);
    const diff = differenceOf(expected, actual, normalizer, context);
    return diff === '' ? [] : [{ id: `${recorded.id}#${i + 1}`, cmd: expected.cmd, diff }];
  });
}

/**
 * What differs: changed lines with `-` (real) and `+` (ours). UIDs and hashes are not numbered as in a recording's
 * comparison, so that one difference does not bring others after it.
 */
function differenceOf(
  expected: Recording['steps'][number],
  actual: StepResult,
  normalizer: Normalizer,
  context: unknown,
): string {
  const out: string[] = [];
  if (expected.exit !== actual.exit) out.push(`exit: expected ${expected.exit}, got ${actual.exit}`);
  for (const stream of ['stdout', 'stderr'] as const) {
    const compare = stream === 'stderr' ? 'exact' : expected.compare;
    const options = { mask: expected.mask ?? [] };
    const [e, a] = [expected, actual].map((r) => normalizer.normalize(r[stream], compare, options, context));
    const changes = diffLines(e!, a!)
      .filter((part) => part.added || part.removed)
      .flatMap((part) =>
        part.value
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => `${part.added ? '+' : '-'} ${line}`),
      );
    if (changes.length > 0) out.push(`${stream}:`, ...changes.slice(0, 24));
  }
  return out.join('\n');
}
