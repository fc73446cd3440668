import type { ChildProcess, SignalName } from '../process/index.ts';
import type { Signal } from '../world/index.ts';

export type JobState = 'Running' | 'Stopped' | 'Done';

/** A pipeline that runs, or has run, in the background. */
export interface Job {
  readonly id: number;
  readonly processes: readonly ChildProcess[];
  readonly command: string;
  readonly group: number;
  /** Its end or stop was told to the user. */
  notified: boolean;
  /** `disown -h`, or no job control: not listed. */
  hidden: boolean;
}

export function jobState(job: Job): JobState {
  if (job.processes.every((p) => p.status !== undefined)) return 'Done';
  return job.processes.some((p) => p.stopped && p.status === undefined) ? 'Stopped' : 'Running';
}

const signalTexts: Partial<Record<SignalName, string>> = {
  SIGHUP: 'Hangup',
  SIGINT: 'Interrupt',
  SIGQUIT: 'Quit',
  SIGKILL: 'Killed',
  SIGSEGV: 'Segmentation fault',
  SIGTERM: 'Terminated',
  SIGUSR1: 'User defined signal 1',
  SIGUSR2: 'User defined signal 2',
  SIGALRM: 'Alarm clock',
  SIGPIPE: 'Broken pipe',
};

/** strsignal(3). */
export function signalText(signal: SignalName): string {
  return signalTexts[signal] ?? signal;
}

/** The jobs of one shell, and the background processes that `wait` knows. */
export class JobTable {
  jobs: Job[] = [];
  /** All background children by pid: `wait PID` finds them after their job is gone too. */
  readonly children = new Map<number, ChildProcess>();
  #waiters: Signal | undefined;

  setWaiters(signal: Signal): void {
    this.#waiters = signal;
  }

  /** Lets `wait` look up: a trap is due. */
  wakeWaiters(): void {
    this.#waiters?.notify();
  }

  add(processes: readonly ChildProcess[], command: string): Job {
    const id = Math.max(0, ...this.jobs.map((j) => j.id)) + 1;
    const job = { id, processes, command, group: processes[0]!.group, notified: false, hidden: false };
    this.jobs.push(job);
    for (const p of processes) this.children.set(p.pid, p);
    return job;
  }

  remove(job: Job): void {
    this.jobs = this.jobs.filter((j) => j !== job);
  }

  /** The current job (`%+`): the last one stopped, else the last one started. */
  get current(): Job | undefined {
    return this.jobs.findLast((j) => jobState(j) === 'Stopped') ?? this.jobs.at(-1);
  }

  get previous(): Job | undefined {
    const { current } = this;
    return this.jobs.filter((j) => j !== current).at(-1);
  }

  /** `%1`, `%+`, `%-`, `%name`, `%?text`. */
  find(spec: string): Job | undefined {
    const text = spec.replace(/^%/, '');
    if (text === '' || text === '+' || text === '%') return this.current;
    if (text === '-') return this.previous ?? this.current;
    if (/^\d+$/.test(text)) return this.jobs.find((j) => j.id === Number(text));
    if (text.startsWith('?')) return this.jobs.findLast((j) => j.command.includes(text.slice(1)));
    return this.jobs.findLast((j) => j.command.startsWith(text));
  }

  /** A line as `jobs` writes it. */
  describe(job: Job, { long = false, pidsOnly = false } = {}): string {
    if (pidsOnly) return String(job.processes[0]!.pid);
    const mark = job === this.current ? '+' : job === this.previous ? '-' : ' ';
    const state = jobState(job);
    const last = job.processes.at(-1)!;
    let text: string = state;
    if (state === 'Done') {
      if (last.signal) text = signalText(last.signal);
      else if (last.status !== 0) text = `Exit ${last.status}`;
    }
    const pid = long ? `${job.processes[0]!.pid} ` : '';
    const suffix = state === 'Running' ? ' &' : '';
    return `[${job.id}]${mark}  ${pid}${text.padEnd(24)}${job.command}${suffix}`;
  }
}
