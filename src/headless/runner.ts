import { Tty, type ChildProcess } from '../engine/process/index.ts';
import { Collector, pump, readerOf } from '../engine/world/index.ts';
import { createRoom, type Host, type Room } from '../session/room.ts';
import { nodeHop } from './hop.ts';
import type { Script, ScriptResult, ScriptStep, StepResult } from './script.ts';

/** Virtual time one step may take. */
const stepTimeLimit = 3_600_000;
/** Engine steps one step may take: the CPU limit, independent of the machine. */
const stepWorkLimit = 5_000_000;
/** Inputs typed on a terminal wait at most this long for the text they react to (virtual ms). */
const inputPatience = 60_000;

export interface RunOptions {
  seed?: number;
  preset?: string;
  /** Honour `oracle.fail/*` annotations, as the recordings need. */
  testHooks?: boolean;
  epoch?: number;
}

/** Virtual epoch of headless worlds: fixed, so that results repeat. */
export const headlessEpoch = Date.UTC(2026, 0, 5, 9, 0, 0);

/** Docker's recordings show ages of images: their worlds begin when they were made. */
const dockerEpoch = Date.UTC(2026, 10, 22, 17, 50, 0);

/** Runs a script in a fresh world. @returns what each step printed and its exit status. */
export async function runScript(script: Script, options: RunOptions = {}): Promise<ScriptResult> {
  const started = performance.now();
  const runner = new ScriptRunner(script, options);
  const steps: StepResult[] = [];
  for (const step of script.steps) steps.push(await runner.step(step));
  runner.finish();
  return { steps, wallMs: performance.now() - started, virtualMs: runner.room.world.queue.now };
}

/** Runs steps one after the other on the first host of a fresh world. */
export class ScriptRunner {
  readonly room: Room;
  readonly #host: Host;
  readonly #workdir: string;
  /** Docker's scripts run at home, root's shell in a terminal of many colours. */
  readonly #isDocker: boolean;
  readonly #background: (() => void)[] = [];

  constructor(script: Pick<Script, 'preset' | 'files'>, options: RunOptions = {}) {
    const preset = options.preset ?? script.preset;
    this.#isDocker = preset === 'laptop';
    this.room = createRoom({
      preset,
      seed: options.seed ?? 1,
      epoch: options.epoch ?? (this.#isDocker ? dockerEpoch : headlessEpoch),
      files: script.files,
      testHooks: options.testHooks ?? true,
    });
    this.#host = this.room.workstation;
    this.#workdir = this.#isDocker ? this.#host.home : `${this.#host.home}/work`;
  }

  #lastPlace: string | undefined;

  async step(step: ScriptStep): Promise<StepResult> {
    for (const item of step.setup ?? []) {
      if (typeof item !== 'string') this.#writeFile(item.file, item.text);
      else if (item.startsWith('images present:')) {
        const { docker } = this.room;
        if (!docker)
          return {
            stdout: '',
            stderr: 'slipway: "images present" needs a Docker Engine, which this preset lacks\n',
            exit: 1,
          };
        for (const name of item.slice('images present:'.length).split(/\s+/).filter(Boolean)) docker.preload(name);
      } else if (item === 'docker-buildx plugin NOT installed')
        this.#host.machine.fs.remove('/usr/libexec/docker/cli-plugins/docker-buildx');
      else {
        // Docker's recordings are of one shell: what comes before a step runs where the step before it left off.
        const cwd = this.#isDocker ? this.#lastPlace : step.cwd;
        await this.#run({ cmd: item, ...(cwd === undefined ? {} : { cwd }), env: step.env ?? {} });
      }
    }
    this.#lastPlace = step.cwd;
    return this.#run(step);
  }

  /** Fills in what background steps printed. */
  finish(): void {
    for (const collect of this.#background) collect();
  }

  #place(path: string): string {
    const { home } = this.#host;
    return path === '~' || path.startsWith('~/')
      ? home + path.slice(1)
      : path.startsWith('/')
        ? path
        : `${this.#workdir}/${path}`;
  }

  #writeFile(path: string, text: string): void {
    const place = this.#place(path);
    const { fs } = this.#host.machine;
    fs.mkdir(place.slice(0, place.lastIndexOf('/')), { recursive: true });
    fs.writeFile(place, text);
  }

  async #run(step: ScriptStep): Promise<StepResult> {
    const { world } = this.room;
    const stdout = new Collector();
    const stderr = new Collector();
    const environment = new Map([...this.#host.environment, ['COLUMNS', '80'], ...Object.entries(step.env ?? {})]);
    if (step.tty && this.#isDocker) environment.set('TERM', 'xterm-256color');
    const common = {
      cwd: step.cwd === undefined ? this.#workdir : this.#place(step.cwd),
      env: environment,
      user: this.#host.user,
      group: 'new',
    } as const;
    let tty: Tty | undefined;
    let shell: ChildProcess;
    if (step.tty) {
      tty = new Tty(world, 'tty1', (bytes) => void stdout.write(bytes));
      shell = this.#host.start(['bash', '-c', step.cmd], {
        ...common,
        tty,
        stdin: tty.reader,
        stdout: tty.writer,
        stderr: tty.writer,
        isatty: { stdin: true, stdout: true, stderr: true },
      });
      tty.foregroundGroup = shell.group;
      const processes = this.#host.machine.processes;
      tty.onSignal = (group, signal) => void processes.signal(-group, signal);
    } else {
      shell = this.#host.start(['bash', '-c', step.cmd], {
        ...common,
        stdin: readerOf(step.stdin ?? ''),
        stdout,
        stderr,
        tty: false,
      });
    }
    if (step.bg) {
      const result: StepResult = { stdout: '', stderr: '', exit: 0 };
      this.#background.push(() =>
        Object.assign(result, { stdout: stdout.text(), stderr: stderr.text(), exit: shell.status ?? 0 }),
      );
      return result;
    }
    if (step.interrupt_after_s !== undefined)
      world.queue.after(step.interrupt_after_s * 1000, () => {
        if (tty) tty.input('\x03');
        else this.#host.machine.processes.signal(-shell.group, 'SIGINT');
      });
    const limits = { until: world.queue.now + stepTimeLimit, lastStep: world.queue.steps + stepWorkLimit };
    let seen = 0;
    /** Docker's inputs wait for patterns in what came after the last one; kubectl's for a text. */
    const hasShown = (awaited: string): boolean => {
      if (!this.#isDocker) return stdout.text().includes(awaited);
      const match = new RegExp(awaited).exec(stdout.text().slice(seen));
      if (!match) return false;
      seen += match.index + match[0].length;
      return true;
    };
    for (const [awaited, keys] of step.input ?? []) {
      if (typeof awaited === 'number') {
        const until = world.queue.now + awaited * 1000;
        await this.#pumpUntil(() => false, { ...limits, until });
        if ((world.queue.nextDue ?? Infinity) >= until) world.queue.advanceTo(until);
      } else
        await this.#pumpUntil(() => hasShown(awaited), {
          ...limits,
          until: world.queue.now + inputPatience,
        });
      tty?.input(keys);
    }
    await this.#pumpUntil(() => shell.status !== undefined, limits);
    if (shell.status === undefined) {
      const why = world.queue.steps >= limits.lastStep ? 'used up its CPU limit' : 'ran for an hour of virtual time';
      const idle = world.queue.quiet && world.queue.nextDue === undefined;
      this.#host.machine.processes.signal(-shell.group, 'SIGKILL');
      await this.#pumpUntil(() => shell.status !== undefined, {
        until: world.queue.now,
        lastStep: world.queue.steps + 10_000,
      });
      await stderr.write(`slipway: the step ${idle ? 'waits for something that never comes' : why} and was stopped\n`);
      return { stdout: stdout.text(), stderr: stderr.text(), exit: 124 };
    }
    return { stdout: stdout.text(), stderr: stderr.text(), exit: shell.status };
  }

  async #pumpUntil(done: () => boolean, { until, lastStep }: { until: number; lastStep: number }): Promise<void> {
    const { queue } = this.room.world;
    if (done()) return;
    await pump(queue, nodeHop, { until, maxSteps: lastStep - queue.steps, stop: done });
  }
}
