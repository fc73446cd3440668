/** What a differential run does to a world: command lines that our kubectl and the real one run alike. */
export interface Sequence {
  /** `get/outputs`. */
  id: string;
  title: string;
  preset: string;
  files: Record<string, string>;
  steps: SequenceStep[];
}

export interface SequenceStep {
  cmd: string;
  stdin?: string;
  env?: Record<string, string>;
  /** How the outputs are compared (conformance/README.md); by default it follows from the command. */
  compare?: string;
  mask?: string[];
  /** Prose that is ours is taken out on both sides first. */
  reduce?: Reduction;
}

/**
 * help: what `helpStructure` leaves. completion: candidates without their descriptions; completion-set: the same where
 * the real kubectl walks a Go map, in no order.
 */
export type Reduction = 'help' | 'completion' | 'completion-set';

type Part = string | number | readonly (string | number)[];

/**
 * All command lines that a template stands for: each array in it is replaced by each of its items, the last one
 * changing fastest. Runs of blanks become one.
 */
export function cross(strings: TemplateStringsArray, ...parts: readonly Part[]): string[] {
  let lines = [strings[0]!];
  for (const [i, part] of parts.entries()) {
    const items = typeof part === 'object' ? part : [part];
    lines = lines.flatMap((line) => items.map((item) => `${line}${item}${strings[i + 1]!}`));
  }
  return lines.map((line) => line.replace(/ {2,}/g, ' ').trim());
}

/** Lines of a text as commands; empty ones and those that begin with `#` are left out. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

export function sequence(
  id: string,
  title: string,
  commands: readonly (string | SequenceStep)[],
  options: { preset?: string; files?: Record<string, string>; reduce?: Reduction } = {},
): Sequence {
  const { preset = 'bare-apiserver', files = {}, reduce } = options;
  const steps = commands.map((command): SequenceStep => {
    const step = typeof command === 'string' ? { cmd: command } : command;
    return reduce === undefined ? step : { reduce, ...step };
  });
  return { id, title, preset, files, steps };
}

/** The comparison of a recording that fits a command: rows of tables lose their alignment, all else keeps it. */
export function comparisonOf({ cmd, compare }: SequenceStep): string {
  if (compare !== undefined) return compare;
  const printsTable = /kubectl\S* (-\S+ \S+ )*(get|events|api-resources|top)\b/.test(cmd);
  const hasFormat =
    /(-o ?=?|--output[= ])(json|yaml|kyaml|name|go-template|template)|--raw|--template|-h\b|--help/.test(cmd);
  return printsTable && !hasFormat ? 'table' : 'exact';
}
