import { FsError, readAll } from '../world/index.ts';
import { openInput } from '../process/index.ts';
import { completeLine } from './complete-line.ts';
import { BreakLoop, ExitShell, Interrupted, ReturnFromFunction, ShellError } from './errors.ts';
import { reportProblem, runCommands, runText } from './execute.ts';
import { notifyJobs } from './foreground.ts';
import { jobState } from './jobs.ts';
import { LineEditor } from './line-editor.ts';
import type { Flavor, Shell } from './shell.ts';
import { expandAliases, isIncomplete, parseSource } from './syntax.ts';

export interface InteractiveOptions {
  /** Read ~/.bashrc. */
  rc: boolean;
  rcFile: string | undefined;
}

/** The read-run loop of a shell on a terminal: prompts, history, job control. @returns the exit status */
export async function runInteractive(shell: Shell, options: InteractiveOptions): Promise<number> {
  const { tty } = shell.process;
  if (!tty) {
    const text = new TextDecoder().decode(await readAll(shell.process.stdin, shell.process.cancel, 64 << 20));
    return runText(shell, text, undefined);
  }
  shell.options.add('monitor');
  const undo = [
    shell.process.onSignal('SIGINT', () => shell.interrupt.cancel(new Interrupted())),
    ...(['SIGTSTP', 'SIGQUIT', 'SIGTTIN', 'SIGTTOU', 'SIGTERM'] as const).map((s) =>
      shell.process.onSignal(s, () => {}),
    ),
  ];
  tty.foregroundGroup = shell.process.group;
  const state = `shell ${shell.process.pid} on ${shell.process.machine.hostname}`;
  shell.world.registerState(state, () => ({
    history: shell.history.entries,
    aliases: shell.aliases,
    functions: [...shell.functions.keys()],
    status: shell.status,
    variables: shell.variables
      .names()
      .filter((name) => !Object.hasOwn(shell.variables.dynamic, name))
      .map((name) => [name, shell.variables.elements(name)]),
  }));
  try {
    await startUp(shell, options);
    return await loop(shell, new LineEditor(tty, shell.flavor === 'bash', shell.flavor === 'ash'));
  } finally {
    for (const take of undo) take();
    shell.world.unregisterState(state);
    saveHistory(shell);
    for (const job of shell.jobs.jobs) if (jobState(job) !== 'Done') for (const p of job.processes) p.kill('SIGHUP');
  }
}

/** The prompt when nobody has set one. */
const defaultPrompt: Readonly<Record<Flavor, string>> = { bash: '\\s-\\v\\$ ', dash: '\\$ ', ash: '\\w \\$ ' };

async function startUp(shell: Shell, { rc, rcFile }: InteractiveOptions): Promise<void> {
  const home = shell.variables.get('HOME') ?? '/';
  const set = (name: string, value: string) => {
    if (shell.variables.get(name) === undefined) shell.variables.set(name, value);
  };
  set('PS1', defaultPrompt[shell.flavor]);
  set('PS2', '> ');
  set('HISTFILE', `${home}/.bash_history`);
  loadHistory(shell);
  const files =
    rcFile !== undefined
      ? [rcFile]
      : shell.login
        ? ['/etc/profile', `${home}/.bash_profile`, `${home}/.profile`]
        : ['/etc/bash.bashrc', `${home}/.bashrc`];
  if (!rc || shell.flavor !== 'bash') return;
  let profileRead = false;
  for (const file of files) {
    if (shell.process.machine.fs.lookup(shell.process.path(file))?.type !== 'file') continue;
    // Of the two personal profiles only the first is read.
    if (file.startsWith(home) && shell.login && profileRead) continue;
    profileRead ||= file.startsWith(home) && shell.login;
    try {
      const text = new TextDecoder().decode(await readAll(openInput(shell.process, file), shell.interrupt));
      shell.callSource = file;
      shell.sourceDepth++;
      await runText(shell, text, undefined);
    } catch (error) {
      if (error instanceof ShellError) await shell.complain(error.message);
      else if (!(error instanceof ReturnFromFunction) && !(error instanceof FsError)) throw error;
    } finally {
      shell.sourceDepth--;
      shell.callSource = undefined;
    }
  }
}

async function loop(shell: Shell, editor: LineEditor): Promise<number> {
  let warned = false;
  const forget = shell.process.onSignal('SIGWINCH', () => editor.resized());
  try {
    for (;;) {
      if (shell.interrupt.reason && !shell.process.cancel.reason) shell.renewInterrupt();
      await notifyJobs(shell);
      if (shell.variables.get('PROMPT_COMMAND')) await runLine(shell, shell.variables.get('PROMPT_COMMAND')!);
      const input = await readCommand(shell, editor);
      if (input.kind === 'eof') {
        const stopped = shell.jobs.jobs.some((j) => jobState(j) === 'Stopped');
        if (stopped && !warned) {
          warned = true;
          await shell.printError('There are stopped jobs.\n');
          continue;
        }
        if (shell.flavor === 'bash') await shell.printError(shell.login ? 'logout\n' : 'exit\n');
        return shell.status;
      }
      if (input.kind === 'interrupt') {
        shell.status = 130;
        continue;
      }
      warned = false;
      const ended = await runLine(shell, input.text);
      if (input.text.trim() !== '') report(shell, input.text, ended ?? shell.status);
      if (ended !== undefined) return ended;
    }
  } finally {
    forget();
  }
}

/** Reads lines until they make a whole command. */
async function readCommand(
  shell: Shell,
  editor: LineEditor,
): Promise<{ kind: 'text'; text: string } | { kind: 'eof' } | { kind: 'interrupt' }> {
  let text = '';
  for (;;) {
    const prompt = shell.variables.get(text === '' ? 'PS1' : 'PS2') ?? '';
    const result = await editor.read(
      shell.decodePrompt(prompt),
      {
        history: shell.history.entries,
        complete: (line, cursor) => completeLine(shell, line, cursor),
        onRefuse: (message) => void shell.printError(`\r\n${message}\r\n`),
      },
      shell.process.cancel,
    );
    if (result.kind === 'interrupt') return result;
    if (result.kind === 'eof') {
      if (text === '') return result;
      const problem = parseSource(text);
      if (problem.problem) await reportProblem(shell, problem, undefined);
      shell.status = 2;
      return { kind: 'interrupt' };
    }
    const expanded = shell.history.expand(result.text);
    if ('missing' in expanded) {
      await shell.complain(`${expanded.missing}: event not found`);
      return { kind: 'interrupt' };
    }
    if (expanded.changed) await shell.printError(`${expanded.text}\n`);
    text = text === '' ? expanded.text : `${text}\n${expanded.text}`;
    if (text.trim() === '') return { kind: 'text', text: '' };
    if (!isIncomplete(parseSource(expandAliases(text, shell.aliases)))) {
      shell.history.add(text, shell.variables.get('HISTCONTROL') ?? 'ignoreboth');
      return { kind: 'text', text };
    }
  }
}

/** Runs a command line. @returns the exit status if the shell is to end */
async function runLine(shell: Shell, text: string): Promise<number | undefined> {
  if (text.trim() === '') return undefined;
  shell.renewInterrupt();
  shell.process.tty?.restoreModes();
  try {
    const source = parseSource(expandAliases(text, shell.aliases));
    if (source.problem) {
      await reportProblem(shell, source, undefined);
      shell.status = 2;
      return undefined;
    }
    await runCommands(shell, source.script.commands, source);
    await shell.pay();
  } catch (error) {
    if (error instanceof ExitShell) return error.status;
    if (error instanceof ShellError) {
      await shell.complain(error.message);
      shell.status = error.status;
    } else if (error instanceof Interrupted) {
      shell.renewInterrupt();
      shell.status = 130;
      await shell.printError('\n');
    } else if (!(error instanceof BreakLoop) && !(error instanceof ReturnFromFunction)) throw error;
  } finally {
    shell.conditionDepth = 0;
    shell.loopDepth = 0;
    shell.nesting = 0;
    shell.callStack = [];
    while (shell.variables.inFunction) shell.variables.popScope();
  }
  return undefined;
}

/** Tells those who watch (lesson criteria, time bar) which command line was run here. */
function report(shell: Shell, line: string, exit: number): void {
  const { process, world } = shell;
  world.bus.emit('command', { host: process.machine.hostname, terminal: process.tty?.name, line, exit });
}

function loadHistory(shell: Shell): void {
  const file = shell.variables.get('HISTFILE');
  const { fs } = shell.process.machine;
  if (!file || fs.lookup(shell.process.path(file))?.type !== 'file') return;
  for (const line of fs.readText(shell.process.path(file)).split('\n')) shell.history.add(line, '');
  shell.history.saved = shell.history.entries.length;
}

function saveHistory(shell: Shell): void {
  const file = shell.variables.get('HISTFILE');
  if (!file || shell.history.entries.length === 0) return;
  const { uid, gid } = shell.process.user;
  try {
    shell.process.machine.fs.writeFile(shell.process.path(file), shell.history.entries.join('\n') + '\n', {
      mode: 0o600,
      uid,
      gid,
    });
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
}
