import type { HttpResponse } from '../network/index.ts';
import {
  BrokenPipe,
  Cancellation,
  Cancelled,
  Deferred,
  latency,
  Signal,
  readerOf,
  resolvePath,
  type ByteReader,
  type ByteWriter,
  type World,
} from '../world/index.ts';
import { Descriptor } from './descriptor.ts';
import {
  root,
  Exit,
  signalNumbers,
  Terminated,
  type ChildProcess,
  type FetchRequest,
  type Machine,
  type Process,
  type ProcessInfo,
  type Program,
  type SignalName,
  type SpawnOptions,
  type User,
} from './process.ts';
import { CpuTask } from './cpu.ts';
import { ProcessMemory } from './memory.ts';
import type { Tty } from './tty.ts';
import type { MachineProcesses } from './machine.ts';

export class RunningProcess implements Process, ChildProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly group: number;
  argv: readonly string[];
  env: Map<string, string>;
  cwd: string;
  umask: number;
  user: User;
  readonly machine: Machine;
  readonly world: World;
  stdin: ByteReader;
  stdout: ByteWriter;
  stderr: ByteWriter;
  readonly tty: Tty | undefined;
  isatty: Process['isatty'];
  descriptors: ReadonlyMap<number, Descriptor>;
  readonly cancel = new Cancellation();
  readonly memory: ProcessMemory;
  #cpuMs = 0;
  #work: Set<CpuTask> | undefined;
  #undoBackground: (() => void)[] | undefined;
  /** PID 1 of a container: signals without a handler don't reach it. */
  shielded = false;
  signal: SignalName | undefined;
  readonly #started: number;
  readonly #ended: Deferred<number>;
  readonly #changed: Signal;
  #handlers: Map<SignalName, readonly (() => void)[]> | undefined;
  #ignored: ReadonlySet<SignalName>;
  readonly #owned: Descriptor[] = [];
  #status: number | undefined;
  #stopped: Deferred<void> | undefined;

  constructor(
    machine: Machine,
    pid: number,
    argv: readonly string[],
    parent: RunningProcess | undefined,
    options: SpawnOptions,
  ) {
    this.machine = machine;
    this.world = machine.world;
    this.pid = pid;
    this.ppid = parent?.pid ?? 0;
    this.group = options.group === 'new' ? pid : (options.group ?? parent?.group ?? pid);
    this.argv = argv;
    this.env = new Map(options.env ?? parent?.env ?? []);
    this.cwd = options.cwd ?? parent?.cwd ?? '/';
    this.umask = options.umask ?? parent?.umask ?? 0o022;
    this.descriptors = options.descriptors ?? noDescriptors;
    this.#ignored = union(parent ? parent.#ignored : nothing, options.ignore);
    this.#own(options);
    this.user = options.user ?? parent?.user ?? root;
    this.tty = options.tty === false ? undefined : (options.tty ?? parent?.tty);
    this.stdin = options.stdin ?? parent?.stdin ?? readerOf('');
    this.stdout = options.stdout ?? parent?.stdout ?? discard;
    this.stderr = options.stderr ?? parent?.stderr ?? discard;
    const inherited = parent?.isatty ?? { stdin: false, stdout: false, stderr: false };
    this.isatty = options.isatty ?? {
      stdin: options.stdin === undefined && inherited.stdin,
      stdout: options.stdout === undefined && inherited.stdout,
      stderr: options.stderr === undefined && inherited.stderr,
    };
    this.#started = this.world.clock.now();
    this.memory = new ProcessMemory(this.world.queue, machine.usage.memory, smallProgram);
    this.#ended = new Deferred(this.world.queue);
    this.#changed = new Signal(this.world.queue);
  }

  #own({ stdin, stdout, stderr, descriptors }: SpawnOptions): void {
    for (const stream of [stdin, stdout, stderr, ...(descriptors?.values() ?? [])])
      if (stream instanceof Descriptor) this.#owned.push(stream);
  }

  begin(program: Program, startup: number, reap: () => void): void {
    const finish = (status: number) => {
      this.#status = status & 0xff;
      this.memory.set(0);
      for (const undo of this.#undoBackground ?? []) undo();
      reap();
      for (const descriptor of this.#owned) descriptor.close();
      this.#ended.resolve(this.#status);
      this.#changed.notify();
    };
    const queue = this.world.queue;
    queue.wake(() => {
      this.#run(program, startup).then(finish, (error: unknown) => finish(this.#statusOf(error)));
    });
  }

  async #run(program: Program, startup: number): Promise<number> {
    if (startup > 0) await this.sleep(startup);
    return program(this);
  }

  exec(argv: readonly string[], options: SpawnOptions = {}): Promise<number> {
    const cwd = options.cwd ?? this.cwd;
    const env = options.env ? new Map(options.env) : this.env;
    const user = options.user ?? this.user;
    const found = (this.machine.processes as MachineProcesses).resolve(argv, cwd, env, user);
    this.argv = found.argv;
    this.env = env;
    this.cwd = cwd;
    this.user = user;
    const kept = [...this.#owned];
    this.#own(options);
    this.stdin = options.stdin ?? this.stdin;
    this.stdout = options.stdout ?? this.stdout;
    this.stderr = options.stderr ?? this.stderr;
    this.descriptors = options.descriptors ?? noDescriptors;
    for (const stream of kept)
      if (stream !== this.stdin && stream !== this.stdout && stream !== this.stderr) stream.close();
    if (options.isatty) this.isatty = options.isatty;
    this.#ignored = union(this.#ignored, options.ignore);
    this.#handlers = undefined;
    this.memory.set(smallProgram);
    for (const undo of this.#undoBackground ?? []) undo();
    this.#undoBackground = undefined;
    return this.#run(found.program, found.program.startup ?? latency.programStart);
  }

  #statusOf(error: unknown): number {
    if (error instanceof Exit) return error.status;
    if (error instanceof Terminated) return this.#endedBy(error.signal);
    if (error instanceof BrokenPipe) return this.#endedBy('SIGPIPE');
    if (this.cancel.reason instanceof Terminated) return this.#endedBy(this.cancel.reason.signal);
    if (error instanceof Cancelled) return 130;
    // A fault of the simulation itself: say so where the learner sees it, and let the rest go on.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    void this.stderr.write(`slipway: internal error in ${this.argv[0] ?? 'program'}: ${text}\n`).catch(() => {});
    return 70;
  }

  #endedBy(signal: SignalName): number {
    this.signal = signal;
    return 128 + signalNumbers[signal];
  }

  get status(): number | undefined {
    return this.#status;
  }

  info(): ProcessInfo {
    return {
      pid: this.pid,
      ppid: this.ppid,
      group: this.group,
      argv: this.argv,
      user: this.user,
      started: this.#started,
      cpuMs: this.cpuMs,
      memoryBytes: this.memory.bytes,
      state: this.#stopped ? 'stopped' : 'running',
      tty: this.tty?.name,
    };
  }

  wait(cancel?: Cancellation): Promise<number> {
    return this.#ended.wait(cancel);
  }

  waitChange(cancel?: Cancellation): Promise<void> {
    return this.#status === undefined ? this.#changed.wait(cancel) : Promise.resolve();
  }

  kill(signal: SignalName): void {
    this.deliver(signal);
  }

  /** @param force even if this is a container's PID 1 without a handler. */
  deliver(signal: SignalName, force = false): void {
    if (this.#status !== undefined) return;
    const handlers = this.#handlers?.get(signal);
    if (handlers && handlers.length > 0 && signal !== 'SIGKILL' && signal !== 'SIGSTOP') {
      for (const handler of handlers) handler();
      return;
    }
    if (this.shielded && !force) return;
    if (this.#ignored.has(signal) && signal !== 'SIGKILL' && signal !== 'SIGSTOP') return;
    switch (signal) {
      case 'SIGCHLD':
      case 'SIGWINCH':
        return;
      case 'SIGCONT':
        this.#stopped?.resolve();
        this.#stopped = undefined;
        this.#changed.notify();
        return;
      case 'SIGSTOP':
      case 'SIGTSTP':
      case 'SIGTTIN':
      case 'SIGTTOU':
        this.#stopped ??= new Deferred(this.world.queue);
        this.#changed.notify();
        return;
      default:
        this.#stopped?.resolve();
        this.#stopped = undefined;
        this.cancel.cancel(new Terminated(signal));
    }
  }

  onSignal(signal: SignalName, handler: () => void): () => void {
    const all: Map<SignalName, readonly (() => void)[]> = (this.#handlers ??= new Map());
    all.set(signal, [...(all.get(signal) ?? []), handler]);
    return () =>
      void all.set(
        signal,
        all.get(signal)!.filter((other) => other !== handler),
      );
  }

  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  async sleep(ms: number): Promise<void> {
    await this.world.sleep(ms, this.cancel);
    await this.#whileStopped();
  }

  get cpuMs(): number {
    let sum = this.#cpuMs;
    for (const task of this.#work ?? []) sum += this.machine.usage.cpu.usedBy(task);
    return sum;
  }

  async cpu(ms: number, cores = 1): Promise<void> {
    const { cpu } = this.machine.usage;
    const task = new CpuTask(ms, cores);
    (this.#work ??= new Set()).add(task);
    try {
      await cpu.run(task, this.cancel);
    } finally {
      this.#work.delete(task);
      this.#cpuMs += cpu.usedBy(task);
    }
    await this.#whileStopped();
  }

  charge(ms: number): void {
    this.#cpuMs += ms;
    this.machine.usage.cpu.charge(ms);
  }

  background(cores: number): void {
    (this.#undoBackground ??= []).push(this.machine.usage.cpu.background(cores));
  }

  async #whileStopped(): Promise<void> {
    while (this.#stopped) await this.#stopped.wait(this.cancel);
  }

  path(path: string): string {
    return resolvePath(this.cwd, path);
  }

  async print(text: string): Promise<void> {
    await this.#whileStopped();
    await this.stdout.write(text, this.cancel);
  }

  async printError(text: string): Promise<void> {
    await this.#whileStopped();
    await this.stderr.write(text, this.cancel);
  }

  spawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return (this.machine.processes as MachineProcesses).spawn(this, argv, options);
  }

  /** Starts a function of the engine as a child process. */
  fork(program: Program, argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return (this.machine.processes as MachineProcesses).run(program, argv, this, options);
  }

  fetch(url: string, request: FetchRequest): Promise<HttpResponse> {
    return this.machine.fetch(url, { cancel: this.cancel, ...request });
  }
}

/** Resident bytes of a program that says nothing else. */
const smallProgram = 450 << 10;

const nothing: ReadonlySet<SignalName> = new Set();
const noDescriptors: ReadonlyMap<number, Descriptor> = new Map();

function union(ignored: ReadonlySet<SignalName>, more: readonly SignalName[] | undefined): ReadonlySet<SignalName> {
  return more && more.length > 0 ? new Set([...ignored, ...more]) : ignored;
}

const discard: ByteWriter = {
  write: () => Promise.resolve(),
  close: () => {},
};
