import { signalNumbers, type ChildProcess, type SignalName } from '../../process/index.ts';
import { Signal } from '../../world/index.ts';
import { ShellError } from '../errors.ts';
import { waitForeground } from '../foreground.ts';
import { jobState, type Job } from '../jobs.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';

function needJob(shell: Shell, builtin: string, spec: string | undefined): Job {
  const job = shell.jobs.find(spec ?? '%+');
  if (!job) throw new ShellError(`${builtin}: ${spec ?? 'current'}: no such job`);
  return job;
}

const jobs: Builtin = async (shell, args) => {
  const long = args.includes('-l');
  const pidsOnly = args.includes('-p');
  const specs = args.slice(1).filter((a) => a.startsWith('%'));
  const wanted =
    specs.length > 0 ? specs.map((s) => needJob(shell, 'jobs', s)) : shell.jobs.jobs.filter((j) => !j.hidden);
  for (const job of wanted) {
    const state = jobState(job);
    if ((args.includes('-r') && state !== 'Running') || (args.includes('-s') && state !== 'Stopped')) continue;
    await shell.out(`${shell.jobs.describe(job, { long, pidsOnly })}\n`);
    if (state === 'Done') shell.jobs.remove(job);
  }
  return 0;
};

function needJobControl(shell: Shell, name: string): void {
  if (!shell.options.has('monitor')) throw new ShellError(`${name}: no job control`);
}

const fg: Builtin = async (shell, args) => {
  needJobControl(shell, 'fg');
  const job = needJob(shell, 'fg', args[1]);
  await shell.out(`${job.command}\n`);
  if (shell.process.tty) shell.process.tty.foregroundGroup = job.group;
  for (const p of job.processes) p.kill('SIGCONT');
  const statuses = await waitForeground(shell, job.processes, job.command, job);
  return statuses.at(-1)!;
};

const bg: Builtin = async (shell, args) => {
  needJobControl(shell, 'bg');
  for (const spec of args.length > 1 ? args.slice(1) : [undefined]) {
    const job = needJob(shell, 'bg', spec);
    if (jobState(job) === 'Running') throw new ShellError(`bg: job ${job.id} already in background`, { status: 0 });
    const mark = job === shell.jobs.current ? '+' : job === shell.jobs.previous ? '-' : ' ';
    for (const p of job.processes) p.kill('SIGCONT');
    shell.lastBackground = job.processes.at(-1)!.pid;
    await shell.out(`[${job.id}]${mark} ${job.command} &\n`);
  }
  return 0;
};

/** Waits for a process; a trapped signal ends the wait early. @returns its status, or 128 + 1 after a trap */
async function waitFor(shell: Shell, child: ChildProcess): Promise<number> {
  const signal = new Signal(shell.world.queue);
  shell.jobs.setWaiters(signal);
  if (child.status !== undefined) return child.status;
  // Both the child's end and a trap wake this signal.
  void child.wait().then(() => signal.notify());
  while (child.status === undefined && !shell.traps.pending) await signal.wait(shell.interrupt);
  return child.status ?? 128 + signalNumbers.SIGHUP;
}

const wait: Builtin = async (shell, args) => {
  const next = args[1] === '-n';
  const specs = args.slice(next ? 2 : 1);
  if (specs.length === 0) {
    const children = [...shell.jobs.children.values()];
    if (next)
      return waitAny(
        shell,
        children.filter((c) => shell.jobs.children.has(c.pid)),
      );
    for (const child of children) {
      await waitFor(shell, child);
      if (child.status === undefined) return 129;
      shell.jobs.children.delete(child.pid);
    }
    forgetDone(shell);
    return 0;
  }
  let status = 0;
  for (const spec of specs) {
    const job = spec.startsWith('%') ? shell.jobs.find(spec) : undefined;
    if (spec.startsWith('%') && !job) throw new ShellError(`wait: ${spec}: no such job`, { status: 127 });
    if (!job && !/^\d+$/.test(spec)) throw new ShellError(`wait: \`${spec}': not a pid or valid job spec`);
    const child = job ? job.processes.at(-1)! : shell.jobs.children.get(Number(spec));
    if (!child) {
      await shell.complain(`wait: pid ${spec} is not a child of this shell`);
      status = 127;
      continue;
    }
    status = await waitFor(shell, child);
  }
  forgetDone(shell);
  return status;
};

async function waitAny(shell: Shell, children: readonly ChildProcess[]): Promise<number> {
  if (children.length === 0) return 127;
  const signal = new Signal(shell.world.queue);
  shell.jobs.setWaiters(signal);
  for (const child of children) void child.wait().then(() => signal.notify());
  for (;;) {
    const done = children.find((c) => c.status !== undefined);
    if (done) {
      shell.jobs.children.delete(done.pid);
      return done.status!;
    }
    await signal.wait(shell.interrupt);
  }
}

function forgetDone(shell: Shell): void {
  if (shell.interactive) return;
  for (const job of [...shell.jobs.jobs]) if (jobState(job) === 'Done') shell.jobs.remove(job);
}

/** A signal by name (with or without SIG) or number; `0` only asks whether the process is there. */
export function signalNamed(text: string): SignalName | 0 | undefined {
  if (text === '0') return 0;
  const byNumber = Object.entries(signalNumbers).find(([, n]) => String(n) === text);
  if (byNumber) return byNumber[0] as SignalName;
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  return Object.hasOwn(signalNumbers, name) ? (name as SignalName) : undefined;
}

const kill: Builtin = async (shell, args) => {
  const rest = args.slice(1);
  let signal: SignalName | 0 = 'SIGTERM';
  if (rest[0] === '-l' || rest[0] === '-L') return listSignals(shell, rest.slice(1));
  if (rest[0] === '-s' || rest[0] === '-n') {
    const named = signalNamed(rest[1] ?? '');
    if (named === undefined) throw new ShellError(`kill: ${rest[1]}: invalid signal specification`);
    signal = named;
    rest.splice(0, 2);
  } else if (rest[0] && /^-[A-Za-z0-9]/.test(rest[0])) {
    const named = signalNamed(rest[0].slice(1));
    if (named === undefined) throw new ShellError(`kill: ${rest[0].slice(1)}: invalid signal specification`);
    signal = named;
    rest.shift();
  }
  if (rest[0] === '--') rest.shift();
  if (rest.length === 0) {
    await shell.printError(
      'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n',
    );
    return 2;
  }
  let status = 0;
  for (const spec of rest) status = (await killOne(shell, spec, signal)) ? status : 1;
  // What the signal does happens before the next command.
  await shell.pay();
  return status;
};

async function killOne(shell: Shell, spec: string, signal: SignalName | 0): Promise<boolean> {
  const { processes } = shell.process.machine;
  if (spec.startsWith('%')) {
    const job = shell.jobs.find(spec);
    if (!job) {
      await shell.complain(`kill: ${spec}: no such job`);
      return false;
    }
    for (const p of job.processes) {
      if (signal) p.kill(signal);
      // A stopped job gets its signal when it goes on.
      if (signal === 'SIGTERM' || signal === 'SIGHUP') p.kill('SIGCONT');
    }
    return true;
  }
  if (!/^-?\d+$/.test(spec)) {
    await shell.complain(`kill: ${spec}: arguments must be process or job IDs`);
    return false;
  }
  const pid = Number(spec);
  const target = processes.get(Math.abs(pid));
  if (target && shell.process.user.uid !== 0 && target.user.uid !== shell.process.user.uid) {
    await shell.complain(`kill: (${spec}) - Operation not permitted`);
    return false;
  }
  const found = signal === 0 ? target !== undefined : processes.signal(pid === 0 ? -shell.process.group : pid, signal);
  if (!found) await shell.complain(`kill: (${spec}) - No such process`);
  return found;
}

async function listSignals(shell: Shell, args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    const all = Object.entries(signalNumbers).map(([name, n]) => `${String(n).padStart(2)}) ${name}`);
    await shell.out(all.join('\n') + '\n');
    return 0;
  }
  for (const text of args) {
    const number = Number(text) > 128 ? Number(text) - 128 : Number(text);
    const found = Object.entries(signalNumbers).find(
      ([name, n]) => n === number || name === `SIG${text.toUpperCase()}` || name === text.toUpperCase(),
    );
    if (!found) throw new ShellError(`kill: ${text}: invalid signal specification`);
    await shell.out(/^\d+$/.test(text) ? `${found[0].slice(3)}\n` : `${found[1]}\n`);
  }
  return 0;
}

const disown: Builtin = (shell, args) => {
  const specs = args.slice(1).filter((a) => !a.startsWith('-'));
  if (args.includes('-a')) for (const job of [...shell.jobs.jobs]) shell.jobs.remove(job);
  else
    for (const spec of specs.length > 0 ? specs : ['%+']) {
      const job = /^\d+$/.test(spec)
        ? shell.jobs.jobs.find((j) => j.processes.some((p) => String(p.pid) === spec))
        : shell.jobs.find(spec);
      if (!job) throw new ShellError(`disown: ${specs.length > 0 ? spec : 'current'}: no such job`);
      shell.jobs.remove(job);
    }
  return 0;
};

export const jobBuiltins: Record<string, Builtin> = {
  jobs,
  fg,
  bg,
  wait,
  kill,
  disown,
  suspend: () => {
    throw new ShellError('suspend: cannot suspend a login shell');
  },
};
