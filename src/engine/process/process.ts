import type { HttpHandler, HttpRequest, HttpResponse, Network, NetworkNamespace } from '../network/index.ts';
import type { ByteReader, ByteWriter, Cancellation, FileSystem, World } from '../world/index.ts';
import type { Descriptor } from './descriptor.ts';
import type { ProcessMemory } from './memory.ts';
import type { Tty } from './tty.ts';
import type { Usage } from './usage.ts';

/** Signals that the simulation knows. */
export const signalNumbers = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGWINCH: 28,
} as const;

export type SignalName = keyof typeof signalNumbers;

export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
  /** Group ids besides `gid`. */
  groups?: readonly number[];
  /** Capabilities that it lacks although it is root (`CAP_CHOWN` as `CHOWN`). */
  lacks?: ReadonlySet<string>;
}

export const root: User = { name: 'root', uid: 0, gid: 0, home: '/root' };

/** As `ulimit` shows it: a number, or `unlimited`. */
export interface ResourceLimit {
  soft: string;
  hard: string;
}

/**
 * A place where processes run: a host or a container. It has files, a network namespace, a name and a process table.
 */
export interface Machine {
  readonly world: World;
  readonly hostname: string;
  readonly fs: FileSystem;
  readonly net: NetworkNamespace;
  readonly network: Network;
  readonly processes: ProcessTable;
  /** What its processes use together. */
  readonly usage: Usage;
  /** Resource limits that differ from the usual ones, by the letter that `ulimit` has for them. */
  readonly limits: ReadonlyMap<string, ResourceLimit>;
  /** Programs by the name that executable files carry (`FileNode.program`). */
  readonly programs: ReadonlyMap<string, Program>;
  readonly users: ReadonlyMap<string, User>;
  /** HTTP servers that listen on Unix sockets, by path: `fetch` reaches them as `http+unix://PERCENT-ENCODED-PATH/…`. */
  readonly sockets: Map<string, HttpHandler>;
  /** Sends an HTTP request from this machine to the server that the URL names. @throws ConnectionError */
  fetch(url: string, request: FetchRequest): Promise<HttpResponse>;
}

export type FetchRequest = Omit<HttpRequest, 'path'> & {
  /** PEM texts for a real TLS connection; simulated ones go by `peer`. */
  tls?: TlsCredentials;
};

export interface TlsCredentials {
  ca?: string;
  certificate?: string;
  key?: string;
  serverName?: string;
  /** Doesn't check the server's certificate. */
  insecure?: boolean;
}

/** Why a connection could not be made, with the text of Go's net package for it. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
  readonly code: 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' | 'ENOTFOUND' | 'ENOENT' | 'ECONNRESET';
  constructor(code: ConnectionError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What an executable is in this simulation: runs in a process, returns the exit status (0 to 255). `startup` is the
 * virtual time in ms it takes to load (by default `latency.programStart`).
 */
export type Program = ((process: Process) => Promise<number>) & { readonly startup?: number };

export interface Process {
  readonly pid: number;
  readonly ppid: number;
  /** `argv[0]` is the name it was called by. */
  readonly argv: readonly string[];
  readonly env: Map<string, string>;
  /** Absolute. */
  cwd: string;
  umask: number;
  readonly user: User;
  readonly machine: Machine;
  readonly world: World;
  readonly stdin: ByteReader;
  readonly stdout: ByteWriter;
  readonly stderr: ByteWriter;
  /** The controlling terminal, if there is one. */
  readonly tty: Tty | undefined;
  /** Which of the standard streams are that terminal. */
  readonly isatty: { stdin: boolean; stdout: boolean; stderr: boolean };
  /** Process group. */
  readonly group: number;
  /** Descriptors besides the standard streams: `/dev/fd/N`. */
  readonly descriptors: ReadonlyMap<number, Descriptor>;
  /** Fires when the process is told to end; everything it awaits ends with the reason. */
  readonly cancel: Cancellation;

  /** Waits `ms` of virtual time. */
  sleep(ms: number): Promise<void>;
  /**
   * Works for `ms` on `cores` CPUs (by default 1): passes virtual time, more of it when CPUs are short, and shows in the
   * machine's use. Infinity: until a signal ends it.
   */
  cpu(ms: number, cores?: number): Promise<void>;
  /** Counts `ms` of CPU time without letting time pass: work that nobody waits for. */
  charge(ms: number): void;
  /** It keeps using so many CPUs on average, beside what it does otherwise, until it ends. */
  background(cores: number): void;
  /** What it has of the machine's memory. */
  readonly memory: ProcessMemory;
  /** An absolute path for `path` as seen from the working directory. */
  path(path: string): string;
  /** Writes to stdout. */
  print(text: string): Promise<void>;
  /** Writes to stderr. */
  printError(text: string): Promise<void>;
  /** Handles a signal instead of its default action. SIGKILL and SIGSTOP can't be handled. Returns an undo. */
  onSignal(signal: SignalName, handler: () => void): () => void;
  /** Starts a program found through PATH (or by path) as a child. @throws SpawnError */
  spawn(argv: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Starts a function of the engine as a child (subshells), without looking up a file. @throws SpawnError EAGAIN */
  fork(program: Program, argv: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Runs another program in this process's place, as execve(2): resolves to its status. @throws SpawnError at once */
  exec(argv: readonly string[], options?: SpawnOptions): Promise<number>;
  fetch(url: string, request: FetchRequest): Promise<HttpResponse>;
}

export interface SpawnOptions {
  env?: ReadonlyMap<string, string>;
  cwd?: string;
  user?: User;
  stdin?: ByteReader;
  stdout?: ByteWriter;
  stderr?: ByteWriter;
  /** false: the child has no controlling terminal (its streams are not one either). */
  tty?: Tty | false;
  isatty?: Process['isatty'];
  umask?: number;
  /** Descriptors 3 and up; the child closes them when it ends, as it does with `Descriptor`s given as streams. */
  descriptors?: ReadonlyMap<number, Descriptor>;
  /** Signals to ignore from the start, as after nohup(1); the parent's ignored signals are ignored too. */
  ignore?: readonly SignalName[];
  /** Process group; by default the parent's. 'new': one of its own (shell jobs, Ctrl-C reaches a group). */
  group?: number | 'new';
}

export interface ChildProcess {
  readonly pid: number;
  readonly group: number;
  /** The exit status: the program's own, or 128 + signal number. */
  wait(cancel?: Cancellation): Promise<number>;
  /** The status if it has ended. */
  readonly status: number | undefined;
  /** The signal that ended it, if one did. */
  readonly signal: SignalName | undefined;
  /** Stopped by SIGSTOP, SIGTSTP. */
  readonly stopped: boolean;
  /** Resolves when it ends, or is stopped or continued. */
  waitChange(cancel?: Cancellation): Promise<void>;
  kill(signal: SignalName): void;
}

/** execve(2) failed; `status` is what a shell makes of it (126, 127). */
export class SpawnError extends Error {
  override name = 'SpawnError';
  readonly code: 'ENOENT' | 'EACCES' | 'ENOEXEC' | 'EISDIR' | 'EAGAIN';
  readonly status: number;
  constructor(code: SpawnError['code'], message: string) {
    super(message);
    this.code = code;
    this.status = code === 'ENOENT' ? 127 : 126;
  }
}

/** The reason that ends a process's awaits when a signal's default action terminates it. */
export class Terminated extends Error {
  override name = 'Terminated';
  readonly signal: SignalName;
  constructor(signal: SignalName) {
    super(`terminated by ${signal}`);
    this.signal = signal;
  }
}

/** Thrown by a program to end with a status from anywhere in it. */
export class Exit extends Error {
  override name = 'Exit';
  readonly status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly group: number;
  readonly argv: readonly string[];
  readonly user: User;
  /** Unix ms. */
  readonly started: number;
  /** CPU ms used so far. */
  readonly cpuMs: number;
  /** Resident. */
  readonly memoryBytes: number;
  readonly state: 'running' | 'stopped';
  /** Name of the controlling terminal. */
  readonly tty: string | undefined;
}

/** The processes of one machine. */
export interface ProcessTable {
  list(): ProcessInfo[];
  get(pid: number): ProcessInfo | undefined;
  /** kill(2); a negative pid is a process group. False if there is no such process. */
  signal(pid: number, signal: SignalName): boolean;
  /** CPU ms used on this machine so far. */
  readonly cpuMs: number;
}
