import { isIpAddress, parseUrl } from '../network/url.ts';
import type { HttpResponse, Network, NetworkNamespace } from '../network/index.ts';
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
  type FileSystem,
  type World,
} from '../world/index.ts';
import { Descriptor } from './descriptor.ts';
import { mayAccess, permission } from './files.ts';
import {
  ConnectionError,
  Exit,
  signalNumbers,
  SpawnError,
  Terminated,
  type ChildProcess,
  type FetchRequest,
  type Machine,
  type Process,
  type ProcessInfo,
  type ProcessTable,
  type Program,
  type SignalName,
  type SpawnOptions,
  type User,
} from './process.ts';
import type { Tty } from './tty.ts';

export const root: User = { name: 'root', uid: 0, gid: 0, home: '/root' };

/** Processes one machine runs at most (`ulimit -u`): more is EAGAIN. */
const processLimit = 1024;

/** A process group that hits the limit this often is a fork bomb; it is killed, since no Ctrl-C reaches it. */
const forkFailureLimit = 64;

export interface MachineOptions {
  world: World;
  network: Network;
  hostname: string;
  fs: FileSystem;
  net: NetworkNamespace;
  programs: ReadonlyMap<string, Program>;
  users?: readonly User[];
  /** A PID namespace of its own: PID 1 gets only signals that it handles, and takes everything along when it ends. */
  container?: boolean;
}

/** A machine on the simulated network; hosts and containers are made of it. */
export function createMachine(options: MachineOptions): Machine & { processes: MachineProcesses } {
  const { world, network, hostname, fs, net, programs, container = false } = options;
  const users = new Map([root, ...(options.users ?? [])].map((u) => [u.name, u]));
  const machine: Machine & { processes: MachineProcesses } = {
    world,
    hostname,
    fs,
    net,
    programs,
    users,
    processes: undefined as unknown as MachineProcesses,
    fetch: (url, request) => fetchFrom(machine, network, url, request),
  };
  (machine as { processes: MachineProcesses }).processes = new MachineProcesses(machine, container);
  return machine;
}

async function fetchFrom(from: Machine, network: Network, url: string, request: FetchRequest): Promise<HttpResponse> {
  const { protocol, hostname, port, path } = parseUrl(url);
  const address = network.resolve(hostname);
  const to = `${hostname}:${port}`;
  if (!address) throw new ConnectionError('ENOTFOUND', `dial tcp: lookup ${hostname} on 10.96.0.10:53: no such host`);
  await from.world.sleep(latency.networkHop, request.cancel);
  const target = isIpAddress(hostname) ? to : `${address}:${port}`;
  const result = network.connect(from.net, address, port);
  switch (result.outcome) {
    case 'refused':
      throw new ConnectionError('ECONNREFUSED', `dial tcp ${target}: connect: connection refused`);
    case 'no-route':
      throw new ConnectionError('EHOSTUNREACH', `dial tcp ${target}: connect: no route to host`);
    case 'timeout':
      await from.world.sleep(30_000, request.cancel);
      throw new ConnectionError('ETIMEDOUT', `dial tcp ${target}: i/o timeout`);
    case 'connected': {
      const { server } = result.listener;
      if (!server.http || server.protocol !== protocol)
        throw new ConnectionError('ECONNREFUSED', `${protocol} request to ${to}: the server speaks ${server.protocol}`);
      return server.http({ ...request, path, peer: { address: [...from.net.addresses][0], ...request.peer } });
    }
  }
}

/** The process table: starts programs, delivers signals, reaps. */
export class MachineProcesses implements ProcessTable {
  readonly #machine: Machine;
  readonly #container: boolean;
  readonly #table = new Map<number, RunningProcess>();
  #forkFailures: Map<number, number> | undefined;
  #nextPid = 1;
  /** CPU ms used by processes that have ended. */
  #cpuOfEnded = 0;

  constructor(machine: Machine, container = false) {
    this.#machine = machine;
    this.#container = container;
  }

  list(): ProcessInfo[] {
    return [...this.#table.values()].map((p) => p.info());
  }

  get(pid: number): ProcessInfo | undefined {
    return this.#table.get(pid)?.info();
  }

  /** CPU ms used on this machine so far. */
  get cpuMs(): number {
    let sum = this.#cpuOfEnded;
    for (const p of this.#table.values()) sum += p.cpuMs;
    return sum;
  }

  /** Sends a signal from outside a container: to its PID 1 SIGKILL and SIGSTOP too are delivered (pid_namespaces(7)). */
  signalFromOutside(pid: number, signal: SignalName): boolean {
    const target = this.#table.get(pid);
    target?.deliver(signal, signal === 'SIGKILL' || signal === 'SIGSTOP');
    return target !== undefined;
  }

  signal(pid: number, signal: SignalName): boolean {
    if (pid < 0) {
      const members = [...this.#table.values()].filter((p) => p.group === -pid);
      for (const member of members) member.deliver(signal);
      return members.length > 0;
    }
    const target = this.#table.get(pid);
    target?.deliver(signal);
    return target !== undefined;
  }

  /**
   * Starts a program with no parent on this machine: a login shell, a container's first process.
   * @throws SpawnError
   */
  start(
    argv: readonly string[],
    options: SpawnOptions & { user?: User; env: ReadonlyMap<string, string> },
  ): ChildProcess {
    return this.spawn(undefined, argv, options);
  }

  spawn(parent: RunningProcess | undefined, argv: readonly string[], options: SpawnOptions): ChildProcess {
    const cwd = options.cwd ?? parent?.cwd ?? '/';
    const env = new Map(options.env ?? parent?.env ?? []);
    const user = options.user ?? parent?.user ?? root;
    const { program, argv: actual } = this.resolve(argv, cwd, env, user);
    return this.#add(program, program.startup ?? latency.programStart, actual, parent, { ...options, cwd, env });
  }

  /** Starts a function of the engine as a process (subshells, services), without looking up a file. */
  run(
    program: Program,
    argv: readonly string[],
    parent: RunningProcess | undefined,
    options: SpawnOptions,
  ): ChildProcess {
    return this.#add(program, 0, argv, parent, options);
  }

  #add(
    program: Program,
    startup: number,
    argv: readonly string[],
    parent: RunningProcess | undefined,
    options: SpawnOptions,
  ): ChildProcess {
    if (this.#table.size >= processLimit) {
      if (parent) this.#countForkFailure(parent.group);
      throw new SpawnError('EAGAIN', 'Resource temporarily unavailable');
    }
    const process = new RunningProcess(this.#machine, this.#nextPid++, argv, parent, options);
    process.shielded = this.#container && process.pid === 1;
    this.#table.set(process.pid, process);
    process.begin(program, startup, () => {
      this.#table.delete(process.pid);
      this.#cpuOfEnded += process.cpuMs;
      if (process.shielded) for (const other of [...this.#table.values()]) other.deliver('SIGKILL');
    });
    return process;
  }

  #countForkFailure(group: number): void {
    const all = (this.#forkFailures ??= new Map());
    const failures = (all.get(group) ?? 0) + 1;
    all.set(group, failures);
    if (failures < forkFailureLimit) return;
    all.delete(group);
    this.#machine.world.queue.post(() => void this.signal(-group, 'SIGKILL'));
  }

  /** Finds the executable: PATH, permissions, `#!` lines. @throws SpawnError */
  resolve(
    argv: readonly string[],
    cwd: string,
    env: ReadonlyMap<string, string>,
    user: User,
    depth = 0,
  ): { program: Program; argv: readonly string[] } {
    const name = argv[0] ?? '';
    const file = this.which(name, cwd, env);
    if (!file) throw new SpawnError('ENOENT', notFound(name, depth));
    const node = this.#machine.fs.lookup(file);
    if (node?.type === 'directory') throw new SpawnError('EISDIR', 'Is a directory');
    if (node?.type !== 'file' || !mayAccess(user, node, permission.execute))
      throw new SpawnError('EACCES', 'Permission denied');
    if (node.program !== undefined) {
      const program = this.#machine.programs.get(node.program);
      if (!program) throw new SpawnError('ENOEXEC', `slipway: ${node.program} is not simulated`);
      return { program, argv };
    }
    const shebang = /^#!\s*(\S+)(?:[ \t]+(.*?))?\s*(?:\n|$)/.exec(new TextDecoder().decode(node.data.subarray(0, 256)));
    const interpreter = shebang?.[1] ?? '/bin/sh';
    if (depth > 4) throw new SpawnError('ENOEXEC', 'Exec format error');
    const script = name.includes('/') ? name : file;
    const rest = [...(shebang?.[2] ? [shebang[2]] : []), script, ...argv.slice(1)];
    return this.resolve([interpreter, ...rest], cwd, env, user, depth + 1);
  }

  /** The file that `name` runs, through PATH unless it has a slash. */
  which(name: string, cwd: string, env: ReadonlyMap<string, string>): string | undefined {
    const { fs } = this.#machine;
    if (name === '') return undefined;
    if (name.includes('/')) {
      const path = resolvePath(cwd, name);
      return fs.exists(path) ? path : undefined;
    }
    const dirs = (env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':');
    let unusable: string | undefined;
    for (const dir of dirs) {
      const path = resolvePath(cwd, `${dir || '.'}/${name}`);
      const node = fs.lookup(path);
      if (node?.type !== 'file') continue;
      if (node.mode & 0o111) return path;
      unusable ??= path;
    }
    return unusable;
  }
}

function notFound(name: string, depth: number): string {
  if (depth > 0) return `${name}: bad interpreter: No such file or directory`;
  return name.includes('/') ? 'No such file or directory' : 'command not found';
}

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
  cpuMs = 0;
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

  async cpu(ms: number): Promise<void> {
    this.cpuMs += ms;
    await this.sleep(ms);
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

const nothing: ReadonlySet<SignalName> = new Set();
const noDescriptors: ReadonlyMap<number, Descriptor> = new Map();

function union(ignored: ReadonlySet<SignalName>, more: readonly SignalName[] | undefined): ReadonlySet<SignalName> {
  return more && more.length > 0 ? new Set([...ignored, ...more]) : ignored;
}

const discard: ByteWriter = {
  write: () => Promise.resolve(),
  close: () => {},
};
