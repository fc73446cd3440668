import type { ChildProcess } from '../process/index.ts';
import { signalNumbers } from '../process/index.ts';
import { Interrupted } from './errors.ts';
import { jobState, signalText, type Job } from './jobs.ts';
import type { Shell } from './shell.ts';

/**
 * Waits for the processes of a foreground job. With job control they have the terminal meanwhile, and being stopped
 * ends the wait as well.
 * @returns their statuses
 * @throws Interrupted at an interactive shell when Ctrl-C ended the job
 */
export async function waitForeground(
  shell: Shell,
  children: readonly ChildProcess[],
  command: string,
  resumed?: Job,
): Promise<number[]> {
  const { tty } = shell.process;
  const jobControl = shell.options.has('monitor') && tty !== undefined;
  if (jobControl) tty.foregroundGroup = children[0]!.group;
  try {
    for (const child of children) {
      if (!jobControl) await child.wait(shell.interrupt);
      else while (child.status === undefined && !child.stopped) await child.waitChange(shell.interrupt);
    }
  } finally {
    if (jobControl) {
      tty.foregroundGroup = shell.process.group;
      tty.restoreModes();
    }
  }
  const last = children.at(-1)!;
  const stopped = children.some((c) => c.status === undefined);
  if (stopped) {
    const job = resumed ?? shell.jobs.add(children, command);
    job.notified = true;
    await shell.printError(`\n${shell.jobs.describe(job)}\n`);
    return children.map((c) => c.status ?? 128 + signalNumbers.SIGTSTP);
  }
  if (resumed) shell.jobs.remove(resumed);
  if (last.signal) await tellSignal(shell, last, command);
  if (shell.interactive && shell.subshell === 0 && children.some((c) => c.signal === 'SIGINT')) {
    shell.status = 130;
    throw new Interrupted();
  }
  return children.map((c) => c.status!);
}

async function tellSignal(shell: Shell, child: ChildProcess, command: string): Promise<void> {
  const { signal } = child;
  if (!signal || signal === 'SIGINT' || signal === 'SIGPIPE') return;
  if (shell.interactive) return shell.printError(`${signalText(signal)}\n`);
  if (shell.flavor !== 'bash') return shell.printError(`${signalText(signal)}\n`);
  const pid = String(child.pid).padStart(5);
  await shell.printError(`${shell.messagePrefix()}${pid} ${signalText(signal).padEnd(24)}${command}\n`);
}

/** Tells about background jobs that ended or stopped since the last prompt, and forgets those that ended. */
export async function notifyJobs(shell: Shell): Promise<void> {
  let text = '';
  for (const job of [...shell.jobs.jobs]) {
    const state = jobState(job);
    if (state === 'Running') job.notified = false;
    if (state === 'Stopped' && !job.notified) text += `${shell.jobs.describe(job)}\n`;
    if (state === 'Done') {
      if (!job.hidden && shell.interactive) text += `${shell.jobs.describe(job)}\n`;
      shell.jobs.remove(job);
    } else if (state === 'Stopped') job.notified = true;
  }
  if (text) await shell.printError(text);
}
