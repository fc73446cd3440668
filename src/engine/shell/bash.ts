import { runStdin } from './stdin-script.ts';
import { openInput, type Process, type Program } from '../process/index.ts';
import { FsError, latency, readAll } from '../world/index.ts';
import { applyOptions } from './builtins/options.ts';
import type { Completer } from './completion.ts';
import { ShellError } from './errors.ts';
import { runShellProcess, runText } from './execute.ts';
import { runInteractive } from './interactive.ts';
import { Shell, type Flavor } from './shell.ts';

/** Completers of programs by the name they are called by: how `kubectl` gets Tab completion. */
export type Completers = ReadonlyMap<string, Completer>;

/**
 * The shells as programs: `bash`, `sh` (Debian's dash), `ash` (busybox's).
 * @param completers for interactive shells
 */
export function createShells(completers: Completers = new Map()): ReadonlyMap<string, Program> {
  return new Map([
    ['bash', shellProgram('bash', completers)],
    ['sh', shellProgram('dash', completers)],
    ['ash', shellProgram('ash', completers)],
  ]);
}

function shellProgram(flavor: Flavor, completers: Completers): Program {
  return Object.assign((process: Process) => main(process, flavor, completers), { startup: latency.toolStart });
}

interface Invocation {
  command: string | undefined;
  interactive: boolean;
  login: boolean;
  fromStdin: boolean;
  rc: boolean;
  rcFile: string | undefined;
  options: string[];
  rest: string[];
}

function parseInvocation(argv: readonly string[]): Invocation | { unknown: string } {
  const result: Invocation = {
    command: undefined,
    interactive: false,
    login: argv[0]!.startsWith('-'),
    fromStdin: false,
    rc: true,
    rcFile: undefined,
    options: [],
    rest: [],
  };
  let wantsCommand = false;
  let at = 1;
  for (; at < argv.length; at++) {
    const argument = argv[at]!;
    if (argument === '--' || argument === '-') {
      at++;
      break;
    }
    if (argument === '--login') result.login = true;
    else if (
      argument === '--norc' ||
      argument === '--noprofile' ||
      argument === '--posix' ||
      argument === '--noediting'
    )
      result.rc &&= argument !== '--norc';
    else if (argument === '--rcfile' || argument === '--init-file') result.rcFile = argv[++at];
    else if (argument.startsWith('--')) return { unknown: argument };
    else if (/^[-+]./.test(argument)) {
      let kept = '';
      for (const c of argument.slice(1)) {
        if (argument[0] === '-' && c === 'c') wantsCommand = true;
        else if (argument[0] === '-' && c === 'i') result.interactive = true;
        else if (argument[0] === '-' && c === 'l') result.login = true;
        else if (argument[0] === '-' && c === 's') result.fromStdin = true;
        else kept += c;
      }
      if (kept) result.options.push(argument[0] + kept);
      if (kept.includes('o') && argv[at + 1] !== undefined) result.options.push(argv[++at]!);
    } else break;
  }
  result.rest = argv.slice(at);
  if (wantsCommand) result.command = result.rest.shift();
  if (wantsCommand && result.command === undefined) return { unknown: '-c' };
  return result;
}

async function main(process: Process, flavor: Flavor, completers: Completers): Promise<number> {
  const name = process.argv[0]!.replace(/^-/, '');
  const invocation = parseInvocation(process.argv);
  if ('unknown' in invocation) {
    const text =
      invocation.unknown === '-c' ? '-c: option requires an argument' : `${invocation.unknown}: invalid option`;
    await process.printError(`${name}: ${text}\n`);
    return 2;
  }
  const { command, rest, login, fromStdin } = invocation;
  const hasScript = command === undefined && !fromStdin && rest.length > 0;
  const onTerminal = process.isatty.stdin && process.isatty.stderr && process.tty !== undefined;
  const interactive = invocation.interactive || (command === undefined && !hasScript && onTerminal);
  const shell = new Shell(process, {
    name: command !== undefined ? (rest[0] ?? name) : hasScript ? rest[0]! : name,
    flavor,
    positional: command !== undefined || hasScript ? rest.slice(1) : rest,
    interactive,
    login,
    completers,
  });
  shell.initialize();
  return runShellProcess(shell, async () => {
    try {
      applyOptions(shell, invocation.options, 0);
    } catch (error) {
      if (!(error instanceof ShellError)) throw error;
      await process.printError(`${name}: ${error.message.replace(/^set: /, '')}\n`);
      return error.status;
    }
    if (command !== undefined) return runText(shell, command, '-c', { inPlace: true });
    if (hasScript) return runScriptFile(shell, rest[0]!);
    if (interactive) return runInteractive(shell, { rc: invocation.rc, rcFile: invocation.rcFile });
    return runStdin(shell);
  });
}

async function runScriptFile(shell: Shell, file: string): Promise<number> {
  let bytes: Uint8Array;
  try {
    bytes = await readAll(openInput(shell.process, file), shell.process.cancel);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    await shell.printError(`${shell.process.argv[0]}: ${file}: ${error.message}\n`);
    return error.code === 'ENOENT' ? 127 : 126;
  }
  if (bytes.subarray(0, 80).includes(0)) {
    await shell.printError(`${shell.process.argv[0]}: ${file}: cannot execute binary file\n`);
    return 126;
  }
  shell.scriptFile = true;
  return runText(shell, new TextDecoder().decode(bytes), undefined);
}
