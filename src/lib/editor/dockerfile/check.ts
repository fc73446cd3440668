import {
  DockerfileError,
  lint,
  parseDockerfile,
  type LineRange,
} from '../../../engine/docker/builder/dockerfile/index.ts';
import type { Problem } from '../yaml/check.ts';

/** What a build would say of this Dockerfile, on the lines that it is about. `missing` tells which sources of COPY and ADD the context lacks. */
export async function checkDockerfile(
  text: string,
  missing: (source: string) => Promise<boolean>,
  missingText: (source: string) => string,
): Promise<Problem[]> {
  if (text.trim() === '') return [];
  const rangeOf = offsets(text);
  let file: ReturnType<typeof parseDockerfile>;
  try {
    file = parseDockerfile(text);
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    const message = error.message.replace(/^dockerfile parse error on line \d+: /, '');
    return [{ ...rangeOf(error.range ?? { start: 1, end: 1 }), message, severity: 'error' }];
  }
  const problems = lint(file).map(({ message, range }): Problem => ({
    ...rangeOf(range),
    message: message.replace(/ \(line \d+\)$/, ''),
    severity: 'warning',
  }));
  for (const stage of file.stages)
    for (const instruction of stage.instructions) {
      if (instruction.kind !== 'copy' && instruction.kind !== 'add') continue;
      if (instruction.flags.get('from') !== undefined) continue;
      for (const source of instruction.sources)
        if (isPlainPath(source) && (await missing(source)))
          problems.push({ ...rangeOf(instruction), message: missingText(source), severity: 'error' });
    }
  return problems;
}

/** Neither a pattern, a variable, a URL nor text that follows. */
const isPlainPath = (source: string) => !/[*?[$]|^<<|^\w+:\/\/|\.\./.test(source);

/** Where lines are in a text: from the first one's start to the last one's end. */
function offsets(text: string): (range: LineRange) => { start: number; end: number } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ start, end }) => {
    const last = (starts[end] ?? text.length + 1) - 1;
    return { start: starts[start - 1] ?? 0, end: Math.max(last, starts[start - 1] ?? 0) };
  };
}
