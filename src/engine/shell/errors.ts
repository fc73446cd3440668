/**
 * An error of the running script. `message` is bash's text without its `bash: line N: ` prefix. A fatal one ends a
 * non-interactive shell; others only make the command fail.
 */
export class ShellError extends Error {
  override name = 'ShellError';
  readonly status: number;
  readonly fatal: boolean;
  constructor(message: string, { status = 1, fatal = false }: { status?: number; fatal?: boolean } = {}) {
    super(message);
    this.status = status;
    this.fatal = fatal;
  }
}

/** `break N` on its way to its loop. */
export class BreakLoop extends Error {
  override name = 'BreakLoop';
  levels: number;
  readonly next: boolean;
  /** @param next true for `continue`. */
  constructor(levels: number, next: boolean) {
    super(next ? 'continue' : 'break');
    this.levels = levels;
    this.next = next;
  }
}

export class ReturnFromFunction extends Error {
  override name = 'ReturnFromFunction';
  readonly status: number;
  constructor(status: number) {
    super('return');
    this.status = status;
  }
}

/** Ends the shell (or subshell) with a status. */
export class ExitShell extends Error {
  override name = 'ExitShell';
  readonly status: number;
  constructor(status: number) {
    super('exit');
    this.status = status;
  }
}

/** Ctrl-C at an interactive shell: back to the prompt. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  constructor() {
    super('interrupted');
  }
}

/** The shell's process goes on as another program. */
export class ExecProgram extends Error {
  override name = 'ExecProgram';
  readonly run: () => Promise<number>;
  constructor(run: () => Promise<number>) {
    super('exec');
    this.run = run;
  }
}
