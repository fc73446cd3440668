/** A script for the headless runner: the inputs of a recording (conformance/README.md). Recorded results are ignored. */
export interface Script {
  preset: string;
  files: Record<string, string>;
  steps: ScriptStep[];
}

export interface ScriptStep {
  cmd: string;
  stdin?: string;
  cwd?: string;
  env?: Record<string, string>;
  /** Applied before the command: shell commands, `images present: a b`, or a file to write. */
  setup?: (string | { file: string; text: string })[];
  /** Runs on a terminal; stdout is then all that the terminal shows. */
  tty?: boolean;
  /** What is typed: text to wait for, or seconds; then the keys. */
  input?: [string | number, string][];
  /** Virtual seconds after which Ctrl-C is pressed. */
  interrupt_after_s?: number;
  /** Runs in the background while the next steps run. */
  bg?: boolean;
}

export interface StepResult {
  stdout: string;
  stderr: string;
  exit: number;
}

export interface ScriptResult {
  steps: StepResult[];
  wallMs: number;
  virtualMs: number;
}

export class ScriptError extends Error {
  override name = 'ScriptError';
}

/** @throws ScriptError that names the place and what is expected there. */
export function parseScript(text: string, where: string): Script {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ScriptError(`${where}: not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new ScriptError(`${where}: an object with "steps" is expected`);
  const { preset = 'kind-4', files = {}, steps } = value;
  if (typeof preset !== 'string') throw new ScriptError(`${where}: "preset" must be a string`);
  if (!isObject(files) || Object.values(files).some((text) => typeof text !== 'string'))
    throw new ScriptError(`${where}: "files" must map paths to texts`);
  if (!Array.isArray(steps)) throw new ScriptError(`${where}: "steps" must be an array`);
  return {
    preset,
    files: files as Record<string, string>,
    steps: steps.map((step: unknown, i) => checkStep(step, `${where}: steps[${i}]`)),
  };
}

const optional: Record<string, (value: unknown) => boolean> = {
  stdin: (v) => typeof v === 'string',
  cwd: (v) => typeof v === 'string',
  env: (v) => isObject(v) && Object.values(v).every((x) => typeof x === 'string'),
  setup: (v) => typeof v === 'string' || isObject(v) || Array.isArray(v),
  tty: (v) => typeof v === 'boolean',
  input: Array.isArray,
  interrupt_after_s: (v) => typeof v === 'number',
  bg: (v) => typeof v === 'boolean',
};

function checkStep(step: unknown, where: string): ScriptStep {
  if (!isObject(step) || typeof step.cmd !== 'string') throw new ScriptError(`${where}: "cmd" must be a string`);
  for (const [field, ok] of Object.entries(optional))
    if (step[field] !== undefined && step[field] !== null && !ok(step[field]))
      throw new ScriptError(`${where}: "${field}" has the wrong type`);
  const setup =
    step.setup === undefined || step.setup === null ? [] : Array.isArray(step.setup) ? step.setup : [step.setup];
  return { ...(step as unknown as ScriptStep), setup: setup as ScriptStep['setup'] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
