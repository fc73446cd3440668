import { openInput, SpawnError, signalNumbers } from '../../process/index.ts';
import { FsError, readAll } from '../../world/index.ts';
import { BreakLoop, ExecProgram, ExitShell, ReturnFromFunction, ShellError } from '../errors.ts';
import { enter, runText } from '../execute.ts';
import { arithmeticNow } from '../expand.ts';
import { quoteForReuse } from '../quoting.ts';
import { reportSpawnError } from '../simple.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';

function numeric(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[+-]?\d+$/.test(text))
    throw new ShellError(`${name}: ${text}: numeric argument required`, { status: 2, fatal: name === 'exit' });
  return Number(text);
}

function loopExit(next: boolean): Builtin {
  return async (shell, args) => {
    const name = args[0]!;
    if (shell.loopDepth === 0) {
      await shell.complain(`${name}: only meaningful in a \`for', \`while', or \`until' loop`);
      return 0;
    }
    const levels = numeric(name, args[1], 1);
    if (levels < 1) throw new ShellError(`${name}: ${args[1]}: loop count out of range`);
    throw new BreakLoop(Math.min(levels, shell.loopDepth), next);
  };
}

const exit: Builtin = async (shell, args) => {
  if (shell.interactive && shell.subshell === 0 && shell.flavor === 'bash')
    await shell.printError(shell.login ? 'logout\n' : 'exit\n');
  throw new ExitShell(numeric('exit', args[1], shell.status) & 0xff);
};

const returnBuiltin: Builtin = (shell, args) => {
  if (shell.callStack.length === 0 && shell.sourceDepth === 0)
    throw new ShellError("return: can only `return' from a function or sourced script", { status: 2 });
  throw new ReturnFromFunction(numeric('return', args[1], shell.status) & 0xff);
};

const evalBuiltin: Builtin = async (shell, args) => {
  const rest = args[1] === '--' ? args.slice(2) : args.slice(1);
  if (rest.length === 0) return 0;
  await enter(shell, 'eval');
  try {
    return await runText(shell, rest.join(' '), 'eval');
  } finally {
    shell.nesting--;
  }
};

const source: Builtin = async (shell, args) => {
  const [name, file, ...rest] = args;
  if (file === undefined) {
    await shell.complain(`${name}: filename argument required`);
    await shell.printError(`${name}: usage: ${name} filename [arguments]\n`);
    return 2;
  }
  const text = await readSource(shell, file);
  await enter(shell, file);
  const { positional, callSource, line } = shell;
  if (rest.length > 0) shell.positional = rest;
  shell.callSource = file;
  shell.sourceDepth++;
  try {
    return await runText(shell, text, undefined);
  } catch (error) {
    if (error instanceof ReturnFromFunction) return error.status;
    throw error;
  } finally {
    shell.nesting--;
    shell.sourceDepth--;
    shell.callSource = callSource;
    shell.line = line;
    if (rest.length > 0) shell.positional = positional;
  }
};

async function readSource(shell: Shell, file: string): Promise<string> {
  const { process } = shell;
  const inPath = file.includes('/')
    ? undefined
    : (shell.variables.get('PATH') ?? '')
        .split(':')
        .map((d) => `${d || '.'}/${file}`)
        .find((p) => process.machine.fs.lookup(process.path(p))?.type === 'file');
  try {
    const fd = /^\/dev\/fd\/(\d+)$/.exec(file);
    const reader =
      fd && shell.fds.has(Number(fd[1])) ? shell.fds.get(Number(fd[1]))! : openInput(process, inPath ?? file);
    return new TextDecoder().decode(await readAll(reader, shell.interrupt, 16 << 20));
  } catch (error) {
    if (error instanceof FsError)
      throw new ShellError(error.code === 'EISDIR' ? `source: ${file}: is a directory` : `${file}: ${error.message}`);
    throw error;
  }
}

const exec: Builtin = async (shell, args) => {
  let at = 1;
  let name: string | undefined;
  let environment: ReadonlyMap<string, string> | undefined;
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    if (args[at] === '--') {
      at++;
      break;
    }
    if (args[at] === '-c') environment = new Map();
    else if (args[at] === '-a') name = args[++at];
    else if (args[at] !== '-l') throw new ShellError(`exec: ${args[at]}: invalid option`, { status: 2 });
  }
  const command = args.slice(at);
  if (command.length === 0) return 0;
  try {
    const options = shell.spawnOptions(environment);
    const taken = shell.process.exec(command, options);
    void name;
    shell.closeAll();
    throw new ExecProgram(() => taken);
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    if (error.message === 'command not found') await shell.complain(`exec: ${command[0]}: not found`);
    else await reportSpawnError(shell, command[0]!, error);
    if (shell.interactive) return error.status;
    throw new ExitShell(error.status);
  }
};

const trap: Builtin = async (shell, args) => {
  const rest = args.slice(1);
  if (rest[0] === '-l') {
    await shell.out(
      Object.entries(signalNumbers)
        .map(([name, n]) => `${n}) ${name}`)
        .join('\n') + '\n',
    );
    return 0;
  }
  if (rest.length === 0 || rest[0] === '-p') {
    for (const [name, command] of shell.traps.entries)
      if (rest.length < 2 || rest.includes(name) || rest.includes(name.replace(/^SIG/, '')))
        await shell.out(`trap -- ${quoteForReuse(command)} ${name}\n`);
    return 0;
  }
  if (rest[0] === '--') rest.shift();
  const onlySignals = rest.length === 1 || rest[0] === '-' || /^\d+$/.test(rest[0]!);
  const command = onlySignals ? undefined : rest[0]!;
  const names = rest.length === 1 || (onlySignals && rest[0] !== '-') ? rest : rest.slice(1);
  let status = 0;
  for (const given of names) {
    const name = trapName(given);
    if (name) shell.traps.set(name, command);
    else {
      await shell.complain(`trap: ${given}: invalid signal specification`);
      status = 1;
    }
  }
  return status;
};

function trapName(text: string): string | undefined {
  const upper = text.toUpperCase();
  if (upper === '0' || upper === 'EXIT') return 'EXIT';
  if (['ERR', 'DEBUG', 'RETURN'].includes(upper)) return upper;
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  if (Object.hasOwn(signalNumbers, name)) return name;
  return Object.entries(signalNumbers).find(([, n]) => String(n) === text)?.[0];
}

const letBuiltin: Builtin = (shell, args) => {
  if (args.length < 2) throw new ShellError('let: expression expected');
  let value = 0n;
  for (const expression of args.slice(1)) value = arithmeticNow(shell, expression, 'let: ');
  return value === 0n ? 1 : 0;
};

export const controlBuiltins: Record<string, Builtin> = {
  break: loopExit(false),
  continue: loopExit(true),
  exit,
  logout: (shell, args, arrays) => {
    if (!shell.login) throw new ShellError("logout: not login shell: use `exit'");
    return exit(shell, args, arrays);
  },
  return: returnBuiltin,
  eval: evalBuiltin,
  source,
  '.': source,
  exec,
  trap,
  let: letBuiltin,
};
