import type { Assignment, ArrayValue, Command, Redirection, Word } from 'unbash';
import { parse } from 'unbash';
import { SpawnError, type SpawnOptions } from '../process/index.ts';
import { builtins, declarationBuiltins, type Builtin } from './builtins/index.ts';
import { ExecProgram, ShellError } from './errors.ts';
import { expandString, expandWords } from './expand.ts';
import { callFunction, commandText, trace } from './execute.ts';
import { waitForeground } from './foreground.ts';
import { subscript } from './parameters.ts';
import { quoteIfNeeded } from './quoting.ts';
import { Redirections } from './redirect.ts';
import { forkError, type Shell } from './shell.ts';
import type { Variable } from './variables.ts';

/** Simple commands: assignments, arguments, redirections, and what is run: function, built-in or program. */

/** Arguments of a declaration (`declare`, `local`, …) that assign arrays, by their index. */
export type ArrayArguments = ReadonlyMap<number, Assignment>;

export async function runSimpleCommand(shell: Shell, node: Command, inPlace: boolean): Promise<number> {
  await shell.charge();
  const mark = shell.temporaries;
  const redirections = new Redirections(shell);
  let keep = false;
  try {
    shell.substitutionStatus = undefined;
    const arrays = new Map<number, Assignment>();
    const args = node.name ? await commandWords(shell, node, arrays) : [];
    const assignments = node.prefix.filter((p): p is Assignment => p.type === 'Assignment');
    const redirects = node.redirects;
    if (args.length === 0) return await assignOnly(shell, assignments, redirects, redirections);
    const run = () => runNamed(shell, node, args, arrays, assignments, inPlace);
    if (redirects.length > 0) await redirections.apply(redirects);
    const status = await run();
    keep = args[0] === 'exec' && args.length === 1;
    return status;
  } finally {
    if (keep) redirections.commit();
    else redirections.restore();
    shell.closeTemporaries(mark);
  }
}

async function commandWords(shell: Shell, node: Command, arrays: Map<number, Assignment>): Promise<string[]> {
  const args = await expandWords(shell, [node.name!]);
  const declares = declarationBuiltins.has(args[0] ?? '');
  for (const arg of node.args) {
    if (arg.type === 'Assignment' && declares) {
      const index = arg.index ? `[${arg.index.text}]` : '';
      if (arg.value.type === 'ArrayValue') {
        arrays.set(args.length, arg);
        args.push(arg.name);
      } else
        args.push(`${arg.name}${index}${arg.append ? '+' : ''}=${await expandString(shell, arg.value, 'assignment')}`);
    } else args.push(...(await expandWords(shell, [arg])));
  }
  return args;
}

async function assignOnly(
  shell: Shell,
  assignments: readonly Assignment[],
  redirects: readonly Redirection[],
  redirections: Redirections,
): Promise<number> {
  for (const assignment of assignments) {
    try {
      await assign(shell, assignment);
    } catch (error) {
      if (error instanceof ShellError && !error.fatal)
        throw new ShellError(error.message, { status: error.status, fatal: true });
      throw error;
    }
    if (shell.options.has('xtrace')) await trace(shell, tracedAssignment(shell, assignment));
  }
  const status = shell.substitutionStatus ?? 0;
  await redirections.apply(redirects);
  return status;
}

function tracedAssignment(shell: Shell, node: Assignment): string {
  if (node.value.type === 'ArrayValue') return node.text;
  return `${node.name}=${quoteIfNeeded(shell.variables.get(node.name) ?? '').replace(/^''$/, '')}`;
}

/** Performs one assignment. @throws ShellError */
export async function assign(shell: Shell, node: Assignment): Promise<void> {
  const { name, value, append } = node;
  if (value.type === 'ArrayValue') return assignArray(shell, name, value, append ?? false);
  const text = await expandString(shell, value, 'assignment');
  if (node.index) {
    const key = await subscript(shell, name, node.index);
    if (key === '') throw new ShellError(`${name}[]: bad array subscript`);
    const before = append ? (shell.variables.getElement(name, key) ?? '') : '';
    return shell.variables.setElement(name, key, before + text);
  }
  const variable = shell.variables.lookup(shell.variables.resolve(name));
  if (!append) return shell.assign(name, text);
  const before = shell.variables.get(name) ?? '';
  shell.assign(name, variable?.integer ? `${before || 0}+(${text || 0})` : before + text);
}

/** `name=(…)`: values in order, or `[key]=value`. */
export async function assignArray(shell: Shell, name: string, value: ArrayValue, append: boolean): Promise<void> {
  const variable = shell.variables.lookup(shell.variables.resolve(name));
  const associative = variable?.kind === 'associative';
  const entries = new Map<string, string>();
  if (append) for (const key of shell.variables.keys(name)) entries.set(key, shell.variables.getElement(name, key)!);
  let next = associative ? 0 : Math.max(-1, ...[...entries.keys()].map(Number)) + 1;
  const loose: string[] = [];
  for (const element of value.elements) {
    const keyed = /^\[((?:[^\]"']|"[^"]*"|'[^']*')*)\](\+?)=([^]*)$/.exec(element.text);
    if (keyed) {
      const keyWord = wordOf(keyed[1]!);
      const key = associative ? await expandString(shell, keyWord, 'none') : await subscript(shell, name, keyWord);
      const text = keyed[3] ? await expandString(shell, wordOf(keyed[3]), 'assignment') : '';
      entries.set(key, (keyed[2] ? (entries.get(key) ?? '') : '') + text);
      next = Number(key) + 1;
      continue;
    }
    for (const text of await expandWords(shell, [element])) {
      if (associative) loose.push(text);
      else entries.set(String(next++), text);
    }
  }
  for (let i = 0; i < loose.length; i += 2) entries.set(loose[i]!, loose[i + 1] ?? '');
  shell.variables.setArray(name, entries);
}

function wordOf(text: string): Word {
  const command = parse(`: ${text}`).commands[0]?.command;
  const word = command?.type === 'Command' ? command.suffix[0] : undefined;
  return word?.type === 'Word' ? word : { type: 'Word', text, value: text, pos: 0, end: text.length };
}

async function runNamed(
  shell: Shell,
  node: Command,
  args: readonly string[],
  arrays: ArrayArguments,
  assignments: readonly Assignment[],
  inPlace: boolean,
): Promise<number> {
  if (shell.options.has('xtrace')) await trace(shell, args.map(quoteIfNeeded).join(' '));
  const name = args[0]!;
  const definition = shell.functions.get(name);
  const builtin = builtins.get(name);
  if (!definition && !builtin) {
    const environment = await childEnvironment(shell, assignments);
    return runProgram(shell, args, { environment, inPlace, text: commandText(shell, node) });
  }
  const undo = await assignTemporarily(shell, assignments);
  try {
    if (definition) return await callFunction(shell, definition, args.slice(1));
    return await runBuiltin(shell, builtin!, args, arrays);
  } finally {
    if (name !== 'exec') undo();
  }
}

/** Runs a built-in: its errors are messages and a status. */
export async function runBuiltin(
  shell: Shell,
  builtin: Builtin,
  args: readonly string[],
  arrays: ArrayArguments = new Map(),
): Promise<number> {
  try {
    return await builtin(shell, args, arrays);
  } catch (error) {
    if (!(error instanceof ShellError) || error.fatal) throw error;
    const named = /^write error/.test(error.message) ? `${args[0]}: ${error.message}` : error.message;
    await shell.complain(named);
    return error.status;
  }
}

async function assignTemporarily(shell: Shell, assignments: readonly Assignment[]): Promise<() => void> {
  const saved: [string, Variable | undefined][] = [];
  for (const assignment of assignments) {
    const v = shell.variables.lookup(assignment.name);
    saved.push([assignment.name, v && { ...v, items: v.items && new Map(v.items) }]);
    await assign(shell, assignment);
    shell.variables.target(assignment.name).exported = true;
  }
  return () => {
    for (const [name, before] of saved.reverse()) {
      if (before) Object.assign(shell.variables.target(name), before);
      else shell.variables.unset(name);
    }
  };
}

async function childEnvironment(
  shell: Shell,
  assignments: readonly Assignment[],
): Promise<ReadonlyMap<string, string>> {
  if (assignments.length === 0) return shell.variables.environment();
  const undo = await assignTemporarily(shell, assignments);
  const environment = shell.variables.environment();
  undo();
  return environment;
}

export interface RunProgramOptions {
  environment?: ReadonlyMap<string, string>;
  /** The shell ends after it, so the program takes over the process. */
  inPlace?: boolean;
  /** For job listings. */
  text?: string;
}

/** Runs an external program and waits for it. */
export async function runProgram(
  shell: Shell,
  args: readonly string[],
  options: RunProgramOptions = {},
): Promise<number> {
  const spawnOptions = shell.spawnOptions(options.environment);
  try {
    if (options.inPlace && !shell.traps.get('EXIT')) {
      const taken = shell.process.exec(args, spawnOptions);
      shell.closeAll();
      throw new ExecProgram(() => taken);
    }
    const group = shell.options.has('monitor') ? 'new' : undefined;
    const child = shell.process.spawn(args, { ...spawnOptions, group });
    const [status] = await waitForeground(shell, [child], options.text ?? args.join(' '));
    return status!;
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    release(spawnOptions);
    return reportSpawnError(shell, args[0]!, error);
  }
}

function release({ stdin, stdout, stderr, descriptors }: SpawnOptions): void {
  for (const stream of [stdin, stdout, stderr, ...(descriptors?.values() ?? [])]) stream?.close();
}

/** Writes why a program could not be started. @returns the exit status @throws ShellError when out of processes */
export async function reportSpawnError(shell: Shell, name: string, error: SpawnError): Promise<number> {
  if (error.code === 'EAGAIN') throw forkError(error);
  if (error.message.startsWith('slipway: ')) {
    await shell.printError(`${error.message}\n`);
    return 1;
  }
  const notFound = error.code === 'ENOENT' && !name.includes('/');
  const text = notFound && shell.flavor !== 'bash' ? 'not found' : error.message;
  await shell.complain(`${name}: ${text}`);
  return error.message.includes('bad interpreter') ? 126 : error.status;
}
