import { signalNumbers, Terminated, type SignalName } from '../process/index.ts';
import { runText } from './execute.ts';
import type { Shell } from './shell.ts';

/** What `trap` sets: commands for signals and for EXIT, ERR, DEBUG, RETURN. */
export class Traps {
  readonly #shell: Shell;
  readonly #commands = new Map<string, string>();
  readonly #undo = new Map<string, () => void>();
  #pending: string[] = [];
  #running = false;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  get pending(): boolean {
    return this.#pending.length > 0 && !this.#running;
  }

  get entries(): ReadonlyMap<string, string> {
    return this.#commands;
  }

  get(name: string): string | undefined {
    return this.#commands.get(name);
  }

  /** A subshell keeps ignored signals only; others are reset. */
  inherit(from: Traps): void {
    for (const [name, command] of from.#commands) if (command === '') this.#commands.set(name, command);
  }

  /** @param command text to run; '' ignores the signal; undefined takes the trap away. */
  set(name: string, command: string | undefined): void {
    this.#undo.get(name)?.();
    this.#undo.delete(name);
    if (command === undefined) this.#commands.delete(name);
    else this.#commands.set(name, command);
    if (Object.hasOwn(signalNumbers, name) && command !== undefined)
      this.#undo.set(
        name,
        this.#shell.process.onSignal(name as SignalName, () => {
          if (command !== '') this.#pending.push(name);
          this.#shell.jobs.wakeWaiters();
        }),
      );
    if (name === 'EXIT') this.#watchDeath(command !== undefined);
  }

  /** With an EXIT trap, signals that end the shell let it run first. */
  #watchDeath(on: boolean): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const key = `EXIT/${signal}`;
      this.#undo.get(key)?.();
      this.#undo.delete(key);
      if (!on) continue;
      this.#undo.set(
        key,
        this.#shell.process.onSignal(signal, () => {
          if (!this.#commands.has(signal)) this.#shell.interrupt.cancel(new Terminated(signal));
        }),
      );
    }
  }

  async runPending(): Promise<void> {
    while (this.pending) {
      const name = this.#pending.shift()!;
      await this.run(name);
    }
  }

  /** Runs the commands of a trap; `$?` is the same afterwards. */
  async run(name: string): Promise<void> {
    const command = this.#commands.get(name);
    if (!command || this.#running) return;
    const { status } = this.#shell;
    this.#running = true;
    try {
      await runText(this.#shell, command, 'trap');
    } finally {
      this.#running = false;
    }
    this.#shell.status = status;
  }
}
