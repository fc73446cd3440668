import type { Network, NetworkNamespace } from '../engine/network/index.ts';
import {
  createMachine,
  type ChildProcess,
  type Machine,
  type Program,
  type SpawnOptions,
  type Tty,
  type User,
} from '../engine/process/index.ts';
import { installPrograms } from '../engine/shell/index.ts';
import type { FileSystem, World } from '../engine/world/index.ts';
import type { HostInfo } from './protocol.ts';
import type { Host } from './room.ts';

export interface WorkstationOptions {
  world: World;
  network: Network;
  name: string;
  role: HostInfo['role'];
  fs: FileSystem;
  net: NetworkNamespace;
  /** What its executable files run; installing adds to it. */
  programs: Map<string, Program>;
  user: User;
  /** What switching it off or on does besides ending its processes. */
  onPower?: (on: boolean) => void;
}

/** Starts an interactive login shell on a terminal. */
export function logIn(
  host: Pick<Host, 'start'> & { machine: Machine },
  tty: Tty,
  env: ReadonlyMap<string, string>,
  cwd: string,
): ChildProcess {
  const { processes } = host.machine;
  tty.onSignal = (group, signal) => void processes.signal(-group, signal);
  const shell = host.start(['bash', '-l', '-i'], {
    env: new Map([...env, ['TERM', 'xterm-256color']]),
    cwd,
    tty,
    stdin: tty.reader,
    stdout: tty.writer,
    stderr: tty.writer,
    isatty: { stdin: true, stdout: true, stderr: true },
    group: 'new',
  });
  tty.foregroundGroup = shell.group;
  return shell;
}

/** A host that people log in to, with bash as its login shell. */
export class WorkstationHost implements Host {
  readonly name: string;
  readonly role: HostInfo['role'];
  readonly machine: ReturnType<typeof createMachine>;
  readonly user: User;
  readonly home: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly #programs: Map<string, Program>;
  readonly #onPower: (on: boolean) => void;
  #on = true;

  constructor(options: WorkstationOptions) {
    const { world, network, name, role, fs, net, programs, user, onPower = () => {} } = options;
    this.name = name;
    this.role = role;
    this.user = user;
    this.home = user.home;
    this.#programs = programs;
    this.#onPower = onPower;
    this.machine = createMachine({ world, network, hostname: name, fs, net, programs, users: [user] });
    this.environment = new Map([
      ['HOME', user.home],
      ['USER', user.name],
      ['LOGNAME', user.name],
      ['SHELL', '/bin/bash'],
      ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ['LANG', 'C.UTF-8'],
      ['TERM', 'xterm'],
      ['TZ', 'UTC'],
    ]);
    const files = `host ${name} files`;
    world.registerState(files, () => fs.digest());
    world.registerState(`host ${name} processes`, () => this.machine.processes.list());
  }

  get on(): boolean {
    return this.#on;
  }

  power(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.machine.net.up = on;
    if (!on) for (const { pid } of this.machine.processes.list()) this.machine.processes.signal(pid, 'SIGKILL');
    this.#onPower(on);
    this.machine.world.bus.emit('power', { host: this.name, on });
  }

  login(tty: Tty): ChildProcess {
    const work = `${this.home}/work`;
    return logIn(this, tty, this.environment, this.machine.fs.exists(work) ? work : this.home);
  }

  /** Puts programs into /usr/local/bin: known ones by name, `own` ones that only this host has. */
  install(names: readonly string[], own: ReadonlyMap<string, Program> = new Map()): void {
    for (const [name, program] of own) this.#programs.set(name, program);
    installPrograms(this.machine.fs, '/usr/local/bin', [...names, ...own.keys()]);
  }

  writeKubeconfig(text: string): void {
    const { uid, gid } = this.user;
    this.machine.fs.mkdir(`${this.home}/.kube`, { recursive: true, uid, gid });
    this.machine.fs.writeFile(`${this.home}/.kube/config`, text, { mode: 0o600, uid, gid });
  }

  start(argv: readonly string[], options: SpawnOptions & { env: ReadonlyMap<string, string> }): ChildProcess {
    return this.machine.processes.start(argv, { user: this.user, ...options });
  }
}
