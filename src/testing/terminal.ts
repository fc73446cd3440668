import { Tty, type ChildProcess } from '../engine/process/index.ts';
import { pump } from '../engine/world/index.ts';
import { learner, type TestMachine } from './shell.ts';

/** An interactive bash on a terminal, for tests: type keys, look at what the terminal got. */
export class TestTerminal {
  readonly tty: Tty;
  readonly #test: TestMachine;
  readonly child: ChildProcess;
  #output = '';

  constructor(test: TestMachine, argv: readonly string[] = ['bash'], env: ReadonlyMap<string, string> = new Map()) {
    this.#test = test;
    const decoder = new TextDecoder();
    this.tty = new Tty(test.world, 'pts/0', (bytes) => void (this.#output += decoder.decode(bytes, { stream: true })));
    this.tty.onSignal = (group, signal) => void test.machine.processes.signal(-group, signal);
    const { processes } = test.machine as unknown as {
      processes: { start(argv: readonly string[], options: object): ChildProcess };
    };
    this.child = processes.start(argv, {
      env: new Map([
        ['HOME', '/home/learner'],
        ['PATH', '/usr/bin'],
        ['TERM', 'xterm'],
        ['PS1', '$ '],
        ['USER', 'learner'],
        ...env,
      ]),
      cwd: '/home/learner/work',
      user: learner,
      stdin: this.tty.reader,
      stdout: this.tty.writer,
      stderr: this.tty.writer,
      tty: this.tty,
      isatty: { stdin: true, stdout: true, stderr: true },
    });
  }

  /** Types, and lets `ms` of virtual time pass. @returns what the terminal got meanwhile, without escape sequences */
  async type(keys: string, ms = 1000): Promise<string> {
    this.#output = '';
    if (keys) this.tty.input(keys);
    await pump(this.#test.world.queue, () => new Promise((resolve) => void setImmediate(resolve)), {
      until: this.#test.world.queue.now + ms,
      maxSteps: 200_000,
    });
    return this.plain();
  }

  /** Everything since the last `type`, escapes included. */
  get raw(): string {
    return this.#output;
  }

  plain(): string {
    return this.#output.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g, '').replace(/\r/g, '');
  }
}
