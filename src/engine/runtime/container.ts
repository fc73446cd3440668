import type { Network, NetworkNamespace } from '../network/index.ts';
import {
  createMachine,
  root as rootUser,
  SpawnError,
  Usage,
  type ChildProcess,
  type HostResources,
  type Machine,
  type MachineProcesses,
  type PidNamespace,
  type Program,
  type ResourceLimit,
  type SignalName,
  type SpawnOptions,
  type UsageLimits,
  type UsageReading,
  type User,
} from '../process/index.ts';
import {
  directorySize,
  FileSystem,
  FsError,
  growth,
  parentPath,
  resolvePath,
  type Cancellation,
  type DirectoryNode,
  type Node,
  type Timer,
  type World,
} from '../world/index.ts';
import { ContainerIO, type ContainerStreams } from './container-io.ts';
import type { Image, ImageConfig } from './image.ts';
import { ContainerLog } from './log.ts';

/** Files that a container sees at a path: a volume, or a single file of one; those of a tmpfs use its memory. */
export type Mount = { path: string; readOnly?: boolean; tmpfs?: boolean } & ({ fs: FileSystem } | { node: Node });

export interface ContainerOptions {
  world: World;
  network: Network;
  programs: ReadonlyMap<string, Program>;
  id: string;
  image: Image;
  hostname: string;
  net: NetworkNamespace;
  /** Overrides the image's ENTRYPOINT (and with it CMD), as Docker and Kubernetes do. */
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  /** On top of the image's. */
  env?: ReadonlyMap<string, string>;
  workingDir?: string;
  /** `uid[:gid]` or a name; by default the image's. */
  user?: string;
  mounts?: readonly Mount[];
  readOnlyRoot?: boolean;
  /** A terminal and open input for PID 1; by default neither. */
  streams?: ContainerStreams;
  /** Capabilities that its root lacks; by default none. */
  lacks?: ReadonlySet<string>;
  /** Groups of its processes besides the user's own, by name or id. */
  groups?: readonly string[];
  /** Resource limits that differ from the usual ones. */
  resources?: ReadonlyMap<string, ResourceLimit>;
  /** Most processes that it may have. */
  maxProcesses?: number;
  /** The PID namespace to join, instead of one of its own. */
  pids?: PidNamespace;
  /** Limits of its control group. */
  limits?: UsageLimits;
  /** The computer that it shares with others. */
  host?: HostResources;
  /** Files that it had when it ran before, instead of a fresh copy of the image's. */
  files?: FileSystem;
  /** Where its output goes on. */
  log?: ContainerLog;
  /** The whole environment, in order, instead of the image's with `env` on top. HOME is added if it lacks. */
  environment?: ReadonlyMap<string, string>;
  /** What the kernel kills when the memory limit is exceeded: all of it (Kubernetes) or its largest process (Docker). */
  oom?: 'group' | 'process';
}

export type ContainerState = 'created' | 'running' | 'exited';

/** The container could not be created or started; `message` is what containerd and runc say. */
export class RuntimeError extends Error {
  override name = 'RuntimeError';
  /** The part of the message that tells the cause: clients of containerd put their own words before it. */
  readonly detail: string;
  constructor(message: string, detail = message) {
    super(message);
    this.detail = detail;
  }
}

/** What the kernel itself needs for a container. */
const kernelMemory = 200 << 10;

/** Volumes in memory are counted once: where they were mounted first. */
const charged = new WeakSet<FileSystem>();

const runcPrefix =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
  'unable to start container process: error during container init: ';

/** A container: an image's files, some namespaces, and a first process with everything it starts. */
export class Container {
  readonly id: string;
  readonly image: Image;
  readonly machine: Machine & { processes: MachineProcesses };
  readonly log: ContainerLog;
  /** The streams of PID 1, for clients that attach. */
  readonly io: ContainerIO;
  /** What runs as PID 1. */
  readonly argv: readonly string[];
  readonly createdAt: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  exitCode: number | undefined;
  /** `Completed`, `Error`, `OOMKilled` or `StartError`, as containerd reports it. */
  reason: string | undefined;
  /** Why it could not start. */
  message: string | undefined;
  #state: ContainerState = 'created';
  readonly #options: ContainerOptions;
  readonly #user: User;
  readonly #cwd: string;
  #first: ChildProcess | undefined;
  #killTimer: Timer | undefined;
  #oom = false;
  /** `layerBytes` of the files as they were. */
  #measured: { root: DirectoryNode; bytes: number } | undefined;
  #terminals = 0;
  #unwatch: (() => void)[] = [];
  #exitListeners: ((container: Container) => void)[] = [];

  /** @throws RuntimeError for a user the image doesn't know, a mount that can't be made, or no command */
  constructor(options: ContainerOptions) {
    const { world, image } = options;
    this.#options = options;
    this.id = options.id;
    this.image = image;
    this.createdAt = world.clock.now();
    this.log = options.log ?? new ContainerLog();
    this.io = new ContainerIO(world, this.log, options.streams ?? {});
    const mounts = options.mounts ?? [];
    const fs =
      options.files ?? new FileSystem({ now: () => world.clock.now(), root: withMountPoints(image.rootfs(), mounts) });
    fs.readOnly = false;
    this.argv = commandOf(image.config, options.entrypoint, options.cmd);
    if (this.argv.length === 0) throw new RuntimeError('failed to generate container spec: no command specified');
    attach(fs, mounts);
    this.#user = this.userOf(options.user ?? image.config.user ?? '', fs);
    this.#cwd = options.workingDir || image.config.workingDir || '/';
    if (!fs.exists(this.#cwd)) fs.mkdir(this.#cwd, { recursive: true });
    fs.readOnly = options.readOnlyRoot ?? false;
    this.machine = createMachine({
      world,
      network: options.network,
      hostname: options.hostname,
      fs,
      net: options.net,
      programs: options.programs,
      users: this.#user.uid === 0 ? [] : [this.#user],
      container: true,
      usage: new Usage(world.queue, options.host, options.limits),
      ...(options.resources ? { limits: options.resources } : undefined),
      ...(options.maxProcesses === undefined ? undefined : { maxProcesses: options.maxProcesses }),
      ...(options.pids ? { pids: options.pids } : undefined),
    });
  }

  /** The user that `spec` names, with the groups and capabilities of this container. @throws RuntimeError */
  userOf(spec: string, fs = this.machine.fs): User {
    const { lacks, groups = [] } = this.#options;
    const user = findUser(fs, spec);
    const more = groups.map((group) => findGroup(fs, group));
    return {
      ...user,
      ...(more.length > 0 ? { groups: more } : undefined),
      ...(lacks && lacks.size > 0 && user.uid === 0 ? { lacks } : undefined),
    };
  }

  get state(): ContainerState {
    return this.#state;
  }

  /** What it uses now, and has used. */
  get usage(): UsageReading & { pids: number } {
    return { ...this.machine.usage.read(), pids: this.machine.processes.own };
  }

  /** Changes its limits while it runs. */
  set limits(limits: UsageLimits) {
    this.machine.usage.limits = limits;
  }

  /** Bytes that it has written into its own layer. */
  get layerBytes(): number {
    const { root } = this.machine.fs;
    if (this.#measured?.root !== root) this.#measured = { root, bytes: Math.max(0, growth(this.image.rootfs(), root)) };
    return this.#measured.bytes;
  }

  /** Signal that asks the program to end: the image's STOPSIGNAL. */
  get stopSignal(): SignalName {
    return (this.image.config.stopSignal as SignalName | undefined) ?? 'SIGTERM';
  }

  /** Calls `listener` once when the container has ended. */
  onExit(listener: (container: Container) => void): void {
    this.#exitListeners.push(listener);
  }

  /** Starts PID 1. @throws RuntimeError when its program can't be executed; the container then is `exited` with 128 */
  start(): void {
    const { world } = this.#options;
    try {
      const { processes } = this.machine;
      const streams = this.io.spawnOptions((group, signal) => void processes.signal(-group, signal));
      this.#first = this.#spawn(this.argv, streams, true);
      if (this.io.tty) {
        this.io.tty.foregroundGroup = this.#first.group;
        this.#terminals = 1;
      }
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error;
      this.#state = 'exited';
      this.exitCode = 128;
      this.reason = 'StartError';
      this.finishedAt = world.clock.now();
      const detail = execFailure(this.argv[0]!, error);
      this.message = runcPrefix + detail;
      throw new RuntimeError(this.message, detail);
    }
    this.#state = 'running';
    this.#watchMemory();
    this.startedAt = world.clock.now();
    void this.#first.wait().then((status) => this.#exited(status));
  }

  /** Made when a program starts: kept, it would be there twice for each of thousands of containers. */
  #environment(): ReadonlyMap<string, string> {
    const { environment, streams } = this.#options;
    const env = environment ? new Map([...environment]) : environmentOf(this.image.config, this.#options);
    if (!env.has('HOME')) env.set('HOME', this.#user.home);
    if (streams?.tty && !env.has('TERM')) env.set('TERM', 'xterm');
    return env;
  }

  #spawn(argv: readonly string[], options: SpawnOptions, first = false): ChildProcess {
    const env = this.#environment();
    const start = { cwd: this.#cwd, env, user: this.#user, group: 'new' as const, ...options };
    const { processes } = this.machine;
    try {
      if (!first) return processes.start(argv, start);
      // Loading PID 1 is part of the time that the container's start takes.
      const found = processes.resolve(argv, this.#cwd, env, this.#user);
      return processes.run(found.program, found.argv, undefined, start);
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error;
      // The file is there, and what it needs to run is not: its loader, or the interpreter of a script. The kernel says so after runc has looked.
      const found = processes.which(argv[0] ?? '', start.cwd, start.env);
      const lacksLoader = error.code === 'ENOENT' && found !== undefined;
      if (error.code !== 'ENOEXEC' && !lacksLoader) throw error;
      const place = argv[0]!.includes('/') ? argv[0] : found;
      const text = lacksLoader ? `exec ${place}: no such file or directory\n` : `${error.message}\n`;
      return processes.run(async (p) => (await p.printError(text), 1), argv, undefined, start);
    }
  }

  /** Runs another program in the container. @throws RuntimeError (runc's text) when it can't be executed */
  exec(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    if (this.#state !== 'running') throw new RuntimeError(`container ${this.id} is not running`);
    try {
      return this.#spawn(argv, options);
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error;
      const detail = execFailure(argv[0] ?? '', error);
      throw new RuntimeError(
        `OCI runtime exec failed: exec failed: unable to start container process: ${detail}`,
        detail,
      );
    }
  }

  /** Waits for the end of its first process. */
  async wait(cancel?: Cancellation): Promise<void> {
    await this.#first?.wait(cancel);
  }

  /** Name for the terminal of one more program. */
  nextTerminal(): string {
    return `/dev/pts/${this.#terminals++}`;
  }

  /** Process id of the first process, once it has been started. */
  get pid(): number | undefined {
    return this.#first?.pid;
  }

  /** Sends a signal to PID 1 from outside. */
  kill(signal: SignalName): void {
    if (this.#first && this.#state === 'running') this.machine.processes.signalFromOutside(this.#first.pid, signal);
  }

  /** Asks PID 1 to end, and kills it after `graceMs`. */
  stop(graceMs: number, signal: SignalName = this.stopSignal): void {
    if (this.#state !== 'running') return;
    if (graceMs <= 0) return this.kill('SIGKILL');
    this.kill(signal);
    const due = this.#options.world.clock.elapsed + graceMs;
    if (this.#killTimer && this.#killTimer.due <= due) return;
    this.#killTimer?.cancel();
    this.#killTimer = this.#options.world.queue.at(due, () => this.kill('SIGKILL'));
  }

  /** Whether the kernel has killed something in it for using more memory than its limit. */
  get oomKilled(): boolean {
    return this.#oom;
  }

  /** The kernel ends the container for using more memory than there is for it. */
  oomKill(): void {
    this.#oom = true;
    if (this.#options.oom === 'process') this.machine.processes.killLargest();
    else this.kill('SIGKILL');
  }

  #watchMemory(): void {
    const { usage } = this.machine;
    usage.onMemoryExceeded = () => this.oomKill();
    usage.memory.change(kernelMemory);
    for (const mount of this.#options.mounts ?? []) {
      if (!mount.tmpfs || !('fs' in mount) || charged.has(mount.fs)) continue;
      const { fs } = mount;
      let bytes = 0;
      const count = () => {
        const size = directorySize(fs.root);
        if (size !== bytes) usage.memory.change(size - bytes);
        bytes = size;
      };
      charged.add(fs);
      count();
      const stop = fs.watch(count);
      this.#unwatch.push(() => {
        stop();
        charged.delete(fs);
        usage.memory.change(-bytes);
      });
    }
  }

  #endUsage(): void {
    for (const stop of this.#unwatch.splice(0)) stop();
    const { usage } = this.machine;
    usage.memory.change(-kernelMemory);
    usage.cpu.close();
  }

  #exited(status: number): void {
    if (this.#state !== 'running') return;
    if (this.#options.pids) this.machine.processes.killOwn();
    this.#killTimer?.cancel();
    this.#endUsage();
    this.#state = 'exited';
    this.finishedAt = this.#options.world.clock.now();
    this.exitCode = status;
    this.reason = this.#oom ? 'OOMKilled' : status === 0 ? 'Completed' : 'Error';
    this.log.close(this.finishedAt);
    this.io.end();
    const listeners = this.#exitListeners;
    this.#exitListeners = [];
    for (const listener of listeners) listener(this);
  }

  /** The machine it ran on lost its power: when it is back, containerd finds a container whose end nobody saw. */
  vanish(): void {
    this.#exitListeners = [];
    this.kill('SIGKILL');
    if (this.#state !== 'running') return;
    this.#killTimer?.cancel();
    this.#endUsage();
    this.#state = 'exited';
    this.finishedAt = this.#options.world.clock.now();
    this.exitCode = 255;
    this.reason = 'Unknown';
    this.log.close(this.finishedAt);
    this.io.end();
  }

  snapshot(): unknown {
    const { fs, processes } = this.machine;
    return {
      id: this.id,
      image: this.image.id,
      state: this.#state,
      times: [this.createdAt, this.startedAt, this.finishedAt],
      exit: [this.exitCode, this.reason],
      usage: this.machine.usage.snapshot(),
      log: this.log.snapshot(),
      processes: processes.list().map((p) => [p.pid, p.argv, p.cpuMs, p.state]),
      files: changedFiles(this.image.rootfs(), fs.root),
    };
  }
}

/** What a container runs: Kubernetes' `command`/`args` and Docker's `--entrypoint`/arguments against the image's. */
export function commandOf(
  config: ImageConfig,
  entrypoint: readonly string[] | undefined,
  cmd: readonly string[] | undefined,
): readonly string[] {
  if (entrypoint && entrypoint.length > 0) return [...entrypoint, ...(cmd ?? [])];
  return [...(config.entrypoint ?? []), ...(cmd && cmd.length > 0 ? cmd : (config.cmd ?? []))];
}

function environmentOf(config: ImageConfig, options: ContainerOptions): Map<string, string> {
  const env = new Map(Object.entries(config.env ?? {}));
  if (!env.has('PATH')) env.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  env.set('HOSTNAME', options.hostname);
  for (const [name, value] of options.env ?? []) env.set(name, value);
  return env;
}

/** What differs between two trees: paths with their new nodes, or null where something was removed. */
export function changedFiles(
  before: DirectoryNode,
  after: DirectoryNode,
  path = '',
  into: Record<string, unknown> = {},
): Record<string, unknown> {
  if (before === after) return into;
  for (const [name, node] of after.entries) {
    const old = before.entries.get(name);
    if (old === node) continue;
    if (node.type === 'directory' && old?.type === 'directory') changedFiles(old, node, `${path}/${name}`, into);
    else into[`${path}/${name}`] = node;
  }
  for (const name of before.entries.keys()) if (!after.entries.has(name)) into[`${path}/${name}`] = null;
  return into;
}

/** @throws RuntimeError when something is in the way */
function attach(fs: FileSystem, mounts: readonly Mount[]): void {
  let files: { path: string; node: Node }[] = [];
  try {
    for (const mount of mounts) {
      if ('fs' in mount) {
        fs.putNodes(files);
        files = [];
        fs.mount(mount.path, mount.fs, { readOnly: mount.readOnly });
      } else {
        if (!fs.exists(parentPath(mount.path))) fs.mkdir(parentPath(mount.path), { recursive: true });
        files.push(mount);
      }
    }
    fs.putNodes(files);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new RuntimeError(`${runcPrefix}error mounting to rootfs at "${error.path}": ${error.message.toLowerCase()}`);
  }
}

const prepared = new WeakMap<DirectoryNode, Map<string, DirectoryNode>>();

/** The image's files with the directories that mounts need, as runc makes them: once for all containers alike. */
function withMountPoints(root: DirectoryNode, mounts: readonly Mount[]): DirectoryNode {
  const paths = mounts.filter((m) => 'fs' in m).map((m) => m.path);
  if (paths.length === 0) return root;
  const key = paths.join('\0');
  let known = prepared.get(root);
  if (!known) prepared.set(root, (known = new Map()));
  let ready = known.get(key);
  if (!ready) {
    const fs = new FileSystem({ now: () => root.mtime, root });
    for (const path of paths) if (fs.lookup(path) === undefined) tryMkdir(fs, path);
    known.set(key, (ready = fs.root));
  }
  return ready;
}

function tryMkdir(fs: FileSystem, path: string): void {
  try {
    fs.mkdir(path, { recursive: true });
  } catch (error) {
    // What is in the way is told when the mount is made.
    if (!(error instanceof FsError)) throw error;
  }
}

/** @throws RuntimeError for a name that /etc/passwd doesn't have */
export function findUser(fs: FileSystem, spec: string): User {
  const [name = '', group] = spec.split(':');
  if (name === '' || name === '0' || name === 'root')
    return group === undefined ? rootUser : { ...rootUser, gid: findGroup(fs, group) };
  const passwd = fs.exists('/etc/passwd') ? fs.readText('/etc/passwd') : '';
  for (const line of passwd.split('\n')) {
    const [login, , uid, gid, , home] = line.split(':');
    if (login === name || uid === name)
      return {
        name: login!,
        uid: Number(uid),
        gid: group === undefined ? Number(gid) : findGroup(fs, group),
        home: home || '/',
      };
  }
  if (/^\d+$/.test(name))
    return { name, uid: Number(name), gid: group === undefined ? 0 : findGroup(fs, group), home: '/' };
  throw new RuntimeError(`unable to find user ${name}: no matching entries in passwd file`);
}

function findGroup(fs: FileSystem, spec: string): number {
  if (/^\d+$/.test(spec)) return Number(spec);
  const file = fs.exists('/etc/group') ? fs.readText('/etc/group') : '';
  const line = file.split('\n').find((each) => each.startsWith(`${spec}:`));
  if (line === undefined) throw new RuntimeError(`unable to find group ${spec}: no matching entries in group file`);
  return Number(line.split(':')[2]);
}

function execFailure(name: string, error: SpawnError): string {
  const quoted = JSON.stringify(name);
  if (error.code === 'ENOENT')
    return name.includes('/')
      ? `exec: ${quoted}: stat ${resolvePath('/', name)}: no such file or directory`
      : `exec: ${quoted}: executable file not found in $PATH`;
  if (error.code === 'EISDIR') return `exec: ${quoted}: is a directory`;
  return `exec: ${quoted}: permission denied`;
}
