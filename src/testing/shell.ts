import { Network } from '../engine/network/index.ts';
import { createMachine, type Machine, type Program, type User } from '../engine/process/index.ts';
import { Collector, FileSystem, pump, readerOf, World } from '../engine/world/index.ts';
import { createShells, type Completers } from '../engine/shell/bash.ts';

/** Helpers for tests of shells and programs: a small world with one machine, driven to the end of a command. */

export const learner: User = { name: 'learner', uid: 1000, gid: 1000, home: '/home/learner' };

export interface TestMachine {
  world: World;
  machine: Machine;
  fs: FileSystem;
}

/** @param programs installed in /usr/bin under their names, besides the shells */
export function testMachine(programs: ReadonlyMap<string, Program> = new Map(), completers?: Completers): TestMachine {
  const world = new World({ seed: 1, epoch: Date.UTC(2026, 0, 15, 10, 30, 0) });
  const network = new Network(world);
  const fs = new FileSystem({ now: () => world.clock.now() });
  const all = new Map([...createShells(completers), ...programs]);
  for (const dir of ['/usr/bin', '/tmp', '/etc', '/dev', '/proc']) fs.mkdir(dir, { recursive: true });
  fs.setAttributes('/tmp', { mode: 0o1777 });
  fs.symlink('/usr/bin', '/bin');
  for (const name of all.keys()) fs.writeFile(`/usr/bin/${name}`, '', { mode: 0o755, program: name });
  fs.mkdir('/home/learner/work', { recursive: true, uid: 1000, gid: 1000 });
  fs.setAttributes('/home/learner', { uid: 1000, gid: 1000 });
  const machine = createMachine({
    world,
    network,
    hostname: 'host',
    fs,
    net: network.addNamespace('host', ['192.0.2.1']),
    programs: all,
    users: [learner],
  });
  return { world, machine, fs };
}

const environment = new Map([
  ['HOME', '/home/learner'],
  ['PATH', '/usr/local/bin:/usr/bin:/bin'],
  ['LANG', 'C.UTF-8'],
  ['TERM', 'xterm'],
  ['COLUMNS', '80'],
  ['USER', 'learner'],
]);

export interface RunResult {
  stdout: string;
  stderr: string;
  exit: number;
}

export interface RunOptions {
  stdin?: string;
  cwd?: string;
  /** Virtual ms after which Ctrl-C is pressed. */
  interruptAfter?: number;
}

const hop = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Runs `argv` on the machine until it ends. */
export async function runCommand(
  test: TestMachine,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const stdout = new Collector();
  const stderr = new Collector();
  const child = (
    test.machine.processes as unknown as {
      start: (argv: readonly string[], options: object) => { status: number | undefined; pid: number };
    }
  ).start(argv, {
    env: environment,
    cwd: options.cwd ?? '/home/learner/work',
    user: learner,
    stdin: readerOf(options.stdin ?? ''),
    stdout,
    stderr,
  });
  if (options.interruptAfter !== undefined)
    test.world.queue.after(options.interruptAfter, () => void test.machine.processes.signal(-child.pid, 'SIGINT'));
  await pump(test.world.queue, hop, {
    stop: () => child.status !== undefined,
    until: test.world.queue.now + 3_600_000,
  });
  return { stdout: stdout.text(), stderr: stderr.text(), exit: child.status ?? 124 };
}

/** Runs a script with `bash -c`. */
export function bash(test: TestMachine, script: string, options: RunOptions = {}): Promise<RunResult> {
  return runCommand(test, ['bash', '-c', script], options);
}
