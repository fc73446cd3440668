import type {
  AndOr,
  Command,
  CommandNode,
  CompoundList,
  Function as FunctionNode,
  Pipeline,
  PipelineNode,
  Redirection,
  Statement,
  Subshell,
} from 'unbash';
import { Descriptor, signalNumbers, Terminated, type ChildProcess } from '../process/index.ts';
import { latency, Pipe, readerOf } from '../world/index.ts';
import { arithmetic } from './expand.ts';
import { runCase, runFor, runIf, runSelect, runWhile, runArithmeticFor } from './compound.ts';
import { evaluateTest } from './conditional.ts';
import { BreakLoop, ExecProgram, ExitShell, ReturnFromFunction, ShellError } from './errors.ts';
import { waitForeground } from './foreground.ts';
import { Redirections } from './redirect.ts';
import { nestingLimit, type Shell } from './shell.ts';
import { runSimpleCommand } from './simple.ts';
import { expandAliases, parseSource, type Source } from './syntax.ts';

/** Runs syntax trees: statements, lists, pipelines, subshells. Simple and compound commands have files of their own. */

export interface FunctionDefinition {
  readonly name: string;
  readonly body: FunctionNode['body'];
  readonly source: Source;
}

/**
 * Runs a shell to its end: gives the status that `body`, `exit` or an error leads to, after the EXIT trap.
 */
export async function runShellProcess(shell: Shell, body: (shell: Shell) => Promise<number>): Promise<number> {
  try {
    let status = await ending(shell, () => body(shell));
    if (shell.traps.get('EXIT')) {
      shell.status = status;
      status = await ending(shell, async () => {
        await shell.traps.run('EXIT');
        return status;
      });
    }
    return status;
  } catch (error) {
    if (error instanceof ExecProgram) return await error.run();
    throw error;
  } finally {
    shell.closeAll();
  }
}

async function ending(shell: Shell, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ExitShell || error instanceof ReturnFromFunction) return error.status;
    if (error instanceof BreakLoop) return shell.status;
    if (error instanceof ShellError) {
      await shell.complain(error.message);
      return error.status;
    }
    if (error instanceof Terminated && shell.traps.get('EXIT') && !shell.process.cancel.reason) {
      shell.renewInterrupt();
      return 128 + signalNumbers[error.signal];
    }
    throw error;
  }
}

/** Runs statements whose positions index `source` (by default the running one). */
export async function runCommands(
  shell: Shell,
  commands: readonly Statement[],
  source = shell.source,
): Promise<number> {
  const before = shell.source;
  shell.source = source;
  try {
    return await runStatements(shell, commands);
  } finally {
    shell.source = before;
  }
}

/**
 * Parses and runs text: a script, `-c`, `eval`, a trap. Runs what is sound before a syntax error, as bash does.
 * @param from stands in messages: `-c`, `eval`; undefined for a script file
 * @param options inPlace: a single command takes the shell's place; lineOffset: lines of the script before `text`
 */
export async function runText(
  shell: Shell,
  text: string,
  from: string | undefined,
  options: { inPlace?: boolean; lineOffset?: number } = {},
): Promise<number> {
  const { inPlace = false } = options;
  let { lineOffset = 0 } = options;
  let rest = text;
  const byLine = shell.shopts.has('expand_aliases') || text.includes('expand_aliases');
  for (;;) {
    const aliased = shell.shopts.has('expand_aliases') ? expandAliases(rest, shell.aliases) : rest;
    const parsed = parseSource(aliased);
    const source = lineOffset ? { ...parsed, lineOf: (p: number) => parsed.lineOf(p) + lineOffset } : parsed;
    const { problem } = source;
    const sound = problem ? parsed.script.commands.filter((s) => s.pos < problem.soundUntil) : parsed.script.commands;
    if (!problem) await warnHereDocs(shell, source);
    // With aliases a line is parsed when the lines before it have run.
    const first = byLine ? firstLine(source, sound) : undefined;
    if (first && first.commands.length < sound.length) {
      await runCommands(shell, first.commands, source);
      if (aliased !== rest) rest = aliased;
      lineOffset += parsed.lineOf(first.end) - 1;
      rest = rest.slice(first.end);
      continue;
    }
    const only = inPlace && sound.length === 1 && !problem && !shell.traps.entries.size ? sound[0]! : undefined;
    if (only && !only.background && only.command.type === 'Command') {
      shell.source = source;
      return runNode(shell, only.command, true);
    }
    const status = await runCommands(shell, sound, source);
    if (!problem) return status;
    await reportProblem(shell, source, from, lineOffset);
    return (shell.status = 2);
  }
}

async function warnHereDocs(shell: Shell, source: Source): Promise<void> {
  for (const { line, delimiter } of source.openHereDocs) {
    const last = source.lineOf(source.text.length);
    await shell.printError(
      `${shell.messagePrefix(last)}warning: here-document at line ${line} delimited by end-of-file (wanted \`${delimiter}')\n`,
    );
  }
}

function firstLine(source: Source, commands: readonly Statement[]): { commands: Statement[]; end: number } | undefined {
  if (commands.length === 0) return undefined;
  const { text } = source;
  let end = text.indexOf('\n', commands[0]!.end);
  for (let i = 1; i < commands.length; i++) {
    const { pos } = commands[i]!;
    if (end >= 0 && end < pos) {
      const begin = text.lastIndexOf('\n', pos - 1) + 1;
      return { commands: commands.slice(0, i), end: begin };
    }
    end = text.indexOf('\n', commands[i]!.end);
  }
  return undefined;
}

/** Writes a syntax error the way bash does. */
export async function reportProblem(
  shell: Shell,
  source: Source,
  from: string | undefined,
  lineOffset = 0,
): Promise<void> {
  const problem = source.problem!;
  const line = problem.line + lineOffset;
  if (shell.flavor !== 'bash') {
    const text = problem.message.startsWith('syntax error near')
      ? `Syntax error: ${problem.message.replace(/^.*unexpected token `(.*)'$/, '"$1" unexpected')}`
      : `Syntax error: ${problem.message.includes('matching') ? 'Unterminated quoted string' : 'end of file unexpected'}`;
    const ash = text.replace('Syntax error', 'syntax error').replace(/: "(.*)" unexpected/, ': unexpected "$1"');
    return shell.printError(
      `${shell.name}: ${shell.flavor === 'dash' ? `${line}: ${text}` : `line ${line}: ${ash}`}\n`,
    );
  }
  const named = `${shell.name}: ${from ? `${from}: ` : ''}`;
  const prefix = shell.interactive && from === undefined ? shell.messagePrefix() : `${named}line ${line}: `;
  await shell.printError(`${prefix}${problem.message}\n`);
  if (problem.shown !== undefined && !(shell.interactive && from === undefined))
    await shell.printError(`${prefix}\`${problem.shown}'\n`);
}

export async function runList(shell: Shell, list: CompoundList): Promise<number> {
  return runStatements(shell, list.commands);
}

/** Runs a list whose status is looked at: its failures don't end the shell. */
export async function runCondition(shell: Shell, list: CompoundList): Promise<number> {
  shell.conditionDepth++;
  try {
    return await runStatements(shell, list.commands);
  } finally {
    shell.conditionDepth--;
  }
}

async function runStatements(shell: Shell, statements: readonly Statement[]): Promise<number> {
  let status = 0;
  for (const statement of statements) {
    if (statement.background) status = await runBackground(shell, statement);
    else status = await runNode(shell, statement.command);
  }
  return (shell.status = status);
}

/** @param inPlace the shell ends after it: an external program may take over the process. */
export async function runNode(shell: Shell, node: PipelineNode | AndOr, inPlace = false): Promise<number> {
  try {
    return (shell.status = await runAny(shell, node, inPlace));
  } catch (error) {
    if (!(error instanceof ShellError) || error.fatal) throw error;
    await shell.complain(error.message);
    shell.status = error.status;
    return checkFailure(shell, error.status);
  }
}

async function runAny(shell: Shell, node: PipelineNode | AndOr, inPlace: boolean): Promise<number> {
  switch (node.type) {
    case 'AndOr':
      return runAndOr(shell, node);
    case 'Pipeline':
      return runPipeline(shell, node);
    case 'Command':
      shell.line = shell.source?.lineOf(node.pos) ?? shell.line;
      return runSimple(shell, node, inPlace);
    case 'Redirected': {
      const { command } = node;
      if (command.type === 'Subshell') return checkFailure(shell, await runSubshell(shell, command, node.redirects));
      return withRedirects(shell, node.redirects, () => runNode(shell, command));
    }
    case 'If':
      return runIf(shell, node);
    case 'For':
      return runFor(shell, node);
    case 'ArithmeticFor':
      return runArithmeticFor(shell, node);
    case 'Select':
      return runSelect(shell, node);
    case 'While':
      return runWhile(shell, node);
    case 'Case':
      return runCase(shell, node);
    case 'BraceGroup':
      return runList(shell, node.body);
    case 'Subshell':
      return checkFailure(shell, await runSubshell(shell, node, []));
    case 'TestCommand': {
      shell.line = shell.source?.lineOf(node.pos) ?? shell.line;
      await shell.charge();
      return checkFailure(shell, await evaluateTest(shell, node.expression));
    }
    case 'ArithmeticCommand': {
      shell.line = shell.source?.lineOf(node.pos) ?? shell.line;
      await shell.charge();
      await trace(shell, `(( ${node.body} ))`);
      return checkFailure(shell, (await arithmetic(shell, node.body, '((: ')) === 0n ? 1 : 0);
    }
    case 'Function':
      return defineFunction(shell, node);
    case 'Coproc':
      throw new ShellError('slipway: coproc is not simulated');
  }
}

async function runSimple(shell: Shell, node: Command, inPlace: boolean): Promise<number> {
  const status = await runSimpleCommand(shell, node, inPlace);
  shell.pipeStatus = [status];
  return checkFailure(shell, status);
}

/** `set -e` and the ERR trap. */
async function checkFailure(shell: Shell, status: number): Promise<number> {
  if (status === 0 || shell.conditionDepth > 0) return status;
  shell.status = status;
  if (shell.traps.get('ERR')) await shell.traps.run('ERR');
  if (shell.options.has('errexit')) throw new ExitShell(status);
  return status;
}

/** A line of `set -x`. */
export async function trace(shell: Shell, text: string): Promise<void> {
  if (!shell.options.has('xtrace')) return;
  const prefix = shell.variables.get('PS4') ?? '+ ';
  await shell.printError(`${prefix}${text}\n`);
}

function defineFunction(shell: Shell, node: FunctionNode): number {
  const name = node.name.value;
  shell.functions.set(name, { name, body: node.body, source: shell.source ?? parseSource('') });
  return 0;
}

async function runAndOr(shell: Shell, node: AndOr): Promise<number> {
  let status = 0;
  const last = node.commands.length - 1;
  for (let i = 0; i <= last; i++) {
    const operator = node.operators[i - 1];
    if (operator && (operator === '&&') !== (status === 0)) continue;
    if (i < last) shell.conditionDepth++;
    try {
      status = await runNode(shell, node.commands[i]!);
    } finally {
      if (i < last) shell.conditionDepth--;
    }
  }
  return status;
}

async function runPipeline(shell: Shell, node: Pipeline): Promise<number> {
  const negated = node.prefixes.filter((p) => p.type === 'Negation').length % 2 === 1;
  const time = node.prefixes.find((p) => p.type === 'Time');
  const started = shell.world.clock.now();
  const cpuBefore = shell.process.machine.processes.cpuMs;
  if (negated) shell.conditionDepth++;
  let status: number;
  try {
    const [only] = node.commands;
    if (!only) status = 0;
    else if (node.commands.length === 1) status = await runNode(shell, only);
    else status = await runStages(shell, node);
  } finally {
    if (negated) shell.conditionDepth--;
  }
  if (time)
    await reportTime(
      shell,
      shell.world.clock.now() - started,
      shell.process.machine.processes.cpuMs - cpuBefore,
      time.posix !== undefined,
    );
  if (negated) return status === 0 ? 1 : 0;
  return node.commands.length > 1 ? checkFailure(shell, status) : status;
}

async function reportTime(shell: Shell, real: number, user: number, posix: boolean): Promise<void> {
  await shell.pay();
  const format = (ms: number) =>
    posix ? (ms / 1000).toFixed(2) : `${Math.floor(ms / 60_000)}m${((ms % 60_000) / 1000).toFixed(3)}s`;
  const separator = posix ? ' ' : '\t';
  const lines = [`real${separator}${format(real)}`, `user${separator}${format(user)}`, `sys${separator}${format(0)}`];
  await shell.printError(`${posix ? '' : '\n'}${lines.join('\n')}\n`);
}

async function runStages(shell: Shell, node: Pipeline): Promise<number> {
  const children = startStages(shell, node, false);
  const statuses = await waitForeground(shell, children, commandText(shell, node));
  shell.pipeStatus = statuses;
  if (!shell.options.has('pipefail')) return statuses.at(-1)!;
  return statuses.findLast((s) => s !== 0) ?? 0;
}

/** Starts the commands of a pipeline, all at once, connected by pipes. */
function startStages(shell: Shell, node: Pipeline, background: boolean): ChildProcess[] {
  const children: ChildProcess[] = [];
  const jobControl = shell.options.has('monitor');
  let input: Descriptor | undefined = background && !jobControl ? Descriptor.of({ reader: readerOf('') }) : undefined;
  try {
    node.commands.forEach((command, i) => {
      const fds = new Map<number, Descriptor>();
      if (input) fds.set(0, input);
      input = undefined;
      const operator = node.operators[i];
      if (operator) {
        const pipe = new Pipe(shell.world.queue);
        const writer = Descriptor.of({ writer: pipe.writer });
        fds.set(1, writer);
        if (operator === '|&') fds.set(2, writer.dup());
        input = Descriptor.of({ reader: pipe.reader });
      }
      const group = jobControl ? (children[0]?.group ?? 'new') : undefined;
      const ignore = background && !jobControl ? (['SIGINT', 'SIGQUIT'] as const) : undefined;
      children.push(shell.forkOrFail((subshell) => runNode(subshell, command, true), { fds, group, ignore }));
    });
  } catch (error) {
    (input as Descriptor | undefined)?.close();
    for (const child of children) child.kill('SIGTERM');
    throw error;
  }
  return children;
}

async function runSubshell(shell: Shell, node: Subshell, redirects: readonly Redirection[]): Promise<number> {
  await shell.charge();
  const child = shell.forkOrFail(
    async (subshell) => {
      await subshell.charge();
      const [only] = node.body.commands;
      const simple = node.body.commands.length === 1 && only!.command.type === 'Command' && !only!.background;
      const run = () => (simple ? runNode(subshell, only!.command, true) : runList(subshell, node.body));
      return redirects.length > 0 ? withRedirects(subshell, redirects, run) : run();
    },
    { group: shell.options.has('monitor') ? 'new' : undefined },
  );
  const [status] = await waitForeground(shell, [child], commandText(shell, node));
  return status!;
}

/** Runs with redirections in force. A failing redirection is the command's failure. */
export async function withRedirects(
  shell: Shell,
  redirects: readonly Redirection[],
  run: () => Promise<number>,
): Promise<number> {
  const redirections = new Redirections(shell);
  const mark = shell.temporaries;
  try {
    await redirections.apply(redirects);
    return await run();
  } finally {
    redirections.restore();
    shell.closeTemporaries(mark);
  }
}

async function runBackground(shell: Shell, statement: Statement): Promise<number> {
  await shell.charge();
  const node = statement.command;
  const jobControl = shell.options.has('monitor');
  const text = commandText(shell, statement).replace(/\s*&\s*$/, '');
  let children: ChildProcess[];
  if (node.type === 'Pipeline' && node.commands.length > 1 && node.prefixes.length === 0)
    children = startStages(shell, node, true);
  else {
    const fds = jobControl ? undefined : new Map([[0, Descriptor.of({ reader: readerOf('') })]]);
    const ignore = jobControl ? undefined : (['SIGINT', 'SIGQUIT'] as const);
    children = [
      shell.forkOrFail((subshell) => runNode(subshell, node, true), {
        fds,
        group: jobControl ? 'new' : undefined,
        ignore,
      }),
    ];
  }
  shell.lastBackground = children.at(-1)!.pid;
  const job = shell.jobs.add(children, text);
  if (shell.interactive && shell.subshell === 0) await shell.printError(`[${job.id}] ${shell.lastBackground}\n`);
  return 0;
}

/** The source of a node, on one line. */
export function commandText(shell: Shell, node: { pos: number; end: number }): string {
  const text = shell.source?.text.slice(node.pos, node.end) ?? '';
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/**
 * Calls a function. Each call waits for a turn of the run queue, so that recursion never deepens the host's stack.
 * @throws ShellError when calls nest too deep
 */
export async function callFunction(
  shell: Shell,
  definition: FunctionDefinition,
  args: readonly string[],
): Promise<number> {
  await enter(shell, definition.name);
  const { positional, source, loopDepth, line } = shell;
  shell.positional = [...args];
  shell.source = definition.source;
  shell.loopDepth = 0;
  shell.callStack.push(definition.name);
  shell.variables.pushScope();
  try {
    const { body } = definition;
    if (body.type === 'CompoundList') return await runList(shell, body);
    return await runNode(shell, body as CommandNode);
  } catch (error) {
    if (error instanceof ReturnFromFunction) return error.status;
    throw error;
  } finally {
    shell.variables.popScope();
    shell.callStack.pop();
    shell.positional = positional;
    shell.source = source;
    shell.loopDepth = loopDepth;
    shell.line = line;
    shell.nesting--;
  }
}

/** Counts a level of nesting (functions, eval, source); the caller takes it back. */
export async function enter(shell: Shell, name: string): Promise<void> {
  if (shell.nesting >= nestingLimit)
    throw new ShellError(`${name}: maximum function nesting level exceeded (${nestingLimit})`, { fatal: true });
  await shell.pay(latency.builtin);
  shell.nesting++;
}
