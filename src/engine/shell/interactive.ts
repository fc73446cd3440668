import { FsError, Cancelled } from '../world/index.ts';
import { Terminated } from '../process/index.ts';
import { BreakLoop, ExitShell, Interrupted, ReturnFromFunction, ShellError } from './errors.ts';
import { reportProblem, runText } from './execute.ts';
import { notifyJobs } from './foreground.ts';
import { jobState } from './jobs.ts';
import { LineEditor } from './line-editor/editor.ts';
import { decodePrompt } from './prompt.ts';
import type { Shell } from './shell.ts';
import { isIncomplete, parseSource } from './syntax.ts';

export interface InteractiveOptions {
  rc: boolean;
  rcFile: string | undefined;
}

/** An interactive shell on its terminal: start-up files, prompt, line editing, history, jobs, until `exit` or Ctrl-D. */
export async function runInteractive(shell: Shell, options: InteractiveOptions): Promise<number> {
  const { tty } = shell.process;
  if (!tty || !shell.process.isatty.stdin) {
    await shell.printError(`${shell.name}: cannot set terminal process group (-1): Inappropriate ioctl for device\n`);
    return 1;
  }
  shell.options.add('monitor').add('emacs');
  tty.foregroundGroup = shell.process.group;
  const forgets = [
    shell.process.onSignal('SIGINT', () => shell.interrupt.cancel(new Interrupted())),
    shell.process.onSignal('SIGTSTP', () => {}),
    shell.process.onSignal('SIGTERM', () => {}),
    shell.process.onSignal('SIGQUIT', () => {}),
  ];
  const history = new HistoryFile(shell);
  try {
    await readStartupFiles(shell, options);
    history.load();
    const prompt = (name: string, fallback: string) => decodePrompt(shell, shell.variables.get(name) ?? fallback);
    const editor = new LineEditor(shell, tty);
    const leaving: Leaving = { warned: false };
    for (;;) {
      shell.renewInterrupt();
      await notifyJobs(shell);
      const command = await readCommand(shell, editor, prompt);
      if (command === 'end') {
        await shell.printError(shell.login ? 'logout\n' : 'exit\n');
        if (await mayLeave(shell, leaving)) return shell.status;
        continue;
      }
      if (command === undefined) continue;
      await runCommand(shell, command, leaving);
      tty.restoreModes();
    }
  } catch (error) {
    if (error instanceof ExitShell) {
      await shell.printError(shell.login ? 'logout\n' : 'exit\n');
      return error.status;
    }
    throw error;
  } finally {
    for (const forget of forgets) forget();
    history.save();
    for (const job of shell.jobs.jobs) if (!job.hidden) for (const process of job.processes) process.kill('SIGHUP');
  }
}

/**
 * Reads a whole command, over several lines if need be.
 * @returns its text; undefined after Ctrl-C or for an empty line; `end` at Ctrl-D
 */
async function readCommand(
  shell: Shell,
  editor: LineEditor,
  prompt: (name: string, fallback: string) => string,
): Promise<string | 'end' | undefined> {
  let text = '';
  for (;;) {
    const decoded = text === '' ? prompt('PS1', '\\s-\\v\\$ ') : prompt('PS2', '> ');
    const result = await editor.readLine(decoded, shell.interrupt);
    if (result === 'interrupt') {
      shell.status = 130;
      return undefined;
    }
    if (result === 'end') {
      if (text === '') return 'end';
      await shell.printError(`\n${shell.name}: syntax error: unexpected end of file\n`);
      shell.status = 2;
      return undefined;
    }
    text += text === '' ? result.line : `\n${result.line}`;
    if (text.trim() === '') return undefined;
    const expanded = shell.history.expand(text);
    if ('missing' in expanded) {
      await shell.complain(`${expanded.missing}: event not found`);
      shell.status = 1;
      return undefined;
    }
    if (expanded.changed) {
      text = expanded.text;
      await shell.printError(`${text}\n`);
    }
    if (!isIncomplete(parseSource(text))) break;
  }
  shell.history.add(text, shell.variables.get('HISTCONTROL') ?? 'ignoreboth');
  return text;
}

/** Runs what was typed. Errors end the command, never the shell. */
async function runCommand(shell: Shell, text: string, leaving: Leaving): Promise<void> {
  const { tty } = shell.process;
  try {
    const { problem } = parseSource(text);
    if (problem?.incomplete) await reportProblem(shell, parseSource(text), undefined);
    else shell.status = await runText(shell, text, undefined);
    await shell.pay();
  } catch (error) {
    if (error instanceof ExitShell) {
      report(shell, text, error.status);
      if (await mayLeave(shell, leaving)) throw error;
      return;
    }
    if (error instanceof ShellError) {
      await shell.complain(error.message);
      shell.status = error.status;
    } else if (error instanceof Interrupted || error instanceof BreakLoop || error instanceof ReturnFromFunction) {
      if (error instanceof Interrupted) {
        shell.status = 130;
        shell.renewInterrupt();
        await shell.printError('\n');
      }
    } else if ((error instanceof Terminated || error instanceof Cancelled) && !shell.process.cancel.cancelled) {
      shell.status = 130;
      shell.renewInterrupt();
    } else throw error;
  }
  if (tty) tty.foregroundGroup = shell.process.group;
  report(shell, text, shell.status);
}

/** Tells those who watch (lesson criteria, time bar) which command line was run here. */
function report(shell: Shell, line: string, exit: number): void {
  const { process, world } = shell;
  world.bus.emit('command', { host: process.machine.hostname, terminal: process.tty?.name, line, exit });
}

/** Whether the user was told of stopped jobs when they tried to leave. */
interface Leaving {
  warned: boolean;
}

/** With stopped jobs the first attempt to leave only warns. */
async function mayLeave(shell: Shell, leaving: Leaving): Promise<boolean> {
  const stopped = shell.jobs.jobs.some((job) => jobState(job) === 'Stopped');
  if (!stopped || leaving.warned) return true;
  leaving.warned = true;
  await shell.printError('There are stopped jobs.\n');
  return false;
}

/** bash(1), INVOCATION: a login shell reads /etc/profile and the first of three files; others /etc/bash.bashrc and ~/.bashrc. */
async function readStartupFiles(shell: Shell, { rc, rcFile }: InteractiveOptions): Promise<void> {
  const home = shell.variables.get('HOME') ?? '/';
  const run = async (path: string): Promise<boolean> => {
    let text: string;
    try {
      text = shell.process.machine.fs.readText(path);
    } catch (error) {
      if (error instanceof FsError) return false;
      throw error;
    }
    shell.sourceDepth++;
    shell.callSource = path;
    try {
      await runText(shell, text, undefined);
    } catch (error) {
      if (error instanceof ShellError) await shell.complain(error.message);
      else if (!(error instanceof ReturnFromFunction)) throw error;
    } finally {
      shell.sourceDepth--;
      shell.callSource = undefined;
    }
    return true;
  };
  if (shell.login) {
    await run('/etc/profile');
    for (const name of ['.bash_profile', '.bash_login', '.profile']) if (await run(`${home}/${name}`)) return;
    return;
  }
  if (!rc) return;
  await run('/etc/bash.bashrc');
  await run(rcFile ?? `${home}/.bashrc`);
}

/** `$HISTFILE`, read when the shell starts and appended to when it ends. */
class HistoryFile {
  readonly #shell: Shell;

  constructor(shell: Shell) {
    this.#shell = shell;
    if (shell.variables.get('HISTFILE') === undefined)
      shell.variables.set('HISTFILE', `${shell.variables.get('HOME') ?? ''}/.bash_history`);
  }

  load(): void {
    const { history, process } = this.#shell;
    try {
      const text = process.machine.fs.readText(this.#path());
      history.entries = text
        .split('\n')
        .filter((line) => line !== '')
        .slice(-history.limit);
      history.saved = history.entries.length;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }

  save(): void {
    const { history, process } = this.#shell;
    const fresh = history.entries.slice(history.saved);
    if (fresh.length === 0) return;
    const { uid, gid } = process.user;
    try {
      process.machine.fs.writeFile(this.#path(), fresh.map((line) => `${line}\n`).join(''), {
        append: true,
        mode: 0o600,
        uid,
        gid,
      });
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }

  #path(): string {
    return this.#shell.process.path(this.#shell.variables.get('HISTFILE') ?? '.bash_history');
  }
}
