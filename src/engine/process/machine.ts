import { openConnection } from '../network/connection.ts';
import { HttpSyntaxError, requestHttp1 } from '../network/http1.ts';
import { isIpAddress, parseUrl } from '../network/url.ts';
import type { HttpResponse, Network, NetworkNamespace } from '../network/index.ts';
import { latency, resolvePath, type FileSystem, type World } from '../world/index.ts';
import { mayAccess, permission } from './files.ts';
import { resolveName } from './resolver.ts';
import {
  root,
  ConnectionError,
  SpawnError,
  type ChildProcess,
  type FetchRequest,
  type Machine,
  type ProcessInfo,
  type ProcessTable,
  type Program,
  type SignalName,
  type SpawnOptions,
  type ResourceLimit,
  type User,
} from './process.ts';
import { RunningProcess } from './running-process.ts';
import { Usage } from './usage.ts';

/** Bytes of memory of a machine that nothing else is said about. */
const hostMemory = 8 * 2 ** 30;

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
  /** Its control group; by default one without limits. */
  usage?: Usage;
  /** Resource limits that differ from the usual ones. */
  limits?: ReadonlyMap<string, ResourceLimit>;
  /** Most processes of its control group (pids.max). */
  maxProcesses?: number;
  /** A PID namespace of its own: PID 1 gets only signals that it handles, and takes everything along when it ends. */
  container?: boolean;
  /** The PID namespace of another machine, to see and signal its processes (pid_namespaces(7)). */
  pids?: PidNamespace;
}

const rootOnly: ReadonlyMap<string, User> = new Map([[root.name, root]]);
const noLimits: ReadonlyMap<string, ResourceLimit> = new Map();

/** A machine on the simulated network; hosts and containers are made of it. */
export function createMachine(options: MachineOptions): Machine & { processes: MachineProcesses } {
  const { world, network, hostname, fs, net, programs, container = false } = options;
  const users = options.users?.length ? new Map([root, ...options.users].map((u) => [u.name, u])) : rootOnly;
  const machine: Machine & { processes: MachineProcesses } = {
    world,
    hostname,
    fs,
    net,
    network,
    programs,
    users,
    usage: options.usage ?? new Usage(world.queue, undefined, { memory: hostMemory }),
    limits: options.limits ?? noLimits,
    sockets: new Map(),
    processes: undefined as unknown as MachineProcesses,
    fetch: (url, request) => fetchFrom(machine, network, url, request),
  };
  const pids = options.pids ?? new PidNamespace();
  if (!options.usage) machine.usage.onMemoryExceeded = () => machine.processes.killLargest();
  const processes = new MachineProcesses(machine, container, pids);
  processes.most = Math.min(processLimit, options.maxProcesses ?? processLimit);
  (machine as { processes: MachineProcesses }).processes = processes;
  return machine;
}

async function fetchFrom(from: Machine, network: Network, url: string, request: FetchRequest): Promise<HttpResponse> {
  const socket = /^http\+unix:\/\/([^/]+)(\/.*)$/.exec(url);
  if (socket) return fetchFromSocket(from, decodeURIComponent(socket[1]!), socket[2]!, request);
  const { protocol, hostname, port, path } = parseUrl(url);
  const found = await resolveName(from, hostname, request.cancel);
  const to = `${hostname}:${port}`;
  if ('failure' in found) {
    const why = { 'not-found': 'no such host', timeout: 'i/o timeout', refused: 'connection refused', 'server-failure': 'server misbehaving' }[found.failure]; // prettier-ignore
    throw new ConnectionError('ENOTFOUND', `dial tcp: lookup ${hostname} on ${found.server}:53: ${why}`);
  }
  const [address = ''] = found.addresses;
  await from.world.sleep(latency.networkHop, request.cancel);
  const target = isIpAddress(hostname) ? to : `${address}:${port}`;
  const result = network.connect(from.net, address, port);
  const { flow } = result;
  flow.summary = `${request.method} ${path}`;
  switch (result.outcome) {
    case 'refused':
      throw new ConnectionError('ECONNREFUSED', `dial tcp ${target}: connect: connection refused`);
    case 'no-route':
      await from.world.sleep(network.failureTime(flow, 30_000), request.cancel);
      throw new ConnectionError('EHOSTUNREACH', `dial tcp ${target}: connect: no route to host`);
    case 'timeout':
      await from.world.sleep(30_000, request.cancel);
      throw new ConnectionError('ETIMEDOUT', `dial tcp ${target}: i/o timeout`);
    case 'connected': {
      const { server } = result.listener;
      flow.close();
      if (server.accept && !server.http && protocol === 'http') {
        const connection = openConnection(from.world, server, flow.peer, request.cancel)!;
        return requestHttp1(connection, { ...request, path }).catch((error: Error) => {
          throw error instanceof HttpSyntaxError ? new ConnectionError('ECONNRESET', error.message) : error;
        });
      }
      if (!server.http || server.protocol !== protocol)
        throw new ConnectionError('ECONNREFUSED', `${protocol} request to ${to}: the server speaks ${server.protocol}`);
      return server.http({ ...request, path, peer: { ...flow.peer, ...request.peer } });
    }
  }
}

/** Process ids and what runs under them. A machine has one of its own, or shares one with others. */
export class PidNamespace {
  readonly table = new Map<number, RunningProcess>();
  nextPid = 1;
}

async function fetchFromSocket(
  from: Machine,
  socket: string,
  path: string,
  request: FetchRequest,
): Promise<HttpResponse> {
  const handler = from.sockets.get(socket);
  if (!handler) throw new ConnectionError('ENOENT', `dial unix ${socket}: connect: no such file or directory`);
  await from.world.sleep(0, request.cancel);
  return handler({ ...request, path });
}

/** The process table: starts programs, delivers signals, reaps. */
export class MachineProcesses implements ProcessTable {
  readonly pids: PidNamespace;
  /** Most processes that there may be. */
  most = processLimit;
  readonly #machine: Machine;
  readonly #container: boolean;
  readonly #table: Map<number, RunningProcess>;
  #forkFailures: Map<number, number> | undefined;
  /** CPU ms used by processes that have ended. */
  #cpuOfEnded = 0;

  constructor(machine: Machine, container = false, pids = new PidNamespace()) {
    this.#machine = machine;
    this.#container = container;
    this.pids = pids;
    this.#table = pids.table;
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
    for (const p of this.#table.values()) if (p.machine === this.#machine) sum += p.cpuMs;
    return sum;
  }

  /** Number of this machine's processes. */
  get own(): number {
    let n = 0;
    for (const process of this.#table.values()) if (process.machine === this.#machine) n++;
    return n;
  }

  /** The kernel makes room: it kills the process with the most memory. */
  killLargest(): void {
    let largest: RunningProcess | undefined;
    for (const process of this.#table.values())
      if (process.machine === this.#machine && process.memory.bytes > (largest?.memory.bytes ?? -1)) largest = process;
    largest?.deliver('SIGKILL', true);
  }

  /** Ends all processes of this machine, those of others in a shared PID namespace excepted. */
  killOwn(): void {
    for (const process of [...this.#table.values()])
      if (process.machine === this.#machine) process.deliver('SIGKILL', true);
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
    if (this.#table.size >= this.most) {
      if (parent) this.#countForkFailure(parent.group);
      throw new SpawnError('EAGAIN', 'Resource temporarily unavailable');
    }
    const process = new RunningProcess(this.#machine, this.pids.nextPid++, argv, parent, options);
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
      // A program that is linked to a C library doesn't start without that library's loader.
      const loader = node.data.length > 1024 ? loaderOf(node.data) : undefined;
      if (loader !== undefined && !this.#machine.fs.exists(loader))
        throw new SpawnError('ENOENT', 'No such file or directory');
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

/** What an executable names as its dynamic linker (`programs/apps/binary.ts` writes it). */
function loaderOf(data: Uint8Array): string | undefined {
  return /\0interp:([^\0]+)\0/.exec(new TextDecoder().decode(data.subarray(0, 256)))?.[1];
}

function notFound(name: string, depth: number): string {
  if (depth > 0) return `${name}: bad interpreter: No such file or directory`;
  return name.includes('/') ? 'No such file or directory' : 'command not found';
}
