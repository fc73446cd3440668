import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { presets } from '../session/presets/index.ts';
import type { SavedSession } from '../session/protocol.ts';
import { replaySession } from './replay.ts';
import { runScript } from './runner.ts';
import { parseScript, ScriptError } from './script.ts';
import { serve } from './serve.ts';

const usage = `Usage:
  headless run [--preset NAME] [--seed N] SCRIPT.json...
  headless lesson PATH...
  headless replay SESSION.json
  headless kubectl ARGUMENT...
  headless serve --preset NAME [--kube-port N] [--docker-port N] [--speed X] [--kubeconfig FILE]
                 [--runtime-config VERSION=true,...]

Presets: ${[...presets.keys()].join(', ')}
`;

class UsageError extends Error {}

/** The command line of the headless runner. @returns the exit status: 0 fine, 1 a reported failure, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case 'run':
        return await run(rest);
      case 'lesson': {
        const { testLessons } = await import('./lesson.ts');
        return await testLessons(rest);
      }
      case 'replay':
        return await replay(rest);
      case 'serve':
        return await serveCommand(rest);
      case 'kubectl':
        return await kubectlCommand(rest);
      case 'help':
      case '--help':
        process.stdout.write(usage);
        return 0;
      default:
        throw new UsageError(command ? `unknown command ${command}` : 'a command is missing');
    }
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n${usage}`);
      return 2;
    }
    if (error instanceof ScriptError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

/** Our kubectl as a program of this machine. */
async function kubectlCommand(args: readonly string[]): Promise<number> {
  const { runKubectl } = await import('./kubectl.ts');
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const status = await runKubectl(args, {
    cwd: process.cwd(),
    env: process.env,
    stdin: process.stdin,
    stdout: (data) => void process.stdout.write(data),
    stderr: (data) => void process.stderr.write(data),
    signal: interrupt.signal,
  });
  process.stdin.destroy();
  return status;
}

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, { preset: { type: 'string' }, seed: { type: 'string' } });
  if (positionals.length === 0) throw new UsageError('a SCRIPT.json is missing');
  const seed = number(values.seed, '--seed') ?? 1;
  const preset = knownPreset(values.preset);
  for (const file of positionals) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new ScriptError(`${file}: ${(error as Error).message}`);
    }
    const script = parseScript(text, file);
    knownPreset(script.preset);
    const result = await runScript(script, { seed, preset });
    process.stdout.write(JSON.stringify(result) + '\n');
  }
  return 0;
}

/** A kept session, or a bug report with one in it. */
async function replay(args: string[]): Promise<number> {
  const { positionals } = parse(args, {});
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError('one SESSION.json is wanted');
  let saved: unknown;
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as { session?: unknown };
    saved = value.session ?? value;
  } catch (error) {
    throw new ScriptError(`${file}: ${(error as Error).message}`);
  }
  if ((saved as Partial<SavedSession>).format !== 1) throw new ScriptError(`${file}: not a session of format 1`);
  const result = await replaySession(saved as SavedSession);
  process.stdout.write(JSON.stringify(result) + '\n');
  return result.agrees ? 0 : 1;
}

async function serveCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    preset: { type: 'string' },
    seed: { type: 'string' },
    'kube-port': { type: 'string' },
    'docker-port': { type: 'string' },
    speed: { type: 'string' },
    kubeconfig: { type: 'string' },
    'runtime-config': { type: 'string' },
  });
  if (positionals.length > 0) throw new UsageError(`unexpected argument ${positionals[0]}`);
  const bridge = await serve({
    preset: knownPreset(values.preset) ?? 'kind-4',
    seed: number(values.seed, '--seed') ?? 1,
    kubePort: number(values['kube-port'], '--kube-port') ?? 6443,
    dockerPort: number(values['docker-port'], '--docker-port'),
    speed: number(values.speed, '--speed') ?? 1,
    kubeconfig: values.kubeconfig,
    runtimeConfig: runtimeConfig(values['runtime-config']),
  });
  process.stdout.write(bridge.description);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await bridge.close();
  return 0;
}

/** `admissionregistration.k8s.io/v1beta1=true,…`, as kube-apiserver takes it; a version alone is switched on. */
function runtimeConfig(text: string | undefined): Record<string, boolean> | undefined {
  if (text === undefined) return undefined;
  const entries = text.split(',').map((part): [string, boolean] => {
    const [version = '', value = 'true'] = part.split('=');
    if (!['true', 'false'].includes(value)) throw new UsageError(`invalid value for --runtime-config: ${part}`);
    return [version, value === 'true'];
  });
  return Object.fromEntries(entries);
}

function parse<T extends Record<string, { type: 'string' }>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true }) as {
      values: { [K in keyof T]?: string };
      positionals: string[];
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function number(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || text.trim() === '') throw new UsageError(`${flag} takes a number, not ${text}`);
  return value;
}

function knownPreset(name: string | undefined): string | undefined {
  if (name !== undefined && !presets.has(name))
    throw new UsageError(`unknown preset ${name}; there are ${[...presets.keys()].join(', ')}`);
  return name;
}
